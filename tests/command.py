"""The ``registry`` command, run as whoever looks after the machine runs it, on the database of the test."""

import subprocess

import nursery

from registry.config import Settings
from registry.db import db


def registry(settings: Settings, *arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run ``registry`` beside the test, after committing what it made; ``more`` are settings (``REGISTRY_…``)."""
    db.session.commit()
    told = {
        "REGISTRY_INSTANCE": str(settings.instance),
        "REGISTRY_DATABASE_URL": settings.database_url.get_secret_value(),
        "REGISTRY_SECRET_KEY": settings.secret_key.get_secret_value(),
    }
    return nursery.registry({**told, **more}, *arguments, stdin=stdin)
