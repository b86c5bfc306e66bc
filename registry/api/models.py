"""Tokens: what a program shows to be let in."""

import enum
import hashlib
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Model, today
from registry.people.models import Person
from registry.personal import Fate, hidden, leads, stays


class Scope(enum.StrEnum):
    """What a token lets its program read beyond what anybody may."""

    #: Every account that all who work here may see, in any state.
    ACCOUNTS = "accounts"
    #: Who answers for the accounts: name, job and team.
    PEOPLE = "people"
    #: Mail addresses of those people, and mailboxes of accounts.
    MAIL = "mail"


_OF_THE_TOKEN = stays("It is about the program that has the token.")
_STILL_USED = "Programs go on using the token, and whoever looks after it must know where it came from."


class ApiToken(Model):
    """What a program shows to read the register. Only its hash is kept, so nobody can be shown it again."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Which program has it, in words.
    name: Mapped[str] = mapped_column(sa.String(80), info=_OF_THE_TOKEN)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True, info=hidden("It protects the way in."))
    #: The scopes, with a blank between.
    scopes: Mapped[str] = mapped_column(sa.String(120), info=_OF_THE_TOKEN)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("API tokens made", Fate.KEPT, because=_STILL_USED),
    )  # fmt: skip
    #: The last day on which it opens anything (London).
    expires_on: Mapped[date]
    #: When it was last used, to within ten minutes.
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    made_by: Mapped[Person | None] = relationship(lazy="raise_on_sql")

    @property
    def scope_set(self) -> frozenset[Scope]:
        """What it lets its program read."""
        return frozenset(Scope(word) for word in self.scopes.split())

    @property
    def is_over(self) -> bool:
        """Whether it opens nothing any more."""
        return self.revoked_at is not None or self.expires_on < today()

    @staticmethod
    def hash_of(token: str) -> str:
        """What is kept of a token. It is random and long, so one round of a fast hash cannot be undone by guessing."""
        return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
