"""Noting that an account was seen: the one door for colleagues, sweeps, texts, the directory and campaigns."""

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from registry import audit
from registry.accounts.models import Account
from registry.accounts.naming.queries import known
from registry.accounts.platforms import Resolved
from registry.audit import Somebody
from registry.db import db
from registry.discovery.models import Glimpse, How, Sighting

SEEN = audit.declare("sighting.noted", "{subject} was seen, and nobody has registered it", "how", "place")


@dataclass(frozen=True, slots=True)
class Noted:
    """What came of noting: the account where it is registered, else the sighting; and whether that is new."""

    account: Account | None = None
    sighting: Sighting | None = None
    is_new: bool = False


def note(
    resolved: Resolved, *, how: How, place: str = "", quote: str = "", by: Somebody | None = None, typed: str = ""
) -> Noted:
    """Keep that an account was seen, unless it is registered; seen again in the same place is nothing new.

    ``place`` is where: a page's address, the name of a file, an attribute; ``quote`` the sentence or the words of the
    link. What was decided before stays decided: nobody is asked about the same account twice.
    """
    same = known(resolved, typed)
    if same is not None:
        return Noted(account=same.account)
    sighting = find(resolved)
    is_new = sighting is None
    if sighting is None:
        sighting = _keep(resolved)
        audit.record(
            SEEN, actor=by, subject_kind="sighting", subject_id=sighting.id, subject_name=sighting.url,
            how=how.value, place=place[:200],
        )  # fmt: skip
    _glimpse(sighting, how, place, quote, by)
    return Noted(sighting=sighting, is_new=is_new)


def find(resolved: Resolved) -> Sighting | None:
    """The sighting of an account."""
    return db.session.scalar(
        sa.select(Sighting).where(
            Sighting.platform == resolved.platform, Sighting.kind == resolved.kind, Sighting.key == resolved.key
        )
    )


def _keep(resolved: Resolved) -> Sighting:
    sighting = Sighting(
        platform=resolved.platform, kind=resolved.kind, key=resolved.key, url=resolved.url, handle=resolved.handle
    )
    try:
        with db.session.begin_nested():
            db.session.add(sighting)
    except IntegrityError:  # Somebody else has just noted it.
        found = find(resolved)
        if found is None:
            raise
        return found
    return sighting


def _glimpse(sighting: Sighting, how: How, place: str, quote: str, by: Somebody | None) -> None:
    place = place or (f"person {by.id}" if by else "")
    digest = hashlib.sha256(place.encode("utf-8", "replace")).hexdigest()
    there = sa.exists().where(Glimpse.sighting_id == sighting.id, Glimpse.how == how, Glimpse.place_hash == digest)
    if not db.session.scalar(sa.select(there)):
        db.session.add(
            Glimpse(
                sighting_id=sighting.id, how=how, by_id=by.id if by else None, place=place[:1_000], place_hash=digest,
                quote=quote[:2_000],
            )
        )  # fmt: skip
        db.session.flush()
