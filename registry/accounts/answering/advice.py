"""What we know of platforms: which ways in there are to close, where they are, and how a lost account comes back.

In our own words, and kept short: menus move. What is not known of a platform is said in general words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from registry.accounts.answering.models import Kept, WayIn
from registry.accounts.platforms import PLATFORMS

#: What has to be done about each way in.
TO_DO: Final = {
    WayIn.PASSWORD: "Change the password",
    WayIn.SESSIONS: "End every session",
    WayIn.ROLES: "Take them out of those who manage it",
    WayIn.TOOLS: "Revoke connected tools",
    WayIn.RECOVERY: "Replace their recovery mailbox and phone",
    WayIn.TWO_STEP: "Move 2-step verification to somebody here",
}
#: One sign-in that several people share.
SHARED: Final = (WayIn.PASSWORD, WayIn.SESSIONS, WayIn.TOOLS, WayIn.RECOVERY, WayIn.TWO_STEP)
#: One sign-in, and people who manage it with their own beside.
BOTH: Final = (WayIn.PASSWORD, WayIn.SESSIONS, WayIn.ROLES, WayIn.TOOLS, WayIn.RECOVERY, WayIn.TWO_STEP)
#: Everybody signs in with their own.
BY_ROLE: Final = (WayIn.ROLES, WayIn.TOOLS)
#: The ways into an account of each platform; of the others, those of ``SHARED``.
WAYS: Final = {
    "facebook": BY_ROLE, "linkedin": BY_ROLE, "website": BY_ROLE, "x": BOTH, "instagram": BOTH, "tiktok": BOTH,
    "youtube": BOTH,
}  # fmt: skip
#: Where to look for a way in, by platform; by no platform, anywhere.
WHERE: Final = {
    ("", WayIn.PASSWORD): "Make a new one that nobody has used, and keep it where the organisation keeps such things.",
    ("", WayIn.SESSIONS): "Look for “devices”, “sessions” or “where you’re logged in” under security.",
    ("", WayIn.ROLES): "Look for “people”, “admins” or “access” in the settings.",
    ("", WayIn.TOOLS): "Schedulers and apps can post without the password. Look for “apps” or “connected”.",
    ("", WayIn.RECOVERY): "Otherwise a forgotten password lets them back in.",
    ("", WayIn.TWO_STEP): "The codes must reach somebody who is here. Make new backup codes, too.",
    ("facebook", WayIn.ROLES): "On the page under page access, and in the business portfolio under people.",
    ("instagram", WayIn.ROLES): "In the business portfolio of Meta, where the account is in one.",
    ("instagram", WayIn.SESSIONS): "In the Accounts Centre, under password and security.",
    ("linkedin", WayIn.ROLES): "On the page as an admin: settings, then manage admins. Paid media admins, too.",
    ("youtube", WayIn.ROLES): "In YouTube Studio under settings, permissions; on a brand account, among its managers.",
    ("youtube", WayIn.PASSWORD): "That of the Google account, where several people share one.",
    ("x", WayIn.ROLES): "Under security and account access: delegates.",
    ("x", WayIn.TOOLS): "Under security and account access: apps and sessions.",
    ("tiktok", WayIn.ROLES): "In the Business Center, where the account is in one.",
    ("bluesky", WayIn.TOOLS): "Delete the app passwords: each of them lets a program in.",
    ("mastodon", WayIn.TOOLS): "In the preferences, under account: authorised apps.",
    ("website", WayIn.ROLES): "Among the users of the system in which it is written.",
}  # fmt: skip


def ways_into(platform: str, kept: Kept | None = None) -> tuple[WayIn, ...]:
    """The ways into an account on ``platform``; with single sign-on there is no password of its own to change."""
    known = PLATFORMS.get(platform)
    if known and known.closed:
        return ()
    return BY_ROLE if kept is Kept.SSO else WAYS.get(platform, SHARED)


def where(platform: str, way: WayIn) -> str:
    """Where to look for a way in, in a sentence or two."""
    return WHERE.get((platform, way)) or WHERE["", way]


@dataclass(frozen=True, slots=True)
class Recovering:
    """How an account that nobody gets into comes back."""

    steps: Sequence[str]
    #: Where the platform itself helps; empty where it has no such page, or none that we know.
    url: str = ""


#: What helps on every platform.
FIRST: Final = (
    "Try every browser and phone on which somebody was signed in: one that still is can change the password.",
    "Look in the mailbox that the platform writes to, junk included. A message about a changed address or password"
    " often holds a link that takes the change back, for some days.",
    "Reset the password from the sign-in page, to the recovery mailbox first. IT can open a mailbox of ours again,"
    " even that of somebody who has left.",
    "If somebody else posts there, tell the communications team at once, so that they can warn people elsewhere.",
)
LAST: Final = (
    "When you are in again: change the password, end every session, revoke connected tools, look at who manages it.",
)
THEIRS: Final = {
    "facebook": (
        ("Anybody else who manages the page or the business portfolio can let you in again: ask them first.",
         "Have proof ready that the page is ours: a letter with our head, the web address that it links to."),
        "https://www.facebook.com/hacked",
    ),
    "instagram": (
        ("On the sign-in page choose help with signing in. Where the account shows no faces, answer by the mailbox"
         " with which it was made.",
         "An account in a business portfolio can be helped from there, by whoever manages it."),
        "https://www.instagram.com/hacked/",
    ),
    "threads": (
        ("It has the sign-in of the Instagram account of that name: that is the one to get back.",),
        "https://www.instagram.com/hacked/",
    ),
    "x": (
        ("Ask for help from the mailbox with which the account was made: other senders get no answer.",),
        "https://help.x.com/",
    ),
    "linkedin": (
        ("A page has no password. Another admin can add you; without one, an employee whose profile names us can ask"
         " for admin access on the page.",),
        "https://www.linkedin.com/help/linkedin",
    ),
    "youtube": (
        ("It belongs to a Google account, or to a brand account with managers. Ask every manager first.",
         "If it is in our own Google Workspace, IT can reset the account without Google."),
        "https://accounts.google.com/signin/recovery",
    ),
    "tiktok": (
        ("Report it in the app, under settings, report a problem, from a phone that was signed in before.",),
        "https://support.tiktok.com/",
    ),
    "bluesky": (
        ("If its name is a web address of ours, IT can point that name at a new account in our DNS: the old one loses"
         " it.",),
        "",
    ),
    "mastodon": (
        ("Write to whoever runs the server; its “about” page names them. If we run it, IT can reset the account.",),
        "",
    ),
    "website": (("Ask IT, or whoever hosts it, to make you an administrator of the system it is written in.",), ""),
}  # fmt: skip


def recovering(platform: str) -> Recovering:
    """What to try to get a lost account of ``platform`` back, in order."""
    steps, url = THEIRS.get(platform, ((), ""))
    return Recovering((*FIRST, *steps, *LAST), url)
