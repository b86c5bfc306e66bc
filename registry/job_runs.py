"""When each job of the worker ran last and how it ended, and whether the clock can be believed that says when."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import LONDON, Model, day_of, db, now, today

#: A daily job that ran no longer ago than this goes by a clock that has not leapt.
STEADY: Final = timedelta(days=4)
#: How a job ends that is done many times a day, where the clock has leapt.
LEAPT: Final = "the clock has leapt"
#: How long it waits then: until somebody has seen it, or the clock is right again.
UNTIL_STEADY: Final = timedelta(hours=12)


class JobRun(Model):
    """The last time a job ran: one row a job."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    ran_at: Mapped[datetime]
    outcome: Mapped[str]


def is_time_for(job: str, hour: int) -> bool:
    """Whether a job of each day has not ended well today and it is ``hour`` o'clock in London or later."""
    last = db.session.get(JobRun, job)
    done = last and day_of(last.ran_at) == today() and not last.outcome.startswith("failed")
    db.session.rollback()
    return not done and now().astimezone(LONDON).hour >= hour


def clock_leapt(job: str) -> bool:
    """Whether a job ran last at a time from which it would not have taken until now to be day again.

    The clock may be wrong, then: what the days decide waits for the next one. So does it where the worker was off.
    """
    last = db.session.get(JobRun, job)
    db.session.rollback()
    return last is not None and not timedelta() <= now() - last.ran_at <= STEADY


def waits_for_the_clock(job: str) -> bool:
    """Whether a job that is done many times a day ended with ``LEAPT`` a while ago, and still waits."""
    last = db.session.get(JobRun, job)
    db.session.rollback()
    return last is not None and last.outcome == LEAPT and timedelta() <= now() - last.ran_at < UNTIL_STEADY
