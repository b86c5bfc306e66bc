"""Whatever is done to the evidence behind the register's back is found, and the row is named."""

import json
from pathlib import Path
from typing import Any

import cast
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tampering import (
    GARBAGE,
    copy_of_all,
    delete,
    forget_the_numbers,
    insert_after,
    put_back,
    reseal,
    sign_offs,
    swap,
    unlock,
    write,
)  # fmt: skip

from registry.audit import Event
from registry.chains import displaced
from registry.cli import main
from registry.db import db
from registry.doctor import evidence as doctor
from registry.guidelines import signing
from registry.guidelines.evidence import verify
from registry.guidelines.models import SignOff, Version
from registry.people import queries as people

COUNT = 12
Faults = list[tuple[str, int | None, str]]


@pytest.fixture
def chain(app: Flask) -> Flask:
    """Twelve sign-offs, each told of in the history, and nothing that keeps anybody from changing them."""
    sign_offs(COUNT)
    unlock()
    return app


@pytest.fixture
def older(chain: Flask) -> Flask:
    """The same as an earlier release left it: the history does not hold the seals of sign-offs."""
    forget_the_numbers()
    return chain


def faults(*heads: str) -> Faults:
    """What is found: in which chain, which row, what."""
    return [(what, fault.row, fault.kind.value) for what, fault in verify(heads).faults]


def texts() -> list[str]:
    """The sentences."""
    return [fault.text for _, fault in verify().faults]


def test_untouched_evidence_is_well(chain: Flask) -> None:
    report = verify()
    assert (report.well, {name: one.rows for name, one in report.chains.items()}) == (
        True, {"events": COUNT, "sign-offs": COUNT, "notes of duties": 0},
    )  # fmt: skip
    last = db.session.get_one(SignOff, COUNT)
    assert report.chains["sign-offs"].head == last.seal


def test_rows_of_before_the_history_held_their_seals_are_well(older: Flask) -> None:
    assert faults() == []
    sign_offs(1, first=50)  # A new one is told of with its seal, those before it still are not.
    assert faults() == []


CHANGES: dict[str, Any] = {
    "person_name": "Somebody Else", "person_id": 77, "person_username": "else", "person_team": "",
    "document_title": "X", "document_id": 7, "version_id": 7, "version_number": 2, "sha256": "0" * 64,
    "wording": "I do not.",
    "method": "on paper", "occasion": 1, "checked": 3, "consent": "By telephone", "entered_by_id": 5,
    "entered_by_name": "Comms", "entered_at": cast.now(), "signed_at": cast.now(), "seal": "1" * 64,
    "previous": "2" * 64,
}  # fmt: skip


def test_each_column_of_evidence_is_tried() -> None:
    assert set(CHANGES) == {*SignOff.evidence, *SignOff.later_evidence, "seal", "previous"}


@pytest.mark.parametrize("row", [1, 7, COUNT])
def test_change_of_any_column_names_the_row(chain: Flask, row: int) -> None:
    kept, found = copy_of_all(), {}
    for name, value in CHANGES.items():
        write(SignOff, row, **{name: value})
        found[name] = faults()
        put_back(kept)
    assert found == {name: [("sign-offs", row, "changed")] for name in CHANGES}
    assert faults() == []


@pytest.mark.parametrize("row", [1, 7, COUNT])
def test_change_of_any_column_names_the_row_of_an_earlier_release(older: Flask, row: int) -> None:
    kept, found = copy_of_all(), {}
    for name, value in CHANGES.items():
        write(SignOff, row, **{name: value})
        found[name] = faults()
        put_back(kept)
    assert found == {name: [("sign-offs", row, "changed")] for name in CHANGES}


@pytest.mark.parametrize("row", [1, 7, COUNT])
def test_removed_row_is_named_with_who_signed_what(chain: Flask, row: int) -> None:
    delete(SignOff, row)
    where = {1: "from before row 2", 7: "from between rows 6 and 8", COUNT: "from the end, after row 11"}[row]
    assert texts() == [
        f"Row {row} was removed {where}. The history of 5 January 2026 says: Colleague {row} signed version 1 of"
        " “Social media”."
    ]


def test_last_rows_taken_away_are_named_one_by_one(chain: Flask) -> None:
    for row in range(9, COUNT + 1):
        delete(SignOff, row)
    assert faults() == [("sign-offs", row, "removed") for row in range(9, COUNT + 1)]


def test_removed_row_of_an_earlier_release_is_named_too(older: Flask) -> None:
    kept = copy_of_all()
    delete(SignOff, 7)
    assert faults() == [("sign-offs", 7, "removed"), ("sign-offs", None, "removed")]
    assert texts()[1] == (
        "A sign-off was removed that is told of by event 7. The history of 5 January 2026 says: Colleague 7 signed"
        " version 1 of “Social media”."
    )
    put_back(kept)
    delete(SignOff, COUNT)  # The last one leaves no gap: only the history knows.
    assert faults() == [("sign-offs", None, "removed")]


def test_row_that_was_changed_and_sealed_anew_is_named(chain: Flask) -> None:
    kept = copy_of_all()
    for row in (1, 7, COUNT):
        reseal(SignOff, row, person_name="Somebody Else")
        assert faults() == [("sign-offs", row, "changed")]
        put_back(kept)
    reseal(SignOff, 10, on=True, person_name="Somebody Else")  # And all that follow.
    assert faults() == [("sign-offs", row, "changed") for row in (10, 11, 12)]


def test_inserted_row_is_named(chain: Flask) -> None:
    kept = copy_of_all()
    for after, number in ((COUNT, COUNT + 1), (COUNT, 500), (6, COUNT + 1)):
        insert_after(SignOff, after, number, person_id=4711, person_name="Made Up")
        assert faults() == [("sign-offs", number, "inserted")]
        put_back(kept)


def test_inserted_row_among_those_of_an_earlier_release_is_named(older: Flask) -> None:
    insert_after(SignOff, 6, 500, person_id=4711, person_name="Made Up")
    assert faults() == [("sign-offs", 500, "inserted")]


@pytest.mark.parametrize(("one", "other"), [(1, 2), (6, 7), (3, 9), (1, COUNT), (11, COUNT)])
def test_rows_that_changed_places_are_both_named(chain: Flask, one: int, other: int) -> None:
    kept, wanted = copy_of_all(), [("sign-offs", one, "out of order"), ("sign-offs", other, "out of order")]
    swap(SignOff, one, other)
    assert faults() == wanted
    put_back(kept)
    forget_the_numbers()
    swap(SignOff, one, other)
    assert faults() == wanted


def test_row_that_was_moved_to_the_end_is_named(chain: Flask) -> None:
    kept = copy_of_all()
    write(SignOff, 5, id=900)
    assert faults() == [("sign-offs", 900, "out of order")]
    put_back(kept)
    forget_the_numbers()
    write(SignOff, 5, id=900)
    assert faults() == [("sign-offs", 900, "out of order")]


def test_events_are_watched_alike(chain: Flask) -> None:
    kept = copy_of_all()
    write(Event, 5, actor_name="Somebody Else")
    assert faults() == [("events", 5, "changed")]
    put_back(kept)
    delete(Event, 5)  # The sign-off that it told of is there: what told of it is not.
    assert faults() == [("events", 5, "removed"), ("sign-offs", 5, "inserted")]
    put_back(kept)
    delete(Event, COUNT)
    assert faults() == [("sign-offs", COUNT, "inserted")]
    put_back(kept)
    swap(Event, 3, 4)
    assert faults() == [("events", 3, "out of order"), ("events", 4, "out of order")]


def test_head_of_an_earlier_run_shows_that_the_last_rows_of_both_chains_went(chain: Flask) -> None:
    heads = [one.head for one in verify().chains.values()]
    sign_offs_before = copy_of_all()
    for model in (SignOff, Event):
        delete(model, COUNT)
    assert faults() == []  # Whoever removes both leaves no trace inside.
    assert faults(*heads) == [("heads", None, "removed")] * 2
    put_back(sign_offs_before)
    assert faults(*heads) == []
    for model in (SignOff, Event):  # Both chains written anew from some row on: the heads differ.
        reseal(model, 8, on=True)
    assert faults(*heads, "nonsense") == [("heads", None, "removed")]
    reseal(SignOff, 8, on=True, person_name="Somebody Else")
    told = {row.id: row.seal for row in db.session.scalars(sa.select(SignOff))}
    for number in range(8, COUNT + 1):
        fields = {**db.session.get_one(Event, number).fields, "seal": told[number]}
        db.session.rollback()
        reseal(Event, number, on=True, fields=fields)
    assert faults() == []
    assert faults(*heads) == [("heads", None, "removed")] * 2


def test_text_that_was_changed_after_people_signed_it_is_named(app: Flask) -> None:
    document = cast.a_document("Photographs")
    for person in (cast.library_officer(), cast.ward_sister()):
        cast.sign(document, person)
    db.session.commit()
    assert faults() == []
    db.session.execute(sa.update(Version).values(text="Anything goes."))
    db.session.commit()
    assert texts() == ["The text of version 1 of “Photographs” is not the one that 2 people signed."]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE version SET text = 'Anything goes.' WHERE number = 1", [("texts", 1, "changed")]),
        ("UPDATE version SET material = NOT material WHERE number = 2", [("texts", 2, "changed")]),
        ("UPDATE version SET number = 3 WHERE number = 2", [("texts", None, "removed")]),
        ("DELETE FROM version WHERE number = 1", [("texts", None, "removed")]),
        ("UPDATE decline SET sign_off_id = NULL", [("sign-offs", 1, "removed")]),
        ("UPDATE decline SET sign_off_id = 2", [("sign-offs", 1, "removed"), ("sign-offs", 2, "inserted")]),
    ],
)
def test_versions_and_what_is_not_theirs_are_held_against_the_history(app: Flask, change: str, found: Faults) -> None:
    document = cast.a_document("Photographs")
    cast.a_version(document, text="Ask first.", material=False)
    sister = people.person(cast.ward_sister().id)
    assert sister is not None
    signing.disown(sign_off=cast.enter(document, sister), document=document, person=sister)
    db.session.commit()
    assert faults() == []
    db.session.execute(sa.text(change))
    db.session.commit()
    assert faults() == found


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", ["signed_at", "method", "person_id", "seal", "previous", "entered_at"])
def test_cell_that_cannot_even_be_read_names_the_row(chain: Flask, name: str) -> None:
    for value in (GARBAGE, "nonsense", None):
        kept = copy_of_all()
        try:
            db.session.execute(sa.text(f"UPDATE sign_off SET {name} = :value WHERE id = 7"), {"value": value})
        except sa.exc.IntegrityError:
            db.session.rollback()  # The database itself refuses it.
            continue
        db.session.commit()
        assert faults() in ([("sign-offs", 7, "changed")], [])  # Empty was empty before.
        assert (faults() == []) is (name == "entered_at" and value is None)
        put_back(kept)


WAYS = ("change", "delete", "swap", "insert", "reseal", "rename")


@pytest.mark.parametrize("numbered", [True, False], ids=["now", "earlier release"])
def test_whatever_is_done_at_random_is_found_and_named(chain: Flask, numbered: bool) -> None:
    if not numbered:
        forget_the_numbers()
    kept = copy_of_all()
    anything = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF), max_size=8)

    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(WAYS), st.integers(1, COUNT), st.integers(1, COUNT), anything)
    def is_found(way: str, row: int, other: int, text: str) -> None:
        put_back(kept)
        named = row
        if way == "change":
            write(SignOff, row, wording=text)
        elif way == "delete":
            delete(SignOff, row)
        elif way == "swap":
            other = other if other != row else row % COUNT + 1
            swap(SignOff, row, other)
        elif way == "insert":
            named = COUNT + other
            insert_after(SignOff, row, named, person_id=99_000, person_name=text)
        elif way == "reseal":
            reseal(SignOff, row, wording=text)
        else:
            named = COUNT + other
            write(SignOff, row, id=named)
        rows = [one for what, one, _ in faults() if what == "sign-offs"]
        if numbered or not (row == COUNT and way in ("insert", "reseal", "delete", "rename")):
            # Of the last row of an earlier release nothing inside tells: see the test of heads.
            assert named in rows or (way == "swap" and {row, other} & set(rows))
            assert len(rows) <= 3
            if numbered:
                assert rows == (sorted((row, other)) if way == "swap" else [named])

    is_found()


def test_rows_to_move_are_as_few_as_can_be() -> None:
    assert displaced([1, 2, 3]) == []
    assert displaced([1, 3, 2, 4]) == [3, 2]
    assert displaced([1, 9, 2, 3, 4]) == [9]
    assert displaced([2, 3, 4, 1]) == [1]
    assert displaced([]) == []


# The command and the doctor.


def run(*words: str) -> tuple[int, str]:
    """What the command answers, and says."""
    db.session.rollback()
    answer = CliRunner().invoke(main, ["verify", *words], catch_exceptions=False)
    return answer.exit_code, answer.output


@pytest.fixture
def command(chain: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The command runs on the database of the test."""
    url = chain.config["SQLALCHEMY_DATABASE_URI"].replace("+psycopg", "")
    monkeypatch.setenv("REGISTRY_DATABASE_URL", url)
    monkeypatch.setenv("REGISTRY_SECRET_KEY", "for-tests-only-0123456789-abcdefghij")
    return chain


def test_command_says_what_is_wrong_and_ends_with_one(command: Flask) -> None:
    heads = {name: one.head for name, one in verify().chains.items()}
    assert run() == (
        0,
        f"The events: 12 rows, unbroken. Head: {heads['events']}\n"
        f"The sign-offs: 12 rows, unbroken. Head: {heads['sign-offs']}\n"
        f"The notes of duties: 0 rows, unbroken. Head: {heads['notes of duties']}\n"
        "Keep the heads somewhere else. A later run with --head shows that nothing before them went.\n",
    )
    assert run("--head", heads["events"], "--head", heads["sign-offs"])[1].splitlines()[-1] == (
        "The heads that you gave are there: nothing before them went."
    )
    write(SignOff, 7, wording="I will not.")
    code, said = run("--json")
    told = json.loads(said)
    assert (code, told["well"], told["chains"]["sign-offs"]) == (1, False, {"rows": 12, "head": heads["sign-offs"]})
    sentence = (
        "Row 7 was changed after it was added. The history of 5 January 2026 says: Colleague 7 signed version 1 of"
        " “Social media”."
    )
    assert told["faults"] == [{"in": "sign-offs", "row": 7, "what": "changed", "text": sentence}]
    assert run()[1].splitlines()[3] == f"FAULT sign-offs: {sentence}"


def test_doctor_says_the_same(chain: Flask) -> None:
    assert [(step.ok, step.line) for step in doctor()] == [
        (True, "The events are unbroken."), (True, "The sign-offs are unbroken."),
        (True, "The notes of duties are unbroken."),
    ]  # fmt: skip
    for row in (6, 7):
        write(SignOff, row, wording="I will not.")
    (_, step, _) = doctor()
    assert (step.ok, step.line.startswith("The sign-offs: Row 6 was changed"), step.line.endswith("And 1 more.")) == (
        False, True, True,
    )  # fmt: skip


@pytest.mark.sqlite_only
def test_copy_that_is_put_back_is_as_well_as_the_original(command: Flask, tmp_path: Path) -> None:
    runner, before = CliRunner(), run("--json")
    copy = str(tmp_path / "copy.sqlite3")
    assert runner.invoke(main, ["backup", copy]).exit_code == 0
    delete(SignOff, 7)
    assert run()[0] == 1
    db.session.remove()
    db.engine.dispose()
    assert runner.invoke(main, ["restore", copy, "--yes"]).exit_code == 0
    after = run("--json")
    told = [json.loads(one[1]) | {"seconds": 0} for one in (before, after)]
    assert (before[0], after[0], told[0]) == (0, 0, told[1])
