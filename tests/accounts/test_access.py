"""How an account is got at: said in half a minute, seen by few, and never a secret; and who else posts there."""

from collections.abc import Callable

import cast
import email_validator
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from registry import audit
from registry.accounts.answering import actions
from registry.accounts.answering.models import AccessFacts, Withdrawal
from registry.accounts.answering.secrecy import PLAINLY, looks_secret
from registry.accounts.models import Account, Contributor, Standing, State, Visibility
from registry.db import db, now
from registry.guidelines.queries import owed_by
from registry.outbox import Message
from registry.people.models import Person, PersonState

FORM = {
    "kept": "password manager", "place": "Entry Libraries on Facebook", "two_step": "off", "recovery": "personal",
    "tools": "Hootsuite",
}  # fmt: skip
PLACE = "Entry Libraries on Facebook"


@pytest.fixture
def account_id(app: Flask) -> int:
    """Nia's account, with Bronwen as the deputy and a colleague who posts there."""
    account = cast.an_account("https://facebook.com/dunmore", title="Dunmore Library", deputy=cast.ward_sister())
    poster = cast.a_person("story.teller", name="Story Teller")
    db.session.add(Contributor(account_id=account.id, person_id=poster.id, since_at=now()))
    db.session.commit()
    return account.id


def contributor() -> Person:
    """She posts there."""
    return db.session.scalars(sa.select(Person).where(Person.username == "story.teller")).one()


@pytest.mark.parametrize(
    ("player", "sees", "says"),
    [
        (cast.library_officer, True, True),
        (cast.ward_sister, True, True),
        (cast.comms_officer, True, True),
        (contributor, True, False),
        (cast.auditor, True, False),
        (cast.admin, True, False),
        (cast.organiser, False, False),
        (cast.stranger, False, False),
    ],
)
def test_its_people_comms_and_those_who_audit_see_how_it_is_got_at(
    client: Browser, account_id: int, player: Callable[[], Person], sees: bool, says: bool
) -> None:
    path = f"/accounts/{account_id}/access"
    assert client.as_(cast.library_officer()).post(path, data=FORM).location == f"/accounts/{account_id}"
    client.as_(player())
    assert (PLACE in client.get(f"/accounts/{account_id}").text) is sees
    answer = client.get(path)
    assert (answer.status_code == 200, PLACE in answer.text) == (sees, sees)
    assert (client.post(path, data=FORM | {"place": "Envelope 7"}).status_code == 302) is says
    db.session.rollback()
    assert db.session.get_one(AccessFacts, account_id).place == ("Envelope 7" if says else PLACE)


def test_history_tells_that_it_was_said_and_not_what(client: Browser, account_id: int) -> None:
    client.as_(cast.library_officer()).post(f"/accounts/{account_id}/access", data=FORM)
    (event,) = audit.history("access", account_id)
    assert (event.sentence, event.fields) == ("Nia Okafor said how Dunmore Library is got at", {})
    assert "got at" not in client.as_(cast.stranger()).get(f"/accounts/{account_id}").text


def test_weak_points_are_shown_to_whoever_can_mend_them(client: Browser, account_id: int) -> None:
    client.as_(cast.library_officer()).post(
        f"/accounts/{account_id}/access", data=FORM | {"kept": "only with the owner"}
    )
    page = client.get(f"/accounts/{account_id}")
    for weak in ("Only the owner has the credentials. Put", "Make it one of ours.", "Switch 2-step verification on."):
        assert weak in page.text
    assert "Worth mending" not in client.as_(cast.stranger()).get(f"/accounts/{account_id}").text


def test_nobody_is_asked_how_somebody_gets_into_their_own_account(client: Browser, app: Flask) -> None:
    account = cast.an_account("https://x.com/nia", standing=Standing.PERSONAL)
    path = f"/accounts/{account.id}/access"
    for player in (cast.library_officer, cast.comms_officer):
        page = client.as_(player()).get(path)
        assert (page.status_code, page.all("input", type="radio")) == (200, [])
        assert client.post(path, data=FORM).location == path
    assert db.session.get(AccessFacts, account.id) is None


@pytest.mark.parametrize("field", ["place", "tools"])
def test_secret_is_refused_beside_the_field_and_not_repeated(client: Browser, account_id: int, field: str) -> None:
    client.as_(cast.library_officer())
    answer = client.post(f"/accounts/{account_id}/access", data=FORM | {field: "Summer2026!"})
    assert (answer.status_code, answer.errors) == (422, {field: PLAINLY})
    assert "Summer2026!" not in answer.text
    assert answer.words("title")[0].startswith("Error: How to get into ")
    assert db.session.get(AccessFacts, account_id) is None


SECRETS = (
    "Tr0ub4dor&3", "S3cret!pass", "Summer2024!", "Dunmore2026", "Brynmor123", "p@ssw0rd1", "password: cat",
    "The password is hunter2", "pass is cat7", "pw=abc", "pin 1234", "PIN: 1234", "JBSWY3DPEHPK3PXP", "1234 5678",
    "otpauth://totp/x", "ghp_abcdefghijkl12", "xoxb-1", "AKIAABCDEFGHIJKLMNOP", "eyJhbGciOiJIUzI1NiJ9.e30",
    "d41d8cd98f00b204e9800998ecf8427e", "aB3d-Ef6h-1jKl", "-----BEGIN PRIVATE KEY-----", "in the vault, Xy7-kk93Qp",
    "password hunter2", "cyfrinair: llyfrgell", "recovery code 83920174", "codes 8392-0174", "493021 is the SMS code",
)  # fmt: skip
NO_SECRETS = (
    "", "Hootsuite, Buffer", "Office365", "Microsoft365, Sprout Social", "Entry Libraries on X",
    "the password is in the vault", "Password is kept with comms", "password: in the vault", "the password was changed",
    "SG-Social-Media-Admins", "app_social_media_admins", "Group GRP-0123-social", "COMMS-SOCIAL-2024", "01632 960038",
    "020 7946 0018", "+44 20 7946 0018", "https://vault.example/entry/A1b2C3d4E5", "nia.okafor2@dunmore.example",
    "Envelope 7 in the safe, opened 21 November 2026", "IFTTT and Zapier", "Meta Business Suite (2 people)",
    "ward-7-facebook", "Farida Begum ফরিদা", "@DunmoreLibrary", "2019-2024", "We rang on 12/11/2026 at 14:05.",
    "1Password: entry Libraries on X", "KeePass2, folder Social", "password manager, entry 12", "area code 01632 960",
)  # fmt: skip


def test_secrets_are_told_from_words(app: Flask) -> None:
    assert [text for text in SECRETS if not looks_secret(text)] == []
    assert [text for text in NO_SECRETS if looks_secret(text)] == []


@given(st.text(alphabet="abcdefghijkmnpqrstuvwxyz", min_size=3, max_size=9), st.integers(10, 9999))
def test_word_with_a_capital_digits_and_a_sign_is_a_password(word: str, number: int) -> None:
    assert looks_secret(f"{word.capitalize()}word{number}!")


@given(st.lists(st.text(alphabet="abcdefghijkmnoqrtuvxyz", min_size=1, max_size=20), max_size=12))
def test_plain_words_are_none(words: list[str]) -> None:
    assert not looks_secret(" ".join(words))


# Contributors and the mailbox.


def test_contributor_comes_with_a_letter_and_goes_with_a_list(client: Browser, account_id: int) -> None:
    cast.a_document()
    stranger = cast.stranger()
    client.as_(cast.library_officer())
    path = f"/accounts/{account_id}/contributors"
    assert client.post(path, data={"colleague": "oluwaseun.ade"}).location == f"/accounts/{account_id}/people"
    assert len(owed_by(stranger.id)) == 1  # Whoever posts signs.
    assert "Dunmore Library" in client.as_(stranger).get("/").text
    assert "Oluwaseun Adé" in client.get(f"/accounts/{account_id}").text
    assert client.get(f"/accounts/{account_id}/people").status_code == 404
    kept = db.session.get_one(Account, account_id)
    kept.visibility = Visibility.COMMS
    assert client.post(f"{path}/{stranger.id}/remove").location == "/"  # By their own hand, and it is out of sight.
    assert client.get("/").words("p", class_="reg-flash__text") == [
        "You do not post for Dunmore Library any more. Its people withdraw your access."
    ]
    db.session.rollback()
    assert len(owed_by(stranger.id)) == 0
    assert {one.person_id for one in db.session.scalars(sa.select(Withdrawal))} == {stranger.id}
    told = [one.sentence for one in audit.history("account", account_id)][:2]
    assert told == [
        "Oluwaseun Adé took Oluwaseun Adé out of those who post for Dunmore Library",
        "Nia Okafor added Oluwaseun Adé, who posts for Dunmore Library",
    ]
    letters = db.session.scalars(sa.select(Message.subject).where(Message.person_id == stranger.id)).all()
    assert letters == ["You post for Dunmore Library on Facebook"]
    assert client.post(f"{path}/{contributor().id}/remove").status_code == 404  # Nor may they take others out.


def test_nobody_is_told_that_they_post_for_what_is_closed(client: Browser, account_id: int) -> None:
    db.session.execute(sa.update(Account).values(state=State.CLOSED))
    cast.stranger()
    path = f"/accounts/{account_id}"
    refused = client.as_(cast.library_officer()).post(f"{path}/contributors", data={"colleague": "oluwaseun.ade"})
    assert refused.errors == {"colleague": "This account is closed: nobody posts there."}
    assert client.get(f"{path}/people").all("input", name="colleague") == []


@pytest.mark.parametrize(
    ("colleague", "sentence"),
    [
        ("nia.okafor", "Nia Okafor answers for this account, and so posts there anyway."),
        ("bronwen.rees", "Bronwen Rees is the deputy of this account, and so posts there anyway."),
        ("story.teller", "Story Teller is among those who post there already."),
    ],
)
def test_whoever_runs_it_already_is_not_added(client: Browser, account_id: int, colleague: str, sentence: str) -> None:
    client.as_(cast.comms_officer())
    answer = client.post(f"/accounts/{account_id}/contributors", data={"colleague": colleague})
    assert (answer.status_code, answer.errors) == (422, {"colleague": sentence})


def test_contributor_who_comes_back_is_spared(app: Flask, account_id: int) -> None:
    account, poster, nia = db.session.get_one(Account, account_id), contributor(), cast.library_officer()
    actions.remove_contributor(account=account, person=poster, actor=nia)
    assert db.session.scalar(sa.select(sa.func.count(Withdrawal.id))) == 2
    actions.add_contributor(account=account, person=poster, actor=nia)
    assert db.session.scalar(sa.select(sa.func.count(Withdrawal.id))) == 0


def test_deputy_who_has_left_counts_as_none(client: Browser, account_id: int) -> None:
    deputy = cast.ward_sister()
    deputy.state, deputy.left_at = PersonState.LEFT, now()
    client.as_(cast.library_officer())
    sentence = "Bronwen Rees, the deputy, has left: when the owner is away, nobody can answer."
    for path in ("/", f"/accounts/{account_id}", f"/accounts/{account_id}/people"):
        assert sentence in client.get(path).text


def test_mailbox_that_is_far_too_long_is_not_taken_apart(
    client: Browser, account_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email_validator, "validate_email", lambda *_args, **_more: pytest.fail("It takes seconds."))
    client.as_(cast.library_officer())
    errors = client.post(f"/accounts/{account_id}/mailbox", data={"mailbox": f"{'x' * 10_000}@dunmore.example"}).errors
    assert errors == {"mailbox": "Shorten this to 120 characters or fewer. It has 10,016."}


def test_mailbox_is_an_address_or_nothing(client: Browser, account_id: int) -> None:
    client.as_(cast.library_officer())
    path = f"/accounts/{account_id}/mailbox"
    assert list(client.post(path, data={"mailbox": "libraries at dunmore"}).errors) == ["mailbox"]
    client.post(path, data={"mailbox": "libraries@dunmore.example"})
    assert client.get(f"/accounts/{account_id}").all("a", href="mailto:libraries@dunmore.example") != []
    client.post(path, data={"mailbox": ""})
    told = [one.fields for one in audit.history("account", account_id) if one.name == actions.MAILBOX]
    assert told == [
        {"before": "libraries@dunmore.example", "after": "none"},
        {"before": "none", "after": "libraries@dunmore.example"},
    ]
