"""What the worker does for meetups: how each job is called, how often it is looked at, and what does it."""

from registry.config import Settings
from registry.db import db, exclusively
from registry.job_runs import LEAPT, clock_leapt, is_time_for, waits_for_the_clock
from registry.meetups import actions, leaving, reminding, replying
from registry.meetups.calendars import mailbox, telling

SERIES = "meetups"
NEWS = "meetup-news"
REMINDERS = "meetup-reminders"
ANSWERS = "calendar-answers"
#: What the overview calls each job.
NAMES = {
    SERIES: "Plan the meetups of series ahead",
    NEWS: "Tell calendars what has changed at meetups",
    REMINDERS: "Remind people of meetups",
    ANSWERS: "Read the answers of calendars",
}
#: The hour in London from which the meetups of series are made.
PLANNING_HOUR = 3
#: At which minutes of an hour each is looked at.
MINUTES = {SERIES: "40", NEWS: "*", REMINDERS: "*/15", ANSWERS: "*/5"}


def plan_series(_settings: Settings) -> str:
    """Each night: make what series give in the next half year, and delete what people needed at meetups that are over.

    The night after where the clock has leapt.
    """
    if not is_time_for(SERIES, PLANNING_HOUR):
        return ""
    if clock_leapt(SERIES):
        return LEAPT
    with exclusively("meetups") as free:
        if not free:
            return ""
        replying.forget_needs()
        db.session.commit()
        return f"{actions.plan_all_ahead()} planned"


def tell_news(_settings: Settings) -> str:
    """Give places on, and tell those concerned what has changed; nothing to note in a minute when nothing has."""
    told = leaving.give_on()
    due = telling.is_anything_to_tell()
    db.session.rollback()
    told += telling.tell() if due else 0
    return f"{told} told" if told else ""


def remind(_settings: Settings) -> str:
    """Remind those who come, may come, or have not answered; nobody for half a day where the clock may be wrong."""
    if waits_for_the_clock(REMINDERS):
        return ""
    if clock_leapt(REMINDERS):
        return LEAPT
    return f"{reminding.run()} reminded"


def read_answers(settings: Settings) -> str:
    """Read the mailbox for answers, where there is one."""
    return mailbox.read(settings) if settings.reply_mailbox else ""


JOBS = {SERIES: plan_series, NEWS: tell_news, REMINDERS: remind, ANSWERS: read_answers}
