"""Writing down what was judged, in bulk: accounts, their topics and addresses, their history, the fate of each row."""

import enum
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry import audit
from registry.accounts.actions import CHANGED, next_review, search_text_of
from registry.accounts.importing import answering, known
from registry.accounts.importing.judging import MORE_LABELS, Change, FatedRow, Work, differences
from registry.accounts.importing.models import ImportedAccount, ImportLine
from registry.accounts.importing.rows import Asked, Register
from registry.accounts.models import OWN_NAME, Account, Alias, Standing, State, account_topic
from registry.accounts.naming.asking import ask
from registry.accounts.wording import title_from
from registry.audit import Somebody
from registry.db import db, now

#: Columns that are found by what they hold, and made again from the others.
DERIVED: Final = ("id", "search_text")


def write(work: Work, *, run_id: int, actor: Somebody | None) -> None:
    """Write some judged rows of the import ``run_id``, in the caller's transaction."""
    topics = _add(work, run_id, actor)
    _update(work, actor)
    answering.follow(work.changes, actor=actor)
    topics.update({change.existing.id: change.topics for change in work.changes if change.topics is not None})
    set_topics(topics, fresh={fated.account_id for _, fated, _ in work.new})
    audit.append([event for change in work.changes for event in _events(change, work, actor)])
    keep_lines(work.rows, run_id)


def keep_lines(rows: Iterable[FatedRow], run_id: int) -> None:
    """Note the fate of some rows."""
    lines = [
        {
            "import_id": run_id, "row": row.row, "fate": row.fate, "reason": row.reason, "noted": row.noted,
            "named": row.named, "account_id": row.account_id, "cells": row.cells, "before": row.before,
            "after": row.after, "undone": None, "undone_reason": "",
        }
        for row in rows
    ]  # fmt: skip
    if lines:
        db.session.execute(sa.insert(ImportLine), lines)


def set_topics(topics: Mapping[int, Mapping[str, str]], *, fresh: Iterable[int | None] = ()) -> None:
    """Give accounts their topics (names by keys, by the id of the account); ``fresh`` ones have none yet."""
    new = set(fresh)
    for chunk in known.chunks(one for one in topics if one not in new):
        db.session.execute(sa.delete(account_topic).where(account_topic.c.account_id.in_(chunk)))
    ids = known.topic_ids({key: name for named in topics.values() for key, name in named.items()})
    if links := [{"account_id": one, "topic_id": ids[key]} for one, named in topics.items() for key in named]:
        db.session.execute(sa.insert(account_topic), links)


def plain(value: Any) -> Any:
    """A value of a column as JSON keeps it."""
    if isinstance(value, enum.Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def _add(work: Work, run_id: int, actor: Somebody | None) -> dict[int, dict[str, str]]:
    """Insert the new accounts with their aliases; returns their topics by their ids."""
    if not work.new:
        return {}
    topics = [known.topics_in(asked.line.cells.get("topics", "")) for asked, _, _ in work.new]
    rows = [
        _new_row(asked, values, names.values(), work.register, actor)
        for (asked, _, values), names in zip(work.new, topics, strict=True)
    ]
    # Asked for in the order of the rows, SQLite would give the ids only one by one; the identity tells them apart.
    identity = (Account.platform, Account.kind, Account.key)
    made = db.session.execute(sa.insert(Account).returning(Account.id, *identity), rows)
    numbers = {(row.platform, row.kind, row.key): row.id for row in made}
    ids = [numbers[row["platform"], row["kind"], row["key"]] for row in rows]
    for (_, fated, _), account_id in zip(work.new, ids, strict=True):
        fated.account_id = account_id
    db.session.execute(sa.insert(ImportedAccount), [{"account_id": one, "import_id": run_id} for one in ids])
    _ask_owners([one for one, row in zip(ids, rows, strict=True) if row["standing"] in OWN_NAME], actor)
    _add_aliases({asked.typed: one for (asked, _, _), one in zip(work.new, ids, strict=True) if _is_alias(asked)})
    return dict(zip(ids, topics, strict=True))


def _ask_owners(ids: Iterable[int], actor: Somebody | None) -> None:
    """Ask whom the new accounts in somebody's own name belong to whether they may be listed."""
    for chunk in known.chunks(ids):
        theirs = sa.select(Account).where(Account.id.in_(chunk)).options(joinedload(Account.owner))
        for account in db.session.scalars(theirs.order_by(Account.id)):
            if account.owner is not None:
                ask(account=account, person=account.owner, actor=actor)


def _is_alias(asked: Asked) -> bool:
    return asked.typed not in ("", asked.resolved.url)


def _add_aliases(aliases: dict[str, int]) -> None:
    for chunk in known.chunks(list(aliases)):
        for taken in db.session.scalars(sa.select(Alias.url).where(Alias.url.in_(chunk))):
            del aliases[taken]
    if aliases:
        seen_at = now()
        links = [{"account_id": one, "url": url, "seen_at": seen_at} for url, one in aliases.items()]
        db.session.execute(sa.insert(Alias), links)


def _new_row(
    asked: Asked, values: dict[str, Any], topics: Iterable[str], register: Register, actor: Somebody | None
) -> dict[str, Any]:
    one, moment = asked.resolved, now()
    guess = title_from(one.handle)[:120] or one.handle[:120]
    row = {
        "platform": one.platform, "kind": one.kind, "key": one.key, "url": one.url, "handle": one.handle,
        "platform_id": one.platform_id, "title": guess, "purpose": "", "standing": Standing.OFFICIAL, "language": "en",
        "place": "", "mailbox": "", "team_id": None, "owner_id": None, "deputy_id": None, "review_on": None,
        "proposed_at": moment, "proposed_by_id": actor.id if actor else None, "sent_back_reason": "",
        "approved_at": None, "approved_by_id": None, "closed_at": None, "consented_at": None, **values,
    }  # fmt: skip
    if row["standing"] in OWN_NAME:  # Until its owner agrees it is a question to them, whatever the file says.
        row.update(state=State.PROPOSED, deputy_id=None)
    row.update(_dates(row["state"], row, actor))
    row["search_text"] = search_text_of(row, team=register.teams.paths.get(row["team_id"], ""), topics=topics)
    return row


def _dates(state: State, row: Mapping[str, Any], actor: Somebody | None) -> dict[str, Any]:
    """The dates that come with a new ``state``: approved once it is past proposed, a review where it is live."""
    at = now()  # One moment: what comes in closed was never live before it was.
    dates: dict[str, Any] = {"closed_at": at if state is State.CLOSED else None}
    if state is not State.PROPOSED and row["approved_at"] is None:
        dates.update(approved_at=at, approved_by_id=actor.id if actor else None)
    if state is State.LIVE and row["review_on"] is None:
        dates["review_on"] = next_review(row["standing"])
    return dates


def _update(work: Work, actor: Somebody | None) -> None:
    """Bring the registered accounts up to date."""
    rows = []
    for change in work.changes:
        after: dict[str, Any] = {**change.existing._mapping, **change.values}
        row = {"id": change.existing.id, **change.values}
        if "state" in change.values:
            row.update(_dates(after["state"], after, actor))
        if "owner_id" in change.values:
            row["owner_moved_at"] = None
        if change.existing.state is State.PROPOSED:
            row["sent_back_reason"] = ""  # A proposal that was sent back and mended waits for comms again.
        topics = change.topics if change.topics is not None else work.had_topics.get(change.existing.id, {})
        team = after["team_path"] if "team_id" not in change.values else work.register.teams.paths[after["team_id"]]
        row["search_text"] = search_text_of(after, team=team or "", topics=topics.values())
        _remember(change, row, work)
        rows.append(row)
    if rows:
        db.session.execute(sa.update(Account), rows)


def _remember(change: Change, row: Mapping[str, Any], work: Work) -> None:
    """Keep with the row of the file what its account held before and after, so that it can be undone."""
    fated, columns = change.fated, [name for name in row if name not in DERIVED]
    fated.before = {name: plain(getattr(change.existing, name)) for name in columns}
    fated.after = {name: plain(row[name]) for name in columns}
    if change.topics is not None:
        fated.before["topics"] = work.had_topics.get(change.existing.id, {})
        fated.after["topics"] = change.topics


def _events(change: Change, work: Work, actor: Somebody | None) -> list[audit.Event]:
    """A line of the account's history for each field that changed."""
    title = change.values.get("title", change.existing.title)
    return [
        audit.event(
            CHANGED, actor=actor, subject_kind="account", subject_id=change.existing.id, subject_name=title,
            what=MORE_LABELS[name], before=before, after=after,
        )
        for name, before, after in differences(change, work)
    ]  # fmt: skip
