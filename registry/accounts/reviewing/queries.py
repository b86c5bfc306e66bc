"""Which accounts wait for somebody to say that they are still right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from registry.accounts.models import Account, Standing, State
from registry.accounts.reviewing.models import ReviewMail, Stage, Watch
from registry.db import db, today
from registry.people.models import Person, Team
from registry.people.queries import IN_OFFICE, holders
from registry.roles import Role

#: How long before the day its people are told that it is near.
NOTICE: Final = timedelta(days=14)
#: Days between two mails to the same person, and between two stages of an account.
PAUSE: Final = 7

Owner = aliased(Person, name="owner")
Deputy = aliased(Person, name="deputy")


def reader(account: Account) -> Person | None:
    """Who is asked about an account: its owner, or the deputy where the owner cannot be written to."""
    return next((one for one in (account.owner, account.deputy) if one and one.state in IN_OFFICE and one.mail), None)


def comms() -> Sequence[Person]:
    """Everybody of comms who can be written to."""
    return [one for one in holders(Role.COMMS) if one.mail]


def mailed_lately(person_ids: Iterable[int]) -> set[int]:
    """Those of some people who were written to about reviews in the last days."""
    lately = sa.select(ReviewMail.person_id).where(ReviewMail.waited < PAUSE, ReviewMail.person_id.in_(person_ids))
    return set(db.session.scalars(lately))


def due(on: date) -> Sequence[tuple[Account, Watch | None]]:
    """The live accounts whose day of review is at most ``NOTICE`` after ``on``, with their people, and how far we are.

    The earliest day comes first.
    """
    same = sa.and_(Watch.account_id == Account.id, Watch.review_on == Account.review_on, Watch.stage != Stage.ASLEEP)
    rows = db.session.execute(
        sa.select(Account, Watch)
        .outerjoin(Watch, same)
        .where(Account.state == State.LIVE, Account.review_on <= on + NOTICE, ~Account.awaits_consent)
        .options(joinedload(Account.owner), joinedload(Account.deputy))
        .order_by(Account.review_on, Account.id)
    )
    return [(account, watch) for account, watch in rows]


def asleep(account_id: int) -> bool:
    """Whether the register set an account dormant, as nobody answered."""
    mine = sa.select(Watch.account_id).where(Watch.account_id == account_id, Watch.stage == Stage.ASLEEP)
    return db.session.scalar(mine) is not None


@dataclass(frozen=True, slots=True)
class Mine:
    """An account that somebody answers for and should look at."""

    account: Account
    asleep: bool


def mine(person_id: int) -> list[Mine]:
    """What somebody is asked about: accounts of theirs that are due soon or late, and those that were set dormant."""
    runs = sa.or_(Account.owner_id == person_id, Account.deputy_id == person_id)
    sleeps = sa.and_(Account.state == State.DORMANT, Watch.stage == Stage.ASLEEP)
    wanted = sa.or_(sa.and_(Account.state == State.LIVE, Account.review_on <= today() + NOTICE), sleeps)
    rows = db.session.execute(
        sa.select(Account, Watch.stage)
        .outerjoin(Watch, Watch.account_id == Account.id)
        .where(runs, wanted, ~Account.awaits_consent)
        .options(joinedload(Account.owner), joinedload(Account.deputy))
        .order_by(Account.review_on, Account.title, Account.id)
    )
    return [Mine(account, account.state is State.DORMANT) for account, _ in rows]


def sleeping(person_id: int) -> Sequence[Account]:
    """The accounts of somebody that the register set dormant, by title."""
    runs = sa.or_(Account.owner_id == person_id, Account.deputy_id == person_id)
    asleep = sa.select(Watch.account_id).where(Watch.stage == Stage.ASLEEP)
    found = sa.select(Account).where(runs, Account.state == State.DORMANT, Account.id.in_(asleep))
    return db.session.scalars(found.order_by(Account.title, Account.id)).all()


# --- The list of comms ------------------------------------------------------------------------------------

LATE, SOON, UNANSWERED, ASLEEP = "late", "soon", "unanswered", "asleep"
VIEWS: Final = (LATE, SOON, UNANSWERED, ASLEEP)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; an empty field narrows nothing."""

    view: str = LATE
    platform: str = ""
    standing: Standing | None = None
    team: int | None = None
    #: What whoever looks may see.
    seen: sa.ColumnElement[bool] = field(default_factory=sa.true, compare=False)

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The conditions of all but the view."""
        pairs = ((Account.platform, self.platform), (Account.standing, self.standing), (Account.team_id, self.team))
        return [self.seen, *(column == value for column, value in pairs if value)]


def _views() -> dict[str, sa.ColumnElement[bool]]:
    live, day = Account.state == State.LIVE, today()
    return {
        LATE: sa.and_(live, Account.review_on < day),
        SOON: sa.and_(live, Account.review_on.between(day, day + NOTICE)),
        UNANSWERED: sa.and_(live, Watch.stage == Stage.COMMS, Watch.review_on == Account.review_on),
        ASLEEP: sa.and_(Account.state == State.DORMANT, Watch.stage == Stage.ASLEEP),
    }


def counts(filters: Filters) -> dict[str, int]:
    """How many accounts there are in each view of the list."""
    number = [sa.func.count().filter(condition).label(view) for view, condition in _views().items()]
    row = db.session.execute(
        sa.select(*number)
        .select_from(Account)
        .outerjoin(Watch, Watch.account_id == Account.id)
        .where(Account.state.in_((State.LIVE, State.DORMANT)), *filters.conditions())
    ).one()
    return dict(row._mapping)


COLUMNS: Final = (
    "title", "platform", "handle", "url", "standing", "state", "team", "owner", "deputy", "review_on", "asked",
)  # fmt: skip


def rows(filters: Filters, *, limit: int | None = None, offset: int = 0) -> Sequence[Any]:
    """The accounts of a view, the one that waits longest first; ``limit`` ``None`` gives all of them."""
    return db.session.execute(
        sa.select(
            Account.id, Account.title, Account.platform, Account.handle, Account.url, Account.standing, Account.state,
            Account.review_on, Account.owner_id, Owner.name.label("owner"), Deputy.name.label("deputy"),
            Team.path.label("team"), Team.name.label("team_name"),
            sa.case((Watch.review_on == Account.review_on, Watch.stage)).label("stage"),
        )
        .outerjoin(Watch, Watch.account_id == Account.id)
        .outerjoin(Owner, Owner.id == Account.owner_id)
        .outerjoin(Deputy, Deputy.id == Account.deputy_id)
        .outerjoin(Team, Team.id == Account.team_id)
        .where(_views()[filters.view], *filters.conditions())
        .order_by(Account.review_on, Account.title, Account.id)
        .limit(limit)
        .offset(offset)
    ).all()  # fmt: skip


def to_remind(filters: Filters, account_ids: Sequence[int] | None) -> Sequence[Account]:
    """The live accounts of a view with their people; only those in ``account_ids`` unless that is ``None``."""
    chosen = [] if account_ids is None else [Account.id.in_(account_ids)]
    return db.session.scalars(
        sa.select(Account)
        .outerjoin(Watch, Watch.account_id == Account.id)
        .where(Account.state == State.LIVE, _views()[filters.view], *filters.conditions(), *chosen)
        .options(joinedload(Account.owner), joinedload(Account.deputy))
        .order_by(Account.review_on, Account.id)
    ).all()


def teams(seen: sa.ColumnElement[bool]) -> Sequence[Any]:
    """The teams of live and dormant accounts that whoever looks may see, for the filter: id and path."""
    theirs = sa.select(Account.team_id).where(Account.state.in_((State.LIVE, State.DORMANT)), seen)
    return db.session.execute(sa.select(Team.id, Team.path).where(Team.id.in_(theirs)).order_by(Team.path)).all()
