"""Who asks for what in the tests of routes, and where it is."""

from dataclasses import dataclass
from typing import Any

import cast
from flask import Flask
from werkzeug.routing import Rule

from registry.web import LINK, allowed

#: Who asks; ``None`` is not signed in.
PLAYERS: dict[str, cast.Part | None] = {
    "anonymous": None,
    "staff": cast.STRANGER,
    "organiser": cast.ORGANISER,
    "comms": cast.COMMS_OFFICER,
    "auditor": cast.AUDITOR,
    "admin": cast.ADMIN,
}


#: Which of several ways an address names.
HOW = {
    "speaking.arrange": "up", "speaking.settle": "accept", "door.tick": "came", "discovery.settle": "claim",
    "discovery.dismiss": "fake",
}  # fmt: skip


#: What fills an address instead of what has the same name elsewhere.
INSTEAD = {
    "drop_ins.file": {"slot_id": "booked_slot_id"},
    "discovery.step": {"sighting_id": "fake_id"},
    "door.thanks": {"meetup_id": "over_id"},
    "door.thank": {"meetup_id": "over_id"},
    "questions.remove": {"question_id": "doomed_question_id"},
    "cards.remove": {"card_id": "doomed_card_id"},
    "helping.settle": {"call_id": "own_call_id"},
    "revoking.page": {"person_id": "invited_id"},
    "revoking.revoke": {"person_id": "invited_id"},
}


@dataclass(frozen=True)
class World:
    """One of everything."""

    slug: str
    run_id: int
    accounts: dict[str, int]
    guest_id: int
    import_id: int
    #: Who asked for a platform.
    requests: dict[str, int]
    #: Whose view is whose.
    views: dict[str, int]
    doomed_views: dict[str, int]
    change_id: int
    #: An account on the list of each player; and one that could go on it.
    entries: dict[str, int]
    unlisted_id: int
    shared_slug: str
    token_id: int
    #: Days on which we are closed, one for each player to take back.
    closures: dict[str, int]
    #: What was entered for each player; and why somebody does not sign.
    sign_offs: dict[str, int]
    decline_id: int
    #: What fills the addresses of a meetup that each player leads, and of what stands around it.
    gatherings: dict[str, dict[str, Any]]
    #: Of the peers, for each player: calls that they asked and were asked, introductions, slots.
    peers: dict[str, dict[str, int]]

    def path(self, app: Flask, rule: Rule, who: str) -> str:
        """The address of a rule, filled with what is there; an account and a team are the asker's own."""
        values: dict[str, Any] = {
            "slug": self.slug, "number": 1, "run_id": self.run_id, "account_id": self.accounts[who],
            "person_id": cast.library_officer().id, "guest_id": self.guest_id, "kept_id": cast.library_officer().id,
            "old_id": cast.library_officer().id, "new_id": cast.stranger().id, "name_id": 1,
            "other_id": self.accounts["organiser"],
            "team_id": cast.play(PLAYERS[who] or cast.LIBRARY_OFFICER).team_id, "field": "reply", "what": "bio",
            "import_id": self.import_id,
            "view_id": self.views[who], "change_id": self.change_id, "platform": "x", "request_id": self.requests[who],
            "entry_id": self.entries[who], "list_slug": f"list-of-{who}", "shared_slug": self.shared_slug,
            "token_id": self.token_id, "closure_id": self.closures[who], "name": "accounts.json",
            "sign_off_id": self.sign_offs[who],
            "decline_id": self.decline_id,
        } | self.gatherings[who]  # fmt: skip
        values |= {name: numbers[who] for name, numbers in self.peers.items()}
        values |= {name: values[other] for name, other in INSTEAD.get(rule.endpoint, {}).items()}
        if rule.endpoint.startswith("asked."):
            values["token"] = values["asked_token"]
        values |= of_its_own(rule.endpoint, values)
        if rule.endpoint.startswith("voices."):
            # One whose tag is taken away, and one who keeps it.
            values["person_id"] = (cast.auditor() if rule.endpoint == "voices.end" else cast.ward_sister()).id
        if rule.endpoint.startswith("lists."):
            values["account_id"] = self.unlisted_id
        if rule.endpoint == "saved.remove":
            values["view_id"] = self.doomed_views[who]
        if rule.endpoint == "lists.delete":
            values["list_slug"] = f"doomed-{who}"
        values["how"] = HOW.get(rule.endpoint, "vote")
        with app.test_request_context():
            filled = {name: values[name] for name in rule.arguments}
            return app.url_map.bind("localhost").build(rule.endpoint, filled)


def of_its_own(endpoint: str, values: dict[str, Any]) -> dict[str, Any]:
    """The round of invitations that a rule is about, where it is about another than most."""
    sent = dict.fromkeys(("invited.again", "invited.send_again", "invited.stop"), "sent_round_id")
    which = (sent | {"invited.discard": "doomed_round_id"}).get(endpoint, "round_id")
    return {"round_id": values[which]}


def rules(app: Flask, method: str) -> list[Rule]:
    """The rules of the app that take a method, in a stable order; programs and links have tests of their own."""
    return sorted(
        (
            rule
            for rule in app.url_map.iter_rules()
            if method in (rule.methods or ()) and not for_programs(rule) and LINK not in allowed(app, rule.endpoint)
        ),
        key=lambda rule: rule.endpoint,
    )


def for_programs(rule: Rule) -> bool:
    """Whether the rule is that of the API, or of the check as data; see tests/publishing."""
    return rule.endpoint.startswith("api.") or rule.endpoint == "public.verify_json"
