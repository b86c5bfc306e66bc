"""Deciding on platforms, asking for one, and answering who asked."""

from datetime import date
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry import audit, outbox
from registry.accounts.platforms import PLATFORMS, find_platform, name_of
from registry.audit import Somebody
from registry.db import db, now
from registry.footprint.models import Answer, PlatformRequest, PlatformUse, Use
from registry.people.mail import write_to

DECIDED: Final = audit.declare("platform.decided", "{actor} decided that {subject} is {use}", "use", "purpose")
ASKED: Final = audit.declare("platform.asked", "{actor} asked whether we should be on {subject}")
ANSWERED: Final = audit.declare(
    "platform.answered", "{actor} answered who asked for {subject}: {answer}", "answer", "advice"
)
#: What the letter says first.
ANSWERS: Final = {
    Answer.YES: "Yes, let us be on {name}. Register the account as soon as you have made it.",
    Answer.TRIAL: "Let us try {name}. Register the account as soon as you have made it.",
    Answer.NO: "Not now: we will not be on {name}.",
}


class Answered(Exception):
    """A colleague has answered already."""


def decide(*, platform: str, use: Use, purpose: str, trial_until: date | None, actor: Somebody) -> PlatformUse:
    """Say whether we are on ``platform``, a slug, and what for; a trial has its last day."""
    kept = db.session.get(PlatformUse, platform) or PlatformUse(platform=platform)
    kept.use, kept.purpose, kept.trial_until = use, purpose, trial_until if use is Use.TRIAL else None
    kept.decided_at, kept.decided_by_id = now(), actor.id
    db.session.add(kept)
    db.session.flush()
    _record(DECIDED, platform, None, actor, use=use.value, purpose=purpose)
    return kept


def ask(*, platform: str, audience: str, purpose: str, hours: int, actor: Somebody) -> PlatformRequest:
    """Ask comms whether we should be on ``platform``, by its name as people write it.

    Who asks the very same again, as by pressing the button twice, is given the request that waits.
    """
    asked = {
        "platform": find_platform(platform) or platform, "audience": audience, "purpose": purpose, "hours": hours,
        "asked_by_id": actor.id, "answer": Answer.WAITING,
    }  # fmt: skip
    again = sa.select(PlatformRequest).filter_by(**asked).options(joinedload(PlatformRequest.asked_by))
    if (waits := db.session.scalar(again.order_by(PlatformRequest.id).limit(1))) is not None:
        return waits
    request = PlatformRequest(**asked, asked_at=now(), advice="")
    db.session.add(request)
    db.session.flush()
    _record(ASKED, request.platform, request.id, actor)
    return request


def answer(*, request: PlatformRequest, answer: Answer, advice: str, trial_until: date | None, actor: Somebody) -> bool:
    """Answer who asked, with advice; whether they are written to. Raises ``Answered``.

    A yes or a trial is kept for the platform too, unless comms have said already that we are there: what for, and until
    when it is tried, is not for one who asks to change.
    """
    mine = sa.select(PlatformRequest.answer).where(PlatformRequest.id == request.id)
    if db.session.scalar(mine.with_for_update()) is not Answer.WAITING:
        raise Answered
    request.answer, request.advice = answer, advice
    request.answered_at, request.answered_by_id = now(), actor.id
    if answer in (Answer.YES, Answer.TRIAL) and request.platform in PLATFORMS and not _are_there(request.platform):
        use = Use.IN_USE if answer is Answer.YES else Use.TRIAL
        decide(platform=request.platform, use=use, purpose=request.purpose, trial_until=trial_until, actor=actor)
    _record(ANSWERED, request.platform, request.id, actor, answer=answer.value, advice=advice)
    asker = request.asked_by
    posted = write_to(
        asker, subject=f"Should we be on {request.name}?",
        text=f"Hello {asker.called},\n\n{ANSWERS[answer].format(name=request.name)}\n\n{advice}\n\n"
        f"{outbox.link(f'/platforms/requests/{request.id}')}\n",
    )  # fmt: skip
    return posted is not None


def _are_there(platform: str) -> bool:
    kept = db.session.get(PlatformUse, platform)
    return kept is not None and kept.use in (Use.IN_USE, Use.TRIAL)


def _record(name: str, platform: str, number: int | None, actor: Somebody, **fields: str) -> None:
    called = name_of(platform)
    audit.record(name, actor=actor, subject_kind="platform", subject_id=number, subject_name=called, **fields)
