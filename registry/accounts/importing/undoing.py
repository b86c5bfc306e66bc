"""Taking back what an import did: what it changed is put back where nobody has changed it since, what it added goes.

An account goes out of the catalogue only where nothing has happened to it since and nothing else in the register leads
to it. Its row is deleted then, as a closed one would be in the way when the mended file comes in: the history keeps its
name and address. No event carries the number of an account that was added and nothing else, so that the
database may give that number to another.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from registry import audit
from registry.accounts.actions import CHANGED, search_text_of
from registry.accounts.importing import answering, known
from registry.accounts.importing.judging import MORE_LABELS
from registry.accounts.importing.models import Fate, ImportedAccount, ImportLine, ImportRun, ImportState, Undone
from registry.accounts.importing.writing import plain, set_topics
from registry.accounts.models import OWN_NAME, Account, Alias, Visibility, account_topic
from registry.accounts.signing import ask_to_sign
from registry.audit import Event, Somebody
from registry.db import UtcDateTime, db, now
from registry.people.models import Person, PersonMerge, Team
from registry.people.queries import IN_OFFICE

UNDONE: Final = audit.declare(
    "accounts.import-undone",
    "{actor} took back the import of {subject}: {restored} fields put back, {removed} accounts removed, {left} left",
    "restored", "removed", "left",
)  # fmt: skip
REMOVED: Final = audit.declare(
    "account.removed", "{actor} removed {subject}, which had come in with {file}", "file", "url", "import_id"
)
AT_ONCE: Final = 500
GONE: Final = "The account is not shown in the register any more."
#: What nobody but its owner says of an account in their own name.
_OF_THE_OWNER: Final = ("standing", "state", "owner_id", "deputy_id", "team_id")
_PEOPLE: Final = ("owner_id", "deputy_id", "approved_by_id")
#: Tables in which an account that was added has rows from the very import.
_OWN: Final = frozenset(
    (Alias.__tablename__, account_topic.name, ImportLine.__tablename__, ImportedAccount.__tablename__)
)


@dataclass(slots=True)
class _Names:
    """Who and what the accounts of some rows have to do with, by their numbers."""

    people: dict[int, Any] = field(default_factory=dict)
    teams: dict[int, Any] = field(default_factory=dict)
    #: Who somebody is since two rows were found to be one human being.
    merged: dict[int, int] = field(default_factory=dict)

    def who(self, person_id: int | None) -> int | None:
        """The number that somebody has today."""
        return self.merged.get(person_id, person_id) if person_id else None


@dataclass(slots=True)
class _Verdict:
    """What becomes of one account, and why what is left is left."""

    line: Any
    values: dict[str, Any] = field(default_factory=dict)
    topics: dict[str, str] | None = None
    left: list[str] = field(default_factory=list)


def take_back(run: ImportRun, *, actor: Somebody | None) -> None:
    """Undo an import, in the caller's transaction; call ``applying.wait_for_others`` before."""
    restored = removed = left = 0
    for lines in _batches(run.id, Fate.UPDATED):
        for verdict in _put_back(lines, run, actor):
            restored += len(_told(verdict))
            left += bool(verdict.left)
    for lines in _batches(run.id, Fate.ADDED):
        gone = _remove(lines, run, actor)
        removed += gone
        left += len(lines) - gone
    ask_to_sign(None)
    run.state, run.undone_at, run.reason = ImportState.UNDONE, now(), ""
    run.restored, run.removed, run.left = restored, removed, left
    audit.record(
        UNDONE, actor=actor, subject_kind="import", subject_id=run.id, subject_name=run.file_name, restored=restored,
        removed=removed, left=left,
    )  # fmt: skip


def _batches(import_id: int, fate: Fate) -> Iterator[Sequence[Any]]:
    columns = (ImportLine.id, ImportLine.account_id, ImportLine.before, ImportLine.after, ImportLine.row)
    some = sa.select(*columns).where(ImportLine.import_id == import_id, ImportLine.fate == fate)
    last = 0
    while lines := db.session.execute(some.where(ImportLine.row > last).order_by(ImportLine.row).limit(AT_ONCE)).all():
        last = lines[-1].row
        yield lines


def _note(notes: Iterable[tuple[int, Undone, str]]) -> None:
    rows = [{"id": one, "undone": what, "undone_reason": why} for one, what, why in notes]
    if rows:
        db.session.execute(sa.update(ImportLine), rows)


# --- Accounts that were changed ---------------------------------------------------------------------------


def _put_back(lines: Sequence[Any], run: ImportRun, actor: Somebody | None) -> list[_Verdict]:
    table: Any = Account.__table__
    ids = [line.account_id for line in lines if line.account_id]
    accounts = {row.id: row for row in db.session.execute(sa.select(table).where(table.c.id.in_(ids)))}
    topics = known.topics_of(accounts)
    names = _names(lines, accounts.values())
    verdicts = []
    for line in lines:
        verdict = _Verdict(line)
        account = accounts.get(line.account_id)
        if account is None or account.visibility is Visibility.NOBODY:
            verdict.left.append(GONE)
        else:
            _judge(verdict, account, topics.get(account.id, {}), names)
        verdicts.append(verdict)
    _write(verdicts, accounts, topics, names, actor)
    moved = [one.line for one in verdicts if answering.COLUMNS & one.values.keys()]
    answering.take_back(moved, accounts, since=run.ended_at or run.uploaded_at, actor=actor)
    return verdicts


def _judge(verdict: _Verdict, account: Any, topics: Mapping[str, str], names: _Names) -> None:
    """Find out which fields can be put back: those that are still as the import left them."""
    before, after = verdict.line.before or {}, verdict.line.after or {}
    for name in after:
        if name == "topics":
            if topics.keys() == after[name].keys():
                verdict.topics = before[name]
            else:
                verdict.left.append("The topics were changed since.")
            continue
        now_held, held = getattr(account, name), _value(name, before[name])
        wrote = _value(name, after[name])
        if name in _PEOPLE:
            held, wrote, now_held = names.who(held), names.who(wrote), names.who(now_held)
        if plain(now_held) != plain(wrote):
            if name in MORE_LABELS:
                verdict.left.append(f"{MORE_LABELS[name].capitalize()} was changed since.")
        elif account.standing in OWN_NAME and name in _OF_THE_OWNER and held != now_held:
            verdict.left.append(f"{MORE_LABELS[name].capitalize()} stays, as it is in somebody’s own name.")
        elif name in ("owner_id", "deputy_id") and held and not _works_here(names.people.get(held)):
            verdict.left.append(f"{MORE_LABELS[name].capitalize()} of before does not work here any more.")
        elif held != now_held:
            verdict.values[name] = held
    _part_owner_from_deputy(verdict, account)


def _part_owner_from_deputy(verdict: _Verdict, account: Any) -> None:
    """One person cannot be both; where putting one back would make it so, neither is touched."""
    people = [verdict.values.get(name, getattr(account, name)) for name in ("owner_id", "deputy_id")]
    if people[0] is not None and people[0] == people[1]:
        for name in ("owner_id", "deputy_id"):
            verdict.values.pop(name, None)
        verdict.left.append("The owner and the deputy stay, as one person would be both.")


def _works_here(person: Any) -> bool:
    return person is not None and person.state in IN_OFFICE


def _value(name: str, kept: Any) -> Any:
    """What ``writing.plain`` made of a value of the column ``name``, as the database takes it."""
    kind = Account.__table__.c[name].type
    if kept is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(kept)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(kept)
    return kind.enum_class(kept) if isinstance(kind, sa.Enum) and kind.enum_class else kept


def _names(lines: Sequence[Any], accounts: Iterable[Any]) -> _Names:
    names, people, teams = _Names(), set(), set()
    for held in [*(line.before or {} for line in lines), *(line.after or {} for line in lines)]:
        people |= {held[name] for name in _PEOPLE if held.get(name)}
        teams |= {held["team_id"]} if held.get("team_id") else set()
    for account in accounts:
        people |= {one for name in _PEOPLE if (one := getattr(account, name))}
        teams |= {account.team_id} if account.team_id else set()
    for chunk in known.chunks(people):
        kept = sa.select(PersonMerge.gone_id, PersonMerge.kept_id).where(PersonMerge.gone_id.in_(chunk))
        names.merged.update({gone: one for gone, one in db.session.execute(kept.order_by(PersonMerge.id))})
    for chunk in known.chunks({names.merged.get(one, one) for one in people}):
        who = sa.select(Person.id, Person.name, Person.state).where(Person.id.in_(chunk))
        names.people.update({row.id: row for row in db.session.execute(who)})
    for chunk in known.chunks(teams):
        which = sa.select(Team.id, Team.name, Team.path).where(Team.id.in_(chunk))
        names.teams.update({row.id: row for row in db.session.execute(which)})
    return names


def _told(verdict: _Verdict) -> list[str]:
    """The fields that are put back and that the history tells of; others follow from them."""
    return [
        *(name for name in verdict.values if name in MORE_LABELS),
        *(["topics"] if verdict.topics is not None else []),
    ]


def _write(
    verdicts: Sequence[_Verdict], accounts: Mapping[int, Any], topics: Mapping[int, dict[str, str]], names: _Names,
    actor: Somebody | None,
) -> None:  # fmt: skip
    rows: list[dict[str, Any]] = []
    events: list[Event] = []
    for verdict in verdicts:
        if not verdict.values and verdict.topics is None:
            continue
        account = accounts[verdict.line.account_id]
        after = {**account._mapping, **verdict.values}
        had = topics.get(account.id, {})
        team = names.teams[after["team_id"]].path if after["team_id"] in names.teams else ""
        has = had if verdict.topics is None else verdict.topics
        text = search_text_of(after, team=team, topics=has.values())
        rows.append({"id": account.id, **verdict.values, "search_text": text})
        events += _events(verdict, account, after["title"], had, names, actor)
    if rows:
        db.session.execute(sa.update(Account), rows)
    set_topics({one.line.account_id: one.topics for one in verdicts if one.topics is not None})
    audit.append(events)
    _note((one.line.id, Undone.LEFT if one.left else Undone.RESTORED, _reason(one)) for one in verdicts)


def _reason(verdict: _Verdict) -> str:
    put_back = [MORE_LABELS[name] for name in _told(verdict)]
    return " ".join([*([f"Put back: {', '.join(put_back)}."] if put_back else []), *verdict.left])


def _events(
    verdict: _Verdict, account: Any, title: str, had: Mapping[str, str], names: _Names, actor: Somebody | None
) -> Iterator[Event]:
    for name in _told(verdict):
        if name == "topics":
            told = [", ".join(one.values()) or "nothing" for one in (had, verdict.topics or {})]
        else:
            told = [_in_words(name, value, names) for value in (getattr(account, name), verdict.values[name])]
        yield audit.event(
            CHANGED, actor=actor, subject_kind="account", subject_id=account.id, subject_name=title,
            what=MORE_LABELS[name], before=told[0], after=told[1],
        )  # fmt: skip


def _in_words(name: str, value: Any, names: _Names) -> str:
    if name in ("owner_id", "deputy_id"):
        return str(names.people[value].name) if value in names.people else "nobody"
    if name == "team_id":
        return str(names.teams[value].name) if value in names.teams else "nothing"
    return str(plain(value) or "nothing")


# --- Accounts that were added -----------------------------------------------------------------------------


def _remove(lines: Sequence[Any], run: ImportRun, actor: Somebody | None) -> int:
    """Delete the accounts of some rows that nobody has touched since; how many."""
    ids = [line.account_id for line in lines if line.account_id]
    touched = _touched(ids)
    free = [one for one in ids if one not in touched]
    columns = (Account.id, Account.title, Account.url)
    gone = db.session.execute(sa.select(*columns).where(Account.id.in_(free)).order_by(Account.id)).all()
    audit.append(
        [
            audit.event(
                REMOVED, actor=actor, subject_kind="account", subject_id=None, subject_name=row.title,
                file=run.file_name, url=row.url, import_id=run.id,
            )
            for row in gone
        ]
    )  # fmt: skip
    there = {row.id for row in gone}
    _note((line.id, *_fate_of(line.account_id, there, touched)) for line in lines)
    # No number leads from a row of any file to an account that is gone: the database may give it to another.
    leading = sa.update(ImportLine).where(ImportLine.account_id.in_(there)).values(account_id=None)
    db.session.execute(leading.execution_options(synchronize_session=False))
    db.session.execute(sa.delete(Account).where(Account.id.in_(there)).execution_options(synchronize_session=False))
    return len(gone)


def _fate_of(account_id: int | None, gone: set[int], touched: Mapping[int, str]) -> tuple[Undone, str]:
    if account_id in gone:
        return Undone.REMOVED, "Removed from the register."
    return Undone.LEFT, touched.get(account_id or 0, GONE)


def _touched(ids: Sequence[int]) -> dict[int, str]:
    """The accounts among ``ids`` to which something has happened since, or to which something leads; and what."""
    found: dict[int, str] = {}
    happened = sa.select(Event).where(Event.subject_kind == "account", Event.subject_id.in_(ids)).order_by(Event.id)
    for event in db.session.scalars(happened):
        found[event.subject_id or 0] = f"It stays: {event.sentence}."
    for column in _leading_to_accounts():
        leads = sa.select(column).where(column.in_(ids)).distinct()
        for account_id in db.session.scalars(leads):
            found.setdefault(account_id, "It stays, as something else in the register belongs to it by now.")
    return found


def _leading_to_accounts() -> Iterator[sa.Column[Any]]:
    """Every column that leads to an account, those of later parts of the register included."""
    for table in db.metadata.sorted_tables:
        if table.name in _OWN:
            continue
        for column in table.columns:
            if column.name == "account_id" or any(key.column.table.name == "account" for key in column.foreign_keys):
                yield column
