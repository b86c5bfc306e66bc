"""The ``registry`` command, run as whoever looks after the machine runs it, on the database of the test."""

import os
import subprocess
import sys
from pathlib import Path

from flask import Flask

from registry.db import db

REGISTRY = Path(sys.executable).with_name("registry")


def registry(app: Flask, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``registry`` beside ``app``, after committing what the test made."""
    db.session.commit()
    settings = app.config["SETTINGS"]
    told = {
        "PATH": os.environ["PATH"], "REGISTRY_INSTANCE": str(settings.instance),
        "REGISTRY_DATABASE_URL": settings.database_url.get_secret_value(),
    }  # fmt: skip
    return subprocess.run([REGISTRY, *arguments], capture_output=True, text=True, timeout=60, check=False, env=told)
