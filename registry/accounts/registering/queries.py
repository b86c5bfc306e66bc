"""What waits for a line manager, how a proposal stands, and who else is on the platform."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.accounts.models import OWN_NAME, Account, State
from registry.accounts.queries import visible_to
from registry.accounts.registering.models import Nod, NodAnswer
from registry.db import db
from registry.people.models import Person
from registry.people.queries import working_here

#: What a line manager is told of, whoever else may see it: it waits for comms, and is in nobody's own name.
NODDED_AT: Final = sa.and_(Account.state == State.PROPOSED, Account.standing.not_in(OWN_NAME))
#: Colleagues whom somebody new on a platform is shown.
MOST_COLLEAGUES: Final = 3


def nod_of(account_id: int) -> Nod | None:
    """The nod that counts of those asked for an account, with the manager: the last that waits, else was answered."""
    asked = sa.select(Nod).where(Nod.account_id == account_id).options(joinedload(Nod.manager))
    first = sa.case((Nod.answer == NodAnswer.WAITING, 0), (Nod.answer == NodAnswer.LAPSED, 2), else_=1)
    return db.session.scalar(asked.order_by(first, Nod.id.desc()).limit(1))


def nods_waiting_for(person_id: int) -> Sequence[Nod]:
    """What somebody is asked to nod at, with account and owner, the most pressing first."""
    return db.session.scalars(
        sa.select(Nod)
        .join(Account, Account.id == Nod.account_id)
        .where(Nod.manager_id == person_id, Nod.answer == NodAnswer.WAITING, NODDED_AT)
        .options(joinedload(Nod.account).joinedload(Account.owner))
        .order_by(Nod.due_on, Nod.id)
    ).all()


def colleagues_on(platform: str, person: Any) -> Sequence[Person]:
    """Who else runs a live account on a platform, those of the same team first: people to ask."""
    runs = sa.select(Account.owner_id).where(
        Account.platform == platform, Account.state == State.LIVE, visible_to(person, person.roles),
        Account.owner_id.is_not(None),
    )  # fmt: skip
    near = sa.case((Person.team_id == person.team_id, 0), else_=1)
    return db.session.scalars(
        working_here()
        .where(Person.id.in_(runs), Person.id != person.id)
        .options(joinedload(Person.team))
        .order_by(near, Person.name, Person.id)
        .limit(MOST_COLLEAGUES)
    ).all()
