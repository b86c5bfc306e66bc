"""Who sees an account: comms and its own people, all who work here, or anybody; and never by another way in."""

from collections.abc import Callable

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from sqlalchemy.exc import IntegrityError

from registry.accounts import actions, catalogue_rows, queries
from registry.accounts.models import Account, Contributor, Standing, State, Topic, Visibility, account_topic
from registry.db import db, now
from registry.people.models import Person

ADDRESS = "https://x.com/NiaOfDunmore"
#: Where an account is shown, or counts for something.
LISTS = ("/accounts", "/accounts?q=nia", "/accounts?format=csv", "/search?q=nia")


@pytest.fixture
def account(app: object) -> Account:
    """Nia's own account, which she keeps to comms and her deputy."""
    made = cast.an_account(
        ADDRESS, title="Nia of Dunmore", purpose="Books.", standing=Standing.PERSONAL, deputy=cast.ward_sister()
    )
    (zebras,) = actions.topics_named(["Zebras"])
    db.session.execute(sa.insert(account_topic).values(account_id=made.id, topic_id=zebras.id))
    made.visibility = Visibility.COMMS
    db.session.add(Contributor(account_id=made.id, person_id=cast.organiser().id, since_at=now()))
    db.session.commit()
    return made


SEES: dict[Callable[[], Person], bool] = {
    cast.comms_officer: True, cast.library_officer: True, cast.ward_sister: True, cast.organiser: True,
    cast.stranger: False, cast.auditor: False, cast.admin: False,
}  # fmt: skip


def test_what_is_kept_close_is_seen_by_comms_and_its_people(client: Browser, account: Account) -> None:
    nia = cast.library_officer().id
    for player, sees in SEES.items():
        signed_in = client.as_(player())
        assert signed_in.get(f"/accounts/{account.id}").status_code == (200 if sees else 404), player
        assert {path: "Nia of Dunmore" in signed_in.get(path).text for path in LISTS} == dict.fromkeys(LISTS, sees)
        counted = signed_in.get("/accounts").words("h2", class_="reg-bar__count")
        assert counted == ["1 account" if sees else "0 accounts"]
        assert ("Nia of Dunmore" in signed_in.get(f"/people/{nia}").text) is sees


def test_nobody_is_found_by_what_is_kept_close(client: Browser, account: Account) -> None:
    topic, team = db.session.scalars(sa.select(Topic.id)).one(), cast.library_officer().team_id
    for player, sees in SEES.items():
        signed_in = client.as_(player())
        for query in ("", "?platform=x", f"?topic={topic}", f"?team={team}"):
            names = signed_in.get(f"/people{query}").words("a", class_="reg-peer__name")
            assert ("Nia Okafor" in names) is sees, (player, query)
        assert bool(signed_in.get("/people").all("option", value=str(team))) is sees
        assert ("Nia Okafor" in signed_in.get("/people?format=csv").text) is sees


def test_counts_of_one_are_not_told_to_another(client: Browser, account: Account) -> None:
    cast.an_account("https://x.com/DunmoreLibrary")
    told = {}
    for player in (cast.comms_officer, cast.stranger, cast.library_officer, cast.auditor):
        page = client.as_(player()).get("/accounts")
        told[player.__name__] = page.words("h2", class_="reg-bar__count")
    assert told == {
        "comms_officer": ["2 accounts"], "stranger": ["1 account"], "library_officer": ["2 accounts"],
        "auditor": ["1 account"],
    }  # fmt: skip


def test_what_is_kept_close_is_counted_and_named_nowhere_else(client: Browser, account: Account) -> None:
    for player, sees in SEES.items():
        signed_in = client.as_(player())
        told = {
            "platforms": "X" in signed_in.get("/platforms").words("th", scope="row"),
            "as a file": "X,1," in signed_in.get("/platforms?format=csv").text,
            "teams": "Libraries" in signed_in.get("/accounts/expectations").words("main")[0],
            "topics": [one.get("value") for one in signed_in.get("/lists/new").all("option")] == ["Zebras"],
        }
        assert told == dict.fromkeys(told, sees), player


def test_how_somebodys_own_account_is_got_at_is_a_page_for_its_people(client: Browser, account: Account) -> None:
    for player, sees in SEES.items():
        page = client.as_(player()).get(f"/accounts/{account.id}/access")
        assert page.status_code == (200 if sees else 404), player


def test_stranger_to_it_gets_in_by_no_button(client: Browser, account: Account) -> None:
    signed_in = client.as_(cast.stranger())
    for path in ("change", "registered", "send-back"):
        assert signed_in.get(f"/accounts/{account.id}/{path}").status_code == 404
    for path in ("change", "review", "still-mine", "approve", "send-back"):
        assert signed_in.post(f"/accounts/{account.id}/{path}").status_code == 404


@pytest.mark.parametrize("visibility", [Visibility.COLLEAGUES, Visibility.EVERYONE])
def test_what_is_for_colleagues_is_seen_by_all(client: Browser, account: Account, visibility: Visibility) -> None:
    account.visibility = visibility
    signed_in = client.as_(cast.stranger())
    assert signed_in.get(f"/accounts/{account.id}").status_code == 200
    assert "Nia of Dunmore" in signed_in.get("/accounts").text


def test_both_ways_to_ask_say_the_same(app: object, account: Account) -> None:
    for player, sees in SEES.items():
        person = player()
        roles = next(part.roles for part in cast.EVERYBODY if part.username == person.username)
        for visibility in Visibility:
            account.visibility = visibility
            db.session.flush()
            asked = queries.visible_to(person, roles), queries.sight_of(person, roles).condition
            found = [db.session.scalars(sa.select(Account.id).where(one)).all() for one in asked]
            close = visibility is Visibility.COMMS and not sees
            expected = [] if visibility is Visibility.NOBODY or close else [account.id]
            assert found == [expected, expected], (player, visibility)


def test_nobody_told_sees_no_more_than_a_colleague(app: object, account: Account) -> None:
    assert catalogue_rows.first(queries.Filters(), 10) == []


def test_database_shows_nobody_what_was_not_agreed_to(app: object, account: Account) -> None:
    account.consented_at = None
    db.session.flush()
    account.visibility = Visibility.COLLEAGUES
    with pytest.raises(IntegrityError, match="consent"):
        db.session.flush()


def test_own_account_that_nobody_agreed_to_is_for_comms_only(app: object) -> None:
    person = cast.library_officer()
    account = Account(
        platform="x", kind="profile", key="nia", url=ADDRESS, handle="@nia", title="Nia", standing=Standing.PERSONAL,
        state=State.PROPOSED, owner_id=person.id, proposed_at=now(),
    )  # fmt: skip
    db.session.add(account)
    db.session.flush()
    assert account.visibility is Visibility.COMMS


def test_who_answers_for_what_is_kept_close_is_no_matter_of_those_who_audit(client: Browser) -> None:
    account = cast.an_account("https://x.com/DunmoreTrial", title="Dunmore Trial")
    account.visibility = Visibility.COMMS
    db.session.commit()
    for player, sees in {cast.comms_officer: True, cast.auditor: False, cast.admin: False}.items():
        signed_in = client.as_(player())
        told = {
            path: "Dunmore Trial" in signed_in.get(f"/accounts/answering{path}").text for path in ("", "?format=csv")
        }
        told |= {
            page: signed_in.get(f"/accounts/{account.id}/{page}").status_code == 200 for page in ("access", "withdraw")
        }
        assert told == dict.fromkeys(told, sees), player
        assert signed_in.get("/accounts/answering").words("h2", class_="reg-bar__count") == [
            f"{int(sees)} account{'' if sees else 's'}"
        ]
    reviews = client.as_(cast.admin()).get("/accounts/reviews/overdue?view=soon")
    assert reviews.words("option", value=str(account.team_id)) == []


def test_whoever_was_asked_about_what_is_kept_close_is_led_to_no_page_that_is_not_there(client: Browser) -> None:
    account = cast.an_account("https://x.com/DunmoreTrial", title="Dunmore Trial")
    account.visibility = Visibility.COMMS
    path, asked = f"/accounts/{account.id}/hand-over", cast.stranger()
    client.as_(cast.library_officer()).post(path, data={"colleague": asked.username, "note": ""})
    links = [one.get("href") for one in client.as_(asked).get(path).all("a", class_="govuk-back-link")]
    assert links == ["/"]
    assert client.post(f"{path}/decline", data={"reason": "No time."}).location == "/"
    assert [client.get(path).location, client.post(f"{path}/accept").location] == ["/", "/"]
