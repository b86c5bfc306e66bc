"""One row of a spreadsheet understood: which account it means, and what it says about it.

A row that names an account is never lost over a detail: somebody who has left, a team that was renamed or a date in
the wrong shape is left out, and a note says so. A row is refused where nobody can tell which account it means, or
where a word for its standing or state would have to be guessed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from registry.accounts.importing.columns import Line
from registry.accounts.importing.known import Accounts, People, SeveralFit, Teams, is_called
from registry.accounts.importing.words import readable, shortly
from registry.accounts.models import Standing, State
from registry.accounts.platforms import LONGEST_KEY, PLATFORMS, Refused, Resolved, find_platform, resolve

#: Characters that a cell may fill, as the forms allow.
LONGEST: Final = {"title": 120, "purpose": 600, "place": 120}
STANDINGS: Final[Mapping[str, Standing]] = {
    "official": Standing.OFFICIAL, "semiofficial": Standing.SEMI_OFFICIAL, "personalwithrole": Standing.PERSONAL,
    "personalwitharole": Standing.PERSONAL, "personal": Standing.PERSONAL, "partner": Standing.PARTNER,
}  # fmt: skip
STATES: Final[Mapping[str, State]] = {
    **{state.value: state for state in State},
    "active": State.LIVE, "open": State.LIVE, "inuse": State.LIVE, "inactive": State.DORMANT, "unused": State.DORMANT,
    "archived": State.CLOSED, "deleted": State.CLOSED,
}  # fmt: skip
LONGEST_MAILBOX: Final = 254
LANGUAGES: Final[Mapping[str, str]] = {
    "en": "en", "eng": "en", "english": "en", "engb": "en", "cy": "cy", "cym": "cy", "welsh": "cy", "cymraeg": "cy",
    "ency": "en cy", "cyen": "en cy", "englishandwelsh": "en cy", "englishwelsh": "en cy", "welshandenglish": "en cy",
    "welshenglish": "en cy", "bilingual": "en cy",
}  # fmt: skip


@dataclass(slots=True)
class Asked:
    """A row that means an account. ``notes`` are sentences for whoever imports the file."""

    line: Line
    resolved: Resolved
    standing: Standing | None
    state: State | None
    notes: list[str] = field(default_factory=list)

    @property
    def typed(self) -> str:
        """The address as it stands in the file; empty where the file has only the handle, or it is overlong."""
        url = readable(self.line.cells.get("url", ""))
        return url if len(url.encode()) <= LONGEST_KEY else ""


@dataclass(frozen=True, slots=True)
class Register:
    """What the register knows of what the file names."""

    accounts: Accounts
    people: People
    teams: Teams


def understand(line: Line) -> Asked | str:
    """What ``line`` asks for, or a sentence that says why it is refused."""
    resolved = _address(line.cells)
    if isinstance(resolved, Refused):
        return resolved.note
    standing = state = None
    if word := line.cells.get("standing"):
        standing = STANDINGS.get(_letters(word))
        if standing is None:
            return f"“{shortly(word)}” is not a standing. Use official, semi-official, personal-with-role or partner."
    if word := line.cells.get("state"):
        state = STATES.get(_letters(word))
        if state is None:
            return f"“{shortly(word)}” is not a state. Use proposed, live, dormant, orphaned, lost or closed."
    return Asked(line, resolved, standing, state)


def _letters(text: str) -> str:
    return "".join(one for one in text[:100].casefold() if one.isalpha())


def _address(cells: Mapping[str, str]) -> Resolved | Refused:
    """The account that a row means, by its address or else by its handle and platform."""
    url, handle, platform = (cells.get(name, "") for name in ("url", "handle", "platform"))
    if not (url or handle):
        return Refused("This row has neither an address nor a handle.")
    answer = resolve(url or handle, platform or None)
    # A handle with a full stop, like "brynmor.libraries", could as well be a website: in a list it hardly ever is.
    guessed = not url and "/" not in handle and (isinstance(answer, Refused) or answer.platform == "website")
    if platform and find_platform(platform) is None:
        if (guessed and answer.platform in (None, "website")) or isinstance(answer, Refused):
            return _unknown_platform(platform)
    elif guessed and not platform and isinstance(answer, Resolved):
        return Refused(f"“{shortly(handle)}” could be on many platforms. Add a column that names the platform.")
    return answer


def _unknown_platform(platform: str) -> Refused:
    return Refused(
        f"The register does not know handles on “{shortly(platform, 30)}”. Give the whole address to keep it as a"
        " website, or correct the name of the platform."
    )


def values_of(asked: Asked, register: Register, existing: Any | None) -> dict[str, Any]:
    """What a row says about its account: values by the name of their column. Adds to ``asked.notes``.

    ``existing`` is the account's row where it is registered. A cell that says the same as the account does in other
    words (the owner's name instead of their username) gives the value that the account has.
    """
    cells = asked.line.cells
    values: dict[str, Any] = {name: _text(name, asked, existing) for name in LONGEST if name in cells}
    if (mailbox := cells.get("mailbox")) and (address := _mailbox(mailbox, asked)):
        values["mailbox"] = address
    if asked.standing and _may_stand(asked, existing):
        values["standing"] = asked.standing
    if language := cells.get("language"):
        values["language"] = LANGUAGES.get(_letters(language), "other")
    if (day := cells.get("review_on")) and (review_on := _day(day, asked)):
        values["review_on"] = review_on
    for role in ("owner", "deputy"):
        values.update(_person(role, asked, register, existing))
    _part_owner_from_deputy(values, asked, existing)
    values.update(_team(values, asked, register, existing))
    values.update(_state(values, asked, existing))
    return values


def _may_stand(asked: Asked, existing: Any | None) -> bool:
    """Whether a file may say so: that a registered account is in somebody's own name, only they say, or take back."""
    if existing is None or asked.standing is existing.standing:
        return True
    if Standing.PERSONAL not in (asked.standing, existing.standing):
        return True
    asked.notes.append("Only the person whose account it is can say whether it is in their own name; ask them.")
    return False


def _is_asked(existing: Any | None) -> bool:
    """Whether a registered account waits for whom it belongs to."""
    return existing is not None and existing.standing is Standing.PERSONAL and existing.consented_at is None


def _text(name: str, asked: Asked, existing: Any | None) -> str:
    text, longest = asked.line.cells[name], LONGEST[name]
    if existing is not None and readable(getattr(existing, name)) == text:
        return str(getattr(existing, name))
    if len(text) > longest:
        asked.notes.append(f"The {name} is shortened to {longest} characters.")
        return f"{text[: longest - 1].rstrip()}…"
    return text


def _day(text: str, asked: Asked) -> date | None:
    """A day as people write it; where 3/4/2026 could be in March or in April, nobody guesses."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    for shape in ("%d %B %Y", "%d %b %Y", "%d/%m/%Y", "%d.%m.%Y"):
        try:
            day = datetime.strptime(text, shape).date()  # noqa: DTZ007 - a day has no time
        except ValueError:
            continue
        if day.day > 12 or shape not in ("%d/%m/%Y", "%d.%m.%Y"):
            return day
    asked.notes.append(f"“{shortly(text, 30)}” is not a date like 2026-11-21, so the day of review is left out.")
    return None


def _mailbox(text: str, asked: Asked) -> str | None:
    name, at, domain = text.partition("@")
    if (
        name
        and at
        and "." in domain
        and len(text) <= LONGEST_MAILBOX
        and not any(one in "@,;<>" or one.isspace() for one in name + domain)
    ):
        return text
    asked.notes.append(f"“{shortly(text, 40)}” is not a mail address, so the mailbox is left out.")
    return None


def _person(role: str, asked: Asked, register: Register, existing: Any | None) -> dict[str, Any]:
    """The owner or deputy whom a row names; nothing where it names nobody who works here."""
    text = asked.line.cells.get(role)
    if not text:
        return {}
    # Whoever is recorded stays so under their own name, even where they have left or share it with a colleague.
    names = [getattr(existing, f"{role}_{name}", None) for name in ("username", "mail", "name")]
    if is_called(text, *names):
        return {f"{role}_id": getattr(existing, f"{role}_id")}
    if existing is not None and existing.standing is Standing.PERSONAL and (role == "owner" or _is_asked(existing)):
        asked.notes.append(f"The account is in somebody’s own name, so its {role} stays.")
        return {}
    person = _find(
        register.people.called, text, asked,
        nobody=f"Nobody called “{shortly(text)}” works here, so the {role} is left out.",
        several=f"Several colleagues are called “{shortly(text)}”, so the {role} is left out. Give the username.",
    )  # fmt: skip
    return {f"{role}_id": person.id} if person else {}


def _find(look: Callable[[str], Any], text: str, asked: Asked, *, nobody: str, several: str) -> Any:
    """What ``look`` finds under ``text``; else ``None``, and a note."""
    try:
        found = look(text)
    except SeveralFit:
        asked.notes.append(several)
        return None
    if found is None:
        asked.notes.append(nobody)
    return found


def _part_owner_from_deputy(values: dict[str, Any], asked: Asked, existing: Any | None) -> None:
    """One person cannot be both; the owner counts."""
    owner_id, deputy_id = (values.get(name, getattr(existing, name, None)) for name in ("owner_id", "deputy_id"))
    if owner_id is None or owner_id != deputy_id:
        return
    values["deputy_id"] = None
    if "deputy" in asked.line.cells:
        asked.notes.append("The deputy must be somebody else than the owner, so there is none yet.")
    else:
        asked.notes.append("Its deputy owns it from now on, so it has none.")


def _team(values: dict[str, Any], asked: Asked, register: Register, existing: Any | None) -> dict[str, Any]:
    """The team that a row names, else that of its new owner."""
    if text := asked.line.cells.get("team"):
        if is_called(text, getattr(existing, "team_path", None), getattr(existing, "team_name", None)):
            return {}
        team_id = _find(
            register.teams.called, text, asked,
            nobody=f"There is no team “{shortly(text)}” in the directory, so the team is left out.",
            several=f"Several teams are called “{shortly(text)}”, so the team is left out. Give the whole path.",
        )  # fmt: skip
        if team_id:
            return {"team_id": team_id}
    owner_id = values.get("owner_id")
    if owner_id is None or owner_id == getattr(existing, "owner_id", None):
        return {}
    return {"team_id": register.people.by_id[owner_id].team_id}


def _state(values: dict[str, Any], asked: Asked, existing: Any | None) -> dict[str, Any]:
    """The state that a row asks for. A live account whose named owner does not work here is orphaned.

    Where the file names no owner at all, it does not say that nobody answers: the account is live. The account of a
    list that was imported before the people, orphaned for want of them, is live once its owner is found.
    """
    if _is_asked(existing):
        return {}
    unanswered = "owner" in asked.line.cells and not values.get("owner_id")
    if existing is None:
        if unanswered and asked.state in (None, State.LIVE):
            asked.notes.append("Its state is orphaned until somebody answers for it.")
            return {"state": State.ORPHANED}
        return {"state": asked.state or State.LIVE}
    if asked.state is State.LIVE and unanswered and existing.owner_id is None:
        return {}
    if (
        asked.state is None
        and existing.state is State.ORPHANED
        and existing.owner_id is None
        and values.get("owner_id")
    ):
        return {"state": State.LIVE}
    return {"state": asked.state} if asked.state else {}


def new_account_notes(asked: Asked) -> list[str]:
    """What somebody should look at again where an account is new."""
    notes = [asked.resolved.note] if asked.resolved.note else []
    if (platform := asked.line.cells.get("platform")) and find_platform(platform) is None:
        name = PLATFORMS[asked.resolved.platform].name
        notes.append(f"The platform “{shortly(platform, 30)}” is not known here: by its address it is under {name}.")
    if asked.standing is Standing.PERSONAL:
        notes.append("It is in somebody’s own name: they are asked. Until they agree, only comms see it.")
    return notes
