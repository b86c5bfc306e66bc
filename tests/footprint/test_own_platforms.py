"""Where we are: platforms decided on, asked for and answered, and the overview that draws how the register stands."""

from datetime import UTC, date, datetime, timedelta

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask
from markup import words

from registry.accounts import actions as accounts
from registry.accounts import queries as account_queries
from registry.accounts.answering import matters
from registry.accounts.answering import queries as answering
from registry.accounts.catalogue_counts import counts
from registry.accounts.models import Account, Standing, State, Visibility
from registry.audit import Event
from registry.db import db, now, today
from registry.footprint import actions, advice, queries
from registry.footprint.models import Answer, PlatformRequest, Use
from registry.outbox import Message
from registry.people.models import PersonState

COMMS = account_queries.Sight(comms=True).condition
QUESTION = {"platform": "TikTok", "audience": "People under 25.", "purpose": "Show the leisure centres.", "hours": "2"}


def decided(platform: str, use: Use, **more: object) -> None:
    given = {"purpose": "For news.", "trial_until": None, "actor": cast.comms_officer(), **more}
    actions.decide(platform=platform, use=use, **given)  # type: ignore[arg-type]


def sentences() -> list[str]:
    told = db.session.scalars(sa.select(Event).where(Event.name.startswith("platform.")).order_by(Event.id))
    return [event.sentence for event in told]


def request() -> PlatformRequest:
    return db.session.scalars(sa.select(PlatformRequest)).one()


def test_staff_read_where_we_are_and_comms_decide(client: Browser) -> None:
    cast.an_account("https://x.com/dunmore")
    cast.an_account("https://x.com/dunmorebins")
    decided("snapchat", Use.GIVEN_UP)
    db.session.commit()
    page = client.as_(cast.stranger()).get("/platforms").text
    assert "Nobody has decided yet" in page
    assert "/platforms/x/decide" not in page
    assert client.get("/platforms/x/decide").status_code == 404
    assert client.post("/platforms/x/decide", data={"use": "in use", "purpose": "News."}).status_code == 404
    client.as_(cast.comms_officer()).post("/platforms/x/decide", data={"use": "in use", "purpose": "For news."})
    assert next((place.slug, place.accounts, place.use) for place in queries.places(sa.true())) == ("x", 2, Use.IN_USE)
    assert sentences()[-1] == f"{cast.comms_officer().name} decided that X is in use"


@pytest.mark.parametrize("last_day", ["", "2020-01-01", "soon"])
def test_trial_needs_a_last_day_to_come(client: Browser, last_day: str) -> None:
    client.as_(cast.comms_officer())
    fields = {"use": "trial", "purpose": "To see.", "trial_until": last_day}
    assert client.post("/platforms/x/decide", data=fields).status_code == 422
    assert queries.use_of("x") is None


def test_trial_whose_time_is_over_says_so(app: Flask) -> None:
    decided("x", Use.TRIAL, trial_until=today() - timedelta(days=1))
    assert [place.trial_is_over for place in queries.places(sa.true())] == [True]


def test_platform_that_is_not_there_cannot_be_decided_on(client: Browser) -> None:
    assert client.as_(cast.comms_officer()).get("/platforms/nowhere/decide").status_code == 404


def test_asking_gives_advice_at_once_and_an_answer_by_mail(client: Browser) -> None:
    cast.an_account("https://www.tiktok.com/@dunmorewalks", owner=cast.ward_sister())
    db.session.commit()
    asked = client.as_(cast.stranger()).post("/platforms/ask", data=QUESTION)
    assert asked.status_code == 302
    page = client.get(f"/platforms/requests/{request().id}").text
    for heading in ("We have an account on TikTok", "It takes time", "Two people, from the first day"):
        assert heading in page
    assert cast.ward_sister().name in page
    ends = today() + timedelta(days=90)
    fields = {"answer": "trial", "advice": "Begin with one series.", "trial_until": ends.isoformat()}
    client.as_(cast.comms_officer()).post(f"/platforms/requests/{request().id}", data=fields)
    db.session.expire_all()
    assert (request().answer, request().advice) == (Answer.TRIAL, "Begin with one series.")
    use = queries.use_of("tiktok")
    assert use is not None
    assert (use.use, use.trial_until, use.purpose) == (Use.TRIAL, ends, "Show the leisure centres.")
    letter = db.session.scalars(sa.select(Message).where(Message.person_id == cast.stranger().id)).one()
    assert letter.subject == "Should we be on TikTok?"
    assert "Begin with one series." in letter.text


def test_button_pressed_twice_asks_once(client: Browser) -> None:
    asked = {"platform": "TikTok", "audience": "Those under 20.", "purpose": "What is on.", "hours": "3"}
    staff = client.as_(cast.library_officer())
    leads = [staff.post("/platforms/ask", data=asked).headers["Location"] for _ in range(2)]
    assert leads == ["/platforms/requests/1"] * 2
    assert staff.post("/platforms/ask", data=asked | {"hours": "5"}).headers["Location"] == "/platforms/requests/2"


def test_answer_to_somebody_who_has_left_is_not_mailed_and_says_so(client: Browser) -> None:
    client.as_(cast.stranger()).post("/platforms/ask", data=QUESTION)
    cast.stranger().state = PersonState.LEFT
    answer = {"answer": "no", "advice": "Not yet."}
    comms = client.as_(cast.comms_officer())
    comms.post(f"/platforms/requests/{request().id}", data=answer)
    assert comms.get("/platforms").words("p", class_="reg-flash__text") == ["Answered. Oluwaseun Adé has left."]
    assert db.session.scalars(sa.select(Message)).all() == []


@pytest.mark.parametrize(
    ("use", "kept"),
    [(Use.IN_USE, ("in use", "For news.", None)), (Use.TRIAL, ("trial", "For news.", date(2099, 1, 31))),
     (Use.GIVEN_UP, ("trial", "Show the leisure centres.", date(2099, 3, 31)))],
)  # fmt: skip
def test_answer_to_one_leaves_what_was_decided_for_all(
    client: Browser, use: Use, kept: tuple[str, str, date | None]
) -> None:
    decided("tiktok", use, trial_until=date(2099, 1, 31))
    client.as_(cast.stranger()).post("/platforms/ask", data=QUESTION)
    answer = {"answer": "trial", "advice": "Begin with one series.", "trial_until": "2099-03-31"}
    client.as_(cast.comms_officer()).post(f"/platforms/requests/{request().id}", data=answer)
    now_kept = queries.use_of("tiktok")
    assert now_kept is not None
    assert (now_kept.use.value, now_kept.purpose, now_kept.trial_until) == kept


def test_number_of_a_platform_leads_to_as_many_accounts(client: Browser) -> None:
    for number, state in enumerate((State.LIVE, State.DORMANT, State.CLOSED)):
        cast.an_account(f"https://x.com/dunmore{number}").state = state
    page = client.as_(cast.stranger()).get("/platforms")
    (link,) = [one.attrib["href"] for one in page.all("a") if one.attrib["href"].startswith("/accounts?platform=x")]
    assert [place.accounts for place in queries.places(sa.true())] == [2]
    assert len(client.get(link).all("th", scope="row")) == 2


def test_second_answer_changes_nothing(client: Browser) -> None:
    client.as_(cast.stranger()).post("/platforms/ask", data=QUESTION)
    client.as_(cast.comms_officer())
    path = f"/platforms/requests/{request().id}"
    client.post(path, data={"answer": "no", "advice": "Not yet."})
    client.post(path, data={"answer": "yes", "advice": "Go."})
    db.session.expire_all()
    assert (request().answer, request().advice) == (Answer.NO, "Not yet.")
    assert "A colleague has answered already" in client.get(path).text


def test_request_of_somebody_else_is_not_there(client: Browser) -> None:
    client.as_(cast.stranger()).post("/platforms/ask", data=QUESTION)
    path = f"/platforms/requests/{request().id}"
    assert client.as_(cast.ward_sister()).get(path).status_code == 404
    assert client.post(path, data={"answer": "yes", "advice": "Go."}).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"), [("platform", ""), ("audience", " "), ("purpose", ""), ("hours", ""), ("hours", "-1"),
                         ("hours", "many")],
)  # fmt: skip
def test_question_that_lacks_something_is_asked_again(client: Browser, field: str, value: str) -> None:
    assert client.as_(cast.stranger()).post("/platforms/ask", data={**QUESTION, field: value}).status_code == 422


def test_advice_knows_what_was_decided(app: Flask) -> None:
    decided("x", Use.GIVEN_UP, purpose="Too little came of it.")
    said = advice.words(slug="x", hours=10, places=queries.places(sa.true()), colleagues=0)
    assert [word.heading for word in said] == ["We have left X", "Two people, from the first day"]
    assert advice.words(slug=None, hours=10, places=[], colleagues=0)[0].heading == "Two people, from the first day"


def test_months_count_what_was_approved_and_closed(app: Flask) -> None:
    old, new = cast.an_account(), cast.an_account()
    old.approved_at = now() - timedelta(days=500)
    accounts.change(account=old, values={"state": State.CLOSED}, topics=None, actor=cast.comms_officer())
    db.session.flush()
    months = queries.months(COMMS)
    this = date(today().year, today().month, 1)
    assert len(months) == 12
    assert [(one.first, one.new, one.closed) for one in months if one.new or one.closed] == [(this, 1, 1)]
    assert new.approved_at is not None
    # The first hour of a month in summer, as the clock in London has it.
    with time_machine.travel(datetime(2027, 6, 15, tzinfo=UTC), tick=False):
        for account, moment in ((old, "2027-05-31T22:59"), (new, "2027-05-31T23:00")):
            account.approved_at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        db.session.flush()
        assert [one.new for one in queries.months(COMMS)] == [*[0] * 10, 1, 1]


def test_administrators_are_told_no_more_than_they_may_see(client: Browser) -> None:
    cast.an_account("https://x.com/dunmore", title="For all")
    close = cast.an_account("https://x.com/dunmorealone", title="Close")
    waits = cast.an_account("https://x.com/dunmorewaits", title="Waits", live=False)
    taken_out = cast.an_account("https://x.com/dunmorenot", title="Taken out")
    close.visibility = waits.visibility = Visibility.COMMS
    taken_out.visibility, taken_out.state, taken_out.closed_at = Visibility.NOBODY, State.CLOSED, now()
    db.session.flush()
    seen = account_queries.Sight().condition
    numbers = []
    for sight in (seen, COMMS):
        rows = {row.path: (row.accounts, row.alone) for row in queries.teams(sight)}
        month = queries.months(sight)[-1]
        numbers.append((rows["Communities / Libraries"], month.new, month.closed))
    assert numbers == [((1, 1), 1, 0), ((3, 3), 2, 0)]
    db.session.commit()
    told = []
    for who in (cast.admin(), cast.comms_officer()):
        page = client.as_(who).get("/overview")
        told.append([page.words("a", href=there)[0] for there in ("/accounts?waiting=yes", "/accounts?sole=yes")])
    assert told == [
        ["0 wait for approval", "1 run by one person alone"],
        ["1 waits for approval", "3 run by one person alone"],
    ]


def test_team_is_counted_with_all_below_it(app: Flask) -> None:
    cast.a_person(team=("Places", "Roads", "Gritting"))
    cast.a_person(team=("Places", "Roads"))
    cast.a_person(team=("Care", "Homes", "Night"))
    owner = cast.a_person(team=("Places", "Parks"))
    cast.an_account("https://x.com/dunmoreparks", owner=owner)
    rows = {row.path: (row.people, row.accounts, row.alone) for row in queries.teams(COMMS)}
    assert rows["Places"] == (3, 1, 1)
    assert rows["Places / Roads"] == (2, 0, 0)
    bare = [row.path for row in queries.without_accounts(queries.teams(COMMS))]
    assert ("Care" in bare, "Care / Homes" in bare, "Places / Roads" in bare) == (True, False, True)
    assert "Places / Roads / Gritting" not in bare


def test_team_below_one_without_accounts_is_not_named_whatever_stands_between(app: Flask) -> None:
    for team in (("Children",), ("Children & Families",), ("Children", "Fostering")):
        cast.a_person(team=team)
    assert [row.path for row in queries.without_accounts(queries.teams(COMMS))] == ["Children", "Children & Families"]


def test_whoever_could_take_over_is_told_alike_everywhere(app: Flask) -> None:
    gone, here = cast.a_person(state=PersonState.DISABLED), cast.a_person()
    some = [
        cast.an_account(title="Alone"), cast.an_account(title="Left alone", deputy=gone),
        cast.an_account(title="With a deputy", deputy=here), cast.an_account(title="Own", standing=Standing.PERSONAL),
    ]  # fmt: skip
    sole = db.session.scalars(sa.select(Account.title).where(account_queries.runs_alone()).order_by(Account.id)).all()
    assert sole == ["Alone", "Left alone"]
    loaded = [account_queries.account(one.id, sa.true()) or one for one in some]
    assert [one.title for one in loaded if answering.alone(one)] == sole
    counted = counts(account_queries.Filters())
    listed = counts(account_queries.Filters(sole=True))
    assert (counted.sole, listed.total) == (2, 2)
    assert [row.alone for row in queries.teams(COMMS) if row.path == "Communities / Libraries"] == [2]
    assert matters.counts(matters.Narrowed((matters.Matter.ALONE,))).total == 2


def test_overview_names_trials_that_are_over_and_accounts_without_a_sign_off(client: Browser) -> None:
    account = cast.an_account("https://x.com/dunmore")
    cast.a_document()
    for platform, days in (("x", -1), ("tiktok", 0)):
        decided(platform, Use.TRIAL, trial_until=today() + timedelta(days=days))
    page = client.as_(cast.comms_officer()).get("/overview")
    assert "One trial of a platform is over" in page.words("a")
    (unsigned,) = [one for one in page.all("a") if one.attrib["href"] == "/accounts?signed=no"]
    assert words(unsigned) == "1 account waits for somebody to sign"
    shown = client.get("/accounts?signed=no").all("th", scope="row")
    assert [words(next(one.iter("a"))) for one in shown] == [account.title]


def test_number_on_the_overview_is_how_many_its_link_shows(client: Browser) -> None:
    for number, state in enumerate(State):
        cast.an_account(f"https://x.com/dunmore{number}", title=f"Account {number}").state = state
    db.session.commit()
    comms = client.as_(cast.comms_officer())
    found = {}
    for path in ("/overview", "/overview/teams"):
        links = [one for one in comms.get(path).all("a") if one.attrib["href"].startswith("/accounts?")]
        found[path] = [(one.attrib["href"], int(words(one).split()[0])) for one in links if words(one)[0].isdigit()]
    assert len(found["/overview"]) == 6
    assert [number for _, number in found["/overview/teams"]] == [3, 3, 3, 3]
    for href, number in (*found["/overview"], *found["/overview/teams"]):
        assert comms.get(href).words("h2", class_="reg-bar__count")[0].split()[0] == str(number), href
    charts = [row for row in comms.get("/overview").all("tr") if row.find("./th/a") is not None]
    told = {row.find("./th/a").attrib["href"]: words(row.find("./td")) for row in charts}
    assert len(told) == 7
    for href, number in told.items():
        assert comms.get(href).words("h2", class_="reg-bar__count")[0].split()[0] == number, href


def test_overview_draws_and_teams_can_be_taken_along(client: Browser) -> None:
    cast.an_account("https://x.com/dunmore")
    db.session.commit()
    page = client.as_(cast.comms_officer()).get("/overview").text
    for part in ("By platform", "By standing", "By team", "New and closed by month", "Gaps to close"):
        assert part in page
    assert client.get("/overview/teams?without=yes").status_code == 200
    told = client.get("/overview/teams?format=csv").text.splitlines()
    assert told[0].lstrip("\ufeff") == "team,people,accounts,without_deputy"
    assert client.as_(cast.stranger()).get("/overview/teams").status_code == 404
