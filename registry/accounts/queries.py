"""The catalogue: finding accounts, counting them by facet, and one account with all that belongs to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, selectinload

from registry import audit, search
from registry.accounts.models import OPEN, Account, Contributor, State, Visibility
from registry.accounts.naming.queries import known
from registry.accounts.platforms import Resolved
from registry.audit import Somebody
from registry.db import db, today
from registry.people.models import Person, Team
from registry.roles import Role

Owner = aliased(Person, name="owner")
Deputy = aliased(Person, name="deputy")
SORTS: Final = {
    "title": Account.title, "owner": Owner.name, "team": Team.path, "platform": Account.platform,
    "state": Account.state, "review": Account.review_on,
}  # fmt: skip


WAITS_FOR_COMMS: Final = (Account.state == State.PROPOSED, Account.sent_back_reason == "", ~Account.awaits_consent)


# --- Who sees what ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody sees of the accounts. All who see the same have the same, so counts are kept by it.

    Nothing told, it is that of a colleague who runs no account: what is kept close stays so where nobody asks.
    """

    #: Whether they see what only comms see.
    comms: bool = False
    #: Of what only comms see, the ids of the accounts that are their own to run.
    own: tuple[int, ...] = ()

    @property
    def condition(self) -> sa.ColumnElement[bool]:
        """The condition on ``Account``."""
        if self.comms:
            return Account.visibility != Visibility.NOBODY
        return sa.or_(Account.visibility.in_(FOR_COLLEAGUES), Account.id.in_(self.own)) if self.own else _FOR_ALL


FOR_COLLEAGUES: Final = (Visibility.COLLEAGUES, Visibility.EVERYONE)
_FOR_ALL: Final = Account.visibility.in_(FOR_COLLEAGUES)


def visible_to(person: Somebody, roles: Collection[Role]) -> sa.ColumnElement[bool]:
    """The condition on ``Account`` that somebody with these ``roles`` may see it; every page that shows accounts asks.

    Comms see all but what was merged or taken out; others what is for colleagues, and what they run themselves.
    For counts that are remembered use ``sight_of``, which says the same.
    """
    if Role.COMMS in roles:
        return Sight(comms=True).condition
    posting = sa.select(Contributor.account_id).where(Contributor.person_id == person.id)
    runs = sa.or_(Account.owner_id == person.id, Account.deputy_id == person.id, Account.id.in_(posting))
    return sa.or_(_FOR_ALL, sa.and_(Account.visibility == Visibility.COMMS, runs))


def belongs_to(person: Somebody) -> sa.ColumnElement[bool]:
    """The condition on ``Account`` that it belongs to somebody, though they may have had it taken out."""
    return sa.and_(Account.owner_id == person.id, Account.merged_into_id.is_(None))


def sight_of(person: Somebody, roles: Collection[Role]) -> Sight:
    """What somebody with these ``roles`` sees, to count by."""
    if Role.COMMS in roles:
        return Sight(comms=True)
    kept_close = sa.select(Account.id).where(Account.visibility == Visibility.COMMS)
    mine = sa.union(
        kept_close.where(sa.or_(Account.owner_id == person.id, Account.deputy_id == person.id)),
        kept_close.join(Contributor).where(Contributor.person_id == person.id),
    )
    return Sight(own=tuple(sorted(db.session.scalars(mine))))


# --- The catalogue ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filters:
    """What the catalogue is narrowed to; an empty field narrows nothing."""

    #: Whose catalogue it is.
    sight: Sight = field(default_factory=Sight)
    q: str = ""
    platform: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    team: tuple[int, ...] = ()
    owner: int | None = None
    sole: bool = False
    #: Live, and past the day of its review.
    late: bool = False
    #: Proposed, and not sent back: what comms decide on.
    waiting: bool = False

    def conditions(self, *without: str) -> list[sa.ColumnElement[bool]]:
        """The conditions, but for those of the facets in ``without``."""
        found = [self.sight.condition, *_words_condition(self.q)]
        for name in ("platform", "standing", "state"):
            if name not in without and (chosen := getattr(self, name)):
                found.append(getattr(Account, name).in_(chosen))
        if "team" not in without and self.team:
            found.append(Account.team_id.in_(self.team))
        if self.owner is not None:
            found.append(sa.or_(Account.owner_id == self.owner, Account.deputy_id == self.owner))
        if self.sole:
            found += [Account.deputy_id.is_(None), Account.owner_id.is_not(None), Account.state.in_(OPEN)]
        if self.late:
            found += [Account.state == State.LIVE, Account.review_on < today()]
        if self.waiting:
            found += WAITS_FOR_COMMS
        return found


def _words_condition(q: str) -> list[sa.ColumnElement[bool]]:
    """Each word must be found in the account, or in the name of the person who answers for it."""
    found = []
    for word in search.words(q):
        people = search.first_matches(Person, word)
        account = search.matches(Account, word)
        if people is None or account is None:
            continue
        found.append(sa.or_(account, Account.owner_id.in_(sa.select(Person.id).where(people))))
    return found


def rows(filters: Filters, *, sort: str, descending: bool, limit: int | None, offset: int = 0) -> Sequence[Any]:
    """The accounts that pass ``filters``, as light rows for a list; ``limit`` ``None`` gives all of them."""
    order = _order(sort, descending)
    # First which accounts, then all about them: so no row is joined that is not shown.
    shown = _with_people(sa.select(Account.id), sort).where(*filters.conditions()).order_by(*order)
    ids = shown.limit(limit).offset(offset).subquery("shown")
    return db.session.execute(
        sa.select(
            Account.id, Account.platform, Account.kind, Account.key, Account.url, Account.handle, Account.title,
            Account.purpose, Account.standing, Account.state, Account.review_on, Account.language, Account.owner_id,
            Owner.name.label("owner"), Owner.username.label("owner_username"), Account.deputy_id,
            Deputy.name.label("deputy"), Deputy.username.label("deputy_username"), Team.path.label("team"),
            Team.name.label("team_name"),
        )
        .join(ids, ids.c.id == Account.id)
        .outerjoin(Owner, Owner.id == Account.owner_id)
        .outerjoin(Deputy, Deputy.id == Account.deputy_id)
        .outerjoin(Team, Team.id == Account.team_id)
        .order_by(*order)
    ).all()  # fmt: skip


def _order(sort: str, descending: bool) -> list[Any]:
    column = SORTS[sort]
    if sort == "title":  # Never empty, and an index has this very order.
        return [column.desc(), Account.id.desc()] if descending else [column, Account.id]
    return [column.desc().nulls_last() if descending else column.asc().nulls_last(), Account.title, Account.id]


def _with_people(select: sa.Select[Any], sort: str) -> sa.Select[Any]:
    if sort == "owner":
        return select.outerjoin(Owner, Owner.id == Account.owner_id)
    return select.outerjoin(Team, Team.id == Account.team_id) if sort == "team" else select


@dataclass(frozen=True, slots=True)
class Counts:
    """How many accounts pass the filters, and how many there would be under each choice of a facet."""

    total: int
    platform: dict[str, int] = field(default_factory=dict)
    standing: dict[str, int] = field(default_factory=dict)
    state: dict[str, int] = field(default_factory=dict)
    team: dict[int, int] = field(default_factory=dict)


#: Teams that the facet offers, the largest first; a council has hundreds.
MOST_TEAMS: Final = 40
FACETS: Final = ("platform", "standing", "state")


def counts(filters: Filters) -> Counts:
    """Total and facets in two grouped queries, however many accounts there are.

    A facet counts what there would be if its own choice were taken away: that is what its links lead to.
    """
    return audit.remembered(("accounts", filters, today()), lambda: _counted(filters))


def _counted(filters: Filters) -> Counts:
    columns = (Account.platform, Account.standing, Account.state)
    grouped = sa.select(*columns, sa.func.count()).where(*filters.conditions(*FACETS)).group_by(*columns)
    total, found = 0, {name: dict[str, int]() for name in FACETS}
    chosen = {name: getattr(filters, name) for name in FACETS}
    for *values, count in db.session.execute(grouped):
        passes = [not chosen[name] or value in chosen[name] for name, value in zip(FACETS, values, strict=True)]
        if all(passes):
            total += count
        for place, (name, value) in enumerate(zip(FACETS, values, strict=True)):
            if all(passes[:place] + passes[place + 1 :]):
                found[name][str(value)] = found[name].get(str(value), 0) + count
    return Counts(total=total, team=_by_team(filters), **found)


def _by_team(filters: Filters) -> dict[int, int]:
    number = sa.func.count()
    grouped = sa.select(Account.team_id, number).where(*filters.conditions("team"), Account.team_id.is_not(None))
    largest = grouped.group_by(Account.team_id).order_by(number.desc()).limit(MOST_TEAMS)
    return {team_id: count for team_id, count in db.session.execute(largest) if team_id is not None}


def account(account_id: int, seen: sa.ColumnElement[bool]) -> Account | None:
    """One account with its people, team, topics and aliases; ``seen`` is what ``visible_to`` says of the asker."""
    return db.session.scalar(
        sa.select(Account)
        .where(Account.id == account_id, seen)
        .options(
            joinedload(Account.team), joinedload(Account.owner).joinedload(Person.team),
            joinedload(Account.deputy).joinedload(Person.team), selectinload(Account.topics),
            selectinload(Account.aliases),
        )
    )  # fmt: skip


def same_as(resolved: Resolved, typed: str = "") -> Account | None:
    """The registered account that an address stands for, by any name that it has or had; see ``naming.queries.known``.

    Whether the asker may see it is another question.
    """
    same = known(resolved, typed)
    return same.account if same else None


def run_by(person_id: int, seen: sa.ColumnElement[bool]) -> Sequence[Account]:
    """The accounts that somebody answers for, as owner or deputy, or posts for, by title; closed ones last.

    ``seen`` is what ``visible_to`` says of the asker.
    """
    posts = sa.select(Contributor.account_id).where(Contributor.person_id == person_id)
    theirs = sa.or_(Account.owner_id == person_id, Account.deputy_id == person_id, Account.id.in_(posts))
    return db.session.scalars(
        sa.select(Account)
        .where(theirs, seen)
        .options(joinedload(Account.owner), joinedload(Account.deputy))
        .order_by(Account.state == State.CLOSED, Account.title, Account.id)
    ).all()


def waiting_for_comms(most: int = 10) -> Sequence[Account]:
    """Proposals that nobody has decided on, the oldest first."""
    return db.session.scalars(
        sa.select(Account)
        .where(*WAITS_FOR_COMMS)
        .options(joinedload(Account.owner))
        .order_by(Account.proposed_at, Account.id)
        .limit(most)
    ).all()


def waiting_count() -> int:
    """How many proposals wait for comms."""
    waiting = sa.select(sa.func.count(Account.id)).where(*WAITS_FOR_COMMS)
    return audit.remembered("waiting", lambda: db.session.scalar(waiting) or 0)


EXPORT_COLUMNS: Final = (
    "platform", "kind", "key", "url", "handle", "title", "standing", "state", "owner", "deputy", "team",
)  # fmt: skip


def export_rows() -> sa.Result[Any]:
    """Every account, as ``EXPORT_COLUMNS`` names them, in the order of platform, kind and key.

    For whoever runs the register: those that only comms see are among them, what was merged or taken out is not.
    """
    return db.session.execute(
        sa.select(
            Account.platform, Account.kind, Account.key, Account.url, Account.handle, Account.title,
            sa.cast(Account.standing, sa.Text), sa.cast(Account.state, sa.Text), Owner.username, Deputy.username,
            Team.path,
        )
        .outerjoin(Owner, Owner.id == Account.owner_id)
        .outerjoin(Deputy, Deputy.id == Account.deputy_id)
        .outerjoin(Team, Team.id == Account.team_id)
        .where(Account.visibility != Visibility.NOBODY)
        .order_by(Account.platform, Account.kind, Account.key)
        .execution_options(yield_per=2000)
    )  # fmt: skip
