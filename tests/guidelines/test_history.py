"""Seven years of a real policy, published through the pages and signed along the way: the evidence holds."""

import hashlib
from pathlib import Path

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask

from registry.audit import Event, broken
from registry.db import db, is_sqlite
from registry.guidelines.models import Document, SignOff, Version

FILES = sorted((Path(__file__).parents[1] / "data" / "tts-policy-versions").glob("*.md"))
SLUG = "social-media-policy"
UNSEEN = {"when": "now", "unseen_reason": "It was in force already."}


def write_and_publish(client: Browser, text: str, *, material: bool, summary: str) -> None:
    """The next version, as a writer makes it: open the form, keep, look, publish."""
    path = f"/guidelines/{SLUG}"
    begun = client.get(f"{path}/draft").all("input", name="begun")[0].get("value")
    kept = client.post(
        f"{path}/draft",
        # A browser ends lines with two characters.
        data={"title": "Social media policy", "text": text.replace("\n", "\r\n"), "summary": summary, "begun": begun,
              "material": "yes" if material else "no"},
    )  # fmt: skip
    assert kept.location == f"{path}/preview"
    stamp = client.get(f"{path}/preview").all("input", name="version")[0].get("value")
    assert client.post(f"{path}/preview", data={"version": stamp, **UNSEEN}).location == path


def sign(client: Browser) -> None:
    """Read and sign what is in force."""
    page = client.get(f"/guidelines/{SLUG}")
    version = page.all("input", name="version")[0].get("value")
    assert client.post(f"/guidelines/{SLUG}", data={"version": version, "agreed": "y"}).status_code == 302


@pytest.fixture
def document(app: Flask, client: Browser) -> Document:
    """The policy in all its versions. Nia signs each, Bronwen every third."""
    assert len(FILES) == 14
    cast.an_account(deputy=cast.ward_sister())
    comms, nia, bronwen = (
        Browser(app).as_(one) for one in (cast.comms_officer(), cast.library_officer(), cast.ward_sister())
    )
    first = {"title": "Social media policy", "text": FILES[0].read_text().replace("\n", "\r\n"), "material": "yes"}
    assert comms.post("/guidelines/new", data=first).status_code == 302
    stamp = comms.get(f"/guidelines/{SLUG}/preview").all("input", name="version")[0].get("value")
    comms.post(f"/guidelines/{SLUG}/preview", data={"version": stamp, **UNSEEN})
    for number, file in enumerate(FILES, 1):
        if number > 1:
            write_and_publish(comms, file.read_text(), material=number % 2 == 1, summary=file.stem[:10])
        sign(nia)
        if number % 3 == 0:
            sign(bronwen)
    return db.session.scalars(sa.select(Document)).one()


def test_history_of_a_real_policy_is_kept_to_the_letter(client: Browser, document: Document) -> None:
    versions = db.session.scalars(sa.select(Version).order_by(Version.number)).all()
    assert [version.number for version in versions] == list(range(1, 15))
    wanted = [hashlib.sha256(file.read_bytes()).hexdigest() for file in FILES]
    assert [version.sha256 for version in versions] == wanted
    kept = db.session.scalars(sa.select(SignOff).order_by(SignOff.id)).all()
    assert [(one.person_username, one.version_number) for one in kept] == [
        (who, number) for number in range(1, 15)
        for who in ("nia.okafor", *(["bronwen.rees"] if number % 3 == 0 else []))
    ]  # fmt: skip
    assert [one.sha256 for one in kept] == [wanted[one.version_number - 1] for one in kept]
    assert broken(SignOff) == []
    assert broken(Event) == []
    # Version 13 was the last that asked again, version 12 the last that Bronwen signed.
    assert cast.unsigned(document) == ["bronwen.rees"]
    page = client.as_(cast.auditor()).get(f"/guidelines/{SLUG}/versions")
    assert page.words("th", scope="row") == [f"Version {number}" for number in range(14, 0, -1)]
    for number, digest in enumerate(wanted, 1):
        assert client.get(f"/guidelines/{SLUG}/versions/{number}").words("code")[-1] == digest


def test_row_changed_behind_the_triggers_is_named(document: Document) -> None:
    middle = db.session.scalars(sa.select(SignOff.id).order_by(SignOff.id)).all()[7]
    forge(sa.update(SignOff).where(SignOff.id == middle).values(person_name="Somebody Else"))
    assert broken(SignOff) == [f"Row {middle} was changed after it was added."]


def test_row_taken_out_behind_the_triggers_is_named(document: Document) -> None:
    middle = db.session.scalars(sa.select(SignOff.id).order_by(SignOff.id)).all()[7]
    forge(sa.delete(SignOff).where(SignOff.id == middle))
    where = f"from between rows {middle - 1} and {middle + 1}, or row {middle - 1} was sealed anew"
    assert broken(SignOff) == [f"Row {middle} was removed {where}."]


def test_triggers_let_nobody_change_or_delete_evidence(document: Document) -> None:
    for statement in (
        sa.update(SignOff).values(person_name="Somebody Else"),
        sa.delete(SignOff),
        sa.update(Event).values(actor_name="x"),
    ):
        with pytest.raises(sa.exc.DatabaseError):
            db.session.execute(statement)
        db.session.rollback()
    assert broken(SignOff) == []


def forge(statement: sa.Executable) -> None:
    """Run a statement with the triggers of the table off, as somebody with the database in their hands could."""
    db.session.rollback()
    if is_sqlite():
        triggers = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'sign_off'")
        for name in db.session.scalars(triggers).all():
            db.session.execute(sa.text(f'DROP TRIGGER "{name}"'))
    else:
        db.session.execute(sa.text("ALTER TABLE sign_off DISABLE TRIGGER USER"))
    db.session.execute(statement, execution_options={"synchronize_session": False})
    db.session.commit()
