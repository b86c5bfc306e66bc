"""The council's other guidelines, what is being written, and which principle an account serves."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.accounts.models import Account
from registry.accounts.signing import ask_to_sign
from registry.db import db, now, today
from registry.guidelines import actions, signing, writing
from registry.guidelines.asking import recount
from registry.guidelines.models import Document, Obligation, Principle, SigningRule, Version, VersionState
from registry.people.models import Person, Team


def fill(file: Path) -> None:
    """Write, publish and have signed what ``file`` says; the council's first guidelines are there already."""
    told = tomllib.loads(file.read_text("utf-8"))
    usernames = sa.select(Person).options(joinedload(Person.team))
    people = {person.username: person for person in db.session.scalars(usernames)}
    for row in told["documents"]:
        document = actions.create_document(title=row["title"], about=row["about"])
        team = db.session.scalar(sa.select(Team.id).where(Team.name == row["team"])) if "team" in row else None
        narrowed = sa.update(SigningRule).where(SigningRule.document_id == document.id)
        db.session.execute(narrowed.values(platform=row.get("platform", ""), team_id=team))
        _publish(document, row, people)
        for username, days_ago in row["signed"].items():
            _sign(document, people[username], days_ago)
    recount()
    _begin_draft(told["draft"], people)
    for name, titles in told["serves"].items():
        principle = sa.select(Principle.id).where(Principle.name == name).scalar_subquery()
        db.session.execute(sa.update(Account).where(Account.title.in_(titles)).values(principle_id=principle))


def _publish(document: Document, row: dict[str, Any], people: dict[str, Person]) -> None:
    writer, at = people[row["written_by"]], now() - timedelta(days=row["published_days_ago"])
    version = actions.draft(
        document=document, text=row["text"].strip() + "\n", summary=row["summary"], material=True, actor=writer,
        principles=row.get("principles", ()),
        due_on=today() + timedelta(days=row.get("due_in_days", 20 - row["published_days_ago"])),
    )  # fmt: skip
    db.session.flush()
    if "looked_by" in row:
        writing.look(version=version, document=document, stamp=version.stamp, actor=people[row["looked_by"]])
        version.looked_at = at
    version.drafted_at, version.unseen_reason = at, row.get("unseen_reason", "")
    actions.publish(version=version, document=document, actor=writer, at=at)
    ask_to_sign(None)
    # They have been asked since it was published.
    asked = sa.update(Obligation).where(Obligation.document_id == document.id)
    db.session.execute(asked.values(since_at=at, due_on=version.due_on))


def _sign(document: Document, person: Person, days_ago: int) -> None:
    version = db.session.scalars(sa.select(Version).where(Version.document_id == document.id)).one()
    signing.sign(
        version=version, document=document, current=version, person=person, at=now() - timedelta(days=days_ago)
    )


def _begin_draft(row: dict[str, Any], people: dict[str, Person]) -> None:
    document = db.session.scalars(sa.select(Document).where(Document.title == row["title"])).one()
    in_force = sa.select(Version).where(
        Version.document_id == document.id, Version.state == VersionState.PUBLISHED
    )  # fmt: skip
    last = db.session.scalars(in_force.order_by(Version.number.desc()).limit(1)).one()
    text = last.text
    for before, after in row["replaces"]:
        text = text.replace(before, after)
    version = actions.draft(
        document=document, text=text, summary=row["summary"], material=row["material"], actor=people[row["written_by"]],
        principles=last.principles, questions=last.questions,
    )  # fmt: skip
    db.session.flush()
    writing.ask_for_look(version=version, document=document, stamp=version.stamp, actor=people[row["written_by"]])
    version.asked_at = now() - timedelta(days=row["asked_days_ago"])
