"""Asking the teams whether they use social media for work: beginning, one reminder, answers; in portions."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from registry import audit, outbox
from registry.audit import Somebody
from registry.db import db, hold_back_forms, now, today
from registry.discovery.asked_links import token_of
from registry.discovery.campaign_models import Asked, Campaign, Readiness, Use
from registry.outbox import Mail
from registry.people.models import Person, Team
from registry.people.queries import IN_OFFICE, working_here
from registry.workdays import working_days_after

MADE: Final = audit.declare("campaign.made", "{actor} wrote the question “{subject}”")
BEGUN: Final = audit.declare("campaign.begun", "{actor} asked {count} people “{subject}”", "count")
ENDED: Final = audit.declare("campaign.ended", "{actor} ended “{subject}”")
#: People a transaction.
PORTION: Final = 500
#: Working days from the question to the one reminder.
REMIND_AFTER: Final = 5
#: Nobody is asked again so soon, by whichever campaign.
REST: Final = timedelta(days=180)
TEXT: Final = (
    "Some of us tweet from the gritter, post from the library desk or answer parents in a group. We would like to know"
    " who you are: not to stop you, but so that you are not alone with it. Whatever you run today is all right. Nobody"
    " is asked why it was not registered, and nothing is taken from you.\n\nWho registers gets words to paste, somebody"
    " to stand in for them, and colleagues to ask."
)


class ChangedMeanwhile(Exception):
    """Others would be asked than were shown: ``count`` is how many there are now."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} people would be asked now.")
        self.count = count


def make(*, actor: Somebody, title: str, text: str, team: Team | None) -> Campaign:
    """Write a question; nobody is asked before it is begun."""
    campaign = Campaign(title=title, text=text, team_id=team.id if team else None, made_by_id=actor.id)
    db.session.add(campaign)
    db.session.flush()
    audit.record(MADE, actor=actor, subject_kind="campaign", subject_id=campaign.id, subject_name=campaign.title)
    return campaign


def to_ask(campaign: Campaign) -> sa.Select[Any]:
    """Whom it asks and has not asked: who works in the team, or within it, and was not asked in the last half year."""
    before = sa.select(Asked.person_id).where(sa.or_(Asked.campaign_id == campaign.id, Asked.at > now() - REST))
    asked = working_here().order_by(None).where(Person.id.not_in(before))
    if campaign.team_id is not None:
        within, top = aliased(Team), aliased(Team)
        below = sa.func.substr(within.path, 1, sa.func.length(top.path) + 3) == top.path + " / "
        teams = sa.select(within.id).join(top, sa.or_(within.id == top.id, below)).where(top.id == campaign.team_id)
        asked = asked.where(Person.team_id.in_(teams))
    return asked


def how_many(campaign: Campaign) -> int:
    """How many it would ask now."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(to_ask(campaign).subquery())) or 0


def begin(*, campaign: Campaign, actor: Somebody, count: int) -> None:
    """Let the worker ask; ``count`` is how many were shown. Raises ``ChangedMeanwhile`` where it is another number."""
    if campaign.begun_at is not None:
        return
    if (there := how_many(campaign)) != count:
        raise ChangedMeanwhile(there)
    campaign.begun_at = now()
    campaign.remind_on = working_days_after(today(), REMIND_AFTER)
    audit.record(
        BEGUN, actor=actor, subject_kind="campaign", subject_id=campaign.id, subject_name=campaign.title, count=count
    )


def end(*, campaign: Campaign, actor: Somebody) -> None:
    """Take no more answers, remind nobody any more."""
    campaign.ended_at = now()
    audit.record(ENDED, actor=actor, subject_kind="campaign", subject_id=campaign.id, subject_name=campaign.title)


# --- The worker's part ------------------------------------------------------------------------------------


def work() -> tuple[int, int]:
    """Ask and remind whoever is due; how many of each. Commits a portion at a time, each whole or not at all."""
    asked = reminded = 0
    running = sa.select(Campaign.id).where(Campaign.begun_at.is_not(None), Campaign.ended_at.is_(None))
    for number in db.session.scalars(running.order_by(Campaign.id)).all():
        db.session.rollback()
        while portion := _ask_some(db.session.get_one(Campaign, number)):
            asked += portion
        while portion := _remind_some(db.session.get_one(Campaign, number)):
            reminded += portion
    return asked, reminded


def _ask_some(campaign: Campaign) -> int:
    if campaign.asked_at is not None:
        return 0
    hold_back_forms()
    db.session.refresh(campaign)
    people = db.session.scalars(to_ask(campaign).order_by(Person.id).limit(PORTION)).all()
    if not people or campaign.ended_at is not None:
        campaign.asked_at = now()
        db.session.commit()
        return 0
    rows = [Asked(campaign_id=campaign.id, person_id=one.id, nonce=secrets.token_urlsafe(16)) for one in people]
    db.session.add_all(rows)
    outbox.post_many([_mail(campaign, row, one) for row, one in zip(rows, people, strict=True) if one.mail])
    db.session.commit()
    return len(people)


def _remind_some(campaign: Campaign) -> int:
    due = campaign.remind_on is not None and campaign.remind_on <= today() and campaign.asked_at is not None
    if not due or campaign.reminded_at is not None or campaign.ended_at is not None:
        return 0
    hold_back_forms()
    rows: Sequence[Asked] = db.session.scalars(
        sa.select(Asked)
        .join(Asked.person)
        .where(
            Asked.campaign_id == campaign.id, Asked.answered_at.is_(None), Asked.reminded_at.is_(None),
            Person.state.in_(IN_OFFICE),
        )
        .options(joinedload(Asked.person))
        .order_by(Asked.person_id)
        .limit(PORTION)
    ).all()  # fmt: skip
    if not rows:
        campaign.reminded_at = now()
        db.session.commit()
        return 0
    for row in rows:
        row.reminded_at = now()
    outbox.post_many([_mail(campaign, row, row.person, again=True) for row in rows if row.person.mail])
    db.session.commit()
    return len(rows)


def _mail(campaign: Campaign, row: Asked, person: Person, *, again: bool = False) -> Mail:
    first = "We asked you last week; this is the only reminder.\n\n" if again else ""
    return Mail(
        to=person.mail or "", person_id=person.id, subject=campaign.title,
        text=f"Hello {person.given_name or person.name},\n\n{first}{campaign.text}\n\nDo you use social media for work?"
        f" One press answers, without signing in:\n{outbox.link(f'/asked/{token_of(row)}')}\n",
    )  # fmt: skip


# --- Answers ----------------------------------------------------------------------------------------------


def answer(*, row: Asked, use: Use, readiness: Readiness | None, said: str) -> None:
    """Keep what somebody answers; the last answer counts, until the campaign ends."""
    row.use, row.readiness, row.said, row.answered_at = use, readiness, said, now()


def waiting_for(person_id: int) -> Sequence[Asked]:
    """What somebody was asked and has not answered, each with its campaign, of those that go on."""
    return db.session.scalars(
        sa.select(Asked)
        .join(Asked.campaign)
        .where(Asked.person_id == person_id, Asked.answered_at.is_(None), Campaign.ended_at.is_(None))
        .options(joinedload(Asked.campaign))
        .order_by(Asked.at, Asked.campaign_id)
    ).all()
