"""Nobody is lost, whatever goes wrong on the way: hundreds of faulty readings of one directory, over many months."""

import os
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import mishaps
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from proxy import Mishap, Proxy
from readings import counts, rows
from slapd import Slapd, settings_for

from registry.db import db, now
from registry.people.directory import DirectoryError
from registry.people.ldap import reading
from registry.people.models import Person, PersonState, RoleGrant, Team, Way
from registry.people.sync import Outcome, sync

pytestmark = pytest.mark.ldap

#: ``FAULTY_RUNS=1000 tests/run tests/people/test_faults.py`` draws more.
RUNS: Final = int(os.environ.get("FAULTY_RUNS", 150))
CREW: Final = 1_500
SUFFIX: Final = "dc=saltmarsh,dc=example"
UNIT: Final = "dn: ou=Watch {number},{suffix}\nobjectClass: organizationalUnit\nou: Watch {number}\n"
MEMBER: Final = """
dn: uid=hand{number:04},ou=Watch {watch},{suffix}
objectClass: inetOrgPerson
uid: hand{number:04}
cn: Hand {number:04}
sn: Hand
mail: hand{number:04}@saltmarsh.example
title: Deck hand
manager: uid=hand{boss:04},ou=Watch {watch},{suffix}
"""
GROUP: Final = "\ndn: cn={name},{suffix}\nobjectClass: groupOfNames\ncn: {name}\n{members}\n"
#: Seconds that a reading waits where the directory hangs; everywhere else it has time.
HURRY: Final = 0.1


def saltmarsh() -> str:
    """The LDIF of Saltmarsh Pilots, who do not exist: 1,500 people in ten teams, and a group within a group."""
    units = "\n".join(UNIT.format(number=number, suffix=SUFFIX) for number in range(10))
    crew = "".join(
        MEMBER.format(number=number, watch=number % 10, boss=number % 10, suffix=SUFFIX) for number in range(CREW)
    )
    dn = f"member: uid=hand{{0:04}},ou=Watch {{0}},{SUFFIX}"
    inner = GROUP.format(name="Inner", suffix=SUFFIX, members="\n".join(dn.format(number) for number in (3, 4, 5)))
    members = f"{dn.format(1)}\nmember: cn=Inner,{SUFFIX}"
    return units + crew + inner + GROUP.format(name="Comms", suffix=SUFFIX, members=members)


@pytest.fixture(scope="module")
def pilots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """The directory of Saltmarsh Pilots."""
    server = Slapd(tmp_path_factory.mktemp("saltmarsh"), SUFFIX, saltmarsh(), more="dbnosync")
    yield server
    server.stop()


@pytest.fixture
def proxy(pilots: Slapd) -> Iterator[Proxy]:
    """What stands before it."""
    made = Proxy(pilots.uri)
    yield made
    made.stop()


def begin(proxy: Proxy, monkeypatch: pytest.MonkeyPatch, mishap: Mishap | None) -> None:
    """Make ``mishap`` the next to happen, and wait long for an answer, but not where none is to come."""
    proxy.arm(mishap)
    monkeypatch.setattr(reading, "PATIENCE", HURRY if mishap and mishap.hangs else 60)


def happened(proxy: Proxy, mishap: Mishap) -> bool:
    """Whether it did. In a hurry, a busy machine may be taken for a silent one before: that is a fault as well."""
    return proxy.struck or mishap.hangs


def lost() -> list[tuple[str, str]]:
    """Whoever is not simply at work."""
    away = sa.or_(Person.state != PersonState.ACTIVE, Person.missing_at.is_not(None), Person.left_at.is_not(None))
    found = db.session.execute(sa.select(Person.username, Person.state).where(away).order_by(Person.username))
    told = [(username, state.value) for username, state in found]
    db.session.rollback()
    return told


def teams() -> list[tuple[Any, ...]]:
    """Every row of the table of teams, whole."""
    found = [tuple(row) for row in db.session.execute(sa.select(Team.__table__).order_by(Team.path))]
    db.session.rollback()
    return found


def attempt(settings: Any, **more: Any) -> Outcome:
    """A run; one that could not begin is a failed one too."""
    try:
        return sync(settings, **more)
    except DirectoryError as error:
        return Outcome(result="failed", reason=str(error))


def roles() -> list[tuple[str, str]]:
    """Who holds which role."""
    found = db.session.execute(
        sa.select(Person.username, RoleGrant.role)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .order_by(Person.username, RoleGrant.role)
    )
    told = [(username, role.value) for username, role in found]
    db.session.rollback()
    return told


def plan(elsewhere: str) -> list[tuple[Mishap, Way, int]]:
    """What goes wrong in each run, how it reads, and the size of its pages."""
    draw, ways = random.Random(1_000), [Way.FULL, Way.SWEEP, Way.SWEEP, Way.CHANGES]
    runs = [(mishap, way, 500) for mishap in mishaps.of_readings(elsewhere) for way in (Way.FULL, Way.SWEEP)]
    runs += [(mishap, Way.SWEEP, 500) for mishap in mishaps.of_single_entries()]
    for some in (mishaps.of_connections(), mishaps.harmless(elsewhere), mishaps.of_groups(), mishaps.of_units()):
        runs += [(mishap, draw.choice(ways), 500) for mishap in some]
    at_once = [one for one in mishaps.of_readings(elsewhere) if "after 0" in one.name]
    runs += [(mishap, Way.CHANGES, 500) for mishap in at_once]  # Nothing has changed, so no entry comes.
    again = [mishap for mishap in mishaps.of_readings(elsewhere) if "1200" not in mishap.name]
    rest = range(RUNS - len(runs))
    runs += [(draw.choice(again), draw.choice(ways[:3]), draw.choice((250, 700, 1000))) for _ in rest]
    draw.shuffle(runs)
    return runs


def forget_marks(draw: random.Random) -> None:
    """Some entries have to be read whole, as if they had changed."""
    ids = db.session.scalars(sa.select(Person.id)).all()
    db.session.execute(sa.update(Person).where(Person.id.in_(draw.sample(ids, 12))).values(mark=None))
    db.session.commit()


def ended_well(mishap: Mishap, outcome: Outcome) -> bool:
    """Whether a run ended as it should have."""
    expected = mishap.ends
    # By the way it went, not the way it was asked for: after a fault in the units, changes alone will not do.
    if outcome.way == Way.CHANGES and expected == "held":
        expected = "complete"  # It thinks nobody absent in the first place.
    return expected in ("", outcome.result)


def test_many_faulty_runs_lose_nobody(app: Flask, pilots: Slapd, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = {"comms": (f"cn=Comms,{SUFFIX}",)}
    settings = settings_for(pilots, page_size=500, role_groups=groups)
    assert counts(sync(settings)) == {"result": "complete", "read": CREW, "joined": CREW}
    before, held, units, draw = rows(), roles(), teams(), random.Random(7)
    assert [username for username, _ in held] == ["hand0001", "hand0003", "hand0004", "hand0005"]
    wrong = []
    with time_machine.travel(now(), tick=True) as clock:
        for mishap, way, page in plan("ldap://127.0.0.1:1/"):
            clock.shift(timedelta(hours=draw.choice((1, 7, 26, 50))))
            if mishap.name.startswith("one entry"):
                forget_marks(draw)
            begin(proxy, monkeypatch, mishap)
            given = groups if mishap.name.startswith("groups") else {}
            outcome = attempt(
                settings_for(pilots, uris=(proxy.uri,), page_size=page, role_groups=given, timeout=1), way=way
            )
            told = (happened(proxy, mishap), outcome.missing, outcome.left, outcome.joined, lost(), roles() == held)
            if told != (True, 0, 0, 0, [], True) or not ended_well(mishap, outcome):
                wrong.append((mishap.name, way, page, outcome.result, outcome.reason, *told))
                begin(proxy, monkeypatch, None)
                sync(settings, way=Way.FULL)  # Each fault is told of once.
        begin(proxy, monkeypatch, None)
        assert wrong == []
        assert counts(sync(settings)) == {"result": "complete", "read": CREW}
    assert (rows(), teams()) == (before, units)


def test_absence_does_not_ripen_in_faulty_runs(
    app: Flask, pilots: Slapd, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five who were missing stay so, however long the faults last; only a complete run settles it."""
    five = "".join(f"(uid=hand{number:04})" for number in range(5))
    told = settings_for(pilots, uris=(proxy.uri,), page_size=500, timeout=1)
    without = told.model_copy(update={"people_filter": f"(&(objectClass=inetOrgPerson)(!(|{five})))"})
    sync(told)
    assert counts(sync(without)) == {"result": "complete", "read": CREW - 5, "missing": 5}
    absent = [(f"hand{number:04}", "missing") for number in range(5)]
    faults = [*mishaps.of_connections(), *(one for one in mishaps.of_readings("ldap://127.0.0.1:1/") if one.ends)]
    with time_machine.travel(now(), tick=True) as clock:
        for number, mishap in enumerate(faults):
            clock.shift(timedelta(days=1))
            begin(proxy, monkeypatch, mishap)
            outcome = attempt(without, way=(Way.FULL, Way.SWEEP)[number % 2])
            assert (mishap.name, happened(proxy, mishap), outcome.left, outcome.missing, lost()) == (
                mishap.name, True, 0, 0, absent,
            )  # fmt: skip
        begin(proxy, monkeypatch, None)
        assert counts(sync(told)) == {"result": "complete", "read": CREW, "returned": 5}
        assert counts(sync(without)) == {"result": "complete", "read": CREW - 5, "missing": 5}
        clock.shift(timedelta(days=2))
        assert counts(sync(without)) == {"result": "complete", "read": CREW - 5, "left": 5}


@pytest.mark.parametrize("way", [Way.FULL, Way.SWEEP])
def test_page_that_forgets_to_say_whether_it_is_the_last_is_not_the_last(
    app: Flask, pilots: Slapd, proxy: Proxy, way: Way
) -> None:
    """So few would be lost by it that the guard would let them go."""
    settings = settings_for(pilots, uris=(proxy.uri,), page_size=745)
    sync(settings)
    proxy.arm(Mishap("no control on the second page", mishaps.no_control, skip=1))
    outcome = sync(settings, way=way)
    assert (proxy.struck, outcome.result, outcome.missing, lost()) == (True, "failed", 0, [])
