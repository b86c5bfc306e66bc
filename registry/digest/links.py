"""The link that ends somebody's digest: who, and a code that only the register can make."""

from registry.db import db
from registry.digest.models import DigestChoice
from registry.seals import is_seal_of, seal_of
from registry.web import whole


def token_of(choice: DigestChoice) -> str:
    """What stands for somebody's digest in an address."""
    return f"{choice.person_id}.{seal_of(_about(choice))}"


def choice_of(token: str) -> DigestChoice | None:
    """Whose digest a link ends; ``None`` where it is none, or is ended already."""
    number, _, seal = token.partition(".")
    choice = db.session.get(DigestChoice, person_id) if (person_id := whole(number)) else None
    return choice if choice and is_seal_of(_about(choice), seal) else None


def _about(choice: DigestChoice) -> str:
    return f"digest {choice.person_id} {choice.nonce}"
