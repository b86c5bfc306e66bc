"""What comms would like the rules of a document to be."""

from dataclasses import dataclass
from typing import Final

from registry.accounts.catalogue_address import STANDING_WORDS
from registry.accounts.platforms import PLATFORMS
from registry.guidelines.models import Whom

#: Whom a rule names, as the page says it.
WORDS: Final = {
    Whom.EVERYONE: "Everyone", Whom.OWNERS: "Owners", Whom.DEPUTIES: "Deputies", Whom.CONTRIBUTORS: "Contributors",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class New:
    """A rule that is not kept yet."""

    whom: Whom
    standing: str = ""
    platform: str = ""
    team_id: int | None = None
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """The rules that shall hold, and the times."""

    #: The ids of those rules of today that stay.
    kept: frozenset[int]
    new: tuple[New, ...]
    grace_days: int
    again_months: int | None


def sentence(whom: Whom, *, standing: str, platform: str, team: str | None, person: str | None) -> str:
    """A rule in words: "Owners of official accounts on Facebook, in Communities and the teams within it"."""
    if whom is Whom.PERSON:
        return person or "Somebody"
    said = WORDS[whom]
    if whom is not Whom.EVERYONE:
        kind = f"{STANDING_WORDS.get(standing, standing).lower()} accounts" if standing else "accounts"
        where = f" on {PLATFORMS[platform].name if platform in PLATFORMS else platform}" if platform else ""
        said = f"{said} of {kind}{where}"
    return f"{said}, in {team} and the teams within it" if team else said
