"""Which rules a document has, whom each names, and whom others would name."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from registry.accounts.duties.models import New, Wish, sentence
from registry.accounts.signing import must_sign
from registry.db import db
from registry.guidelines.asking import OPEN
from registry.guidelines.models import Document, Obligation, SigningRule
from registry.people.models import Person, Team
from registry.people.queries import IN_OFFICE, working_here


@dataclass(frozen=True, slots=True)
class Told:
    """A rule, in words, and how many people it names today."""

    id: int
    words: str
    people: int


def rules(document_id: int) -> list[Told]:
    """The rules of a document in the order in which they were made."""
    mine = (
        sa.select(SigningRule, Team.path, Person.name)
        .outerjoin(Team, Team.id == SigningRule.team_id)
        .outerjoin(Person, Person.id == SigningRule.person_id)
        .where(SigningRule.document_id == document_id)
        .order_by(SigningRule.id)
    )
    named = _named_by_each(document_id)
    return [
        Told(
            rule.id, sentence(rule.whom, standing=rule.standing, platform=rule.platform, team=team, person=name),
            named.get(rule.id, 0),
        )
        for rule, team, name in db.session.execute(mine)
    ]  # fmt: skip


_COLUMNS = (SigningRule.whom, SigningRule.standing, SigningRule.platform, SigningRule.team_id, SigningRule.person_id)


def _as_rules(rows: Any) -> Any:
    """Rows as if they were rules that are kept."""
    return aliased(SigningRule, rows.subquery(), adapt_on_names=True)


def _here(pairs: Any) -> sa.ColumnElement[bool]:
    here: sa.ColumnElement[bool] = pairs.c[1].in_(sa.select(Person.id).where(Person.state.in_(IN_OFFICE)))
    return here


def _named_by_each(document_id: int) -> dict[int, int]:
    """How many people each rule of a document names, by its id: one question, as if each were of another document."""
    own = sa.select(SigningRule.id.label("document_id"), *_COLUMNS).where(SigningRule.document_id == document_id)
    pairs = must_sign(_as_rules(own)).subquery()
    counted = sa.select(pairs.c[0], sa.func.count(pairs.c[1].distinct())).where(_here(pairs)).group_by(pairs.c[0])
    return {number: count for number, count in db.session.execute(counted)}


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many people some rules name, how many of them are not asked today, and who is asked no more."""

    people: int
    new: int
    gone: int


def numbers(document: Document, wish: Wish) -> Numbers:
    """What would become of the people if the rules were as ``wish`` says."""
    pairs = must_sign(_as_rules(_wished(document.id, wish))).subquery()
    named = sa.select(pairs.c[1].label("id")).where(_here(pairs)).distinct().subquery("named")
    asked = sa.select(Obligation.person_id).where(Obligation.document_id == document.id, OPEN)
    count = sa.select(sa.func.count()).select_from(named)
    gone = sa.select(sa.func.count()).select_from(asked.subquery())
    known = count.where(named.c.id.in_(asked))
    people, before, both = db.session.execute(
        sa.select(count.scalar_subquery(), gone.scalar_subquery(), known.scalar_subquery())
    ).one()
    return Numbers(people, people - both, before - both)


def _wished(document_id: int, wish: Wish) -> Any:
    kept = sa.select(SigningRule.document_id, *_COLUMNS).where(
        SigningRule.document_id == document_id, SigningRule.id.in_(wish.kept)
    )
    return sa.union_all(kept, *(_row(document_id, one) for one in wish.new)) if wish.new else kept


def _row(document_id: int, new: New) -> sa.Select[Any]:
    values = {
        "document_id": document_id, "whom": new.whom.value, "standing": new.standing, "platform": new.platform,
        "team_id": new.team_id, "person_id": new.person_id,
    }  # fmt: skip
    table: Any = SigningRule.__table__
    return sa.select(
        *(sa.cast(sa.literal(value, _plain(table.c[name])), _plain(table.c[name])).label(name)
          for name, value in values.items())
    )  # fmt: skip


def _plain(column: Any) -> Any:
    return sa.Integer() if isinstance(column.type, sa.Integer) else sa.Text()


def stamp(document: Document, wish: Wish) -> str:
    """What tells whether somebody who presses the button has seen what it does: the wish, and the rules of today."""
    today = sa.select(SigningRule.id).where(SigningRule.document_id == document.id).order_by(SigningRule.id)
    now = (db.session.scalars(today).all(), document.grace_days, document.again_months)
    said = repr((now, sorted(wish.kept), wish.new, wish.grace_days, wish.again_months))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def people_named(logins: Collection[str]) -> dict[str, Person]:
    """Who works here under some usernames or mail addresses, by what was typed; the newest where one was used again."""
    lowered = [login.lower() for login in logins]
    same = sa.or_(Person.username.in_(logins), sa.func.lower(Person.mail).in_(lowered))
    known: dict[str, Person] = {}
    for person in db.session.scalars(working_here().where(same).order_by(None).order_by(Person.id)):
        known[person.username] = known[(person.mail or "").lower()] = person
    return {login: found for login in logins if (found := known.get(login) or known.get(login.lower()))}
