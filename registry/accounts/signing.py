"""Who must sign which guidelines: the rules of each document, applied to the accounts and the people there are."""

from collections.abc import Collection
from functools import cache, partial
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from registry import audit
from registry.accounts.models import OPEN, Account, Contributor, State
from registry.db import db
from registry.guidelines.actions import ON_PUBLISHING
from registry.guidelines.asking import require
from registry.guidelines.models import SigningRule, Whom
from registry.guidelines.taking_back import take_back
from registry.people.models import Person, PersonKind, Team

FOLLOWED: Final = audit.declare(
    "guidelines.followed", "Who must sign the guidelines changed: {begun} asked, {ended} no longer", "begun", "ended"
)
#: Nobody has to sign for an account that they have not agreed to.
_AGREED: Final = ~sa.and_(Account.awaits_consent, Account.state == State.PROPOSED)


def ask_to_sign(person_ids: Collection[int | None] | None) -> int:
    """Bring the duty to sign up to date for some people, or with ``None`` for everybody; how many duties are new."""
    db.session.flush()
    some = None if person_ids is None else [one for one in person_ids if one is not None]
    return require(_by_what_is_kept(), among=some).begun


def keep_up() -> int:
    """The same for everybody, written into the history where it changed anything: what each reading and night does."""
    db.session.flush()
    changes = require(_by_what_is_kept())
    take_back()
    if changes != (0, 0):
        audit.record(
            FOLLOWED, actor=None, subject_kind="guidelines", subject_id=None, subject_name="the guidelines",
            **changes._asdict(),
        )  # fmt: skip
    return changes.begun


def must_sign(rule: Any = SigningRule) -> sa.Select[tuple[int, int]]:
    """Documents and the people who must sign them, by the rules; not in any order, some more than once.

    ``rule`` are other rules than those that are kept: to see whom they would name.
    """
    several = sa.union_all(
        _who_run(rule, Whom.OWNERS, Account.owner_id, _AGREED),
        _who_run(rule, Whom.DEPUTIES, Account.deputy_id),
        _who_run(rule, Whom.CONTRIBUTORS, Contributor.person_id),
        _everyone(rule),
        sa.select(rule.document_id, rule.person_id).where(rule.whom == Whom.PERSON),
    ).subquery()
    return sa.select(several.c[0], several.c[1])


@cache
def _by_what_is_kept() -> sa.Select[tuple[int, int]]:
    """The question is always the same, and putting it together takes longer than asking it of a few people."""
    return must_sign()


def _who_run(rule: Any, whom: Whom, person_id: Any, *more: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Those who run an open account that a rule for ``whom`` is about, in the part that ``person_id`` says."""
    of_rule, of_account = aliased(Team), aliased(Team)
    about = sa.and_(
        rule.whom == whom,
        sa.or_(rule.standing == "", rule.standing == sa.cast(Account.standing, sa.Text)),
        sa.or_(rule.platform == "", rule.platform == Account.platform),
    )
    some = sa.select(rule.document_id, person_id.label("person_id")).select_from(Account)
    if whom is Whom.CONTRIBUTORS:
        some = some.join(Contributor, Contributor.account_id == Account.id)
    return (
        some.join(rule, about)
        .outerjoin(of_rule, of_rule.id == rule.team_id)
        .outerjoin(of_account, of_account.id == Account.team_id)
        .where(Account.state.in_(OPEN), person_id.is_not(None), _within(rule, of_account, of_rule), *more)
    )


def _within(rule: Any, team: Any, of_rule: Any) -> sa.ColumnElement[bool]:
    below = sa.func.substr(team.path, 1, sa.func.length(of_rule.path) + 3) == of_rule.path + " / "
    return sa.or_(rule.team_id.is_(None), team.id == of_rule.id, below)


def _everyone(rule: Any) -> sa.Select[int, int]:
    of_rule, own = aliased(Team), aliased(Team)
    return (
        sa.select(rule.document_id, Person.id.label("person_id"))
        .select_from(Person)
        .join(rule, rule.whom == Whom.EVERYONE)
        .outerjoin(of_rule, of_rule.id == rule.team_id)
        .outerjoin(own, own.id == Person.team_id)
        .where(Person.kind.in_((PersonKind.DIRECTORY, PersonKind.GUEST)), _within(rule, own, of_rule))
    )


ON_PUBLISHING.append(partial(ask_to_sign, None))  # People are asked at once, also for the first guidelines of all.
