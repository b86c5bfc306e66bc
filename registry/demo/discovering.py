"""Discovery at Brynmor: accounts that colleagues saw, somebody who is asked, a fake, and a team that was asked."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from registry.db import db, now
from registry.demo import sweeping
from registry.discovery import actions, campaigning, noting, telling
from registry.discovery.asked_links import find
from registry.discovery.campaign_models import Readiness, Use
from registry.discovery.models import How, Sighting, SightingState
from registry.people.models import Person, Team

Row = dict[str, Any]


def fill(file: Path) -> None:
    """Put what ``file`` tells into the register; commits. The people and accounts are there already."""
    people = {person.username: person for person in db.session.scalars(sa.select(Person))}
    told = tomllib.loads(file.read_text("utf-8"))
    for row in told["sighting"]:
        _sighting(row, people)
    for row in told["campaign"]:
        _campaign(row, people)
    db.session.commit()
    sweeping.fill(file.parent / "pages")


def _sighting(row: Row, people: dict[str, Person]) -> None:
    (account,) = telling.read(row["said"], row.get("platform", "")).accounts
    noted = noting.note(account, how=How.PERSON, quote=row["said"], by=people[row["by"]])
    sighting: Sighting | None = noted.sighting
    if sighting is None:
        raise ValueError(f"{row['said']} is registered.")
    sighting.seen_at = now() - timedelta(days=row["days_ago"])
    for username in row.get("ask", ()):
        actions.ask(sighting=sighting, person=people[username], actor=people["carys.bowen"])
    if "state" in row:
        state = SightingState(row["state"])
        actions.decide(sighting=sighting, state=state, reason=row["reason"], actor=people["carys.bowen"])
    for what in row.get("steps", ()):
        actions.add_step(sighting=sighting, what=what, actor=people["carys.bowen"])


def _campaign(row: Row, people: dict[str, Person]) -> None:
    carys = people["carys.bowen"]
    team = db.session.scalars(sa.select(Team).where(Team.name == row["team"])).one()
    campaign = campaigning.make(actor=carys, title=row["title"], text=campaigning.TEXT, team=team)
    campaigning.begin(campaign=campaign, actor=carys, count=campaigning.how_many(campaign))
    db.session.commit()
    campaigning.work()
    for username, use, readiness, said in row["answers"]:
        asked = find(campaign.id, people[username].id)
        if asked is None:
            raise ValueError(f"{username} is not in {row['team']}.")
        feeling = Readiness(readiness) if readiness else None
        campaigning.answer(row=asked, use=Use(use), readiness=feeling, said=said)
