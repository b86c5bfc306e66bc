"""How often those outside may ask: by token, or by network address where there is none.

Each process counts for itself, in memory. Without a store of its own beside the register there is nothing better: to
count in the database would make every question a write, and the limit a way to slow the register down for those who
work with it. With several processes the limit is that many times as high.
"""

from flask import Flask, current_app, g, request
from flask_limiter import Limiter

from registry.api import door
from registry.config import Settings
from registry.people.throttle import by_address


def _who() -> str:
    return door.counted_as() or by_address(request.remote_addr or "")


def _allowance() -> str:
    settings: Settings = current_app.config["SETTINGS"]
    return f"{settings.token_per_minute if door.counted_as() else settings.public_per_minute}/minute"


def init_app(app: Flask) -> None:
    """Count what those outside ask for; who is signed in is not counted."""
    limiter = Limiter(
        _who, app=app, application_limits=[_allowance], storage_uri="memory://", strategy="sliding-window-counter"
    )
    # Said before any limit is looked up, which takes longer than to say so.
    limiter.request_filter(lambda: not g.get("shared"))
