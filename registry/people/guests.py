"""People who are not in the directory: contractors, volunteers and partners, each with a sponsor and a last day."""

import itertools
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, contains_eager, joinedload

from registry import audit, outbox, search
from registry.audit import Somebody
from registry.db import db, now, today
from registry.people.models import Guest, GuestKind, Person, PersonKind, PersonState, RoleGrant, SignIn, Team
from registry.people.queries import IN_OFFICE
from registry.web import day

#: Years from today within which the last day of a guest must lie, and by how many it may be put off at a time.
MOST_YEARS: Final = 2
MOST_YEARS_ON: Final = 1
#: Days before the last one at which the sponsor is written to and the list shows a guest among the first.
NOTICE: Final = timedelta(days=14)

ADDED: Final = audit.declare(
    "guest.added", "{actor} added {subject}, a {kind} until {ends_on}, sponsor {sponsor}", "kind", "ends_on", "sponsor"
)
EXTENDED: Final = audit.declare(
    "guest.extended", "{actor} changed the last day of {subject} from {before} to {after}", "before", "after"
)
SPONSOR_CHANGED: Final = audit.declare(
    "guest.sponsor-changed", "{actor} changed the sponsor of {subject} from {before} to {after}", "before", "after"
)
ENDED: Final = audit.declare("guest.ended", "{subject} is a {kind} no longer: {reason}", "kind", "reason")
REMINDED: Final = audit.declare(
    "guest.reminded", "{actor} wrote to {told}: the last day of {subject} is near", "told", "ends_on"
)


class WrongLastDay(Exception):
    """The last day is over, or too far away; the message says which days are right."""


class WrongSponsor(Exception):
    """The sponsor has left, or is a guest; the message says so."""


class AlreadyHere(Exception):
    """Somebody who works here has that mail address; ``people`` are they."""

    def __init__(self, people: Sequence[Person]) -> None:
        super().__init__("Somebody who works here has that address.")
        self.people = people


# --- Reads ------------------------------------------------------------------------------------------------


def guest(person_id: int) -> Guest | None:
    """A guest, or somebody who was one, with their team and sponsor."""
    mine = sa.select(Guest).join(Guest.person).where(Guest.person_id == person_id, Person.kind == PersonKind.GUEST)
    whole = (contains_eager(Guest.person).joinedload(Person.team), joinedload(Guest.sponsor))
    return db.session.scalar(mine.options(*whole))


def guests_of(people: Collection[Person]) -> dict[int, Guest]:
    """Those of ``people`` who are guests, by the person's id; asks nothing where none of them is."""
    ids = [one.id for one in people if one.kind is PersonKind.GUEST]
    if not ids:
        return {}
    mine = sa.select(Guest).where(Guest.person_id.in_(ids)).options(joinedload(Guest.sponsor))
    return {one.person_id: one for one in db.session.scalars(mine)}


def current(*, limit: int, offset: int = 0) -> Sequence[Guest]:
    """The guests of today, each with person, team and sponsor.

    Those whose sponsor has left or whose last day is near come first, then all by their last day.
    """
    person, sponsor = aliased(Person), aliased(Person)
    urgent = sa.or_(sponsor.state.not_in(IN_OFFICE), Guest.ends_on <= today() + NOTICE)
    return db.session.scalars(
        sa.select(Guest)
        .join(Guest.person.of_type(person))
        .join(Guest.sponsor.of_type(sponsor))
        .where(person.state.in_(IN_OFFICE))
        .options(
            contains_eager(Guest.person.of_type(person)).joinedload(person.team),
            contains_eager(Guest.sponsor.of_type(sponsor)),
        )
        .order_by(sa.case((urgent, 0), else_=1), Guest.ends_on, person.name, person.id)
        .limit(limit)
        .offset(offset)
    ).all()


def count() -> int:
    """How many guests there are today."""
    here = sa.select(sa.func.count(Guest.person_id)).join(Guest.person).where(Person.state.in_(IN_OFFICE))
    return db.session.scalar(here) or 0


def of_that_mail(mail: str) -> Sequence[Person]:
    """People who work here under the mail address, in any case, by name."""
    if not mail:
        return []
    same = sa.func.lower(Person.mail) == mail.lower()
    here = sa.select(Person).where(same, Person.state.in_(IN_OFFICE)).options(joinedload(Person.team))
    return db.session.scalars(here.order_by(Person.name, Person.id)).all()


def of_that_name(name: str) -> Sequence[Person]:
    """People with the words of a name, in any order, case and with any marks, who work here or were guests here."""
    condition = search.first_matches(Person, name)
    if condition is None:
        return []
    known = sa.or_(Person.state.in_(IN_OFFICE), Person.kind == PersonKind.GUEST)
    some = sa.select(Person).where(condition, known).options(joinedload(Person.team))
    wanted = sorted(search.words(name))
    people = db.session.scalars(some.order_by(Person.name, Person.id))
    return [one for one in people if sorted(search.words(one.name)) == wanted]


def team_paths() -> Sequence[str]:
    """The path of every team, in order."""
    return db.session.scalars(sa.select(Team.path).order_by(Team.path)).all()


def teams_named(typed: str, most: int = 6) -> Sequence[Team]:
    """The team with that path; without one, the teams with that name, whatever its case."""
    whole = db.session.scalar(sa.select(Team).where(Team.path == typed))
    if whole is not None:
        return [whole]
    named = sa.select(Team).where(sa.func.lower(Team.name) == typed.lower()).order_by(Team.path)
    return db.session.scalars(named.limit(most)).all()


def last_days(ends_on: date | None = None) -> tuple[date, date]:
    """The first and the last day that may be somebody's last: for a new guest, or for one whose last is ``ends_on``."""
    furthest = _years_on(today(), MOST_YEARS)
    if ends_on is None:
        return today(), furthest
    return today(), min(furthest, _years_on(max(ends_on, today()), MOST_YEARS_ON))


def _years_on(one: date, years: int) -> date:
    try:
        return one.replace(year=one.year + years)
    except ValueError:  # 29 February has no fellow in most years.
        return one.replace(year=one.year + years, day=28)


# --- Changes ----------------------------------------------------------------------------------------------


def add(
    *, name: str, mail: str, title: str, team: Team | None, kind: GuestKind, sponsor: Person, ends_on: date,
    actor: Somebody,
) -> Person:  # fmt: skip
    """Make a guest; ``mail`` may be empty.

    Raises ``WrongLastDay``, ``WrongSponsor`` and ``AlreadyHere`` where somebody who works here has the address.
    """
    _check_last_day(ends_on, last_days())
    _check_sponsor(sponsor)
    if known := of_that_mail(mail):
        raise AlreadyHere(known)
    given, _, family = name.rpartition(" ")
    username = _free_username(name)
    person = Person(
        kind=PersonKind.GUEST, username=username, mail=mail or None, name=name, given_name=given, family_name=family,
        title=title, team_id=team.id if team else None, state=PersonState.ACTIVE, joined_at=now(), digest=b"",
        search_text=search.fold(name, username, title, *(team.path.split(" / ") if team else ())),
    )  # fmt: skip
    db.session.add(person)
    db.session.flush()
    terms = {"kind": kind, "sponsor_id": sponsor.id, "ends_on": ends_on}
    db.session.add(Guest(person_id=person.id, added_at=now(), added_by_id=actor.id, **terms))
    _record(ADDED, person, actor, kind=kind.value, ends_on=day(ends_on), sponsor=sponsor.name)
    return person


def _free_username(name: str) -> str:
    """``guest.mair.huws``; with a number where somebody has, or had, that already."""
    stem = ".".join(("guest", *search.words(name)))[:60]
    taken = set(db.session.scalars(sa.select(Person.username).where(Person.username.startswith(stem, autoescape=True))))
    names = itertools.chain((stem,), (f"{stem}.{number}" for number in itertools.count(2)))
    return next(free for free in names if free not in taken)


def _check_last_day(ends_on: date, allowed: tuple[date, date]) -> None:
    first, last = allowed
    if ends_on < first:
        raise WrongLastDay("That day is over. Choose today or a later day.")
    if ends_on > last:
        raise WrongLastDay(f"Choose a day up to {day(last)}. You can put it off again when that day is near.")


def _check_sponsor(sponsor: Person) -> None:
    if sponsor.kind is PersonKind.GUEST:
        raise WrongSponsor(f"{sponsor.name} is a guest too. Name somebody who is employed here.")
    if sponsor.state not in IN_OFFICE or sponsor.kind is not PersonKind.DIRECTORY:
        raise WrongSponsor(f"{sponsor.name} does not work here now. Name somebody who does.")


def extend(*, guest: Guest, ends_on: date, sponsor: Person, actor: Somebody) -> None:
    """Change the last day of a guest, or their sponsor; somebody who was a guest is one again.

    At most a year later than it was, and within two years of today. Raises ``WrongLastDay`` and ``WrongSponsor``.
    """
    person = guest.person
    _check_last_day(ends_on, last_days(guest.ends_on))
    _check_sponsor(sponsor)
    if ends_on != guest.ends_on or person.state not in IN_OFFICE:
        _record(EXTENDED, person, actor, before=day(guest.ends_on), after=day(ends_on))
    if sponsor.id != guest.sponsor_id:
        _record(SPONSOR_CHANGED, person, actor, before=guest.sponsor.name, after=sponsor.name)
    guest.ends_on, guest.sponsor_id = ends_on, sponsor.id
    person.state, person.left_at = PersonState.ACTIVE, None


def end(*, guest: Guest, actor: Somebody) -> bool:
    """Let a guest go today; ``False`` where they have gone already."""
    if guest.person.state not in IN_OFFICE:
        return False
    guest.ends_on = min(guest.ends_on, today())
    _leave([guest], actor, "ended by hand")
    return True


def end_the_due() -> int:
    """Let those guests go whose last day is over, in London; returns how many. Doing it twice does no harm."""
    due = (
        sa.select(Guest)
        .join(Guest.person)
        .where(Guest.ends_on < today(), Person.state.in_(IN_OFFICE))
        .options(contains_eager(Guest.person))
        .order_by(Guest.person_id)
    )
    found = db.session.scalars(due).all()
    _leave(found, None, "their last day is over")
    return len(found)


def _leave(guests: Sequence[Guest], actor: Somebody | None, reason: str) -> None:
    ids = [one.person_id for one in guests]
    for one in guests:
        one.person.state, one.person.left_at = PersonState.LEFT, now()
        _record(ENDED, one.person, actor, kind=one.kind.value, reason=reason)
    # Leavers are signed out everywhere and hold no role any more.
    db.session.execute(sa.delete(SignIn).where(SignIn.person_id.in_(ids)))
    db.session.execute(sa.delete(RoleGrant).where(RoleGrant.person_id.in_(ids)))


def remind_sponsors() -> int:
    """Write to the sponsors of guests whose last day is at most two weeks off; returns how many mails were posted.

    Once for each last day: the history remembers it. Where the sponsor has left, whoever added the guest is told.
    """
    sponsor, adder = aliased(Person), aliased(Person)
    near = (
        sa.select(Guest, sponsor, adder)
        .join(Guest.person)
        .join(sponsor, sponsor.id == Guest.sponsor_id)
        .join(adder, adder.id == Guest.added_by_id)
        .where(Guest.ends_on.between(today(), today() + NOTICE), Person.state.in_(IN_OFFICE))
        .options(contains_eager(Guest.person))
        .order_by(Guest.person_id)
    )
    rows = db.session.execute(near).all()
    told = _reminded([row[0].person_id for row in rows])
    posted = 0
    for one, *others in rows:
        reader = next((who for who in others if who.state in IN_OFFICE and who.mail), None)
        if reader is not None and (one.person_id, one.ends_on.isoformat()) not in told:
            _remind(one, reader)
            posted += 1
    return posted


def _reminded(person_ids: Collection[int]) -> set[tuple[Any, Any]]:
    """Of which guests, and of which last day, somebody was told already."""
    kept = sa.select(audit.Event.subject_id, audit.Event.fields).where(
        audit.Event.subject_kind == "person", audit.Event.subject_id.in_(person_ids), audit.Event.name == REMINDED
    )
    return {(person_id, fields["ends_on"]) for person_id, fields in db.session.execute(kept)}


def _remind(one: Guest, reader: Person) -> None:
    text = (
        f"Hello {reader.called},\n\n"
        f"{one.person.name} is a {one.kind.value} with us until {day(one.ends_on)}. After that day they can no longer"
        " sign in, hold no role, and count as somebody who has left.\n\n"
        "If they stay on, ask the communications team for a new last day:\n"
        f"{outbox.link(f'/people/{one.person_id}')}\n\n"
        "If they go, see there what they run, so that somebody takes it over in time.\n"
    )
    subject = f"{one.person.name} is with us until {day(one.ends_on)}"
    outbox.post(to=reader.mail, subject=subject, text=text, person_id=reader.id)
    _record(REMINDED, one.person, None, told=reader.name, ends_on=one.ends_on.isoformat())


def _record(name: str, person: Person, actor: Somebody | None, **fields: object) -> None:
    audit.record(name, actor=actor, subject_kind="person", subject_id=person.id, subject_name=person.name, **fields)
