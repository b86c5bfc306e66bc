"""Those on whom a meetup depends, who lead it or speak there: they hear of it when they are named, and before."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import cycle

import sqlalchemy as sa

from registry import outbox
from registry.audit import Somebody
from registry.db import day_of, db
from registry.meetups.models import AgendaItem, Answer, Meetup, Reply, Series
from registry.outbox import Mail, Message
from registry.people.mail import write_to
from registry.people.models import Person
from registry.people.queries import IN_OFFICE


def parts(meetup: Meetup) -> dict[int, str]:
    """What each of them does, said to themselves, by their ids."""
    speaks = sa.select(AgendaItem.speaker_id).where(
        AgendaItem.meetup_id == meetup.id, AgendaItem.speaker_id.is_not(None)
    )
    found = {one: "You speak there." for one in db.session.scalars(speaks.distinct()) if one is not None}
    return found | ({meetup.leader_id: "You lead it."} if meetup.leader_id else {})


# --- Whose turn it is ---------------------------------------------------------------------------------------


def in_turn(series: Series, led: Sequence[int | None]) -> Iterator[int | None]:
    """Who leads next, then who leads after that, without end; ``led`` are those who led so far, the last one last.

    Whoever does not work here any more is passed over; ``None`` where nobody is left.
    """
    ids = [one.person_id for one in series.rota]
    here = set(db.session.scalars(sa.select(Person.id).where(Person.id.in_(ids), Person.state.in_(IN_OFFICE))))
    last = next((ids.index(one) for one in reversed(led) if one in ids), -1)
    whole_round = [*ids[last + 1 :], *ids[: last + 1]]
    return cycle([one for one in whole_round if one in here] or [None])


def tell_turns(made: Sequence[Meetup], *, actor: Somebody | None = None) -> None:
    """Tell those who lead meetups that a series has made, each in one mail; ``actor`` knows already."""
    turns: dict[int, list[Meetup]] = {}
    for meetup in made:
        if meetup.leader_id and (actor is None or meetup.leader_id != actor.id):
            turns.setdefault(meetup.leader_id, []).append(meetup)
    for person in db.session.scalars(sa.select(Person).where(Person.id.in_(turns)).order_by(Person.id)):
        theirs = turns[person.id]
        lines = "\n".join(f"{one.when}\n{outbox.link(f'/meetups/{one.id}')}" for one in theirs)
        _write(
            person, f"Your turn to lead: {theirs[0].title}", [f"It is your turn to lead “{theirs[0].title}”:", lines]
        )


# --- When they are named ------------------------------------------------------------------------------------


def leader_named(*, meetup: Meetup, before: int | None, actor: Somebody) -> None:
    """Tell who leads a meetup now, and who led it ``before``, where that is somebody else."""
    if meetup.leader_id == before:
        return
    _tell(meetup, meetup.leader_id, actor, "You lead it", f"You lead “{meetup.title}”.")
    _tell(meetup, before, actor, "Somebody else leads it", f"You do not lead “{meetup.title}” any more.")


def speaker_named(*, meetup: Meetup, item: AgendaItem, actor: Somebody) -> None:
    """Tell somebody that an organiser put them on the agenda."""
    words = f"You are on the agenda of “{meetup.title}”: “{item.title}”, {item.minutes} minutes."
    _tell(meetup, item.speaker_id, actor, "You speak there", words)


def speaker_taken_off(*, meetup: Meetup, item: AgendaItem, actor: Somebody) -> None:
    """Tell somebody that they are not on the agenda any more."""
    words = f"“{item.title}” is not on the agenda of “{meetup.title}” any more."
    _tell(meetup, item.speaker_id, actor, "Not on the agenda any more", words)


def _tell(meetup: Meetup, person_id: int | None, actor: Somebody, subject: str, words: str) -> None:
    if person_id is None or person_id == actor.id or not meetup.is_open:
        return
    person = db.session.get_one(Person, person_id)
    more = f"{actor.name} has arranged it so. Does it not suit you? Then please tell them."
    where = f"{meetup.when}\n{outbox.link(f'/meetups/{meetup.id}')}"
    _write(person, f"{subject}: {meetup.title}", [words, where, more])


def _write(person: Person, subject: str, paragraphs: Sequence[str]) -> None:
    write_to(person, subject=subject, text="\n\n".join((f"Hello {person.called},", *paragraphs)) + "\n")


# --- Before it begins ---------------------------------------------------------------------------------------


def remind(meetup: Meetup, since: datetime) -> int:
    """Remind those of a meetup whom no other reminder reaches; how many. The meetup is held.

    ``since`` is when the time to remind has begun. Which mails were sent says who was reminded.
    """
    theirs, about = parts(meetup), f"stage-{meetup.id}-{day_of(since):%Y%m%d}"
    come = sa.select(Reply.person_id).where(
        Reply.meetup_id == meetup.id, Reply.answer.in_((Answer.YES, Answer.REMOTE)), Reply.queued_at.is_(None)
    )
    told = sa.exists().where(
        Message.person_id == Person.id, Message.message_id.startswith(f"<{about}.", autoescape=True)
    )
    whom = sa.select(Person).where(
        Person.id.in_(theirs), Person.id.not_in(come), Person.state.in_(IN_OFFICE), Person.mail.is_not(None), ~told
    )
    people = db.session.scalars(whom.order_by(Person.id)).all()
    outbox.post_many([_reminder(meetup, person, theirs[person.id], about) for person in people])
    return len(people)


def _reminder(meetup: Meetup, person: Person, part: str, about: str) -> Mail:
    text = f"Hello {person.called},\n\n“{meetup.title}” is soon: {meetup.when}. {part}\n\n"
    where = f"Where: {meetup.place}\n" if meetup.place else ""
    return Mail(
        to=person.mail or "", person_id=person.id, subject=f"Soon: {meetup.title}, {meetup.when}", about=about,
        text=f"{text}{where}{outbox.link(f'/meetups/{meetup.id}')}\n",
    )  # fmt: skip
