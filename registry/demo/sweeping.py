"""A sweep of Brynmor's pages, done twice: the second time there is something new."""

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import current_app

from registry.db import db, now
from registry.discovery.sweeping import actions, worker
from registry.people.models import Person

TITLE = "www.brynmor.example"


def fill(folder: Path) -> None:
    """Have the pages in ``folder`` looked through: without those that were put up since, then all; commits."""
    carys = db.session.scalars(sa.select(Person).where(Person.username == "carys.bowen")).one()
    pages = [(one.name, one.read_bytes()) for one in sorted(folder.glob("*.html"))]
    actions.ignore(what="https://x.com/BrynChronicle", reason="The newspaper.", actor=carys)
    for days, files in ((28, [one for one in pages if "new" not in one[0]]), (1, pages)):
        sweep = actions.begin(title=TITLE, files=files, actor=carys)
        sweep.asked_at = now() - timedelta(days=days)
        db.session.commit()
        worker.work_off(current_app.config["SETTINGS"])
