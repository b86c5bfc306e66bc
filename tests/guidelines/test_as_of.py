"""Who owed what on any day: seven years of a real policy, with people who join, sign, decline, leave and come back."""

import csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import cast
import pytest
import sqlalchemy as sa
import time_machine
from click.testing import CliRunner
from flask import Flask

from registry import cli
from registry.accounts.models import Account
from registry.accounts.signing import keep_up
from registry.db import LONDON, db, now, today
from registry.guidelines import actions, queries, renewing, standing
from registry.guidelines.models import Decline, Document, Obligation, Version
from registry.people.merging import absorb, remember
from registry.people.models import Person, PersonState

FILES = sorted((Path(__file__).parents[1] / "data" / "tts-policy-versions").glob("*.md"))
#: Of the thirteen changes two ask for something new: the rewriting of January 2019, from when on everybody tells the
#: outreach team before they discuss anything in their professional capacity, and the rules for speaking at events of
#: January 2020. The others move links, rename the team, re-wrap lines or take out a hint.
MATERIAL = (1, 5, 6)
PUBLISHED = [date.fromisoformat(file.name[:10]) for file in FILES]
GRACE = 14
NIA, BRONWEN, FARIDA, GARETH = "nia.okafor", "bronwen.rees", "farida.begum", "gareth.new"

#: What happened, as somebody would have written it down by hand: who was asked, from when until when (not itself).
ASKED = (
    (NIA, "2016-09-30", "2021-01-30", "rule"),
    (BRONWEN, "2016-09-30", "2018-06-01", "rule"),
    (FARIDA, "2018-03-01", "2020-03-01", "rule"),
    (BRONWEN, "2018-09-01", "2019-06-03", "rule"),
    (BRONWEN, "2019-06-20", "2021-02-01", "rule"),  # Seventeen days are no break.
    (FARIDA, "2020-09-01", "2021-09-10", "returned"),
    (NIA, "2021-01-30", "2022-02-10", "again"),
    (BRONWEN, "2021-02-01", "2022-03-01", "again"),
    (FARIDA, "2021-09-10", "2022-09-20", "again"),
    (NIA, "2022-02-10", "2023-02-12", "again"),
    (BRONWEN, "2022-03-01", "", "again"),  # She never signs again, so there is nothing that gets too old.
    (FARIDA, "2022-09-20", "2023-09-25", "again"),
    (FARIDA, "2023-09-25", "", "again"),
    (NIA, "2023-02-12", "", "again"),
    (GARETH, "2023-03-08", "2023-05-01", "rule"),
)
SIGNED = (
    (NIA, "2016-10-01T10:00", 1), (BRONWEN, "2016-11-20T10:00", 2), (FARIDA, "2018-03-10T10:00", 4),
    (NIA, "2019-02-01T10:00", 5), (FARIDA, "2019-03-10T10:00", 5),
    (BRONWEN, "2019-07-01T00:30", 5),  # In summer time: still June in UTC.
    (NIA, "2020-01-30T10:00", 6), (BRONWEN, "2020-02-01T10:00", 6), (FARIDA, "2020-02-20T10:00", 6),
    (FARIDA, "2020-09-10T10:00", 7), (NIA, "2021-02-10T10:00", 8), (BRONWEN, "2021-03-01T10:00", 8),
    (FARIDA, "2021-09-20T10:00", 10), (NIA, "2022-02-12T10:00", 10), (FARIDA, "2022-09-25T10:00", 11),
    (NIA, "2023-02-20T23:59", 12),
)  # fmt: skip
#: Each night on which a sign-off became a year old, and the one before, on which it had not yet.
NIGHTS = (
    "2021-01-29", "2021-01-30", "2021-02-01", "2021-09-09", "2021-09-10", "2022-02-09", "2022-02-10", "2022-02-28",
    "2022-03-01", "2022-09-19", "2022-09-20", "2023-02-11", "2023-02-12", "2023-09-24", "2023-09-25",
)  # fmt: skip
DECLINED = ((FARIDA, "2019-02-05", "2019-03-05"),)


def day(text: str) -> date:
    """A day from how it is written above."""
    return date.fromisoformat(text[:10])


@dataclass(frozen=True)
class Told:
    """What should be said of somebody on a day."""

    version: int | None
    state: str
    needed: int
    since: date
    due_on: date


def expected(on: date) -> dict[str, Told]:
    """Worked out from the tables above alone, day by day, as a patient clerk would."""
    found: dict[str, Told] = {}
    needed = max(number for number in MATERIAL if PUBLISHED[number - 1] <= on)
    for who, begins, ends, why in ASKED:
        if not (day(begins) <= on and (not ends or on < day(ends))):
            continue
        counts = [number for name, at, number in SIGNED if name == who and day(at) <= on
                  and (why == "rule" or day(at) >= day(begins))]  # fmt: skip
        due = max(day(begins), PUBLISHED[needed - 1]) + timedelta(GRACE)
        declined = any(name == who and day(first) <= on < day(last) for name, first, last in DECLINED)
        if counts and max(counts) >= needed:
            state = "signed"
        else:
            state = "declined" if declined else "overdue" if on > due else "owed"
        found[who] = Told(max(counts) if counts else None, state, needed, day(begins), due)
    return found


# --- The same, done in the register -----------------------------------------------------------------------


def moment(text: str) -> datetime:
    """A moment in London; ten o'clock in the morning where only the day is said."""
    return datetime.fromisoformat(text if "T" in text else f"{text}T10:00").replace(tzinfo=LONDON)


class Register:
    """What people did, done by the actions of the register on the day."""

    def __init__(self) -> None:
        self.document = actions.create_document(title="Social media policy")
        self.comms = cast.comms_officer()
        self.people = {NIA: cast.library_officer(), BRONWEN: cast.ward_sister(), FARIDA: cast.organiser()}
        self.libraries = cast.an_account(owner=self.people[NIA], deputy=self.people[BRONWEN], title="Libraries")

    def publish(self, number: int) -> None:
        text = FILES[number - 1].read_text("utf-8")
        version = actions.draft(
            document=self.document, text=text, summary="", material=number in MATERIAL, actor=self.comms
        )
        db.session.flush()
        actions.publish(version=version, document=self.document, actor=self.comms)

    def night(self) -> None:
        renewing.put_times_right()
        keep_up()
        renewing.ask_again()

    def sign(self, who: str, number: int) -> None:
        current = queries.current(self.document.id)
        assert current is not None
        assert current.number == number
        cast.sign(self.document, self.people[who])

    def deputy(self, person: Person | None) -> None:
        db.session.execute(
            sa.update(Account).where(Account.id == self.libraries.id).values(deputy_id=person.id if person else None)
        )
        keep_up()

    def owner(self, who: str) -> None:
        if who == GARETH:
            self.people[who] = cast.a_person(who, name="Gareth New")
        cast.an_account(owner=self.people[who], title=f"Of {who}")
        keep_up()

    def state(self, who: str, state: PersonState) -> None:
        self.people[who].state = state
        keep_up()

    def decline(self, who: str) -> None:
        current = queries.current(self.document.id)
        assert current is not None
        db.session.add(
            Decline(
                document_id=self.document.id,
                version_id=current.id,
                person_id=self.people[who].id,
                declined_at=now(),
                reason="I would rather not.",
                answer="",
            )
        )

    def settle(self) -> None:
        db.session.execute(sa.update(Decline).values(settled_at=now(), answer="We talked."))

    def every_year(self) -> None:
        self.document.again_months = 12


def happenings(register: Register) -> list[tuple[datetime, Callable[[], None]]]:
    """All that was done, in the order in which it was."""
    other: list[tuple[str, Callable[[], None]]] = [
        ("2018-03-01", lambda: register.owner(FARIDA)),
        ("2018-06-01", lambda: register.deputy(None)),
        ("2018-09-01", lambda: register.deputy(register.people[BRONWEN])),
        ("2019-02-05", lambda: register.decline(FARIDA)),
        ("2019-03-05", register.settle),
        ("2019-06-03", lambda: register.state(BRONWEN, PersonState.LEFT)),
        ("2019-06-20", lambda: register.state(BRONWEN, PersonState.ACTIVE)),
        ("2020-03-01", lambda: register.state(FARIDA, PersonState.DISABLED)),
        ("2020-09-01", lambda: register.state(FARIDA, PersonState.ACTIVE)),
        ("2021-01-01", register.every_year),
        ("2023-03-08T11:00", lambda: register.owner(GARETH)),
        ("2023-05-01", lambda: register.state(GARETH, PersonState.LEFT)),
    ]
    done = [(moment(text), act) for text, act in other]
    done += [(moment(PUBLISHED[n - 1].isoformat() + "T09:00"), lambda n=n: register.publish(n)) for n in range(1, 15)]
    done += [(moment(at), lambda who=who, n=n: register.sign(who, n)) for who, at, n in SIGNED]
    done += [(moment(f"{night}T03:35"), register.night) for night in NIGHTS]
    done += [(moment(f"{night}T04:35"), register.night) for night in NIGHTS]  # Twice does no harm.
    return sorted(done, key=lambda one: one[0])


@pytest.fixture
def register(app: Flask) -> Document:
    """Seven years, lived through."""
    with time_machine.travel(moment("2016-09-30T08:00"), tick=False):
        lived = Register()
        db.session.commit()
    for at, act in happenings(lived):
        with time_machine.travel(at, tick=False):
            act()
            db.session.commit()
    return lived.document


def told(on: date) -> dict[str, Told]:
    """What the register says of a day."""
    then = standing.standing(on)
    rows = db.session.execute(sa.select(Person.username, then).join(then, then.c.person_id == Person.id))
    return {
        row.username: Told(row.version, row.state, row.needed, row.since.astimezone(LONDON).date(), row.due)
        for row in rows
    }


def test_seven_years_are_told_as_they_were(
    register: Document, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY_DATABASE_URL", database_url)
    every_so_often_it_is_told_as_it_was()
    days_are_told_as_a_clerk_has_written_them_down()
    export_of_a_day_has_the_sign_off_that_counted()


def every_so_often_it_is_told_as_it_was() -> None:
    """By the tables above, and on the days around each thing that happened."""
    assert len(FILES) == 14
    days = [PUBLISHED[0] + timedelta(number) for number in range(0, 2700, 45)]
    edges = {day(text) + timedelta(step) for row in (*ASKED, *SIGNED, *DECLINED) for text in row[1:3]
             if isinstance(text, str) and text for step in (-1, 0, GRACE, GRACE + 1)}  # fmt: skip
    days = sorted({*days, *edges, *PUBLISHED} - {one for one in edges if one < PUBLISHED[0]})
    assert len(days) > 150
    assert {on: told(on) for on in days} == {on: expected(on) for on in days}


def days_are_told_as_a_clerk_has_written_them_down() -> None:
    """Some days in full, without working anything out."""
    states = {text: {who: one.state for who, one in told(day(text)).items()} for text in (
        "2016-09-29", "2016-10-14", "2016-10-15", "2016-11-20", "2019-01-27", "2019-01-28", "2019-02-05", "2019-03-05",
        "2019-06-10", "2019-06-30", "2019-07-01", "2020-06-01", "2020-09-01", "2021-01-29", "2021-01-30", "2023-12-31",
    )}  # fmt: skip
    assert states == {
        "2016-09-29": {},
        "2016-10-14": {NIA: "signed", BRONWEN: "owed"},
        "2016-10-15": {NIA: "signed", BRONWEN: "overdue"},
        "2016-11-20": {NIA: "signed", BRONWEN: "signed"},
        "2019-01-27": {NIA: "signed", BRONWEN: "signed", FARIDA: "signed"},
        "2019-01-28": {NIA: "owed", BRONWEN: "owed", FARIDA: "owed"},
        "2019-02-05": {NIA: "signed", BRONWEN: "owed", FARIDA: "declined"},
        "2019-03-05": {NIA: "signed", BRONWEN: "overdue", FARIDA: "overdue"},
        "2019-06-10": {NIA: "signed", FARIDA: "signed"},
        "2019-06-30": {NIA: "signed", BRONWEN: "owed", FARIDA: "signed"},
        "2019-07-01": {NIA: "signed", BRONWEN: "signed", FARIDA: "signed"},
        "2020-06-01": {NIA: "signed", BRONWEN: "signed"},
        "2020-09-01": {NIA: "signed", BRONWEN: "signed", FARIDA: "owed"},
        "2021-01-29": {NIA: "signed", BRONWEN: "signed", FARIDA: "signed"},
        "2021-01-30": {NIA: "owed", BRONWEN: "signed", FARIDA: "signed"},
        "2023-12-31": {NIA: "signed", BRONWEN: "overdue", FARIDA: "overdue"},
    }


def export_of_a_day_has_the_sign_off_that_counted() -> None:
    """The command's own file of one day."""
    db.session.rollback()
    done = CliRunner().invoke(cli.main, ["export", "signoffs", "--as-of", "2021-01-30"])
    assert (done.exit_code, done.stderr) == (0, "")
    rows = list(csv.reader(io.StringIO(done.stdout)))
    versions = {one.number: one.sha256 for one in db.session.scalars(sa.select(Version))}
    db.session.rollback()
    title, night = "Social media policy", "2021-01-30T03:35:00+00:00"
    assert rows == [
        list(standing.EXPORT_COLUMNS),
        [BRONWEN, title, "6", "2020-02-01T10:00:00+00:00", versions[6], "online", "signed", "6",
         "2019-06-20T09:00:00+00:00", "2020-02-06"],
        [FARIDA, title, "7", "2020-09-10T09:00:00+00:00", versions[7], "online", "signed", "6",
         "2020-09-01T09:00:00+00:00", "2020-09-15"],
        [NIA, title, "", "", "", "", "owed", "6", night, "2021-02-13"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ("people", "--as-of", "2021-01-30"),
            "--as-of is for signoffs only: the register keeps no earlier state of the others.",
        ),
        (("signoffs", "--as-of", "2999-01-30"), "--as-of: that day is still to come."),
    ],
)  # fmt: skip
def test_export_of_a_day_that_cannot_be_told_is_refused(
    app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], line: str
) -> None:
    monkeypatch.setenv("REGISTRY_DATABASE_URL", database_url)
    done = CliRunner().invoke(cli.main, ["export", *arguments])
    assert (done.exit_code, done.output) == (2, f"{line}\n")


# --- Today, as of today -----------------------------------------------------------------------------------


def both() -> tuple[list[Any], list[Any]]:
    """How everybody stands now by what is counted, and at the end of today by the evidence."""
    names = ("document_id", "person_id", "needed", "due", "state", "version")
    found = []
    for one in (standing.standing(None), standing.standing(today())):
        rows = sa.select(*(one.c[name] for name in names)).order_by(one.c.document_id, one.c.person_id)
        found.append([tuple(row) for row in db.session.execute(rows)])
    return found[0], found[1]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_today_is_as_of_today(app: Flask, seed: int) -> None:
    dice, seen = random.Random(seed), set()
    at = datetime(2024, 1, 8, 10, tzinfo=UTC)
    with time_machine.travel(at, tick=False):
        documents = [cast.a_document(title) for title in ("Social media", "Photographs")]
        documents[1].again_months = 2
        people = [cast.a_person() for _ in range(7)]
        pairs = [(one, dice.choice(people)) for one in people[:5]]
        accounts = [cast.an_account(owner=one, deputy=two if two is not one else None, title="T") for one, two in pairs]
        db.session.commit()
    for _ in range(45):
        at += timedelta(hours=dice.randrange(1, 200))
        with time_machine.travel(at, tick=False):
            happen(dice, documents, people, accounts)
            db.session.commit()
            counted, evidence = both()
            assert counted == evidence
            seen |= {row[4] for row in counted}
    assert seen == set(standing.State)
    ended = db.session.scalars(sa.select(Obligation.ending).where(Obligation.ending.is_not(None)).distinct()).all()
    assert {"left", "asked again"} <= {one.value for one in ended if one}


def happen(dice: random.Random, documents: list[Document], people: list[Person], accounts: list[Account]) -> None:
    """Something that happens at work."""
    document, person = dice.choice(documents), dice.choice(people)
    what = dice.randrange(10)
    if what < 4 and person.state is PersonState.ACTIVE:
        cast.sign(document, person)
        sa_settle = sa.update(Decline).where(Decline.person_id == person.id, Decline.document_id == document.id)
        db.session.execute(sa_settle.where(Decline.settled_at.is_(None)).values(settled_at=now()))
    elif what == 4:
        cast.a_version(document, text=f"Text {now()}", material=dice.random() < 0.4)
    elif what == 5:
        person.state = PersonState.LEFT if person.state is PersonState.ACTIVE else PersonState.ACTIVE
        keep_up()
    elif what == 6:
        account = dice.choice(accounts)
        account.owner_id, account.deputy_id = (one.id for one in dice.sample(people, 2))
        keep_up()
    elif what == 7 and person.state is PersonState.ACTIVE:
        decline(document, person)
    elif what == 8 and dice.random() < 0.3:
        gone, kept = dice.sample(people, 2)
        people.remove(gone)
        absorb(gone, kept)
        remember(gone, kept, None)
        keep_up()
    renewing.put_times_right()
    keep_up()
    renewing.ask_again()


def decline(document: Document, person: Person) -> None:
    """They say that they will not sign, unless they have said so."""
    same = Decline.document_id == document.id, Decline.person_id == person.id, Decline.settled_at.is_(None)
    current = queries.current(document.id)
    assert current is not None
    if not db.session.scalar(sa.select(Decline.id).where(*same)):
        db.session.add(
            Decline(
                document_id=document.id,
                version_id=current.id,
                person_id=person.id,
                declined_at=now(),
                reason="No.",
                answer="",
            )
        )
