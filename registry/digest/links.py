"""The link that ends somebody's digest: who, and a code that only the register can make."""

from registry.db import db
from registry.digest.models import DigestChoice
from registry.people.merging import survivor_of
from registry.seals import is_seal_of, seal_of
from registry.web import whole


def token_of(choice: DigestChoice) -> str:
    """What stands for somebody's digest in an address."""
    return f"{choice.person_id}.{seal_of(_about(choice.person_id, choice))}"


def choice_of(token: str) -> DigestChoice | None:
    """Whose digest a link ends; ``None`` where it is none, or is ended already."""
    number, _, seal = token.partition(".")
    if (person_id := whole(number)) is None:
        return None
    # The digest of somebody whose rows were merged is ended by the links that they had before, too.
    choice = db.session.get(DigestChoice, person_id) or db.session.get(DigestChoice, survivor_of(person_id) or 0)
    return choice if choice and is_seal_of(_about(person_id, choice), seal) else None


def _about(person_id: int, choice: DigestChoice) -> str:
    return f"digest {person_id} {choice.nonce}"
