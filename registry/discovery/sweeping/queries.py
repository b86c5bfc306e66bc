"""Reads of sweeps: what a sweep found that nobody registered, what is closed, and what no page links to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from registry.accounts.models import Account, State
from registry.accounts.platforms import PLATFORMS, Resolved
from registry.accounts.rules.addresses import is_within
from registry.db import db
from registry.discovery.sweeping.judging import host_of
from registry.discovery.sweeping.models import IgnoredLink, Sweep, SweepLink, SweepState

#: Platforms that are no more: a link to them leads nowhere.
_CLOSED_PLATFORMS: Final = tuple(slug for slug, platform in PLATFORMS.items() if platform.closed)
#: Which links of a sweep to show, by the word in the address.
PARTS: Final = ("unregistered", "new", "closed", "all", "unlinked")
COLUMNS: Final = ("platform", "handle", "url", "registered", "state", "new", "page", "text", "context")


@dataclass(frozen=True, slots=True)
class Ignoring:
    """What nobody need hear of."""

    accounts: frozenset[tuple[str, str, str]]
    hosts: tuple[str, ...]

    def has(self, account: Resolved) -> bool:
        """Whether links to an account are left out."""
        if (account.platform, account.kind, account.key) in self.accounts:
            return True
        return any(is_within(host_of(account.url).removeprefix("www."), host) for host in self.hosts)


def ignoring() -> Ignoring:
    """All that is left out, as the worker asks for it."""
    rows = db.session.scalars(sa.select(IgnoredLink).order_by(IgnoredLink.id)).all()
    accounts = frozenset((one.platform, one.kind, one.key) for one in rows if not one.host)
    return Ignoring(accounts, tuple(one.host for one in rows if one.host))


def ignored() -> Sequence[IgnoredLink]:
    """What is left out, the last said first, with who said so."""
    every = sa.select(IgnoredLink).options(joinedload(IgnoredLink.by))
    return db.session.scalars(every.order_by(IgnoredLink.at.desc(), IgnoredLink.id.desc())).all()


def ignored_link(ignored_id: int) -> IgnoredLink | None:
    """One of those."""
    return db.session.get(IgnoredLink, ignored_id)


def identities(sweep_id: int) -> set[tuple[str, str, str]]:
    """The accounts that a sweep found."""
    found = sa.select(SweepLink.platform, SweepLink.kind, SweepLink.key).where(SweepLink.sweep_id == sweep_id)
    return {(row.platform, row.kind, row.key) for row in db.session.execute(found.distinct())}


@dataclass(frozen=True, slots=True)
class Told:
    """A sweep with what it found."""

    sweep: Sweep
    unregistered: int
    new: int


def sweeps(*, limit: int, offset: int) -> list[Told]:
    """A page of all sweeps, the newest first."""

    def number(*conditions: Any) -> Any:
        found = sa.select(SweepLink.platform, SweepLink.kind, SweepLink.key).distinct()
        some = found.where(SweepLink.sweep_id == Sweep.id, *conditions).correlate(Sweep).subquery()
        return sa.select(sa.func.count()).select_from(some).scalar_subquery()

    rows = (
        sa.select(Sweep, number(_unregistered()), number(SweepLink.is_new))
        .options(joinedload(Sweep.asked_by))
        .order_by(Sweep.id.desc())
    )
    return [Told(*row) for row in db.session.execute(rows.limit(limit).offset(offset)).all()]


def count_sweeps() -> int:
    """How many there are."""
    return db.session.scalar(sa.select(sa.func.count(Sweep.id))) or 0


def sweep(sweep_id: int) -> Sweep | None:
    """One sweep with who asked for it."""
    return db.session.scalar(sa.select(Sweep).where(Sweep.id == sweep_id).options(joinedload(Sweep.asked_by)))


def last_done() -> Sweep | None:
    """The sweep that was done last."""
    done = sa.select(Sweep).where(Sweep.state == SweepState.DONE)
    return db.session.scalar(done.order_by(Sweep.id.desc()).limit(1))


def _unregistered() -> sa.ColumnElement[bool]:
    """Not registered when it was found, nor since."""
    since = aliased(Account)
    same = sa.exists().where(
        since.platform == SweepLink.platform, since.kind == SweepLink.kind, since.key == SweepLink.key
    )
    return sa.and_(SweepLink.account_id.is_(None), ~same)


def _is_part(part: str) -> list[sa.ColumnElement[bool]]:
    if part == "unregistered":
        return [_unregistered()]
    if part == "new":
        return [SweepLink.is_new.is_(True)]
    if part == "closed":
        return [sa.or_(Account.state == State.CLOSED, SweepLink.platform.in_(_CLOSED_PLATFORMS))]
    return []


def _links(sweep_id: int, part: str) -> sa.Select[SweepLink]:
    joined = sa.select(SweepLink).outerjoin(Account, Account.id == SweepLink.account_id)
    return joined.where(SweepLink.sweep_id == sweep_id, *_is_part(part))


def links(sweep_id: int, part: str, *, limit: int | None = None, offset: int = 0) -> Sequence[SweepLink]:
    """The links of a part of a sweep, those to one account together."""
    some = _links(sweep_id, part).options(joinedload(SweepLink.account))
    in_order = some.order_by(SweepLink.platform, SweepLink.kind, SweepLink.key, SweepLink.id)
    return db.session.scalars(in_order.limit(limit).offset(offset)).all()


def _unlinked(sweep_id: int) -> sa.Select[Account]:
    """Accounts in use that no page of a sweep links to."""
    linked = sa.select(SweepLink.account_id).where(SweepLink.sweep_id == sweep_id, SweepLink.account_id.is_not(None))
    return sa.select(Account).where(Account.state == State.LIVE, Account.id.not_in(linked))


def unlinked(sweep_id: int, *, limit: int | None = None, offset: int = 0) -> Sequence[Account]:
    """The same, by name."""
    return db.session.scalars(_unlinked(sweep_id).order_by(Account.title, Account.id).limit(limit).offset(offset)).all()


def counts(sweep_id: int) -> dict[str, int]:
    """How many links there are of each part, and accounts that nothing links to; one question."""
    numbers = [
        sa.select(sa.func.count()).select_from(_some.subquery()).scalar_subquery()
        for _some in (*(_links(sweep_id, part) for part in PARTS[:-1]), _unlinked(sweep_id))
    ]
    return dict(zip(PARTS, db.session.execute(sa.select(*numbers)).one(), strict=True))


def rows(links: Iterable[SweepLink]) -> Iterable[tuple[Any, ...]]:
    """Links as a file has them; see ``COLUMNS``."""
    for one in links:
        state = one.account.state.value if one.account else ""
        registered = one.account.title if one.account else ""
        yield one.platform, one.handle, one.url, registered, state, one.is_new, one.page, one.text, one.context
