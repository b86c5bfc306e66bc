"""Feeds: a secret address at which somebody's calendar program reads their meetups, until they revoke it."""

from datetime import timedelta
from secrets import token_urlsafe
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.db import db, now
from registry.meetups.by_link import links
from registry.meetups.calendars import ical
from registry.meetups.calendars.models import CalendarFeed
from registry.meetups.models import Answer, Invitation, Meetup, Reply

#: How far back a feed goes.
BACK: Final = timedelta(days=60)


def make(person_id: int) -> str:
    """A new address for somebody, in place of the one they have; its token, which is kept nowhere."""
    revoke(person_id)
    token = token_urlsafe(32)
    db.session.add(CalendarFeed(person_id=person_id, token_hash=CalendarFeed.hash_of(token), made_at=now()))
    db.session.flush()
    return token


def revoke(person_id: int) -> None:
    """Let no address of theirs open anything any more."""
    theirs = sa.update(CalendarFeed).where(CalendarFeed.person_id == person_id, CalendarFeed.revoked_at.is_(None))
    db.session.execute(theirs.values(revoked_at=now()))


def of(person_id: int) -> CalendarFeed | None:
    """The feed that somebody has, if any."""
    theirs = sa.select(CalendarFeed).where(CalendarFeed.person_id == person_id, CalendarFeed.revoked_at.is_(None))
    return db.session.scalar(theirs.order_by(CalendarFeed.id.desc()).limit(1))


def opened_by(token: str) -> CalendarFeed | None:
    """The feed that a token opens, with its person; ``None`` where it is revoked or unknown, or they have left."""
    asked = sa.select(CalendarFeed).where(CalendarFeed.token_hash == CalendarFeed.hash_of(token))
    feed = db.session.scalar(asked.options(joinedload(CalendarFeed.person)))
    return feed if feed and feed.revoked_at is None and feed.person.is_active else None


def file_of(feed: CalendarFeed) -> str:
    """The meetups that somebody comes to, may come to, waits for or is invited to."""
    invited = sa.and_(Invitation.meetup_id == Meetup.id, Invitation.person_id == feed.person_id)
    replied = sa.and_(Reply.meetup_id == Meetup.id, Reply.person_id == feed.person_id)
    rows = db.session.execute(
        sa.select(Meetup, Invitation, Reply)
        .outerjoin(Invitation, invited)
        .outerjoin(Reply, replied)
        .where(Meetup.ends_at > now() - BACK, sa.or_(Invitation.id.is_not(None), Reply.id.is_not(None)))
        .order_by(Meetup.begins_at, Meetup.id)
    ).all()
    shown = [row for row in rows if row[2] is None or row[2].answer is not Answer.NO]
    said = {meetup.id: reply.said if reply else "" for meetup, _, reply in shown}
    answer_at = {meetup.id: links.open_address(invitation) for meetup, invitation, _ in shown}
    return ical.published([row[0] for row in shown], name="My meetups", said=said, answer_at=answer_at)
