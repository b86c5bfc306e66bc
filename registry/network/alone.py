"""Who runs an account alone: nobody to stand in, and nobody else in their team who runs one."""

from array import array
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from registry import audit
from registry.accounts.models import OPEN, Account, Contributor
from registry.accounts.queries import Sight, within
from registry.db import db
from registry.network.running import posters, runners
from registry.people.models import Person, PersonState, Team
from registry.people.queries import IN_OFFICE

#: That somebody works here, said so that SQLite does not go through all who do: there are other ways to the few asked.
_HERE: Final = Person.state.not_in([state for state in PersonState if state not in IN_OFFICE])


def alone_ids(sight: Sight) -> sa.Select[Any]:
    """The ids of those who own an open account, share none with a colleague, and have no other runner in their team.

    A team is told with those within it. Only accounts that the asker may see count, so that nobody learns of another.
    """
    own, deputise = runners(sight.condition)
    posting = posters(sight.condition)
    here = sa.select(Person.id, Person.team_id).where(_HERE)
    run = here.where(Person.id.in_(sa.union(own, deputise, posting))).cte("run")
    single = _teams_with_one(run)
    return sa.select(run.c.id).where(
        run.c.id.in_(own), run.c.id.not_in(sa.union_all(*_sharing(sight))),
        run.c.id.not_in(deputise), run.c.id.not_in(posting),
        sa.or_(run.c.team_id.is_(None), run.c.team_id.in_(single)),
    )  # fmt: skip


def alone(sight: Sight) -> Sequence[int]:
    """The same, remembered until the next event: a page asks how many they are, and then which."""
    return audit.remembered(("alone", sight), lambda: array("i", db.session.scalars(alone_ids(sight))))


def _sharing(sight: Sight) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """The owners of open accounts that have a deputy who works here, and of those that have such a contributor."""
    shared, _ = runners(sight.condition)
    # Apart: the one is answered from an index alone, the other goes from the few who contribute.
    deputy = shared.join(Person, Person.id == Account.deputy_id).where(_HERE)
    posts = shared.join(Contributor, Contributor.account_id == Account.id)
    return deputy, posts.join(Person, Person.id == Contributor.person_id).where(_HERE)


def _teams_with_one(run: sa.CTE) -> sa.Select[Any]:
    """The teams in which, with those within them, exactly one of ``run`` is."""
    counted = sa.select(run.c.team_id, sa.func.count().label("people")).where(run.c.team_id.is_not(None))
    # Counted by team first, so that as many rows climb up as there are teams, not as there are people.
    up = sa.select(counted.group_by(run.c.team_id).subquery()).cte("up", recursive=True)
    above = sa.select(Team.parent_id, up.c.people).join(up, up.c.team_id == Team.id)
    up = up.union_all(above.where(Team.parent_id.is_not(None)))
    return sa.select(up.c.team_id).group_by(up.c.team_id).having(sa.func.sum(up.c.people) == 1)


def is_alone(person: Person, sight: Sight) -> bool:
    """The same of one person: whether they run an account alone, as far as the asker may see."""
    me, known = person.id, sa.and_(Account.state.in_(OPEN), sight.condition)
    own = sa.exists().where(Account.owner_id == me, known)
    shared = sa.or_(*(one.where(Account.owner_id == me).exists() for one in _sharing(sight)))
    posting = posters(sight.condition).where(Contributor.person_id == me)
    also = sa.or_(sa.exists().where(Account.deputy_id == me, known), posting.exists())
    found = sa.and_(own, ~shared, ~also)
    if person.team_id is not None:
        found = sa.and_(found, ~_others(person.team_id, me, known).exists())
    return bool(db.session.scalar(sa.select(found)))


def _others(team_id: int, me: int, known: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The others in a team, and in those within it, who run an account."""
    some = sa.select(Person.id).where(Person.team_id.in_(within([team_id])), Person.id != me)
    answers = [
        sa.exists().where(column == Person.id, known).correlate(Person)
        for column in (Account.owner_id, Account.deputy_id)
    ]
    posts = sa.exists().where(Contributor.person_id == Person.id, Contributor.account_id == Account.id, known)
    return some.where(_HERE, sa.or_(*answers, posts.correlate(Person)))
