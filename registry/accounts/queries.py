"""What is asked about accounts: who sees which, which the catalogue shows, and one with all that belongs to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, selectinload

from registry import audit, search
from registry.accounts.models import (
    BEFORE_OTHER_NAMES,
    BEFORE_TEAM,
    OPEN,
    OWN_NAME,
    Account,
    Contributor,
    State,
    Visibility,
    account_topic,
)
from registry.accounts.naming.queries import known
from registry.accounts.platforms import Resolved
from registry.audit import Somebody
from registry.db import db, today
from registry.guidelines.models import Principle
from registry.guidelines.queries import lacking
from registry.people.models import Person, PersonState, Team
from registry.people.queries import IN_OFFICE
from registry.roles import Role

Owner = aliased(Person, name="owner")
Deputy = aliased(Person, name="deputy")
#: That an account is open, said so that SQLite does not look up by state what another index tells alone.
IS_OPEN: Final = Account.state.not_in([state for state in State if state not in OPEN])
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


def public_accounts() -> sa.ColumnElement[bool]:
    """The accounts that people outside may see: live, for everyone, and with an address that is theirs.

    The only place that says so. An account in somebody's own name has their own consent besides, whatever else went
    wrong with its row, and is theirs only as long as they have not left.
    """
    theirs = sa.exists().where(Person.id == Account.owner_id, Person.state != PersonState.LEFT)
    own = sa.and_(Account.consented_at.is_not(None), theirs.correlate(Account))
    agreed = sa.or_(Account.standing.not_in(OWN_NAME), own)
    # As words of the statement: SQLite uses the index of just these rows for no parameter.
    shown = Account.visibility == sa.literal_column(f"'{Visibility.EVERYONE}'")
    live = Account.state == sa.literal_column(f"'{State.LIVE}'")
    return sa.and_(live, shown, Account.merged_into_id.is_(None), Account.url != "", agreed)


def belongs_to(person: Somebody) -> sa.ColumnElement[bool]:
    """The condition on ``Account`` that it belongs to somebody, though they may have had it taken out."""
    return sa.and_(Account.owner_id == person.id, Account.merged_into_id.is_(None))


def sight_of(person: Somebody, roles: Collection[Role]) -> Sight:
    """What somebody with these ``roles`` sees, to count by."""
    if Role.COMMS in roles:
        return Sight(comms=True)
    return Sight(own=tuple(sorted(db.session.scalars(_kept_close(), {"person_id": person.id}))))


@lru_cache(maxsize=1)
def _kept_close() -> sa.CompoundSelect[Any]:
    """Of what only comms see, what somebody runs; every page with accounts asks, so it is made once."""
    person_id = sa.bindparam("person_id", type_=sa.Integer)
    kept_close = sa.select(Account.id).where(Account.visibility == Visibility.COMMS)
    return sa.union(
        kept_close.where(sa.or_(Account.owner_id == person_id, Account.deputy_id == person_id)),
        kept_close.join(Contributor).where(Contributor.person_id == person_id),
    )


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
    #: Each with the teams within it.
    team: tuple[int, ...] = ()
    topic: tuple[int, ...] = ()
    place: tuple[str, ...] = ()
    #: Each a principle of the guidelines that they serve.
    principle: tuple[int, ...] = ()
    #: ``yes``: nobody who answers for it still has to sign the guidelines; ``no``: somebody has to.
    signed: str = ""
    owner: int | None = None
    sole: bool = False
    #: Live, and past the day of its review.
    late: bool = False
    #: Proposed, and not sent back: what comms decide on.
    waiting: bool = False

    def conditions(self, *without: str, reads: bool = False) -> list[sa.ColumnElement[bool]]:
        """The conditions, but for those of the facets in ``without``.

        ``reads``: very many accounts are known to have the words, so these are read from each instead of the index.
        """
        found = [self.sight.condition]
        if not reads and (named := search.matches(Account, self.q)) is not None:
            found.append(named)
        for name, condition in self._facets().items():
            if name not in without:
                found += condition
        if self.owner is not None:
            found.append(sa.or_(Account.owner_id == self.owner, Account.deputy_id == self.owner))
        if self.waiting:
            found += WAITS_FOR_COMMS
        return [*found, *search.reads(Account, self.q)] if reads else found

    def _facets(self) -> dict[str, Sequence[sa.ColumnElement[bool]]]:
        """The conditions of each facet in which something is chosen."""
        found: dict[str, Sequence[sa.ColumnElement[bool]]] = {}
        for name in ("platform", "standing", "state", "place"):
            if chosen := getattr(self, name):
                found[name] = [getattr(Account, name).in_(chosen)]
        if self.team:
            found["team"] = [Account.team_id.in_(within(self.team))]
        if self.topic:
            about = sa.select(account_topic.c.account_id).where(account_topic.c.topic_id.in_(self.topic))
            found["topic"] = [Account.id.in_(about)]
        if self.principle:
            found["principle"] = [Account.principle_id.in_(self.principle)]
        if self.signed:
            found["signed"] = [signed() if self.signed == "yes" else unsigned()]
        if self.sole:
            found["sole"] = [runs_alone()]
        if self.late:
            found["late"] = is_late()
        return found


def own_words(q: str) -> list[sa.ColumnElement[bool]]:
    """The conditions that the words of ``q`` are those of the account itself, and not the names of its people.

    For colleagues who look for what an account is about; for others see ``shown_words``.
    """
    hits = search.matches(Account, q)
    return [] if hits is None else [hits, *search.in_column(Account.search_text, q)]


def shown_words(q: str, *, with_team: bool = False) -> list[sa.ColumnElement[bool]]:
    """The conditions that the words of ``q`` are among those that whoever sees an account is told of it.

    For people outside and programs: by whatever else they could search, they would find out by trying. ``with_team``:
    they are told its team, too.
    """
    hits, mark = search.matches(Account, q), BEFORE_OTHER_NAMES if with_team else BEFORE_TEAM
    return [] if hits is None else [hits, *search.in_column(search.before(Account.search_text, mark), q)]


def within(team_ids: Sequence[int]) -> sa.Select[Any]:
    """The ids of some teams and of all that are within them."""
    down = sa.select(Team.id).where(Team.id.in_(team_ids)).cte("within", recursive=True)
    return sa.select(down.union(sa.select(Team.id).join(down, Team.parent_id == down.c.id)).c.id)


def is_late() -> Sequence[sa.ColumnElement[bool]]:
    """The conditions that an account is overdue for its review."""
    return [Account.state == State.LIVE, Account.review_on < today()]


@lru_cache(maxsize=1)
def runs_alone() -> sa.ColumnElement[bool]:
    """The condition that an account is in use, and one person alone answers: it has no deputy, or one who is gone.

    What is in somebody's own name is nobody else's to take over. ``answering.queries.alone`` says the same of one.
    """
    return sa.and_(
        IS_OPEN, Account.standing.not_in(OWN_NAME), Account.owner_id.is_not(None), has_no_deputy(),
    )  # fmt: skip


@lru_cache(maxsize=1)
def has_no_deputy() -> sa.ColumnElement[bool]:
    """The condition that an account has no deputy, or one who is gone."""
    gone = sa.select(Person.id).where(Person.state.in_([state for state in PersonState if state not in IN_OFFICE]))
    # Said so that SQLite leaves the indexes of deputies and states alone: that of the facets answers by itself.
    deputy = Account.deputy_id + 0
    return sa.or_(deputy.is_(None), deputy.in_(gone))


@lru_cache(maxsize=1)
def unsigned() -> sa.ColumnElement[bool]:
    """The condition that an account is in use, and that its owner, or the deputy besides one, still has to sign."""
    return sa.and_(Account.state.in_(OPEN), Account.owner_id.is_not(None), owes())


@lru_cache(maxsize=1)
def owes() -> sa.ColumnElement[bool]:
    """The condition that the owner or the deputy of an account still has to sign."""
    return sa.or_(Account.owner_id.in_(lacking()), Account.deputy_id.in_(lacking()))


@lru_cache(maxsize=1)
def signed() -> sa.ColumnElement[bool]:
    """The condition that an account is in use, that somebody answers for it, and nobody who does still has to sign."""
    nobody = sa.or_(Account.deputy_id.is_(None), Account.deputy_id.not_in(lacking()))
    return sa.and_(Account.state.in_(OPEN), Account.owner_id.is_not(None), Account.owner_id.not_in(lacking()), nobody)


def account(account_id: int, seen: sa.ColumnElement[bool]) -> Account | None:
    """One account with its people, team, topics and aliases; ``seen`` is what ``visible_to`` says of the asker."""
    return db.session.scalar(
        sa.select(Account)
        .where(Account.id == account_id, seen)
        .options(
            joinedload(Account.team), joinedload(Account.owner).joinedload(Person.team),
            joinedload(Account.deputy).joinedload(Person.team), selectinload(Account.topics),
            joinedload(Account.principle),
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


def waiting_count(sight: Sight | None = None) -> int:
    """How many proposals wait for comms: all, or those of them that somebody with this ``sight`` may see."""
    waiting = sa.select(sa.func.count(Account.id)).where(*WAITS_FOR_COMMS, *([sight.condition] if sight else ()))
    return audit.remembered(("waiting", sight), lambda: db.session.scalar(waiting) or 0)


EXPORT_COLUMNS: Final = (
    "platform", "kind", "key", "url", "handle", "title", "standing", "state", "owner", "deputy", "team",
    "principle",
)  # fmt: skip


def export_rows() -> sa.Result[Any]:
    """Every account, as ``EXPORT_COLUMNS`` names them, in the order of platform, kind and key.

    For whoever runs the register: those that only comms see are among them, what was merged or taken out is not.
    """
    return db.session.execute(
        sa.select(
            Account.platform, Account.kind, Account.key, Account.url, Account.handle, Account.title,
            sa.cast(Account.standing, sa.Text), sa.cast(Account.state, sa.Text), Owner.username, Deputy.username,
            Team.path, Principle.name,
        )
        .outerjoin(Owner, Owner.id == Account.owner_id)
        .outerjoin(Deputy, Deputy.id == Account.deputy_id)
        .outerjoin(Team, Team.id == Account.team_id)
        .outerjoin(Principle, Principle.id == Account.principle_id)
        .where(Account.visibility != Visibility.NOBODY)
        .order_by(Account.platform, Account.kind, Account.key)
        .execution_options(yield_per=2000)
    )  # fmt: skip
