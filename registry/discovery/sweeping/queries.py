"""Reads of sweeps: what a sweep found that nobody registered, what is closed, and what no page links to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from registry.accounts.models import Account, State, Visibility
from registry.accounts.platforms import PLATFORMS, Resolved
from registry.accounts.queries import Sight
from registry.accounts.rules.addresses import is_within
from registry.db import db
from registry.discovery.models import Sighting, SightingState
from registry.discovery.sweeping.judging import host_of
from registry.discovery.sweeping.models import IgnoredLink, Sweep, SweepLink, SweepState

#: Platforms that are no more: a link to them leads nowhere.
_CLOSED_PLATFORMS: Final = tuple(slug for slug, platform in PLATFORMS.items() if platform.closed)
#: Which links of a sweep to show, by the word in the address.
PARTS: Final = ("unregistered", "new", "closed", "hints", "all", "unlinked")
COLUMNS: Final = ("platform", "handle", "url", "registered", "state", "sighting", "new", "page", "text", "context")
#: What is nothing to register any more, though no account says so.
_SETTLED: Final = (SightingState.NOT_OURS, SightingState.CLOSED, SightingState.REGISTERED)


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
    found = sa.select(*_IDENTITY).where(SweepLink.sweep_id == sweep_id, SweepLink.is_hint.is_(False))
    return {(row.platform, row.kind, row.key) for row in db.session.execute(found.distinct())}


@dataclass(frozen=True, slots=True)
class Told:
    """A sweep with what it found."""

    sweep: Sweep
    unregistered: int
    new: int


def sweeps(*, limit: int, offset: int) -> list[Told]:
    """A page of all sweeps, the newest first."""

    def number(part: str) -> Any:
        some = _links(*_IDENTITY).where(SweepLink.sweep_id == Sweep.id, *_is_part(part)).distinct().correlate(Sweep)
        return sa.select(sa.func.count()).select_from(some.subquery()).scalar_subquery()

    rows = (
        sa.select(Sweep, number("unregistered"), number("new"))
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


_IDENTITY: Final = (SweepLink.platform, SweepLink.kind, SweepLink.key)
_HINTED: Final = aliased(SweepLink)


def _unregistered() -> sa.ColumnElement[bool]:
    """Not registered when it was found, nor since."""
    since = aliased(Account)
    same = sa.exists().where(
        since.platform == SweepLink.platform, since.kind == SweepLink.kind, since.key == SweepLink.key
    )
    return sa.and_(SweepLink.account_id.is_(None), ~same)


def _is_part(part: str) -> list[sa.ColumnElement[bool]]:
    if part == "hints":
        # What is linked to anyhow, or was seen before, needs no second look.
        linked = sa.exists().where(
            _HINTED.sweep_id == SweepLink.sweep_id, _HINTED.is_hint.is_(False), _HINTED.platform == SweepLink.platform,
            _HINTED.kind == SweepLink.kind, _HINTED.key == SweepLink.key,
        )  # fmt: skip
        return [SweepLink.is_hint.is_(True), _unregistered(), Sighting.id.is_(None), ~linked]
    conditions: list[sa.ColumnElement[bool]] = [SweepLink.is_hint.is_(False)]
    if part == "unregistered":
        settled = sa.and_(Sighting.id.is_not(None), Sighting.state.in_(_SETTLED))
        conditions += [_unregistered(), ~settled]
    if part == "new":
        conditions.append(SweepLink.is_new.is_(True))
    if part == "closed":
        gone = Account.state == State.CLOSED, Sighting.state == SightingState.CLOSED
        conditions.append(sa.or_(*gone, SweepLink.platform.in_(_CLOSED_PLATFORMS)))
    return conditions


def _links(*columns: Any) -> sa.Select[Any]:
    """Links, each with its account and its sighting, where there are such."""
    seen = sa.and_(
        Sighting.platform == SweepLink.platform, Sighting.kind == SweepLink.kind, Sighting.key == SweepLink.key
    )
    found = sa.select(*columns).select_from(SweepLink).outerjoin(Account, Account.id == SweepLink.account_id)
    return found.outerjoin(Sighting, seen)


@dataclass(frozen=True, slots=True)
class Linked:
    """A link of a page: what it leads to, how many pages have it, and the sighting where it was seen."""

    link: SweepLink
    sighting: Sighting | None
    pages: int = 1

    @property
    def shown(self) -> Account | None:
        """The account, unless it was taken out by whom it belongs to."""
        account = self.link.account
        return account if account and account.visibility != Visibility.NOBODY else None


def links(sweep_id: int, part: str) -> list[Linked]:
    """The links of a part of a sweep, those to one account together."""
    some = _links(SweepLink, Sighting).where(SweepLink.sweep_id == sweep_id, *_is_part(part))
    in_order = some.options(joinedload(SweepLink.account)).order_by(*_IDENTITY, SweepLink.id)
    return [Linked(*row) for row in db.session.execute(in_order)]


def _accounts(sweep_id: int, part: str) -> sa.Select[Any]:
    """The accounts of a part of a sweep: the first link to each, and how many pages have one."""
    first = sa.func.min(SweepLink.id).label("first"), sa.func.count().label("pages")
    return _links(*first).where(SweepLink.sweep_id == sweep_id, *_is_part(part)).group_by(*_IDENTITY)


def accounts(sweep_id: int, part: str, *, limit: int, offset: int) -> list[Linked]:
    """The accounts of a part of a sweep, a row each: a footer has the same ones on every page."""
    each = _accounts(sweep_id, part).subquery()
    some = _links(SweepLink, Sighting, each.c.pages).join(each, each.c.first == SweepLink.id)
    in_order = some.options(joinedload(SweepLink.account)).order_by(*_IDENTITY)
    return [Linked(*row) for row in db.session.execute(in_order.limit(limit).offset(offset))]


def _unlinked(sweep_id: int) -> sa.Select[Account]:
    """Accounts in use that no page of a sweep links to."""
    linked = sa.select(SweepLink.account_id).where(SweepLink.sweep_id == sweep_id, SweepLink.account_id.is_not(None))
    seen = Sight(comms=True).condition
    return sa.select(Account).where(Account.state == State.LIVE, seen, Account.id.not_in(linked))


def unlinked(sweep_id: int, *, limit: int | None = None, offset: int = 0) -> Sequence[Account]:
    """The same, by name."""
    return db.session.scalars(_unlinked(sweep_id).order_by(Account.title, Account.id).limit(limit).offset(offset)).all()


def counts(sweep_id: int) -> dict[str, int]:
    """How many accounts there are of each part, and how many that nothing links to; one question."""
    numbers = [
        sa.select(sa.func.count()).select_from(_some.subquery()).scalar_subquery()
        for _some in (*(_accounts(sweep_id, part) for part in PARTS[:-1]), _unlinked(sweep_id))
    ]
    return dict(zip(PARTS, db.session.execute(sa.select(*numbers)).one(), strict=True))


def rows(links: Iterable[Linked]) -> Iterable[tuple[Any, ...]]:
    """Links as a file has them; see ``COLUMNS``."""
    for row in links:
        one, account, sighting = row.link, row.shown, row.sighting
        yield (
            one.platform, one.handle, one.url, account.title if account else "known" if one.account_id else "",
            account.state.value if account else "", sighting.state.value if sighting else "", one.is_new, one.page,
            one.text, one.context,
        )  # fmt: skip
