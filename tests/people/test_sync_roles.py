"""Who somebody is and what they may do, as the directory tells it: logins used again, groups, leavers."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask
from harbour import Tree
from readings import counts, days_later, events, person, rows, states
from slapd import Slapd, settings_for

from registry.db import db, now
from registry.people import actions
from registry.people.models import GrantSource, Person, PersonState, RoleGrant, SignIn
from registry.people.sync import sync

pytestmark = pytest.mark.ldap


def test_login_used_again_is_a_new_person_who_inherits_nothing(app: Flask, tree: Tree, client: Browser) -> None:
    tree.add_many(12)
    boss = tree.add("nia.pugh", "Nia Pugh")
    report = tree.add("rhys.report", manager=boss)
    sync(tree.settings())
    old = person("nia.pugh")
    old_id = old.id
    actions.grant(username="nia.pugh", role="admin", actor=None)
    db.session.commit()
    client.as_(person("nia.pugh"))
    tree.remove([boss])
    tree.add("nia.pugh", "Nia Pugh the younger")
    assert counts(sync(tree.settings())) == {"result": "complete", "read": 14, "joined": 1, "missing": 1, "changed": 1}
    new = person("nia.pugh")
    assert (new.id == old_id, new.name, new.state) == (False, "Nia Pugh the younger", PersonState.ACTIVE)
    assert [grant.person_id for grant in db.session.scalars(sa.select(RoleGrant))] == [old_id]
    assert [kept.person_id for kept in db.session.scalars(sa.select(SignIn))] == [old_id]
    # The manager of the entry is who has the entry now, at each reading.
    for _ in range(3):
        before = rows()
        sync(tree.settings())
        assert person("rhys.report").manager_id == new.id
        assert {key: row for key, row in rows().items() if before[key] != row} == {}
    with days_later(2):
        sync(tree.settings())
    assert db.session.scalars(sa.select(RoleGrant)).all() == []
    assert (states()["rhys.report"], report) == ("active", tree.dn("rhys.report"))


# Roles by group.


def held(source: GrantSource = GrantSource.GROUP) -> list[tuple[str, str]]:
    """Who holds which role by a group."""
    found = db.session.execute(
        sa.select(Person.username, RoleGrant.role)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.source == source)
        .order_by(Person.username, RoleGrant.role)
    )
    told = [(username, role.value) for username, role in found]
    db.session.rollback()
    return told


def test_role_groups_give_and_take_roles(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(12)
    inner = tree.group("Inner", dns[2:4])
    comms = tree.group("Comms", [dns[0], inner])
    audit = tree.group("Audit", [dns[0]])
    groups = {"comms": (comms,), "auditor": (audit,)}
    sync(tree.settings(role_groups=groups))
    assert held() == [("hand000", "auditor"), ("hand000", "comms"), ("hand002", "comms"), ("hand003", "comms")]
    actions.grant(username="hand002", role="comms", actor=None)
    db.session.commit()
    tree.change(inner, member=dns[4])
    sync(tree.settings(role_groups=groups))
    assert held() == [("hand000", "auditor"), ("hand000", "comms"), ("hand004", "comms")]
    assert held(GrantSource.HAND) == [("hand002", "comms")]  # What was given by hand is not the groups' to take.
    assert events("role.withdrawn") == [
        "The register withdrew the role comms from Hand002", "The register withdrew the role comms from Hand003",
    ]  # fmt: skip


def test_group_that_is_not_there_takes_nobodys_role(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(12)
    comms = tree.group("Comms", dns[:2])
    sync(tree.settings(role_groups={"comms": (comms,)}))
    wrong = f"cn=Coms,{tree.base}"
    outcome = sync(tree.settings(role_groups={"comms": (comms, wrong)}))
    assert outcome.result == "complete"
    assert outcome.reason.startswith("Roles are as they were: REGISTRY_LDAP_ROLE_GROUPS")
    assert held() == [("hand000", "comms"), ("hand001", "comms")]


def test_leaver_loses_roles_and_is_out_on_the_next_request(app: Flask, tree: Tree, client: Browser) -> None:
    dns = tree.add_many(12)
    comms = tree.group("Comms", dns[:1])
    sync(tree.settings(role_groups={"comms": (comms,)}))
    leaver = client.as_(person("hand000"))
    assert leaver.get("/overview").status_code == 200
    tree.change(comms, member=dns[1])
    sync(tree.settings(role_groups={"comms": (comms,)}))
    assert leaver.get("/overview").status_code == 404
    assert leaver.get("/accounts").status_code == 200
    tree.remove(dns[:1])
    sync(tree.settings(role_groups={"comms": (comms,)}))
    assert leaver.get("/accounts").status_code == 200
    db.session.execute(
        sa.update(Person).where(Person.username == "hand000").values(missing_at=now() - timedelta(days=2))
    )
    db.session.commit()
    sync(tree.settings(role_groups={"comms": (comms,)}))
    answer = leaver.get("/accounts")
    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/accounts")
    assert held() == [("hand001", "comms")]


# Another directory.


def test_public_sample_directory_is_read(app: Flask, planetexpress: Slapd) -> None:
    assert counts(sync(settings_for(planetexpress))) == {"result": "complete", "read": 7, "joined": 7}
    assert states() == dict.fromkeys(["amy", "bender", "fry", "hermes", "leela", "professor", "zoidberg"], "active")
    before = rows()
    assert counts(sync(settings_for(planetexpress))) == {"result": "complete", "read": 7}
    assert rows() == before
