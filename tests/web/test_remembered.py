"""What pages remember is never older than the page: not after another process, nor what was taken back, nor a copy."""

import os
import subprocess
import sys
from pathlib import Path

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from databases import SECRET_KEY
from flask import Flask
from sqlalchemy.exc import DBAPIError

from registry import audit
from registry.accounts.models import Account, Visibility
from registry.db import copy_from, copy_to, db
from registry.people.actions import ROLE_GRANTED
from registry.people.models import Person, Team

#: What another process does: one account sleeps from now on, another is only for comms, and somebody is new.
ELSEWHERE = """
import sqlalchemy as sa
from registry import create_app
from registry.accounts import actions, queries
from registry.accounts.models import State, Visibility
from registry.db import db
import cast
with create_app().app_context():
    account = queries.account(1, sa.true())
    actions.change(account=account, values={"state": State.DORMANT}, topics=[], actor=cast.comms_officer())
    cast.an_account("https://x.com/NiaOfDunmore", title="Nia of Dunmore").visibility = Visibility.COMMS
    cast.a_person(name="Nia Bevan")
    db.session.commit()
"""


def in_another_process(instance: Path) -> None:
    """Change the register from a process of its own, as the worker or a second web server does."""
    settings = {
        "REGISTRY_INSTANCE": str(instance), "REGISTRY_SECRET_KEY": SECRET_KEY,
        "REGISTRY_DATABASE_URL": db.engine.url.render_as_string(hide_password=False),
    }  # fmt: skip
    python_path = os.pathsep.join([str(Path(__file__).parent.parent), *sys.path])
    subprocess.run(
        [sys.executable, "-c", ELSEWHERE], env={**os.environ, **settings, "PYTHONPATH": python_path}, check=True
    )


def told(client: Browser, person: Person) -> dict[str, object]:
    """What ``person`` reads of numbers and lists on the pages that remember them."""
    signed_in = client.as_(person)
    page, found = signed_in.get("/accounts"), signed_in.get("/search?q=nia")
    return {
        "count": page.words("h2", class_="reg-bar__count"),
        "dormant": [" ".join(one.split()) for one in page.words("li") if one.startswith("Dormant")],
        "listed": "Nia of Dunmore" in page.text,
        "searched": "Nia of Dunmore" in found.text,
        "colleague": "Nia Bevan" in found.text,
        "runs on X": 'aria-label="X"' in signed_in.get("/people").text,
    }


def test_what_another_process_changed_is_counted_at_once_for_each_as_they_see_it(
    app: Flask, client: Browser, instance: Path
) -> None:
    cast.an_account("https://facebook.com/DunmoreLibrary")
    comms, stranger = cast.comms_officer(), cast.stranger()
    db.session.commit()
    before = {"count": ["1 account"], "dormant": []}
    before |= dict.fromkeys(("listed", "searched", "colleague", "runs on X"), False)
    assert [told(client, person) for person in (comms, stranger, comms)] == [before] * 3
    in_another_process(instance)
    db.session.rollback()
    after = {"dormant": ["Dormant1 account"], "colleague": True}
    after |= dict.fromkeys(("listed", "searched", "runs on X"), False)
    assert told(client, stranger) == {"count": ["1 account"], **after}
    after |= dict.fromkeys(("listed", "searched", "runs on X"), True)
    assert told(client, comms) == {"count": ["2 accounts"], **after}


def an_event(role: str) -> None:
    """Something happens."""
    audit.record(ROLE_GRANTED, actor=None, subject_kind="person", subject_id=1, subject_name="Nia Okafor", role=role)


def test_what_was_taken_back_is_not_remembered_for_what_happens_next(app: Flask) -> None:
    an_event("auditor")
    assert audit.remembered("how it is", lambda: "as never was") == "as never was"
    db.session.rollback()
    an_event("organiser")  # On SQLite it has the number of the one that was taken back.
    db.session.commit()
    assert audit.remembered("how it is", lambda: "as it is") == "as it is"


@pytest.mark.sqlite_only
def test_what_was_put_back_from_a_copy_is_not_told_as_what_came_after_it(app: Flask, tmp_path: Path) -> None:
    an_event("auditor")
    db.session.commit()
    copy_to(tmp_path / "copy.sqlite3")
    an_event("organiser")
    db.session.commit()
    assert audit.remembered("how it is", lambda: "as it was before") == "as it was before"
    db.session.remove()
    copy_from(tmp_path / "copy.sqlite3")
    an_event("comms")  # The second, as the one that is gone was.
    db.session.commit()
    assert audit.remembered("how it is", lambda: "as it is") == "as it is"


@pytest.mark.postgres
def test_what_pages_ask_stays_prepared_from_one_to_the_next(app: Flask, client: Browser) -> None:
    client.as_(cast.comms_officer())
    db.session.remove()
    db.engine.dispose()  # So that all that follows is asked on one connection.
    for _ in range(8):
        assert client.get("/accounts").status_code == 200
    prepared = sa.text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%sign_in.token_hash%'")
    assert db.session.scalar(prepared) == 1


@pytest.mark.postgres
def test_what_failed_or_might_have_written_is_taken_back_still(app: Flask) -> None:
    cast.an_account()
    db.session.commit()
    with app.test_request_context("/", method="POST"):
        db.session.add(Team(path="Graffiti", name="Graffiti"))
        db.session.flush()
        db.session.rollback()
    with app.test_request_context("/"):
        with pytest.raises(DBAPIError):
            db.session.execute(sa.text("SELECT 1 / 0"))
        db.session.rollback()
        assert db.session.scalar(sa.select(sa.func.count(Team.id)).where(Team.name == "Graffiti")) == 0
        with pytest.raises(DBAPIError, match="read-only"):
            db.session.execute(sa.update(Account).values(visibility=Visibility.COMMS))
