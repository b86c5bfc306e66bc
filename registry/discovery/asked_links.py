"""The link that answers a campaign: who was asked what, and a seal that only the register can make."""

import hmac

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import joinedload

from registry.db import db
from registry.discovery.campaign_models import Asked


def token_of(row: Asked) -> str:
    """What the link in somebody's mail has in it: which question, who, and a seal that only the register can make."""
    return f"{row.campaign_id}.{row.person_id}.{_seal(row)}"


def _seal(row: Asked) -> str:
    key: str = current_app.config["SECRET_KEY"]
    words = f"asked {row.campaign_id} {row.person_id} {row.nonce}"
    return hmac.digest(key.encode(), words.encode(), "sha256").hex()[:32]


def asked_of(token: str) -> Asked | None:
    """Whose answer a link opens; ``None`` where it is none, or they have left."""
    parts = token.split(".")
    if len(parts) != 3 or not all(part.isascii() for part in parts):
        return None
    campaign_id, person_id, seal = parts
    if not all(one.isdigit() and len(one) < 10 for one in (campaign_id, person_id)):
        return None
    row = find(int(campaign_id), int(person_id))
    good = row is not None and hmac.compare_digest(_seal(row), seal) and row.person.is_active
    return row if good else None


def find(campaign_id: int, person_id: int) -> Asked | None:
    """What somebody was asked in a campaign, with both."""
    return db.session.scalar(
        sa.select(Asked)
        .where(Asked.campaign_id == campaign_id, Asked.person_id == person_id)
        .options(joinedload(Asked.campaign), joinedload(Asked.person))
    )
