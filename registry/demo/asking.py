"""Who was asked to sign at Brynmor and when, who was reminded, who said no, and how it stood day by day."""

from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from registry.accounts.models import Account
from registry.accounts.signing import keep_up
from registry.db import LONDON, db, now, today
from registry.guidelines import queries, renewing, spells
from registry.guidelines.asking import OPEN
from registry.guidelines.models import Decline, Document, Obligation
from registry.guidelines.standing import State, standing
from registry.people.models import Person

#: Days that the chart goes back.
CHART_DAYS: Final = 60
#: How long ago the last mail was sent, the managers and comms were told: five working days lie between.
MAILED, MANAGERS, COMMS = 17, 10, 3
DECLINED: Final = (
    (9, "It says that I may be named in a reply. I work with families who would then find me at home."),
    (4, "I was told that my hours are not paid for this. I will sign when that is settled."),
)


def fill() -> None:
    """Let everybody be asked since they run their first account, and some be late; commits."""
    keep_up()
    runs = sa.or_(Account.owner_id == Obligation.person_id, Account.deputy_id == Obligation.person_id)
    first = sa.select(sa.func.min(Account.proposed_at)).where(runs).correlate(Obligation).scalar_subquery()
    asked = sa.select(Obligation, first).where(OPEN).order_by(Obligation.id)
    for obligation, since in db.session.execute(asked).all():
        if since is not None:
            obligation.since_at, obligation.due_on = since, since.astimezone(LONDON).date() + timedelta(days=14)
    db.session.flush()
    for document in db.session.scalars(sa.select(Document).where(Document.retired_at.is_(None))).all():
        if queries.current(document.id):
            _be_late(document)
    db.session.flush()
    spells.note()  # They were asked in a past that nobody has noted.
    renewing.count_days(CHART_DAYS)
    db.session.commit()


def _be_late(document: Document) -> None:
    """Of those who are late some say no, and the others were asked four times; of half of them others were told."""
    now_standing = standing(None)
    late = sa.select(Obligation, Person).join(now_standing, now_standing.c.id == Obligation.id)
    late = late.join(Person, Person.id == Obligation.person_id)
    late = late.where(now_standing.c.state == State.OVERDUE.value, Obligation.document_id == document.id)
    rows = db.session.execute(late.order_by(Person.name, Person.id)).all()
    current = queries.current(document.id)
    for place, (obligation, person) in enumerate(rows):
        if place < len(DECLINED) and current is not None and len(rows) > len(DECLINED):
            days, reason = DECLINED[place]
            db.session.add(
                Decline(
                    document_id=document.id, version_id=current.id, person_id=person.id, reason=reason, answer="",
                    declined_at=now() - timedelta(days=days),
                )
            )  # fmt: skip
        obligation.mails, obligation.mailed_on = 4, today() - timedelta(days=MAILED)
        if place % 2:
            obligation.manager_told_on = today() - timedelta(days=MANAGERS)
        if place % 4 == 3:
            obligation.comms_told_on = today() - timedelta(days=COMMS)
