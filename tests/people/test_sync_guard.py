"""The guard of the sync: too many who are missing at once are a fault of the reading until somebody says otherwise."""

import pytest
from flask import Flask
from harbour import CROWD, CROWD_SIZE, Tree
from readings import counts, days_later, rows, states
from slapd import Slapd, settings_for

from registry.people.sync import sync

pytestmark = pytest.mark.ldap


def test_guard_holds_a_fall_by_more_than_a_tenth(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(60)
    sync(tree.settings())
    tree.remove(dns[:7])
    outcome = sync(tree.settings())
    assert counts(outcome) == {
        "result": "held", "read": 53,
        "reason": "The directory fell from 60 people to 53. Nobody was marked. If it is right, run: registry sync"
        " --accept-leavers 7",
    }  # fmt: skip
    assert outcome.absent == [f"Hand{number:03}" for number in range(7)]
    assert set(states().values()) == {"active"}
    # Another number than the one that was shown is no consent.
    for wrong in (0, 6, 8, 60):
        assert sync(tree.settings(), accept_leavers=wrong).result == "held"
    assert set(states().values()) == {"active"}
    assert counts(sync(tree.settings(), accept_leavers=7)) == {"result": "complete", "read": 53, "missing": 7}
    with days_later(2):
        assert counts(sync(tree.settings())) == {"result": "complete", "read": 53, "left": 7}


def test_guard_lets_six_of_sixty_go(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(60)
    sync(tree.settings())
    tree.remove(dns[:6])
    assert counts(sync(tree.settings())) == {"result": "complete", "read": 54, "missing": 6}


def test_guard_holds_more_than_ten(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(120)
    sync(tree.settings())
    tree.remove(dns[:10])
    assert counts(sync(tree.settings())) == {"result": "complete", "read": 110, "missing": 10}
    tree.remove(dns[10:21])
    outcome = sync(tree.settings())
    assert (outcome.result, outcome.missing, len(outcome.absent)) == ("held", 0, 11)
    assert sorted(states().values()) == ["active"] * 110 + ["missing"] * 10


def test_guard_holds_more_than_two_in_a_hundred(app: Flask, pembrey: Slapd) -> None:
    crowd = Tree(pembrey, base=CROWD)
    settings = settings_for(pembrey, base_dn=CROWD, page_size=100)
    assert counts(sync(settings)) == {"result": "complete", "read": CROWD_SIZE, "joined": CROWD_SIZE}
    twelve = sync(settings_for(pembrey, base_dn=CROWD, people_filter=f"(&(uid=crew*)(!(|{_uids(12)})))"))
    assert counts(twelve) == {"result": "complete", "read": 588, "missing": 12}
    sync(settings)
    thirteen = sync(settings_for(pembrey, base_dn=CROWD, people_filter=f"(&(uid=crew*)(!(|{_uids(13)})))"))
    assert (thirteen.result, thirteen.missing, len(thirteen.absent)) == ("held", 0, 13)
    assert thirteen.reason.startswith("13 of 600 people were not in the directory.")
    crowd.close()


def _uids(number: int) -> str:
    return "".join(f"(uid=crew{one:03})" for one in range(number))


def test_guard_holds_an_empty_answer(app: Flask, tree: Tree) -> None:
    tree.add_many(3)
    sync(tree.settings())
    before = rows()
    outcome = sync(tree.settings(people_filter="(uid=nobody)"))
    assert (outcome.result, outcome.read) == ("held", 0)
    assert outcome.reason.startswith("The directory answered with nobody, but 3 people are known. Nobody was marked.")
    assert rows() == before


def test_empty_directory_fills_no_register(app: Flask, tree: Tree) -> None:
    assert (sync(tree.settings()).result, rows()) == ("held", {})
