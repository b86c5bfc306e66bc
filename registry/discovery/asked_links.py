"""The link that answers a campaign: who was asked what, and a code that only the register can make."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.db import db
from registry.discovery.campaign_models import Asked
from registry.seals import is_seal_of, seal_of
from registry.web import whole


def token_of(row: Asked) -> str:
    """What stands for the question to somebody in an address."""
    return f"{row.campaign_id}.{row.person_id}.{seal_of(_about(row))}"


def asked_of(token: str) -> Asked | None:
    """Whose answer a link opens; ``None`` where it is none, or they have left."""
    campaign, _, rest = token.partition(".")
    person, _, seal = rest.partition(".")
    campaign_id, person_id = whole(campaign), whole(person)
    row = find(campaign_id, person_id) if campaign_id and person_id else None
    return row if row and is_seal_of(_about(row), seal) and row.person.is_active else None


def _about(row: Asked) -> str:
    return f"asked {row.campaign_id} {row.person_id} {row.nonce}"


def find(campaign_id: int, person_id: int) -> Asked | None:
    """What somebody was asked in a campaign, with both."""
    return db.session.scalar(
        sa.select(Asked)
        .where(Asked.campaign_id == campaign_id, Asked.person_id == person_id)
        .options(joinedload(Asked.campaign), joinedload(Asked.person))
    )
