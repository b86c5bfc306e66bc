"""The account that an address names, for whoever asks: what they may not see is a page that is not there."""

import sqlalchemy as sa

from registry.accounts import queries
from registry.accounts.models import Account
from registry.roles import Role
from registry.web import found, may, viewer


def seen() -> sa.ColumnElement[bool]:
    """The condition on ``Account`` that the signed-in person may see it."""
    return queries.visible_to(viewer(), viewer().roles)


def seen_account(account_id: int) -> Account:
    """The account with its people, team, topics and aliases."""
    return found(queries.account(account_id, seen()))


def may_change(account: Account) -> bool:
    """Whether the signed-in person may change an account: its owner, its deputy, and comms."""
    return may(Role.COMMS) or viewer().id in (account.owner_id, account.deputy_id)


def who_has(person_id: int | None, name: str = "A colleague") -> str:
    """Who has done something, as a sentence about it begins: whoever reads it is addressed."""
    return "You have" if person_id == viewer().id else f"{name} has"


def changeable_account(account_id: int) -> Account:
    """The same account, where the signed-in person may change it."""
    account = seen_account(account_id)
    return found(account if may_change(account) else None)
