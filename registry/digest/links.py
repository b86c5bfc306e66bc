"""The link that ends somebody's digest: who, and a seal that only the register can make."""

import hmac

from flask import current_app

from registry.db import db
from registry.digest.models import DigestChoice


def token_of(choice: DigestChoice) -> str:
    """What the link of somebody's digest has in it: who, and a seal that only the register can make."""
    return f"{choice.person_id}.{_seal(choice)}"


def _seal(choice: DigestChoice) -> str:
    key: str = current_app.config["SECRET_KEY"]
    return hmac.digest(key.encode(), f"digest {choice.person_id} {choice.nonce}".encode(), "sha256").hex()[:32]


def choice_of(token: str) -> DigestChoice | None:
    """Whose digest a link ends; ``None`` where it is none, or is ended already."""
    number, _, seal = token.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 10 and seal.isascii()):
        return None
    choice = db.session.get(DigestChoice, int(number))
    return choice if choice and hmac.compare_digest(_seal(choice), seal) else None
