"""Entries that break a rule: each is taken as far as it goes, or left out, and told; the rest goes on."""

import sqlalchemy as sa
from flask import Flask
from harbour import Tree
from readings import counts, person

from registry.db import db
from registry.people.models import SyncRun
from registry.people.sync import sync


def told() -> tuple[dict[str, int], dict[str, list[str]]]:
    """What the last run found odd: how many of each kind, and the usernames of those that it names."""
    db.session.rollback()
    run = db.session.scalars(sa.select(SyncRun).order_by(SyncRun.id.desc())).first()
    assert run is not None
    named: dict[str, list[str]] = {}
    for entry in run.skipped_entries:
        name = entry["dn"].partition(",")[0].partition("=")[2]
        named.setdefault(entry["reason"], []).append(name if entry.get("taken") else f"{name[:20]} left out")
    return run.oddities, named


def test_each_breach_of_a_rule_is_told_and_the_rest_goes_on(app: Flask, tree: Tree) -> None:
    mail = {"mail": "someone@pembrey.example"}
    tree.add("good.one", **mail)
    tree.add("no.mail")
    tree.add("two.mails", mail=["first@pembrey.example", "second@pembrey.example"])
    tree.add("long.mail", mail=f"{'x' * 5000}@pembrey.example")
    tree.add("long.title", title="t" * 4000, **mail)
    tree.add("turned.round", cn="Nia \u202ehguP", **mail)
    tree.add("apart", "Zoe\u0308 Pugh", **mail)
    tree.add("boss.gone", manager=f"uid=nobody,{tree.base}", **mail)
    tree.link.add(f"cn=Long,{tree.base}", "inetOrgPerson", {"cn": "Long", "sn": "L", "uid": "u" * 300})
    yard = tree.unit(f"ou=Yard,{tree.base}")
    tree.add("shared", unit=yard, **mail)
    tree.add("shared", **mail)
    outcome = sync(tree.settings())
    assert counts(outcome) == {"result": "complete", "read": 10, "joined": 10, "skipped": 1}
    assert told() == (
        {
            "has a username that somebody else has too": 2, "has no mail address": 1,
            "has several mail addresses, of which the first counts": 1, "holds a text that is too long and was cut": 2,
            "holds characters that cannot be shown, which were left out": 1,
            "reports to somebody who is not among the people of the directory": 1,
        },
        {
            "has a name or username that is too long": ["Long left out"],
            "has a username that somebody else has too": ["shared", "shared"], "has no mail address": ["no.mail"],
            "has several mail addresses, of which the first counts": ["two.mails"],
            "holds a text that is too long and was cut": ["long.mail", "long.title"],
            "holds characters that cannot be shown, which were left out": ["turned.round"],
            "reports to somebody who is not among the people of the directory": ["boss.gone"],
        },
    )  # fmt: skip
    assert [person(name).name for name in ("turned.round", "apart")] == ["Nia hguP", "Zo\u00eb Pugh"]
    assert (person("two.mails").mail, person("long.mail").mail) == ("first@pembrey.example", None)
    assert person("long.title").title == "t" * 250


def test_names_full_of_separators_are_taken(app: Flask, tree: Tree) -> None:
    odd = r"uid=a\,b\+c\"d\\e\<f\>g\;h\=i\#j"
    tree.link.add(f"{odd},{tree.base}", "inetOrgPerson", {"cn": "Separated", "sn": "S", "mail": "s@pembrey.example"})
    tree.add("report", manager=f"{odd},{tree.base}", mail="r@pembrey.example")
    assert counts(sync(tree.settings())) == {"result": "complete", "read": 2, "joined": 2}
    assert told() == ({}, {})
    boss = person('a,b+c"d\\e<f>g;h=i#j')
    assert person("report").manager_id == boss.id


def test_ten_of_each_kind_are_named(app: Flask, tree: Tree) -> None:
    tree.add_many(14)
    sync(tree.settings())
    numbers, names = told()
    assert numbers == {"has no mail address": 14}
    assert len(names["has no mail address"]) == 10
