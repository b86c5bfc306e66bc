"""What a registered account gets back at once: words to paste, and how to begin well."""

from typing import Final

from registry.accounts.models import Account, Standing

#: Characters that a bio may have; other platforms take at least 300. Source: the platforms' own forms.
BIO_LENGTH: Final = {
    "x": 160, "instagram": 150, "tiktok": 80, "threads": 150, "bluesky": 256, "facebook": 101, "pixelfed": 150,
}  # fmt: skip
USUAL_LENGTH: Final = 300
OPENINGS: Final = {
    Standing.OFFICIAL: "{title}: the official account of {who}.",
    Standing.SEMI_OFFICIAL: "{title}, run by the {team} team of {who}.",
    Standing.PERSONAL: "I work for {who}. Views here are my own.",
    Standing.PARTNER: "{title}, run together with {who}.",
}


def bio(account: Account, organisation: str) -> str:
    """A text for the account's own page, within the platform's length."""
    team = account.team.name if account.team else organisation
    opening = OPENINGS[account.standing].format(title=account.title, who=organisation, team=team)
    longest = BIO_LENGTH.get(account.platform, USUAL_LENGTH)
    sentences = [opening]
    for sentence in account.purpose.replace("\n", " ").split(". "):
        whole = sentence.strip().rstrip(".")
        if whole and len(" ".join([*sentences, whole])) + 1 <= longest:
            sentences.append(f"{whole}{'' if whole.endswith(('?', '!')) else '.'}")
        else:
            break
    text = " ".join(sentences)
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def hours_line(organisation: str) -> str:
    """A line for outside office hours, with gaps: nobody but the account's people knows its hours."""
    return f"We read and answer on [days], from [time] to [time]. In between, {organisation}’s website has the latest."


def title_from(handle: str) -> str:
    """A first guess at an account's name: ``@BrynmorLibraries`` is ``Brynmor Libraries``."""
    name = handle.lstrip("@").partition("@")[0].rpartition("/")[2]
    spaced = [
        f" {one}" if one.isupper() and place and not name[place - 1].isupper() else one
        for place, one in enumerate(name.replace("_", " ").replace("-", " ").replace(".", " "))
    ]
    words = "".join(spaced).split()
    return " ".join(word if any(one.isupper() for one in word) else word.capitalize() for word in words)
