"""What somebody who asks for a platform hears at once, from what the register knows."""

from dataclasses import dataclass

from registry.accounts.platforms import PLATFORMS
from registry.footprint.models import Use
from registry.footprint.queries import Place

#: Below this many hours a week nobody can answer within a working day.
FEWEST_HOURS = 3


@dataclass(frozen=True, slots=True)
class Word:
    """One piece of advice."""

    heading: str
    text: str


def words(*, slug: str | None, hours: int, places: list[Place], colleagues: int) -> list[Word]:
    """Advice on being on the platform ``slug`` (``None`` where it is not known) with so many hours a week.

    ``colleagues`` is how many people run an account there already.
    """
    found, platform = [], PLATFORMS.get(slug or "")
    place = next((one for one in places if one.slug == slug), None)
    if platform and platform.closed:
        found.append(Word(f"{platform.name} has closed", "Think of where the same people are now."))
    if place and place.use is Use.GIVEN_UP:
        found.append(Word(f"We have left {place.name}", place.purpose or "Ask comms why before you spend time on it."))
    if place and place.use is Use.NOT_USED:
        found.append(Word(f"Comms decided against {place.name}", place.purpose or "Say what has changed since."))
    if place and place.accounts:
        many = "an account" if place.accounts == 1 else f"{place.accounts} accounts"
        found.append(
            Word(
                f"We have {many} on {place.name}",
                "Could one of them carry this for you? An account that exists has people who follow it.",
            )
        )
    if colleagues:
        found.append(Word("Colleagues know it", "Ask one of them how much work it is, before you begin."))
    if hours < FEWEST_HOURS:
        found.append(
            Word(
                "It takes time",
                f"An account that answers within a working day takes at least {FEWEST_HOURS} hours a week."
                " With less, a post now and then on an account of somebody else's reaches more people.",
            )
        )
    found.append(
        Word("Two people, from the first day", "Whoever begins it also goes on leave. Find your deputy first.")
    )
    return found
