"""What changed, as a real Active Directory tells it by DirSync: whichever controller answers, and where it does not."""

import subprocess
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
import sqlalchemy as sa
from flask import Flask
from mishaps import ended
from proxy import DONE, Mishap, Proxy, Search, Talk, op_of
from readings import counts, events, person, rows, states
from samba import PASSWORD, Part
from samba_pair import Pair

from registry.db import db
from registry.people import directory
from registry.people.ldap import dirsync, faults, flavours, reading
from registry.people.models import SyncRun, Way
from registry.people.runs import last_run
from registry.people.sync import Outcome, sync

pytestmark = [pytest.mark.ldap, pytest.mark.samba]
#: An OID that no directory offers.
NOBODYS: Final = "1.3.6.1.4.1.5923.0"
#: How the answer to a question for changes begins ([MS-ADTS] 3.1.1.3.4.1.3): no more of them, and with more.
LAST, NOT_LAST = bytes.fromhex("02010002010004"), bytes.fromhex("02010102010004")


@pytest.fixture
def quay(pair: Pair) -> Iterator[Part]:
    """A part of the domain, at the first controller, with a unit and twelve people."""
    made = Part(pair.first)
    made.unit(f"OU=Docks,{made.base}")
    made.add_many(12)
    yield made
    made.close()


@pytest.fixture
def proxy(pair: Pair) -> Iterator[Proxy]:
    """A proxy before the first controller."""
    made = Proxy(f"{pair.first.plain_uri}:389")
    yield made
    made.stop()


def told(outcome: Outcome) -> dict[str, Any]:
    """How a run read, and what it did."""
    return {"way": outcome.way, **counts(outcome)}


def cookies() -> list[int]:
    """The ids of the runs that have a cookie."""
    found = sa.select(SyncRun.id).where(SyncRun.cookie.is_not(None)).order_by(SyncRun.id)
    kept = list(db.session.scalars(found))
    db.session.rollback()
    return kept


def last_id() -> int:
    """The id of the last run."""
    found = db.session.scalars(sa.select(sa.func.max(SyncRun.id))).one()
    db.session.rollback()
    return found or 0


def for_changes(search: Search) -> bool:
    """Whether a search asks for changes: it is for the whole domain, and in no pages."""
    return search.scope == 2 and search.page is None


def by_id(search: Search) -> bool:
    """Whether a search is for the entries of these ids."""
    return search.scope == 2 and search.page is not None and b"objectGUID" in search.where


# Whichever controller answers.


def test_another_controller_goes_on_from_the_cookie(app: Flask, pair: Pair, quay: Part) -> None:
    pair.second.pull(pair.first)
    first, second = quay.settings(), pair.second.settings(base_dn=quay.base)
    assert told(sync(first)) == {"way": "full", "result": "complete", "read": 12, "joined": 12}
    quay.change(f"CN=Hand000,{quay.base}", title="Pilot")
    pair.second.pull(pair.first)
    there = pair.second.connect()
    there.modify(f"CN=Hand001,{quay.base}", {"title": [("MODIFY_REPLACE", ["Master"])]})
    assert told(sync(second, way=Way.CHANGES)) == {"way": "changes", "result": "complete", "read": 2, "changed": 2}
    assert (person("hand000").title, person("hand001").title) == ("Pilot", "Master")
    # And back: what the second told is not told again.
    pair.first.pull(pair.second)
    assert told(sync(first, way=Way.CHANGES)) == {"way": "changes", "result": "complete"}
    quay.change(f"CN=Hand002,{quay.base}", title="Bosun")
    assert told(sync(first, way=Way.CHANGES)) == {"way": "changes", "result": "complete", "read": 1, "changed": 1}
    there.unbind()


def test_without_a_cookie_another_controller_means_everybody(
    app: Flask, pair: Pair, quay: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.second.pull(pair.first)
    monkeypatch.setattr(flavours, "DIRSYNC", NOBODYS)
    sync(quay.settings())
    assert cookies() == []
    assert told(sync(pair.second.settings(base_dn=quay.base), way=Way.CHANGES)) == {
        "way": "sweep", "result": "complete", "read": 12,
    }  # fmt: skip


def test_controller_that_has_not_heard_yet_takes_nothing_back(app: Flask, pair: Pair, quay: Part) -> None:
    pair.second.pull(pair.first)
    first, second = quay.settings(), pair.second.settings(base_dn=quay.base)
    sync(first)
    quay.change(f"CN=Hand000,{quay.base}", title="Pilot")
    quay.add("nell.new")
    assert sync(first, way=Way.CHANGES).joined == 1
    quay.change(f"CN=Hand001,{quay.base}", title="Master")  # The second will tell of this, and nobody else has.
    assert told(sync(second, way=Way.CHANGES)) == {"way": "changes", "result": "complete"}
    assert (person("hand000").title, states()["nell.new"]) == ("Pilot", "active")
    pair.second.pull(pair.first)
    assert sync(second, way=Way.CHANGES).changed == 1
    assert (person("hand000").title, person("hand001").title) == ("Pilot", "Master")


# What is told.


def test_new_changed_renamed_and_moved_people_are_told_in_one_go(app: Flask, quay: Part) -> None:
    docks = f"OU=Docks,{quay.base}"
    hands = [f"CN=Hand{number:03},{quay.base}" for number in range(12)]
    sync(quay.settings())
    quay.add("nell.new", unit=docks, manager=hands[1])
    quay.change(hands[2], title="Pilot")
    quay.rename(hands[3], above=docks)
    quay.change(quay.rename(hands[4], "CN=Other"), displayName="Other", sAMAccountName="other")
    quay.change(hands[5], userAccountControl=0x222)
    quay.change(hands[6], manager=hands[1])
    quay.remove(hands[7])
    quay.change(hands[8], description="Nothing that the register keeps")
    assert told(sync(quay.settings(page_size=10), way=Way.CHANGES)) == {
        "way": "changes", "result": "complete", "read": 6, "joined": 1, "moved": 1, "changed": 4, "disabled": 1,
    }  # fmt: skip
    assert events("person.moved") == ["Hand003 moved from no team to Docks"]
    assert (person("hand002").title, person("other").name, states()["hand005"]) == ("Pilot", "Other", "disabled")
    assert person("nell.new").manager_id == person("hand006").manager_id == person("hand001").id
    assert states()["hand007"] == "active"  # Who is gone, a sweep sees.
    assert told(sync(quay.settings())) == {"way": "sweep", "result": "complete", "read": 12, "missing": 1}


def test_people_of_a_renamed_unit_are_not_lost(app: Flask, quay: Part) -> None:
    docks = f"OU=Docks,{quay.base}"
    quay.add("una.under", unit=docks)
    sync(quay.settings())
    quay.change(f"CN=Hand000,{quay.base}", title="Pilot")
    quay.rename(docks, "OU=Quays")
    outcome = sync(quay.settings(), way=Way.CHANGES)
    assert (outcome.way, outcome.read, outcome.moved, person("hand000").title) == ("sweep", 13, 0, "Pilot")
    assert person("una.under").dn_key == f"cn=una under,ou=quays,{quay.base.lower()}"


def test_what_nobody_keeps_is_not_told_but_for_what_changes_every_day(app: Flask, quay: Part) -> None:
    dn = quay.add("sian.signs", password=PASSWORD)
    sync(quay.settings())
    before = quay.usn(dn)
    quay.change(dn, description="Nothing that the register keeps")
    assert told(sync(quay.settings(), way=Way.CHANGES)) == {"way": "changes", "result": "complete"}
    quay.domain.connect(dn).unbind()
    assert quay.usn(dn) > before + 1
    assert told(sync(quay.settings(), way=Way.CHANGES)) == {"way": "changes", "result": "complete", "read": 1}
    known = rows()
    assert told(sync(quay.settings())) == {"way": "sweep", "result": "complete", "read": 13}
    assert rows() == known  # Nobody had to be read at night.


def test_whoever_comes_to_match_the_filter_is_told(app: Flask, quay: Part) -> None:
    """By an attribute that feeds no field."""
    given = quay.settings(people_filter="(&(objectClass=user)( description=Registered))")
    quay.change(f"CN=Hand000,{quay.base}", description="Registered")
    assert sync(given).joined == 1
    quay.change(f"CN=Hand001,{quay.base}", description="Registered")
    assert told(sync(given, way=Way.CHANGES)) == {"way": "changes", "result": "complete", "read": 1, "joined": 1}


def test_more_changes_than_are_read_at_once_are_all_read(
    app: Flask, quay: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dirsync, "AT_ONCE", 5)
    sync(quay.settings())
    for number in range(12):
        quay.change(f"CN=Hand{number:03},{quay.base}", title=f"Pilot {number}")
    assert told(sync(quay.settings(), way=Way.CHANGES)) == {
        "way": "changes", "result": "complete", "read": 12, "changed": 12,
    }  # fmt: skip


def test_answers_that_say_that_there_are_more_are_followed(app: Flask, quay: Part, proxy: Proxy) -> None:
    given = quay.settings(uris=(proxy.uri,), insecure=True)
    sync(given)
    quay.change(f"CN=Hand000,{quay.base}", title="Pilot")
    asked: list[int] = []

    def says_more(talk: Talk) -> None:
        asked.append(1)
        for message in talk.ask():
            if op_of(message) == DONE and len(asked) == 1:
                assert message.count(LAST) == 1
                quay.change(f"CN=Hand001,{quay.base}", title="Master")
                message = message.replace(LAST, NOT_LAST)
            talk.give(message)
        talk.flush()

    proxy.arm(Mishap("more", says_more, meant=for_changes))
    assert told(sync(given, way=Way.CHANGES)) == {"way": "changes", "result": "complete", "read": 2, "changed": 2}
    assert len(asked) == 2


# The cookie.


def test_cookie_is_kept_with_the_last_run_that_read_to_the_end(app: Flask, quay: Part, proxy: Proxy) -> None:
    given = quay.settings(uris=(proxy.uri,), insecure=True)
    sync(given, way=Way.CHANGES, dry_run=True)
    assert cookies() == []
    for way in (Way.CHANGES, Way.SWEEP, Way.FULL, Way.CHANGES):
        assert sync(given, way=way).result == "complete"
        assert cookies() == [last_id()]
    good = last_id()
    quay.change(f"CN=Hand000,{quay.base}", title="Pilot")
    proxy.arm(Mishap("cut off", ended(faults.SIZE_LIMIT), meant=by_id))
    assert sync(given, way=Way.CHANGES).result == "failed"
    proxy.arm(Mishap("reset", Talk.reset, meant=by_id))
    with pytest.raises(directory.DirectoryUnavailable):
        sync(given, way=Way.CHANGES)
    assert (proxy.struck, cookies()) == (True, [good])
    proxy.arm(None)
    sync(given, way=Way.CHANGES, dry_run=True)
    assert cookies() == [good]
    assert told(sync(given, way=Way.CHANGES)) == {"way": "changes", "result": "complete", "read": 1, "changed": 1}
    assert cookies() == [last_id()]


# Where the directory does not tell.


def rubbish() -> None:
    """Every cookie is spoilt."""
    db.session.execute(sa.update(SyncRun).where(SyncRun.cookie.is_not(None)).values(cookie=b"rubbish"))
    db.session.commit()


def cut_short() -> None:
    """Every cookie lacks its end."""
    cookie = db.session.scalars(sa.select(SyncRun.cookie).where(SyncRun.cookie.is_not(None))).one()
    assert cookie
    db.session.execute(sa.update(SyncRun).where(SyncRun.cookie.is_not(None)).values(cookie=cookie[:-3]))
    db.session.commit()


def without_control(talk: Talk) -> None:
    """The answer says nothing of where to go on."""
    for message in talk.ask():
        if op_of(message) != DONE:
            talk.give(message)
    talk.end(0)


def in_circles(talk: Talk) -> None:
    """There are more, it says, from where it was asked."""
    answers = list(talk.ask())
    for _ in range(2):
        for message in answers[:-1]:
            talk.give(message)
    talk.give(answers[-1].replace(LAST, NOT_LAST))
    talk.flush()


TOO_LONG_AGO = "it refuses to, and may not know any more what it gave the last time ("
REASONS = {
    "rubbish": f"{TOO_LONG_AGO}0000202C: Unable to unmarshall cookie as a ldapControlDirSyncCookie structure at ",
    "cut short": f"{TOO_LONG_AGO}0000202C: Unable to unmarshall cookie as a ldapControlDirSyncCookie structure at ",
    "not offered": "the server that answers does not offer it.",
    "no right": "CN=Registry Reader,CN=Users,DC=kestrel,DC=example may not ask for it (as the test wants it).",
    "too old": f"{TOO_LONG_AGO}as the test wants it).",
    "unavailable": f"{TOO_LONG_AGO}as the test wants it).",
    "hung": "it said nothing in time when asked for changes (",
    "reset": "it said nothing in time when asked for changes (",
    "no control": "it did not say where the next question is to start.",
}
ACTS: dict[str, Callable[[Talk], bool | None]] = {
    "no right": ended(50), "too old": ended(53), "unavailable": ended(12), "hung": Talk.hang, "reset": Talk.reset,
    "no control": without_control,
}  # fmt: skip


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same", "another"])
@pytest.mark.parametrize("fault", list(REASONS))
def test_cookie_that_cannot_be_used_loses_nothing(
    app: Flask, pair: Pair, quay: Part, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, fault: str, elsewhere: bool
) -> None:
    given = quay.settings(uris=(proxy.uri,), insecure=True)
    pair.second.pull(pair.first)
    sync(pair.second.settings(base_dn=quay.base) if elsewhere else given)
    assert cookies() == [last_id()]
    quay.change(f"CN=Hand000,{quay.base}", title="Pilot")
    quay.add("nell.new")
    monkeypatch.setattr(reading, "PATIENCE", 1)
    with monkeypatch.context() as patched:
        if fault == "rubbish":
            rubbish()
        elif fault == "cut short":
            cut_short()
        elif fault == "not offered":
            patched.setattr(flavours, "DIRSYNC", NOBODYS)
        else:
            proxy.arm(Mishap(fault, ACTS[fault], meant=for_changes))
        outcome = sync(given, way=Way.CHANGES)
    way, read = ("sweep", 13) if elsewhere else ("changes", 2)
    assert (outcome.way, outcome.result, outcome.read) == (way, "complete", read)
    assert (outcome.joined, outcome.changed, outcome.missing) == (1, 1, 0)
    run = last_run()
    assert run is not None
    assert (run.way, run.server.split(",")[1], run.reason) == (way, "CN=DC1", outcome.reason)
    db.session.rollback()
    assert outcome.reason.startswith(f"The directory did not tell what changed (DirSync): {REASONS[fault]}")
    assert outcome.reason.endswith(
        "Instead, everybody was looked at." if elsewhere else "Instead, its change numbers were followed."
    )
    # What it is asked with next is new, where it gives anything.
    proxy.arm(None)
    quay.change(f"CN=Hand001,{quay.base}", title="Master")
    assert len(cookies()) == (fault in ("rubbish", "cut short"))
    after = sync(given, way=Way.CHANGES)
    assert (told(after), cookies()) == (
        {"way": "changes", "result": "complete", "read": 1, "changed": 1}, [last_id()]
    )  # fmt: skip


def test_answers_in_circles_are_left(app: Flask, quay: Part, proxy: Proxy) -> None:
    given = quay.settings(uris=(proxy.uri,), insecure=True)
    sync(given)
    sync(given, way=Way.CHANGES)
    proxy.arm(Mishap("circles", in_circles, meant=for_changes))
    outcome = sync(given, way=Way.CHANGES)
    assert told(outcome) == {
        "way": "changes", "result": "complete",
        "reason": "The directory did not tell what changed (DirSync): it gave its answers in circles."
        " Instead, its change numbers were followed.",
    }  # fmt: skip


def test_first_reading_goes_on_where_nobody_answers_for_the_cookie(
    app: Flask, quay: Part, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PATIENCE", 1)
    proxy.arm(Mishap("hung", Talk.hang, meant=for_changes))
    given = quay.settings(uris=(proxy.uri,), insecure=True)
    assert told(sync(given)) == {"way": "full", "result": "complete", "read": 12, "joined": 12}
    assert (proxy.struck, cookies()) == (True, [])


# The doctor.


def as_pasted(command: str) -> str:
    """What a command of the doctor prints in a shell, with the password for its question."""
    typed = command.replace(" -W ", f" -w {PASSWORD} ")
    return subprocess.run(typed, shell=True, capture_output=True, text=True, timeout=30, check=True).stdout


def line_of(steps: list[directory.Step]) -> tuple[str, str, bool]:
    """What the doctor says of changes, with the advice, and whether there is a command."""
    (step,) = [step for step in steps if step.about == "dirsync"]
    assert step.ok
    return step.line, step.mend, bool(step.command)


def test_doctor_says_whether_changes_are_told(quay: Part, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    given = quay.settings(uris=(proxy.uri,), insecure=True)
    steps = list(directory.check(given))
    assert line_of(steps) == (
        "The directory tells what changed (DirSync), whichever of its domain controllers answers.", "", True
    )  # fmt: skip
    assert "# cookie:: " in as_pasted(steps[-1].command)
    advice = (
        "Nothing is missed without it. Where another domain controller answers than the last time, everybody is"
        " looked at."
    )
    proxy.arm(Mishap("no right", ended(50), meant=lambda search: for_changes(search) and b"objectGUID" in search.where))
    assert line_of(list(directory.check(given))) == (
        f"The directory does not tell what changed (DirSync): {REASONS['no right']}", advice, False
    )  # fmt: skip
    monkeypatch.setattr(flavours, "DIRSYNC", NOBODYS)
    assert line_of(list(directory.check(given))) == (
        f"The directory does not tell what changed (DirSync): {REASONS['not offered']}", advice, False
    )  # fmt: skip
