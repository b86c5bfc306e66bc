"""Changing who must sign, which asks them at once."""

from typing import Final

import sqlalchemy as sa

from registry import audit
from registry.accounts.duties import queries
from registry.accounts.duties.models import New, Wish
from registry.accounts.signing import ask_to_sign
from registry.audit import Somebody
from registry.db import db
from registry.guidelines.models import Document, SigningRule, Whom

CHANGED: Final = audit.declare(
    "guidelines.rules-changed", "{actor} changed who must sign “{subject}”: {rules}; {people} people", "rules",
    "people", "grace_days", "again_months",
)  # fmt: skip


def set_rules(*, document: Document, wish: Wish, actor: Somebody) -> queries.Numbers:
    """Let the rules and times of a document be as ``wish`` says; whom they name is asked. What became of the people.

    A change of the days of grace counts for those who are asked from now on.
    """
    numbers = queries.numbers(document, wish)
    mine = SigningRule.document_id == document.id
    db.session.execute(sa.delete(SigningRule).where(mine, SigningRule.id.not_in(wish.kept)))
    there = {_as_new(rule) for rule in db.session.scalars(sa.select(SigningRule).where(mine))}
    for one in dict.fromkeys(wish.new):
        if one not in there:
            db.session.add(
                SigningRule(
                    document_id=document.id, whom=one.whom, standing=one.standing, platform=one.platform,
                    team_id=one.team_id, person_id=one.person_id,
                )
            )  # fmt: skip
    document.grace_days, document.again_months = wish.grace_days, wish.again_months
    ask_to_sign(None)
    audit.record(
        CHANGED, actor=actor, subject_kind="document", subject_id=document.id, subject_name=document.title,
        rules=_in_words(document.id), people=numbers.people, grace_days=wish.grace_days,
        again_months=wish.again_months,
    )  # fmt: skip
    return numbers


def _as_new(rule: SigningRule) -> New:
    return New(Whom(rule.whom), rule.standing, rule.platform, rule.team_id, rule.person_id)


def _in_words(document_id: int) -> str:
    """The rules as the history tells them, where nobody is named: a name could not be taken out of it again."""
    mine = sa.select(SigningRule.whom, sa.func.count()).where(SigningRule.document_id == document_id)
    by_name = dict(db.session.execute(mine.group_by(SigningRule.whom)).all()).get(Whom.PERSON, 0)
    people = db.session.scalars(
        sa.select(SigningRule.id).where(SigningRule.document_id == document_id, SigningRule.whom == Whom.PERSON)
    )
    named = set(people)
    told = [one.words for one in queries.rules(document_id) if one.id not in named]
    told += [f"{by_name} by name"] if by_name else []
    return "; ".join(told) or "nobody"
