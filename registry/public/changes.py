"""What has changed in what anybody may see, as far as anybody may know: for the feed.

Whoever follows it learns that an account does not speak for us any more, though not why: the list and the check do not
say either. Told of each account is only what it is called today, as what it was called before may be from a time when
nobody outside was to know of it. Nothing is told of what is not for everyone now, nor when what is in somebody's own
name goes: that is theirs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

import sqlalchemy as sa

from registry.accounts.actions import CHANGED, LABELS, ORPHANED
from registry.accounts.answering.actions import CUSTODY, LOST, RECOVERED
from registry.accounts.answering.hand_overs import HANDED_OVER, TAKEN_OVER
from registry.accounts.answering.models import Closing, NameFate
from registry.accounts.models import NO_ADDRESS, OWN_NAME, Account, State, Visibility
from registry.accounts.naming.actions import HANDLE_TAKEN, RENAMED
from registry.accounts.naming.consent import CONSENTED, SEEN_BY, SHOWN_TO
from registry.accounts.queries import public_accounts
from registry.accounts.reviewing.actions import SLEPT, WOKEN
from registry.audit import Event
from registry.db import db, now

#: How many changes the feed tells of, from how far back, and how many events it looks at for them.
MOST_CHANGES: Final = 60
BACK_TO: Final = timedelta(days=365)
MOST_EVENTS: Final = 5_000
#: Events after which an account is not on the list, where it was; and after which it may be again.
OFF: Final = frozenset((SLEPT, ORPHANED, CUSTODY, LOST))
ON_AGAIN: Final = frozenset((WOKEN, RECOVERED, HANDED_OVER, TAKEN_OVER))


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to an account, as anybody may know it."""

    #: What happened: ``live``, ``renamed``, ``off`` or ``closed``; and a number that makes it one, where it may happen
    #: again.
    what: str
    number: int
    at: datetime
    account_id: int
    platform: str
    handle: str
    title: str
    url: str
    #: Of what was closed: whether its name was kept or released; empty where nobody has said.
    fate: str = ""


def changes() -> list[Change]:
    """What has changed in what anybody may see, the newest first."""
    live = {one.account_id: one for one in _approved()}
    told = _closed()
    for steps in _by_account():
        told += _renamed(steps)
        if (moved := _moved(steps)) is not None:
            told.append(moved)
            live.pop(moved.account_id, None)  # It came onto the list at another time than it was approved.
    told += live.values()
    return sorted(told, key=lambda one: (one.at, one.account_id, one.what, one.number), reverse=True)[:MOST_CHANGES]


_TOLD: Final = (Account.id, Account.platform, Account.handle, Account.title, Account.url)
_SINCE: Final = sa.func.coalesce(Account.approved_at, Account.proposed_at, type_=Account.approved_at.type)


def _change(what: str, row: Any, number: int = 0, fate: str = "") -> Change:
    return Change(what, number, row.at, row.id, row.platform, row.handle, row.title, row.url, fate)


def _approved() -> list[Change]:
    at = _SINCE.label("at")
    rows = sa.select(*_TOLD, at).where(public_accounts()).order_by(at.desc(), Account.id.desc()).limit(MOST_CHANGES)
    return [_change("live", row) for row in db.session.execute(rows)]


# --- Accounts that were closed ----------------------------------------------------------------------------


def _fate() -> sa.ColumnElement[Any]:
    """What became of the name of a closed account: kept, released, or nobody has said."""
    taken = Account.key.startswith(NO_ADDRESS)
    return sa.case((taken, NameFate.RELEASED.value), else_=sa.func.coalesce(sa.cast(Closing.name, sa.Text), ""))


def _closed() -> list[Change]:
    """Accounts that anybody could see until they were closed; never one that was not live before, as files bring in."""
    rows = (
        sa.select(*_TOLD, Account.closed_at.label("at"), _fate().label("fate"))
        .outerjoin(Closing, Closing.account_id == Account.id)
        .where(
            Account.state == State.CLOSED, Account.visibility == Visibility.EVERYONE, Account.closed_at.is_not(None),
            Account.approved_at < Account.closed_at, Account.merged_into_id.is_(None),
            Account.standing.not_in(OWN_NAME),
        )
        .order_by(Account.closed_at.desc(), Account.id.desc())
        .limit(MOST_CHANGES)
    )  # fmt: skip
    return [_change("closed", row, fate=row.fate) for row in db.session.execute(rows)]


# --- What the history tells of the others -----------------------------------------------------------------


def _by_account() -> Iterator[list[Any]]:
    """What has happened since it was approved to each account that is for everyone, in that order, by account."""
    what, after, handle = (Event.fields[name].as_string() for name in ("what", "after", "handle"))
    changed = sa.and_(Event.name == CHANGED, what.in_((LABELS["title"], LABELS["state"])))
    named = Event.name.in_((*OFF, *ON_AGAIN, HANDLE_TAKEN, RENAMED, SHOWN_TO, CONSENTED))
    rows = (
        sa.select(
            *_TOLD, Account.standing, Account.approved_at, public_accounts().label("shown"), Event.at,
            Event.id.label("number"), Event.name.label("event"), what.label("what"), after.label("after"),
            handle.label("taken"),
        )
        .join(Event, sa.and_(Event.subject_kind == "account", Event.subject_id == Account.id))
        .where(
            sa.or_(changed, named), Event.at > now() - BACK_TO, Event.at > _SINCE,
            Account.visibility == Visibility.EVERYONE, Account.merged_into_id.is_(None),
            Account.state.not_in((State.PROPOSED, State.CLOSED)),
        )
        .order_by(Event.id.desc())
        .limit(MOST_EVENTS)
    )  # fmt: skip
    newest = db.session.execute(rows).all()
    for _, steps in groupby(sorted(newest, key=attrgetter("id", "number")), attrgetter("id")):
        yield list(steps)


def _renamed(steps: Iterable[Any]) -> list[Change]:
    """The other names that an account on the list was given."""
    titled = (CHANGED, LABELS["title"])
    return [
        _change("renamed", one, one.number)
        for one in steps
        if one.shown and (one.event == RENAMED or (one.event, one.what) == titled)
    ]


def _moved(steps: Iterable[Any]) -> Change | None:
    """When an account came onto the list otherwise than by being approved, or when it went off it."""
    came = went = last = None
    for one in steps:
        last = one
        if _is_off(one):
            went = went or one
        elif _is_on(one) or (went is not None and one.event in ON_AGAIN):
            came, went = one, None
        elif one.event == RENAMED:  # It has a name again, and that is told already.
            went = None
    if last is not None and last.shown:
        return _change("live", came, came.number) if came is not None else None
    gone = went or came  # What is back may be back in a state in which it is not on the list.
    tells = gone is not None and gone.standing not in OWN_NAME and gone.approved_at is not None
    return _change("off", gone, gone.number) if gone is not None and tells else None


def _is_off(one: Any) -> bool:
    if one.event == HANDLE_TAKEN:  # Of a name of before it says nothing about the account of today.
        return bool(one.taken == one.handle)
    return one.event in OFF or (_says_state(one) and one.after != State.LIVE) or _says_readers(one, shown=False)


def _is_on(one: Any) -> bool:
    return one.event == CONSENTED or (_says_state(one) and one.after == State.LIVE) or _says_readers(one, shown=True)


def _says_state(one: Any) -> bool:
    return bool((one.event, one.what) == (CHANGED, LABELS["state"]))


def _says_readers(one: Any, *, shown: bool) -> bool:
    return one.event == SHOWN_TO and (one.after == SEEN_BY[Visibility.EVERYONE]) is shown
