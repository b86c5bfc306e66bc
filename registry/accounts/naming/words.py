"""Standing, state and who sees an account, in words that help to choose: on forms, and on a page of their own."""

from dataclasses import dataclass
from typing import Final

from registry.accounts.models import Standing, State, Visibility


@dataclass(frozen=True, slots=True)
class Meaning:
    """One word of the register: what it says, when to choose it, what follows from it."""

    word: str
    means: str
    when: str
    then: str = ""


#: In the order in which to ask: the first that fits is the one.
STANDINGS: Final = {
    Standing.PERSONAL: Meaning(
        "Personal, with a role", "Your own account, in which you say what your job is.",
        "It is in your own name, and would be yours still if you worked elsewhere.",
        "Only you can register it, only you choose who sees it, and you may take it out again at any time.",
    ),
    Standing.PARTNER: Meaning(
        "Partner", "Run together with others, or by others for us.",
        "Somebody outside the organisation can post there, or decides what is posted.",
        "Say in its purpose who the others are. It is looked at twice a year.",
    ),
    Standing.OFFICIAL: Meaning(
        "Official", "It speaks for the organisation or one of its services.",
        "People would quote it as what the organisation says: decisions, warnings, closures.",
        "Comms stand behind it. It is looked at once a year.",
    ),
    Standing.SEMI_OFFICIAL: Meaning(
        "Semi-official", "A team or a place in its own voice: a library, a depot, a project.",
        "It tells what your team does, and nobody would take it for the voice of the whole organisation.",
        "It is looked at twice a year.",
    ),
}  # fmt: skip
STATES: Final = {
    State.PROPOSED: Meaning(
        "Proposed", "It waits for comms, or for whom it belongs to.",
        "Nobody chooses it: an account is proposed until it is approved.", "Go on posting meanwhile.",
    ),
    State.LIVE: Meaning(
        "Live", "Somebody posts there, or answers.", "There was a post in the last three months, or it is kept for"
        " emergencies on purpose.", "Its people are asked when its review is due.",
    ),
    State.DORMANT: Meaning(
        "Dormant", "We have it, and nobody posts there for now.",
        "It rests between seasons, or is kept so that nobody else takes the name.",
        "Say on the account itself where you answer instead.",
    ),
    State.ORPHANED: Meaning(
        "Orphaned", "Nobody who works here answers for it.", "Its owner has left and there is no deputy.",
        "Comms look for somebody who takes it over, or close it.",
    ),
    State.LOST: Meaning(
        "Lost", "It is there and we cannot get in, or somebody else has it.",
        "The password is gone with a colleague, or the account was taken over.",
        "Comms ask the platform for it. Warn people who follow it.",
    ),
    State.CLOSED: Meaning(
        "Closed", "It is gone from the platform, or we have said goodbye there.",
        "It was deleted, or will never be used again.", "It stays in the register, so that nobody looks for it.",
    ),
}  # fmt: skip
VISIBILITIES: Final = {
    Visibility.COMMS: Meaning(
        "Comms only", "The communications team, and whoever runs it with you.",
        "You want it known to somebody in case something happens, and to nobody else.",
    ),
    Visibility.COLLEAGUES: Meaning(
        "Colleagues", "Everybody who works here, when they are signed in.",
        "You would like colleagues who do the same work to find you.",
    ),
    Visibility.EVERYONE: Meaning(
        "Everyone", "Colleagues, and the public where the register publishes a list.",
        "Residents should be able to check that it is real.",
    ),
}  # fmt: skip
#: What takes-out does, told before somebody presses the button.
TAKING_OUT: Final = (
    "Nobody sees it any more, not even its deputy. Comms see no more than that there was one.",
    "What you wrote about it, its topics, its deputy and its contributors are deleted.",
    "Its address is kept where no page shows it, so that nobody asks you for it again.",
    "What its history says stays as evidence, which auditors and administrators can read.",
    "You can put it back.",
)
