"""Who was asked to sign, and when, is sealed: however it comes about, and whatever is done to it afterwards."""

from datetime import UTC, datetime, timedelta

import cast
import pytest
import sqlalchemy as sa
import tampering
import time_machine
from flask import Flask

from registry.accounts.signing import ask_to_sign, keep_up
from registry.db import db, today
from registry.guidelines import actions, declining, renewing, writing
from registry.guidelines.evidence import verify
from registry.guidelines.models import Document, Ending, Obligation, SpellNote
from registry.people import merging
from registry.people.models import Person, PersonState

Faults = list[tuple[str, int | None, str]]


@pytest.fixture
def document(app: Flask) -> Document:
    """Four are asked, in duties 1 to 4; Bronwen and Oluwaseun are of one account."""
    made = cast.a_document("Social media")
    cast.an_account(deputy=cast.ward_sister())
    cast.an_account(owner=cast.stranger(), deputy=cast.organiser())
    db.session.commit()
    return made


def faults() -> Faults:
    """What is found: where, which row, what."""
    return [(what, fault.row, fault.kind.value) for what, fault in verify().faults]


def noted() -> set[int]:
    """The duties of which some note tells."""
    return {int(one.partition(":")[0]) for text in db.session.scalars(sa.select(SpellNote.spells)) for one in
            text.split()}  # fmt: skip


def test_every_way_in_which_duties_begin_end_and_move_is_noted(document: Document) -> None:
    at, day = datetime.now(UTC), timedelta(days=1)
    with time_machine.travel(at + day, tick=False):
        cast.sign(document, cast.library_officer())
        said = cast.decline(document, cast.ward_sister())
        with_all = declining.with_all(said.id)
        assert with_all is not None
        declining.settle(decline=with_all, answer="Do.", again=True, actor=cast.comms_officer())
        db.session.commit()
        assert faults() == []
    with time_machine.travel(at + 2 * day, tick=False):
        cast.organiser().state = PersonState.LEFT
        keep_up()
        db.session.commit()
        assert faults() == []
    with time_machine.travel(at + 400 * day, tick=False):
        document.again_months = 12
        assert renewing.ask_again() == 1
        db.session.commit()
        assert faults() == []
    with time_machine.travel(at + 401 * day, tick=False):
        gone, kept = cast.stranger(), cast.ward_sister()
        merging.absorb(gone, kept)
        merging.remember(gone, kept, None)
        db.session.commit()
        assert faults() == []
    with time_machine.travel(at + 300 * day, tick=False):  # The clock was fast until now.
        renewing.put_times_right()
        db.session.commit()
        assert faults() == []
    with time_machine.travel(at + 402 * day, tick=False):
        other = cast.a_document("Photographs")
        cast.a_version(other, text="Ask first.")
        db.session.commit()
        writing.retire(document=document, reason="Old.", actor=cast.comms_officer())
        db.session.commit()
        assert faults() == []
    endings = set(db.session.scalars(sa.select(Obligation.ending)))
    assert endings == {None, *Ending}
    assert noted() == set(db.session.scalars(sa.select(Obligation.id)))


def test_day_that_is_sooner_than_usual_is_noted_as_it_is(app: Flask) -> None:
    cast.an_account()
    document, comms = actions.create_document(title="Photographs"), cast.comms_officer()
    soon = today() + timedelta(days=3)
    version = actions.draft(document=document, text="T", summary="", material=True, actor=comms, due_on=soon)
    actions.publish(version=version, document=document, actor=comms)
    db.session.commit()
    assert db.session.scalars(sa.select(Obligation.due_on)).all() == [soon]
    assert faults() == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE obligation SET person_id = 99 WHERE id = 2", [("duties", 2, "changed")]),
        ("UPDATE obligation SET due_on = '2030-01-01' WHERE id = 4", [("duties", 4, "changed")]),
        ("UPDATE obligation SET since_at = '2020-01-01 00:00:00.000000' WHERE id = 1", [("duties", 1, "changed")]),
        ("UPDATE obligation SET ended_at = since_at, ending = 'left' WHERE id = 3", [("duties", 3, "changed")]),
        ("UPDATE obligation SET why = 'again' WHERE id = 1", [("duties", 1, "changed")]),
        ("DELETE FROM obligation WHERE id = 1", [("duties", 1, "removed")]),
        ("DELETE FROM obligation", [("duties", row, "removed") for row in (1, 2, 3, 4)]),
        (
            "INSERT INTO obligation (id, document_id, person_id, why, since_at, due_on, signed_number, mails)"
            " SELECT 5, document_id, 98, why, since_at, due_on, 0, 0 FROM obligation WHERE id = 1",
            [("duties", 5, "inserted")],
        ),
        ("UPDATE obligation SET id = 9 WHERE id = 2", [("duties", 2, "removed"), ("duties", 9, "inserted")]),
        ("UPDATE obligation SET signed_number = 1, mails = 3 WHERE id = 1", []),  # What is told by the evidence itself.
    ],
)
def test_duty_that_was_touched_is_named(document: Document, change: str, found: Faults) -> None:
    assert faults() == []
    if not change.startswith("DELETE"):
        for number in (98, 99):
            db.session.add(Person(id=number, **_nobody(number)))
        db.session.commit()
    db.session.execute(sa.text(change))
    db.session.commit()
    assert sorted(faults()) == sorted(found)


def _nobody(number: int) -> dict[str, object]:
    like = cast.library_officer()
    return {"username": f"x{number}", "name": "X", "directory_id": f"x{number}", "joined_at": like.joined_at,
            "digest": b"0" * 16, "search_text": "x"}  # fmt: skip


def test_duties_that_changed_places_are_both_out_of_order(document: Document) -> None:
    for before, after in ((1, 9), (3, 1), (9, 3)):
        db.session.execute(sa.text(f"UPDATE obligation SET id = {after} WHERE id = {before}"))
    db.session.commit()
    assert faults() == [("duties", 1, "out of order"), ("duties", 3, "out of order")]


def test_what_is_noted_cannot_be_written_over(document: Document) -> None:
    for change in ("UPDATE spell_note SET spells = ''", "DELETE FROM spell_note"):
        with pytest.raises(sa.exc.DatabaseError):
            db.session.execute(sa.text(change))
        db.session.rollback()
    tampering.unlock("spell_note")
    tampering.write(SpellNote, 1, spells="")
    assert ("notes of duties", 1, "changed") in faults()


def test_register_of_an_earlier_release_notes_all_there_is_with_the_first_change(document: Document) -> None:
    tampering.unlock("spell_note")
    db.session.execute(sa.text("DELETE FROM spell_note"))
    db.session.commit()
    assert faults() == []
    cast.an_account(owner=cast.auditor())
    ask_to_sign([cast.auditor().id])
    db.session.commit()
    assert noted() == {1, 2, 3, 4, 5}
    assert faults() == []


@pytest.mark.parametrize("change", ["published_at = '2020-01-01 00:00:00.000000'", "due_on = '2030-01-01'"])
def test_version_that_was_dated_otherwise_is_named(document: Document, change: str) -> None:
    db.session.execute(sa.text(f"UPDATE version SET {change}"))
    db.session.commit()
    assert faults() == [("texts", 1, "changed")]
