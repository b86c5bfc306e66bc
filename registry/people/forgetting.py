"""Leavers whose time is over: what told who they were goes, what others rely on stays and leads to a pseudonym.

Sign-offs and events are sealed evidence and stay as they are, or nothing could be proved by them. Events are told
with the pseudonym from then on (see ``audit.retell``); sign-offs keep the name of the day, for that is their use.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from registry import audit, search
from registry.db import db, now
from registry.outbox import NOT_GONE, Message, MessageState
from registry.people.directory import dn_key
from registry.people.models import Person, PersonKind, PersonState, SyncRun
from registry.people.subject import leading_to, leads_by_heading, selves
from registry.personal import Fate
from registry.web import day

FORGOTTEN: Final = audit.declare("person.forgotten", "{actor} took the name of {subject} away: {reason}", "reason")
TIME_IS_OVER: Final = "their time was over"
ASKED_FOR_IT: Final = "they asked for it, and that was granted"
#: Rows that name nobody: they stay for what leads to them.
NOBODY: Final = (PersonKind.FORGOTTEN, PersonKind.MERGED)
#: How many are forgotten in one transaction.
AT_ONCE: Final = 500


class CannotBeForgotten(Exception):
    """Somebody works here still, or left too short a time ago; ``str()`` says which, and what to do."""


def pseudonym(person_id: int) -> str:
    """What the register calls somebody who is forgotten."""
    return f"Former colleague {person_id}"


def blank(person_id: int) -> dict[str, Any]:
    """What stands in the row of somebody who is forgotten, by column; what is not named here stays."""
    name = pseudonym(person_id)
    return {
        "kind": PersonKind.FORGOTTEN, "directory_id": None, "username": f"former-{person_id}", "mail": None,
        "name": name, "given_name": "", "family_name": "", "phone": None, "title": None, "location": None,
        "employee_number": None, "team_id": None, "manager_id": None, "dn_key": "", "manager_key": None,
        "missing_at": None, "digest": bytes(16), "mark": None, "search_text": search.fold(name),
    }  # fmt: skip


def due(keep_days: int, most: int | None = None) -> Sequence[Person]:
    """The leavers who left more than ``keep_days`` days ago and still have their name, the first to leave first."""
    over = sa.select(Person).where(_can_be_forgotten(), Person.left_at < now() - timedelta(days=keep_days))
    return db.session.scalars(over.order_by(Person.left_at, Person.id).limit(most)).all()


def forget(*, person: Person, keep_days: int, granted: bool = False, actor: audit.Somebody | None = None) -> None:
    """Take the name of one leaver away, in the caller's transaction.

    ``granted``: they asked for it, and the organisation granted that, so it need not be ``keep_days`` days since they
    left. Hold ``exclusively("sync")`` until the commit, or a reading of the directory might write to the row that loses
    its name. Raises ``CannotBeForgotten``.
    """
    if person.kind is PersonKind.FORGOTTEN:
        raise CannotBeForgotten(f"{person.name} is forgotten already.")
    if person.kind is PersonKind.MERGED:
        raise CannotBeForgotten("That row was merged into another and names nobody. Forget the other, if they left.")
    if person.state is not PersonState.LEFT or person.left_at is None:
        raise CannotBeForgotten(
            f"{person.name} has not left (state: {person.state.value}); only leavers are forgotten."
        )
    until = person.left_at + timedelta(days=keep_days)
    if until > now() and not granted:
        raise CannotBeForgotten(
            f"{person.name} left on {day(person.left_at)} and is kept by name until {day(until)}. Add --now where"
            " they asked to be forgotten and that was granted."
        )
    if not _forget([person], ASKED_FOR_IT if granted else TIME_IS_OVER, actor):
        raise CannotBeForgotten(f"{person.name} has just changed. Look again.")


def forget_due(*, keep_days: int) -> int:
    """Take the names of some leavers whose time is over away, in the caller's transaction.

    Returns how many; call it again, after a commit, until there are none. Hold ``exclusively("sync")`` meanwhile.
    """
    return _forget(due(keep_days, AT_ONCE), TIME_IS_OVER, None)


def _can_be_forgotten() -> sa.ColumnElement[bool]:
    return sa.and_(Person.state == PersonState.LEFT, Person.kind.not_in(NOBODY))


def _forget(people: Sequence[Person], reason: str, actor: audit.Somebody | None) -> int:
    ids = [person.id for person in people]
    # Whoever returned this very moment, or is forgotten by another hand, is left alone.
    held = sa.select(Person).where(Person.id.in_(ids), _can_be_forgotten()).order_by(Person.id).with_for_update()
    people = db.session.scalars(held.execution_options(populate_existing=True)).all()
    if not people:
        return 0
    every = selves(people)
    pseudonyms = {one.id: pseudonym(person_id) for person_id, rows in every.items() for one in rows}
    audit.retell(pseudonyms, _names(people, pseudonyms))
    _clear_rows([one for rows in every.values() for one in rows])
    _take_out_entries({person.dn_key for person in people if person.dn_key})
    db.session.execute(sa.update(Person), [{"id": one, **blank(one)} for one in every])
    audit.append([_event(one, pseudonym(one), reason, actor) for one in every])
    db.session.expire_all()  # Rows went without the session being told of each.
    return len(people)


def _event(person_id: int, name: str, reason: str, actor: audit.Somebody | None) -> audit.Event:
    return audit.event(
        FORGOTTEN, actor=actor, subject_kind="person", subject_id=person_id, subject_name=name, reason=reason
    )


def _names(people: Sequence[Person], pseudonyms: dict[int, str]) -> dict[str, str]:
    """What to tell instead of a name or address that stands in a field of an event.

    A name that somebody else in the register has too is left: nobody could say whose it is.
    """
    owners = audit.names_told(list(pseudonyms))
    for person in people:
        for name in (person.name, person.mail):
            owners.setdefault(name or "", set()).add(person.id)
    borne = sa.or_(Person.name.in_(owners), Person.mail.in_(owners))
    namesakes = db.session.execute(sa.select(Person.name, Person.mail).where(borne, Person.id.not_in(pseudonyms))).all()
    taken = {one for row in namesakes for one in row}
    told = {name: {pseudonyms[one] for one in ids} for name, ids in owners.items() if name and name not in taken}
    return {name: some.pop() for name, some in told.items() if len(some) == 1}


def _clear_rows(people: Sequence[Person]) -> None:
    """Delete or empty what the tables hold on some people, as each has declared."""
    ids = [person.id for person in people]
    stopped = sa.update(Message).where(Message.person_id.in_(ids), Message.state.in_(NOT_GONE))
    db.session.execute(stopped.values(state=MessageState.FAILED))  # Nothing is sent to nobody.
    for table, found in leads_by_heading():
        lead = found[0][1]
        condition = leading_to(found, people)
        if lead.fate is Fate.DELETED:
            db.session.execute(sa.delete(table).where(condition))
        elif lead.fate is Fate.CLEARED:
            empty = {name: None if table.c[name].nullable else "" for name in lead.clears}
            db.session.execute(sa.update(table).where(condition).values(empty))


def _take_out_entries(keys: set[str]) -> None:
    """Take the entries of some people out of the lists of what could not be read."""
    for run in db.session.scalars(sa.select(SyncRun).where(SyncRun.skipped > 0)):
        rest = [entry for entry in run.skipped_entries if dn_key(entry["dn"]) not in keys]
        if len(rest) < len(run.skipped_entries):
            run.skipped_entries = rest
