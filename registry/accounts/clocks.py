"""By when whoever registers an account hears from us, in working days as the settings promise them."""

from datetime import date

from flask import current_app

from registry.db import today
from registry.workdays import working_days_after


def decide_by() -> date:
    """The day by which comms decide on what is proposed today."""
    return working_days_after(today(), current_app.config["SETTINGS"].approval_days)


def nod_by() -> date | None:
    """The last day on which a line manager who is asked today may nod; ``None`` where none is asked."""
    days = current_app.config["SETTINGS"].nod_days
    return working_days_after(today(), days) if days else None
