"""What people are written to about a meetup: each letter says when and where, what they said, and how to answer."""

from registry import outbox
from registry.meetups.by_link import links
from registry.meetups.calendars import ical
from registry.meetups.models import Answer, Invitation, Kind, Meetup, Reply
from registry.outbox import Mail
from registry.people.models import Person

#: What somebody said, told to themselves.
YOU_SAID = {
    "yes": "You said that you come.",
    "waits": "You said that you would come, and you wait for a place: we write as soon as there is one.",
    "remote": "You said that you join online.",
    "maybe": "You said that you may come.",
    "no": "You said that you do not come.",
    "": "You have not answered yet.",
}


def facts(meetup: Meetup) -> str:
    """When and where, a line each."""
    lines = [f"When: {meetup.when} (London time)"]
    if meetup.place:
        lines.append(f"Where: {meetup.place}")
    if meetup.online_link:
        lines.append(f"Online: {meetup.online_link}")
    if meetup.kind is Kind.EXTERNAL and meetup.page:
        lines.append(f"The organisers' page: {meetup.page}")
    return "\n".join(lines)


def way_to_answer(meetup: Meetup, invitation: Invitation | None) -> str:
    """Where somebody answers: at a link of their own, or where they have none on the meetup's page."""
    if not (address := links.open_address(invitation)):
        return f"To answer, or to change your answer:\n{outbox.link(f'/meetups/{meetup.id}')}"
    return (
        f"To answer, or to change your answer, without signing in:\n{address}\n"
        "This link is yours alone. Whoever has it can answer for you, so do not pass this mail on."
    )


def _mail(person: Person, subject: str, parts: list[str], calendar: str = "") -> Mail:
    text = "\n\n".join((f"Hello {person.called},", *parts)) + "\n"
    return Mail(to=person.mail or "", person_id=person.id, subject=subject, text=text, calendar=calendar)


def changed(
    meetup: Meetup, person: Person, invitation: Invitation | None, reply: Reply | None, *, moved: bool, part: str = ""
) -> Mail:  # fmt: skip
    """It is not as it was when they were last told; ``part`` says that they lead it, say."""
    told = f"“{meetup.title}” begins at another time now." if moved else f"“{meetup.title}” has changed."
    said = reply.said if reply else ""
    words = f"{part} {YOU_SAID[said] if said else ''}".strip() if part else YOU_SAID[said]
    if moved and said == "no":
        words += " That was the time before: can you come now?"
    elif moved and said:
        words += " If you cannot now, please say so: somebody else may be glad of the place."
    parts = [told, facts(meetup), words, way_to_answer(meetup, invitation), "Your calendar is put right by this mail."]
    subject = f"{'New time' if moved else 'Changed'}: {meetup.title}, {meetup.when}"
    return _mail(person, subject, parts, ical.request(meetup, person, invitation=invitation, reply=reply))


def called_off(meetup: Meetup, person: Person, reply: Reply | None = None) -> Mail:
    """It does not take place."""
    parts = [f"“{meetup.title}”, {meetup.when}, does not take place."]
    if meetup.cancelled_reason:
        parts.append(f"Why: {meetup.cancelled_reason}")
    parts.append("This mail takes it out of your calendar. There is nothing that you need to do.")
    parts.append(f"What else is coming:\n{outbox.link('/meetups')}")
    return _mail(person, f"Called off: {meetup.title}, {meetup.when}", parts, ical.cancel(meetup, person, reply=reply))


def moved_up(meetup: Meetup, person: Person, invitation: Invitation | None, reply: Reply) -> Mail:
    """There is a place for who has waited."""
    parts = [
        f"You have a place at “{meetup.title}” now: somebody else cannot come, or the room is larger.", facts(meetup),
        "If you cannot come any more, please say so: the next one waits.", way_to_answer(meetup, invitation),
    ]  # fmt: skip
    calendar = ical.request(meetup, person, invitation=invitation, reply=reply)
    return _mail(person, f"You have a place: {meetup.title}, {meetup.when}", parts, calendar)


def confirmed(meetup: Meetup, person: Person, invitation: Invitation | None, reply: Reply) -> Mail:
    """What they said has arrived; with what their calendar should hold."""
    words = {
        "yes": "You come.", "remote": "You join online.", "maybe": "You may come.", "waits": "You are on the list.",
        "no": "You do not come.",
    }[reply.said]  # fmt: skip
    if reply.answer is Answer.NO:
        parts = [f"You said that you do not come to “{meetup.title}”. This mail takes it out of your calendar."]
        calendar = ical.cancel(meetup, person, reply=reply)
    else:
        parts = [f"“{meetup.title}”: {YOU_SAID[reply.said]}", facts(meetup)]
        calendar = ical.request(meetup, person, invitation=invitation, reply=reply)
    parts.append(way_to_answer(meetup, invitation))
    return _mail(person, f"{words[:-1]}: {meetup.title}, {meetup.when}", parts, calendar)


def fresh_link(meetup: Meetup, person: Person, invitation: Invitation, reply: Reply | None) -> Mail:
    """The link that they had opens nothing any more; here is another, also for the entry in their calendar."""
    said = reply.said if reply else ""
    words = YOU_SAID[said] + (" Was it not you? Then say anew whether you come." if said else "")
    opens = f"The link to answer “{meetup.title}” that you had opens nothing any more, as others may have had it."
    parts = [f"{opens} Here is another.", facts(meetup), words, way_to_answer(meetup, invitation)]
    calendar = "" if said == "no" else ical.request(meetup, person, invitation=invitation, reply=reply)
    return _mail(person, f"Another link for you: {meetup.title}, {meetup.when}", parts, calendar)


def coming(meetup: Meetup, person: Person, invitation: Invitation | None, reply: Reply) -> Mail:
    """It is soon, and they come."""
    parts = [f"“{meetup.title}” is soon. {YOU_SAID[reply.said]}", facts(meetup)]
    if reply.seat is not None:
        parts.append("If you cannot come any more, please say so: there may be somebody who waits for your place.")
    parts.append(way_to_answer(meetup, invitation))
    return _mail(person, f"Soon: {meetup.title}, {meetup.when}", parts)


def begins(meetup: Meetup, person: Person, _invitation: Invitation | None, _reply: Reply) -> Mail:
    """It begins within the hour, and they join online."""
    way_in = f"Join here:\n{meetup.online_link}"
    if not meetup.online_link:
        way_in = f"Its page tells how to join:\n{outbox.link(f'/meetups/{meetup.id}')}"
    parts = [f"“{meetup.title}” begins within the hour: {meetup.when}.", way_in]
    return _mail(person, f"Within the hour: {meetup.title}", parts)


def still_maybe(meetup: Meetup, person: Person, invitation: Invitation | None, _reply: Reply) -> Mail:
    """They said maybe, and it is time to know."""
    parts = [
        f"You said that you may come to “{meetup.title}”. Do you know by now?", facts(meetup),
        way_to_answer(meetup, invitation), "We do not ask again.",
    ]  # fmt: skip
    return _mail(person, f"Can you come? {meetup.title}, {meetup.when}", parts)


def no_answer_yet(meetup: Meetup, person: Person, invitation: Invitation | None, _reply: None) -> Mail:
    """They were asked a while ago and have not answered."""
    parts = [
        f"You are invited to “{meetup.title}”. You have not answered yet.", facts(meetup),
        way_to_answer(meetup, invitation), "A no is an answer, too. We do not ask again.",
    ]  # fmt: skip
    return _mail(person, f"Can you come? {meetup.title}, {meetup.when}", parts)
