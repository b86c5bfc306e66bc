"""Everything about who answers that comms look after, an account a row: what waits, and what may go wrong one day."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from registry import audit
from registry.accounts.answering.models import (
    AccessFacts,
    Custody,
    HandOver,
    Kept,
    OfferState,
    Recovery,
    TwoStep,
    Withdrawal,
)
from registry.accounts.models import OPEN, Account, Standing, State
from registry.accounts.queries import Sight, runs_alone
from registry.db import db
from registry.people.models import Person, PersonState, Team


class Matter(enum.StrEnum):
    """Something about who answers for an account, in the order in which it presses."""

    ORPHANED = "orphaned"
    LOST = "lost"
    AWAY = "owner-away"
    WITHDRAW = "withdraw"
    HAND_OVER = "hand-over"
    CUSTODY = "custody"
    ALONE = "alone"
    KEY_WITH_OWNER = "owner-only"
    MAILBOX = "recovery"
    TWO_STEP = "two-step"
    UNTOLD = "untold"


LABELS: Final = {
    Matter.ORPHANED: "Nobody answers",
    Matter.LOST: "Lost",
    Matter.AWAY: "Owner cannot sign in",
    Matter.WITHDRAW: "Access to withdraw",
    Matter.HAND_OVER: "Hand-over waits",
    Matter.CUSTODY: "In custody",
    Matter.ALONE: "One person alone",
    Matter.KEY_WITH_OWNER: "Keys with owner only",
    Matter.MAILBOX: "Own recovery mailbox",
    Matter.TWO_STEP: "No 2-step verification",
    Matter.UNTOLD: "Access not described",
}
#: The tone of each matter's tag: red presses, amber waits, grey is a gap.
TONES: Final = {
    Matter.ORPHANED: "red", Matter.LOST: "red", Matter.AWAY: "amber", Matter.WITHDRAW: "red",
    Matter.HAND_OVER: "amber", Matter.CUSTODY: "purple",
}  # fmt: skip
#: What is listed where nothing is chosen: all but what holds of nearly every account at first.
USUAL: Final = tuple(matter for matter in Matter if matter is not Matter.UNTOLD)

#: Choices that a facet offers, the largest first.
MOST: Final = 40

Owner = aliased(Person, name="owner")
Deputy = aliased(Person, name="deputy")
Taker = aliased(Person, name="taker")
Keeper = aliased(Person, name="keeper")

_OPEN: Final = Account.state.in_(OPEN)
_IN_USE: Final = sa.and_(Account.state.not_in((State.CLOSED, State.PROPOSED)), Account.standing != Standing.PERSONAL)
#: How many ways in of each account are open, where any is.
_open = (
    sa.select(Withdrawal.account_id, sa.func.count().label("number"))
    .where(Withdrawal.settled_at.is_(None))
    .group_by(Withdrawal.account_id)
    .subquery("open_ways")
)
#: When each matter holds; over the tables that ``_joined`` joins.
HOLDS: Final[dict[Matter, sa.ColumnElement[bool]]] = {
    Matter.ORPHANED: sa.and_(Account.state == State.ORPHANED, Custody.account_id.is_(None)),
    Matter.LOST: Account.state == State.LOST,
    # The directory has disabled them and may enable them again: they have not left, but do not answer either.
    Matter.AWAY: sa.and_(
        _IN_USE, Account.state.in_(OPEN),
        Account.owner_id.in_(sa.select(Person.id).where(Person.state == PersonState.DISABLED)),
    ),
    Matter.WITHDRAW: _open.c.account_id.is_not(None),
    Matter.HAND_OVER: HandOver.id.is_not(None),
    Matter.CUSTODY: sa.and_(Account.state == State.ORPHANED, Custody.account_id.is_not(None)),
    Matter.ALONE: runs_alone(),
    Matter.KEY_WITH_OWNER: sa.and_(_IN_USE, AccessFacts.kept == Kept.OWNER),
    Matter.MAILBOX: sa.and_(_IN_USE, AccessFacts.recovery == Recovery.PERSONAL),
    Matter.TWO_STEP: sa.and_(_IN_USE, AccessFacts.two_step == TwoStep.OFF),
    Matter.UNTOLD: sa.and_(
        _IN_USE, sa.or_(AccessFacts.account_id.is_(None), AccessFacts.kept == Kept.UNKNOWN)
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the list is narrowed to; an empty field narrows nothing."""

    matter: tuple[Matter, ...] = ()
    platform: tuple[str, ...] = ()
    team: tuple[int, ...] = ()
    #: What whoever looks sees of the accounts.
    sight: Sight = field(default_factory=Sight)

    def holding(self) -> sa.ColumnElement[bool]:
        """That one of the chosen matters holds."""
        return sa.or_(*(HOLDS[one] for one in self.matter or USUAL))

    def others(self) -> list[sa.ColumnElement[bool]]:
        """The conditions on anything else."""
        found: list[sa.ColumnElement[bool]] = [self.sight.condition]
        if self.platform:
            found.append(Account.platform.in_(self.platform))
        if self.team:
            found.append(Account.team_id.in_(self.team))
        return found


def _joined(select: Any) -> Any:
    waits = sa.and_(HandOver.account_id == Account.id, HandOver.state == OfferState.WAITING)
    return (
        select.select_from(Account)
        .outerjoin(Deputy, Deputy.id == Account.deputy_id)
        .outerjoin(Custody, Custody.account_id == Account.id)
        .outerjoin(HandOver, waits)
        .outerjoin(AccessFacts, AccessFacts.account_id == Account.id)
        .outerjoin(_open, _open.c.account_id == Account.id)
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """How many accounts there are in all, and under each choice of a facet."""

    total: int
    matter: dict[Matter, int]
    platform: dict[str, int]
    team: dict[int, int]


def counts(narrowed: Narrowed) -> Counted:
    """The counts for the list and its facets; kept until something happens.

    A facet counts what there would be if its own choice were taken away: that is what its links lead to.
    """
    return audit.remembered(("matters", narrowed), lambda: _counted(narrowed))


def _counted(narrowed: Narrowed) -> Counted:
    holds = [*HOLDS.values(), narrowed.holding()]
    sums = [sa.func.sum(sa.case((one, 1), else_=0)) for one in holds]
    # One look at each account: the few groups of platform and team are added up here.
    groups = db.session.execute(
        _joined(sa.select(Account.platform, Account.team_id, *sums))
        .where(narrowed.sight.condition)
        .group_by(Account.platform, Account.team_id)
    ).all()
    found = Counted(0, dict.fromkeys(Matter, 0), {}, {})
    total = 0
    for platform, team_id, *numbers, chosen in groups:
        passes = not narrowed.platform or platform in narrowed.platform, not narrowed.team or team_id in narrowed.team
        if all(passes):
            total += chosen
            for one, number in zip(HOLDS, numbers, strict=True):
                found.matter[one] += number
        if passes[1] and chosen:
            found.platform[platform] = found.platform.get(platform, 0) + chosen
        if passes[0] and chosen and team_id is not None:
            found.team[team_id] = found.team.get(team_id, 0) + chosen
    return Counted(total, found.matter, _largest(found.platform), _largest(found.team))


def _largest(counted: dict[Any, int]) -> dict[Any, int]:
    order = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return dict(order[:MOST])


def rows(narrowed: Narrowed, *, limit: int | None, offset: int = 0) -> Sequence[Any]:
    """The accounts of the list, what presses most first; ``limit`` ``None`` gives all of them.

    Each with a column for every matter, and what there is to tell of it.
    """
    presses = sa.case(*((HOLDS[one], place) for place, one in enumerate(Matter)), else_=len(Matter))
    order = (presses, Account.title, Account.id)
    some = (narrowed.holding(), *narrowed.others())
    shown = _joined(sa.select(Account.id, presses.label("presses"))).where(*some)
    ids = shown.order_by(*order).limit(limit).offset(offset).subquery("shown")
    found = db.session.execute(
        _joined(
            sa.select(
                Account.id, Account.platform, Account.title, Account.handle, Account.url, Account.state,
                Owner.name.label("owner"), Owner.state.label("owner_state"), Deputy.name.label("deputy"),
                Deputy.state.label("deputy_state"), Team.path.label("team"), Team.name.label("team_name"),
                Taker.name.label("taker"), HandOver.offered_at, Keeper.name.label("keeper"),
                Custody.since_at.label("custody_since"), sa.func.coalesce(_open.c.number, 0).label("to_withdraw"),
                *(HOLDS[one].label(one.name.lower()) for one in Matter),
            )
        )
        .join(ids, ids.c.id == Account.id)
        .outerjoin(Owner, Owner.id == Account.owner_id)
        .outerjoin(Team, Team.id == Account.team_id)
        .outerjoin(Taker, Taker.id == HandOver.taker_id)
        .outerjoin(Keeper, Keeper.id == Custody.taken_by_id)
        .order_by(ids.c.presses, Account.title, Account.id)
    )  # fmt: skip
    return found.all()


def matters_of(row: Any, narrowed: Narrowed) -> list[Matter]:
    """What holds of a row of ``rows``, what presses most first; what holds of nearly all only where it is asked for."""
    asked = (*USUAL, *narrowed.matter)
    return [one for one in Matter if one in asked and getattr(row, one.name.lower())]


COLUMNS: Final = (
    "title", "platform", "handle", "url", "state", "team", "owner", "deputy", "matters", "in custody of",
    "in custody since", "offered to", "offered at", "ways in to withdraw",
)  # fmt: skip


def cells(row: Any, narrowed: Narrowed) -> tuple[Any, ...]:
    """A row of ``rows`` as ``COLUMNS`` names it."""
    held = row.custody
    return (
        row.title, row.platform, row.handle, row.url, row.state.value, row.team, row.owner, row.deputy,
        "; ".join(LABELS[one] for one in matters_of(row, narrowed)), row.keeper if held else None,
        row.custody_since if held else None, row.taker, row.offered_at, row.to_withdraw,
    )  # fmt: skip
