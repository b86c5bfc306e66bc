"""Bringing a list of accounts into the register: a fate for every row, and the same file twice changes nothing.

Nobody begins with an empty register: there is always a spreadsheet, some years old. Every row is judged for itself and
reported with its number and a reason; what was given is compared, what was left empty is left alone. The work is done
in bulk, in one transaction that the caller commits or, for a dry run, rolls back.
"""

import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry import audit
from registry.accounts.actions import CHANGED, LABELS, REVIEW_AFTER, ask_to_sign, search_text
from registry.accounts.importing import known
from registry.accounts.importing.rows import Asked, Register, new_account_notes, understand, values_of
from registry.accounts.importing.tables import UnreadableFile, parse_map, read, shortly
from registry.accounts.models import OWN_NAME, Account, Alias, Standing, State, Visibility, account_topic
from registry.accounts.naming.asking import ask
from registry.accounts.wording import title_from
from registry.audit import Somebody
from registry.db import db, is_sqlite, now, today
from registry.people.teams import BETWEEN

__all__ = ["Fate", "FatedRow", "Report", "UnreadableFile", "bring_in", "parse_map"]

IMPORTED: Final = audit.declare(
    "accounts.imported",
    "{actor} imported {subject}: {added} accounts added, {updated} updated, {unchanged} unchanged,"
    " {duplicate} named twice, {refused} refused",
    "added", "updated", "unchanged", "duplicate", "refused",
)  # fmt: skip
#: What an account's history calls the fields that only an import changes.
MORE_LABELS: Final = {**LABELS, "review_on": "the day of review", "topics": "the topics"}


#: The columns by which an account is found.
SEARCHED: Final = ("platform", "handle", "key", "title", "purpose", "other_names")
#: Why an account in somebody's own name is refused.
NOBODY_TO_ASK: Final = (
    "It is in somebody’s own name, and only they can say whether it may be listed. Give the username of its owner."
)
#: What is said of a row whose account is not shown to anybody.
TAKEN_OUT: Final = "Whom it belongs to had it taken out of the register, so it stays out."


class Fate(enum.StrEnum):
    """What became of a row."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FatedRow:
    """A row of the file, its number as a spreadsheet shows it, and why it fared so."""

    row: int
    fate: Fate
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of every row, and notes about the file as a whole."""

    rows: Sequence[FatedRow]
    notes: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """How many rows there are of each fate, those of none included."""
        counted = Counter(row.fate for row in self.rows)
        return {fate.value: counted[fate] for fate in Fate}

    def as_json(self) -> dict[str, Any]:
        """The report for a program: ``rows``, ``notes``, and the number of each fate."""
        return {"rows": [asdict(row) for row in self.rows], "notes": list(self.notes), **self.counts()}


@dataclass(slots=True)
class _Change:
    """A row whose account is registered and differs: the values that do, and the topics if they do."""

    asked: Asked
    existing: Any
    values: dict[str, Any]
    topics: dict[str, str] | None


@dataclass(slots=True)
class _Work:
    """What there is to write."""

    register: Register
    had_topics: Mapping[int, dict[str, str]]
    new: list[tuple[Asked, dict[str, Any]]] = field(default_factory=list)
    changes: list[_Change] = field(default_factory=list)


def bring_in(file: Path, *, columns: Mapping[str, str], actor: Somebody | None) -> Report:
    """Register the accounts of a CSV or XLSX file, and bring those up to date that are registered.

    ``columns`` is what ``parse_map`` returns; ``actor`` is ``None`` on the command line. Whoever may import decides
    for comms: the accounts are live at once unless the file says otherwise. Does not commit.
    Raises ``UnreadableFile``.
    """
    table = read(file, columns)
    if not is_sqlite():
        # Registered in between, an account or a topic would stop the whole import; on SQLite there is one writer.
        db.session.execute(sa.text("LOCK TABLE account, topic IN SHARE ROW EXCLUSIVE MODE"))
    fated: dict[int, FatedRow] = {}
    asked = _without_twins(_understood(table.lines, fated), fated)
    register = _look_up(asked)
    work = _judge(asked, register, fated)
    report = Report([fated[line.row] for line in table.lines], table.notes)
    if work.new or work.changes:
        _write(work, actor)
        name = shortly(file.name.encode("utf-8", "replace").decode(), 100)
        audit.record(IMPORTED, actor=actor, subject_kind="file", subject_id=None, subject_name=name, **report.counts())
    return report


# --- Judging ----------------------------------------------------------------------------------------------


def _understood(lines: Iterable[Any], fated: dict[int, FatedRow]) -> list[Asked]:
    found = []
    for line in lines:
        asked = understand(line)
        if isinstance(asked, Asked):
            found.append(asked)
        else:
            fated[line.row] = FatedRow(line.row, Fate.REFUSED, asked)
    return found


def _without_twins(rows: Iterable[Asked], fated: dict[int, FatedRow]) -> list[Asked]:
    """The first row of each account; where another follows, the first one counts."""
    first: dict[tuple[str, ...], int] = {}
    found = []
    for asked in rows:
        one = asked.resolved
        names: list[tuple[str, ...]] = [(one.platform, one.kind, one.key)]
        if one.platform_id:
            names.append((one.platform, one.platform_id))
        earlier = next((first[name] for name in names if name in first), None)
        for name in names:
            first.setdefault(name, earlier or asked.line.row)
        if earlier:
            fated[asked.line.row] = _twin(asked, earlier)
        else:
            found.append(asked)
    return found


def _twin(asked: Asked, row: int) -> FatedRow:
    return FatedRow(asked.line.row, Fate.DUPLICATE, f"The same account as row {row}, which counts.")


def _look_up(rows: Sequence[Asked]) -> Register:
    people = {text for asked in rows for role in ("owner", "deputy") if (text := asked.line.cells.get(role))}
    teams = bool(people) or any("team" in asked.line.cells for asked in rows)
    return Register(
        known.accounts([(asked.resolved, asked.typed) for asked in rows]), known.people(people), known.Teams(teams)
    )


def _judge(rows: Iterable[Asked], register: Register, fated: dict[int, FatedRow]) -> _Work:
    """Compare every row with the register, and say what became of it."""
    found = [(asked, register.accounts.same_as(asked.resolved, asked.typed)) for asked in rows]
    work = _Work(register, known.topics_of(existing.id for _, existing in found if existing))
    first: dict[int, int] = {}
    for asked, existing in found:
        row = asked.line.row
        if existing is None:
            values = values_of(asked, register, None)
            if asked.standing in OWN_NAME and not values.get("owner_id"):
                fated[row] = FatedRow(row, Fate.REFUSED, NOBODY_TO_ASK)
                continue
            work.new.append((asked, values))
            fated[row] = FatedRow(row, Fate.ADDED, " ".join([*new_account_notes(asked), *asked.notes]))
        elif existing.visibility is Visibility.NOBODY:
            fated[row] = FatedRow(row, Fate.UNCHANGED, TAKEN_OUT)
        elif (earlier := first.setdefault(existing.id, row)) != row:
            fated[row] = _twin(asked, earlier)
        else:
            fated[row] = _compare(asked, existing, work)
    return work


def _compare(asked: Asked, existing: Any, work: _Work) -> FatedRow:
    values = values_of(asked, work.register, existing)
    differing = {name: value for name, value in values.items() if value != getattr(existing, name)}
    topics = known.topic_names(asked.line.cells.get("topics", ""))
    new_topics = topics if topics and topics.keys() != work.had_topics.get(existing.id, {}).keys() else None
    if not differing and new_topics is None:
        return FatedRow(asked.line.row, Fate.UNCHANGED, " ".join(asked.notes))
    work.changes.append(_Change(asked, existing, differing, new_topics))
    names = [MORE_LABELS[name] for name in (*differing, *(["topics"] if new_topics is not None else []))]
    return FatedRow(asked.line.row, Fate.UPDATED, " ".join([f"Changed: {', '.join(names)}.", *asked.notes]))


# --- Writing ----------------------------------------------------------------------------------------------


def _write(work: _Work, actor: Somebody | None) -> None:
    topics: dict[int, dict[str, str]] = _add(work, actor)
    _update(work, actor)
    topics.update({change.existing.id: change.topics for change in work.changes if change.topics is not None})
    for chunk in known.chunks(change.existing.id for change in work.changes if change.topics is not None):
        db.session.execute(sa.delete(account_topic).where(account_topic.c.account_id.in_(chunk)))
    ids = known.topic_ids({key: name for named in topics.values() for key, name in named.items()})
    if links := [{"account_id": one, "topic_id": ids[key]} for one, named in topics.items() for key in named]:
        db.session.execute(sa.insert(account_topic), links)
    audit.append([event for change in work.changes for event in _events(change, work, actor)])
    if work.new or any({"owner_id", "deputy_id", "state"} & change.values.keys() for change in work.changes):
        ask_to_sign(None)


def _add(work: _Work, actor: Somebody | None) -> dict[int, dict[str, str]]:
    """Insert the new accounts with their aliases; returns their topics by their ids."""
    if not work.new:
        return {}
    topics = [known.topic_names(asked.line.cells.get("topics", "")) for asked, _ in work.new]
    rows = [
        _new_row(asked, values, names.values(), work.register, actor)
        for (asked, values), names in zip(work.new, topics, strict=True)
    ]
    # Asked for in the order of the rows, SQLite would give the ids only one by one; the identity tells them apart.
    identity = (Account.platform, Account.kind, Account.key)
    made = db.session.execute(sa.insert(Account).returning(Account.id, *identity), rows)
    numbers = {(row.platform, row.kind, row.key): row.id for row in made}
    ids = [numbers[row["platform"], row["kind"], row["key"]] for row in rows]
    _ask_owners([one for one, row in zip(ids, rows, strict=True) if row["standing"] in OWN_NAME], actor)
    aliases = {
        asked.typed: account_id
        for (asked, _), account_id in zip(work.new, ids, strict=True)
        if asked.typed not in ("", asked.resolved.url)
    }
    for chunk in known.chunks(list(aliases)):
        for taken in db.session.scalars(sa.select(Alias.url).where(Alias.url.in_(chunk))):
            del aliases[taken]
    if aliases:
        seen_at = now()
        links = [{"account_id": one, "url": url, "seen_at": seen_at} for url, one in aliases.items()]
        db.session.execute(sa.insert(Alias), links)
    return dict(zip(ids, topics, strict=True))


def _ask_owners(ids: Iterable[int], actor: Somebody | None) -> None:
    """Ask whom the new accounts in somebody's own name belong to whether they may be listed."""
    for chunk in known.chunks(ids):
        theirs = sa.select(Account).where(Account.id.in_(chunk)).options(joinedload(Account.owner))
        for account in db.session.scalars(theirs.order_by(Account.id)):
            if account.owner is not None:
                ask(account=account, person=account.owner, actor=actor)


def _new_row(
    asked: Asked, values: dict[str, Any], topics: Iterable[str], register: Register, actor: Somebody | None
) -> dict[str, Any]:
    one, moment = asked.resolved, now()
    guess = title_from(one.handle)[:120] or one.handle[:120]
    row = {
        "platform": one.platform, "kind": one.kind, "key": one.key, "url": one.url, "handle": one.handle,
        "platform_id": one.platform_id, "title": guess, "purpose": "", "standing": Standing.OFFICIAL, "language": "en",
        "team_id": None, "owner_id": None, "deputy_id": None, "review_on": None, "proposed_at": moment,
        "proposed_by_id": actor.id if actor else None, "sent_back_reason": "", "approved_at": None,
        "approved_by_id": None, "closed_at": None, **values,
    }  # fmt: skip
    if row["standing"] in OWN_NAME:  # Until its owner agrees it is a question to them, whatever the file says.
        row.update(state=State.PROPOSED, deputy_id=None)
    row.update(_dates(row["state"], row, actor))
    row["search_text"] = search_text(Account(**row), team=register.teams.paths.get(row["team_id"], ""), topics=topics)
    return row


def _dates(state: State, row: Mapping[str, Any], actor: Somebody | None) -> dict[str, Any]:
    """The dates that come with a new ``state``: approved once it is past proposed, a review where it is live."""
    dates: dict[str, Any] = {"closed_at": now() if state is State.CLOSED else None}
    if state is not State.PROPOSED and row["approved_at"] is None:
        dates.update(approved_at=now(), approved_by_id=actor.id if actor else None)
    if state is State.LIVE and row["review_on"] is None:
        dates["review_on"] = today() + timedelta(days=REVIEW_AFTER[row["standing"]])
    return dates


def _update(work: _Work, actor: Somebody | None) -> None:
    """Bring the registered accounts up to date."""
    rows = []
    for change in work.changes:
        after: dict[str, Any] = {**change.existing._mapping, **change.values}
        row = {"id": change.existing.id, **change.values}
        if "state" in change.values:
            row.update(_dates(after["state"], after, actor))
        if change.existing.state is State.PROPOSED:
            row["sent_back_reason"] = ""  # A proposal that was sent back and mended waits for comms again.
        topics = change.topics if change.topics is not None else work.had_topics.get(change.existing.id, {})
        team = after["team_path"] if "team_id" not in change.values else work.register.teams.paths[after["team_id"]]
        columns = {name: after[name] for name in SEARCHED}
        row["search_text"] = search_text(Account(**columns), team=team or "", topics=topics.values())
        rows.append(row)
    if rows:
        db.session.execute(sa.update(Account), rows)


def _events(change: _Change, work: _Work, actor: Somebody | None) -> list[audit.Event]:
    """A line of the account's history for each field that changed."""
    told = [
        (name, _in_words(name, getattr(change.existing, name), change, work), _in_words(name, value, change, work))
        for name, value in change.values.items()
    ]
    if change.topics is not None:
        before = ", ".join(work.had_topics.get(change.existing.id, {}).values())
        told.append(("topics", before or "nothing", ", ".join(change.topics.values())))
    title = change.values.get("title", change.existing.title)
    return [
        audit.event(
            CHANGED, actor=actor, subject_kind="account", subject_id=change.existing.id, subject_name=title,
            what=MORE_LABELS[name], before=before, after=after,
        )
        for name, before, after in told
    ]  # fmt: skip


def _in_words(name: str, value: Any, change: _Change, work: _Work) -> str:
    if name in ("owner_id", "deputy_id"):
        role = name.removesuffix("_id")
        if value is None or value == getattr(change.existing, name):
            return getattr(change.existing, f"{role}_name") or "nobody" if value else "nobody"
        return str(work.register.people.by_id[value].name)
    if name == "team_id":
        if value == change.existing.team_id:
            return change.existing.team_name or "nothing"
        return work.register.teams.paths[value].rpartition(BETWEEN)[2] if value else "nothing"
    return str(value.value if isinstance(value, enum.Enum) else value or "nothing")
