"""What programs ask with and are told, as models: they check the one, shape the other, and describe both."""

from datetime import date, datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from registry.accounts.models import Standing, State
from registry.accounts.platforms import PLATFORMS

MOST_AT_ONCE: Final = 200
#: What a cursor looks like; programs need not know what it says.
CURSOR: Final = "^a[0-9]{1,9}$"


def _known_platform(slug: str) -> str:
    if slug not in PLATFORMS:
        raise ValueError("there is no such platform; /api/v1/platforms names them")
    return slug


PlatformSlug = Annotated[str, AfterValidator(_known_platform), Field(json_schema_extra={"enum": list(PLATFORMS)})]


class Asked(BaseModel):
    """The base of what is asked with: a word that nobody understands is told, not passed over."""

    model_config = ConfigDict(extra="forbid")


class PageQuery(Asked):
    """Which part of a long list."""

    limit: int = Field(50, ge=1, le=MOST_AT_ONCE, description="How many at most.")
    cursor: str | None = Field(
        None, max_length=10, pattern=CURSOR,
        description="Where to go on: `next` of the answer before. Without it the list begins.",
    )  # fmt: skip


class AccountsQuery(PageQuery):
    """Which accounts."""

    q: str | None = Field(
        None, max_length=200,
        description="Words, or beginnings of words, that all must be found: in title, handle, key, platform, purpose,"
        " place and topics; with the scope `accounts` in the name of the team, too.",
    )  # fmt: skip
    platform: list[PlatformSlug] = Field([], max_length=50, description="One of these platforms.")
    standing: list[Standing] = Field([], description="One of these standings.")
    state: list[State] = Field([], description="One of these states; without the scope `accounts` all are live.")
    topic: list[str] = Field([], max_length=20, description="About one of these topics.")
    language: str | None = Field(None, max_length=20, description="In this language, as the register names it.")
    place: list[str] = Field([], max_length=20, description="About one of these places, as the register names them.")
    team: list[Annotated[int, Field(ge=0, lt=2**31)]] = Field(
        [], max_length=100, description="Of one of these teams or of those within them; needs the scope `accounts`."
    )
    signed: Literal["yes", "no"] | None = Field(
        None, description="Whether all who answer have signed the guidelines; needs the scope `accounts`."
    )
    sole: bool = Field(False, description="Those that one person runs alone; needs the scope `accounts`.")
    late: bool = Field(False, description="Those overdue for a review; needs the scope `accounts`.")


class Team(BaseModel):
    """A team of the organisation."""

    id: int
    path: str = Field(description="Its name with those above it: `Communities / Libraries`.")


class Person(BaseModel):
    """Somebody who answers for accounts."""

    id: int
    name: str
    title: str | None
    team: str | None
    mail: str | None = Field(description="With the scope `mail` only, else null.")


class Account(BaseModel):
    """An account. What stands under a scope is null without it."""

    id: int
    platform: str
    kind: str
    key: str = Field(description="With platform and kind, what makes it one account and no other.")
    url: str
    handle: str
    title: str
    purpose: str
    standing: Standing
    state: State
    language: str
    place: str
    topics: list[str]
    visibility: str | None = Field(description="Who may see it; scope `accounts`.")
    team: Team | None = Field(description="Scope `accounts`.")
    approved_at: datetime | None = Field(description="Scope `accounts`.")
    review_on: date | None = Field(description="Scope `accounts`.")
    closed_at: datetime | None = Field(description="Scope `accounts`.")
    owner: Person | None = Field(description="Scope `people`; none once they have left.")
    deputy: Person | None = Field(description="Scope `people`; none once they have left.")
    mailbox: str | None = Field(description="Scope `mail`.")


class AccountPage(BaseModel):
    """Some accounts, in the order in which they were registered."""

    items: list[Account]
    next: str | None = Field(description="The `cursor` to go on with; null at the end.")


class Answerer(Person):
    """Somebody who answers for accounts, and for which."""

    owns: list[int] = Field(description="The ids of accounts that they answer for.")
    deputises: list[int] = Field(description="The ids of accounts that they would take over.")


class PeoplePage(BaseModel):
    """Some people who answer for accounts."""

    items: list[Answerer]
    next: str | None = Field(description="The `cursor` to go on with; null at the end.")


class Topic(BaseModel):
    """What accounts are about."""

    name: str
    accounts: int


class Topics(BaseModel):
    """All topics, by name."""

    items: list[Topic]


class Platform(BaseModel):
    """Where accounts live."""

    slug: str
    name: str
    closed: bool = Field(description="Whether it is one of the past.")
    accounts: int


class Platforms(BaseModel):
    """All platforms that the register knows."""

    items: list[Platform]


class FollowList(BaseModel):
    """A list of whom to follow."""

    slug: str
    title: str
    topic: str
    about: str
    accounts: int
    changed_at: datetime


class FollowLists(BaseModel):
    """All lists that may be read, by title."""

    items: list[FollowList]


class FollowEntry(BaseModel):
    """An account on a list."""

    account_id: int
    platform: str
    handle: str
    title: str
    url: str
    feed: str | None = Field(description="The address of its public feed, where the platform has them.")
    why: str


class WholeFollowList(FollowList):
    """A list of whom to follow, with what is on it, in its order."""

    entries: list[FollowEntry]


class Fault(BaseModel):
    """What is wrong with one part of a question."""

    parameter: str
    message: str


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None
