"""A mail that asks somebody to sign may wait, for a working day or for the mail server: they may sign first.

Then nothing of it is true any more, and it does not leave; or it names what is left, where there is more to sign.
"""

from typing import Any

import sqlalchemy as sa

from registry.db import db
from registry.guidelines.chasing import owed
from registry.guidelines.chasing_letters import TO_SIGN, Due, letters_to
from registry.guidelines.models import Document, Obligation
from registry.outbox import Message, waiting
from registry.people.models import Person


def take_back() -> int:
    """Delete the mails that wait for people who have nothing to sign any more, or do not work here; how many."""
    rows, _ = owed()
    still = rows.add_columns(Obligation.id).where(Obligation.person_id == Message.person_id).correlate(Message)
    gone = sa.delete(Message).where(waiting(TO_SIGN), Message.person_id.is_not(None), ~still.exists())
    done: Any = db.session.execute(gone.execution_options(synchronize_session="fetch"))
    return int(done.rowcount)


def put_right(person_id: int) -> None:
    """Let the mails that wait for one person name what they have to sign now, and not leave where that is nothing."""
    mine = sa.select(Message).where(waiting(TO_SIGN), Message.person_id == person_id)
    if not (messages := db.session.scalars(mine).all()):
        return
    rows, due = owed()
    listed = rows.add_columns(Document.slug, Document.title, due).join(Document, Document.id == Obligation.document_id)
    listed = listed.where(Obligation.person_id == person_id).order_by(due, Document.title, Document.id)
    named = [Due(*row) for row in db.session.execute(listed)]
    whom = sa.select(Person.id, Person.name, Person.given_name, Person.mail).where(Person.id == person_id)
    letter = letters_to(db.session.execute(whom).all())[person_id]
    letter.due = named
    for message in messages:
        if named:
            mail = letter.as_mail()
            message.subject, message.text = mail.subject, mail.text
        else:
            db.session.delete(message)
    db.session.flush()
