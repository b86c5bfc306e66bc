"""Two rows that are one human being: all moves to the one that stays, and nothing that was signed is lost."""

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from command import registry
from flask import Flask
from readings import events, sign_in
from test_guests import a_guest

from registry import audit
from registry.accounts.actions import settle_merges
from registry.accounts.models import Account
from registry.audit import Event, broken
from registry.config import Settings
from registry.db import db, exclusively, now
from registry.guidelines import queries as guidelines
from registry.guidelines import report
from registry.guidelines.asking import OPEN
from registry.guidelines.models import Obligation, SignOff
from registry.network import actions as network
from registry.network import queries as peers
from registry.network.models import Interest, Profile, Relation
from registry.outbox import Message, post
from registry.people import merging, queries
from registry.people.models import GrantSource, Guest, Person, PersonKind, PersonMerge, PersonState, RoleGrant, SignIn
from registry.roles import Role


def mair_employed() -> Person:
    """Mair Huws as the directory has her now."""
    return cast.a_person("mair.huws", name="Mair Huws", title="Ranger", team=("Environment", "Paths"))


def merge(gone: Person, kept: Person) -> list[tuple[str, int]]:
    """Merge them as the comms officer; committed."""
    moved = merging.merge_guest(gone=gone, kept=kept, actor=cast.comms_officer())
    db.session.commit()
    return moved


def count(model: Any, *conditions: Any) -> int:
    """How many rows there are."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*conditions)) or 0


def keep_profile(person: Person, about: str, *topics: str) -> None:
    """A profile with topics."""
    network.keep(profile=None, person=person, about=about, topics=topics, offers=[], asks=[])
    db.session.flush()


# What moves.


def test_all_that_a_guest_has_is_theirs_in_the_directory(app: Flask) -> None:
    mair, ranger, document = a_guest(), mair_employed(), cast.a_document()
    owned, deputised = cast.an_account(owner=mair), cast.an_account(deputy=mair)
    cast.sign(document, mair)
    keep_profile(mair, "I look after the coast path.", "walking", "birds")
    db.session.add(RoleGrant(person_id=mair.id, role=Role.ORGANISER, source=GrantSource.HAND, granted_at=now()))
    post(to="mair@paths.example", subject="Hello", text="Hello", person_id=mair.id)
    sign_in(mair)
    moved = merge(mair, ranger)
    assert dict(moved) == {
        "Accounts owned": 1, "Accounts as deputy": 1, "Accounts registered": 1,
        "Guidelines to sign": 1, "Guidelines signed": 1, "Profile in the peer network": 1,
        "Roles": 1, "Mail sent": 1,
    }  # fmt: skip
    assert (owned.owner_id, owned.proposed_by_id, deputised.deputy_id) == (ranger.id, ranger.id, ranger.id)
    profile = peers.profile(ranger.id)
    assert profile is not None
    assert (profile.about, [one.topic.name for one in profile.interests]) == (
        "I look after the coast path.", ["walking", "birds"],
    )  # fmt: skip
    assert db.session.scalars(sa.select(RoleGrant.role).where(RoleGrant.person_id == ranger.id)).all() == ["organiser"]
    assert count(Message, Message.person_id == mair.id) == 0
    assert (count(SignIn), count(Guest)) == (0, 0)


def test_where_both_have_what_there_can_be_only_one_of_the_survivors_stays(app: Flask) -> None:
    mair, ranger = a_guest(), mair_employed()
    cast.a_document()
    cast.an_account(owner=mair), cast.an_account(owner=ranger)
    keep_profile(mair, "I look after the coast path.", "walking", "birds")
    keep_profile(ranger, "Ranger of the north.", "walking", "trees")
    at = now()
    for one in (mair, ranger):
        db.session.add(RoleGrant(person_id=one.id, role=Role.ORGANISER, source=GrantSource.HAND, granted_at=at))
    db.session.flush()
    kept = {
        model: db.session.scalars(sa.select(model.id).where(model.person_id == ranger.id, *more)).all()
        for model, more in ((Obligation, (OPEN,)), (RoleGrant, ()))
    }
    merge(mair, ranger)
    assert {
        model: db.session.scalars(sa.select(model.id).where(model.person_id == ranger.id, *more)).all()
        for model, more in ((Obligation, (OPEN,)), (RoleGrant, ()))
    } == kept
    assert count(Obligation, Obligation.person_id == ranger.id) == 2  # Mair's was hers until today, and stays known.
    assert [count(model, model.person_id == mair.id) for model in (Obligation, RoleGrant, Profile, Interest)] == [0] * 4
    profile = peers.profile(ranger.id)
    assert profile is not None
    assert profile.about == "Ranger of the north."
    assert sorted(one.topic.name for one in profile.interests) == ["birds", "trees", "walking"]


@pytest.fixture
def later_tables(app: Flask) -> Iterator[dict[str, sa.Table]]:
    """Tables as a later part of the register might have: a list of who comes, and what they asked when they said so."""
    metadata = db.metadata
    person = sa.ForeignKey("person.id")
    coming = sa.Table(
        "coming", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("session", sa.Integer),
        sa.Column("person_id", person, nullable=False), sa.Column("invited_by_id", sa.ForeignKey("person.id")),
        sa.Column("state", sa.Text), sa.UniqueConstraint("session", "person_id", name="uq_coming"),
    )  # fmt: skip
    question = sa.Table(
        "wish", metadata, sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("coming_id", sa.ForeignKey("coming.id"), nullable=False), sa.Column("text", sa.Text),
    )  # fmt: skip
    shift = sa.Table(
        "shift", metadata, sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("person_id", sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("state", sa.Text),
    )  # fmt: skip
    desk = sa.Table(
        "desk", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("state", sa.Text),
        sa.Column("person_id", sa.ForeignKey("person.id")),
    )  # fmt: skip
    only_open = sa.text("state = 'open'")
    sa.Index("ix_desk_open", desk.c.person_id, unique=True, sqlite_where=only_open, postgresql_where=only_open)
    tables = {table.name: table for table in (coming, question, shift, desk)}
    db.session.commit()
    metadata.create_all(db.engine, tables=list(tables.values()))
    yield tables
    db.session.remove()
    for table in reversed(tables.values()):
        metadata.remove(table)


def test_what_later_parts_of_the_register_keep_moves_without_their_saying_so(
    app: Flask, later_tables: dict[str, sa.Table]
) -> None:
    mair, ranger = a_guest(), mair_employed()
    coming, question, shift, desk = later_tables.values()
    rows = [
        (1, 10, mair.id, ranger.id, "yes"), (2, 10, ranger.id, mair.id, "no"), (3, 11, mair.id, mair.id, "yes"),
    ]  # fmt: skip
    db.session.execute(sa.insert(coming), [dict(zip(coming.columns.keys(), row, strict=True)) for row in rows])
    db.session.execute(
        sa.insert(question), [{"id": 1, "coming_id": 1, "text": "Where?"}, {"id": 2, "coming_id": 2, "text": "When?"}]
    )
    db.session.execute(
        sa.insert(shift),
        [{"day": day, "person_id": who.id, "state": who.title} for day, who in ((1, mair), (2, mair), (2, ranger))],
    )
    states = (("open", mair), ("open", ranger), ("shut", mair), ("shut", ranger))
    db.session.execute(sa.insert(desk), [{"state": state, "person_id": who.id} for state, who in states])
    merge(mair, ranger)
    assert db.session.execute(sa.select(coming).order_by(coming.c.id)).all() == [
        (2, 10, ranger.id, ranger.id, "no"), (3, 11, ranger.id, ranger.id, "yes"),
    ]  # fmt: skip
    assert db.session.execute(sa.select(question).order_by(question.c.id)).all() == [(1, 2, "Where?"), (2, 2, "When?")]
    assert db.session.execute(sa.select(shift).order_by(shift.c.day)).all() == [
        (1, ranger.id, "Path warden"), (2, ranger.id, "Ranger"),
    ]  # fmt: skip
    assert sorted(db.session.execute(sa.select(desk.c.state, desk.c.person_id)).all()) == [
        ("open", ranger.id), ("shut", ranger.id), ("shut", ranger.id),
    ]  # fmt: skip


def test_nothing_but_memory_and_evidence_names_the_one_who_is_gone(app: Flask) -> None:
    mair, ranger = a_guest(), mair_employed()
    ranger.manager_id = mair.id
    cast.a_person("ali.khan", name="Ali Khan", manager_id=mair.id)
    merge(mair, ranger)
    assert dict(merging.belongings(mair.id)) == {}
    assert ranger.manager_id is None
    assert db.session.scalar(sa.select(Person.manager_id).where(Person.username == "ali.khan")) == ranger.id
    told = [(row.gone_id, row.kept_id) for row in db.session.scalars(sa.select(PersonMerge))]
    assert told == [(mair.id, ranger.id)]


def test_the_row_that_is_gone_keeps_its_number_and_nothing_else(app: Flask, client: Browser) -> None:
    mair, ranger = a_guest(mail="mair@paths.example"), mair_employed()
    merge(mair, ranger)
    assert (mair.kind, mair.state, mair.name, mair.mail, mair.search_text) == (
        PersonKind.MERGED, PersonState.LEFT, "Merged", None, "",
    )  # fmt: skip
    client.as_(cast.stranger())
    assert client.get(f"/people/{mair.id}").location == f"/people/{ranger.id}"
    assert [one.id for one in queries.suggestions("mair")] == [ranger.id]
    assert "Merged" not in [row[3] for row in queries.export_rows()]


def test_a_merge_is_written_down_and_cannot_be_taken_back(app: Flask) -> None:
    mair, ranger = a_guest(), mair_employed()
    cast.an_account(owner=mair)
    merge(mair, ranger)
    assert events(merging.MERGED) == ["Tomasz Bryk merged Mair Huws into Mair Huws"]
    (event,) = db.session.scalars(sa.select(Event).where(Event.name == merging.MERGED))
    assert event.fields["gone_id"] == mair.id
    assert event.fields["moved"].startswith("Accounts owned: 1; ")
    for statement in (sa.update(PersonMerge).values(kept_id=mair.id), sa.delete(PersonMerge)):
        with pytest.raises(sa.exc.DBAPIError, match="rows are only ever added"):
            db.session.execute(statement)
        db.session.rollback()


# Sign-offs.


def test_what_the_guest_signed_counts_for_who_they_are_now(app: Flask, client: Browser) -> None:
    mair, ranger, document = a_guest(), mair_employed(), cast.a_document()
    cast.an_account(owner=mair)
    cast.sign(document, mair)
    before = [tuple(row) for row in db.session.execute(sa.select(SignOff.__table__))]
    assert guidelines.up_to_date([mair.id, ranger.id]) == {mair.id}
    merge(mair, ranger)
    assert [tuple(row) for row in db.session.execute(sa.select(SignOff.__table__))] == before
    assert broken(SignOff) == []
    assert guidelines.up_to_date([ranger.id]) == {ranger.id}
    assert guidelines.owed_by(ranger.id) == []
    assert [one.person_id for one in guidelines.last_sign_offs(ranger.id).values()] == [mair.id]
    (found,) = report.everybody(report.Filters(document.id), sort="name", descending=False)
    assert (found.person_id, found.state, found.version) == (ranger.id, "signed", 1)
    assert [(one.counts.people, one.counts.signed) for one in report.by_team(document.id, None)] == [(1, 1)]
    cast.a_version(document, text="# Be kinder")
    assert [one.id for one in guidelines.owed_by(ranger.id)] == [document.id]


def test_a_sign_off_follows_through_two_merges(app: Flask) -> None:
    mair, ranger, document = a_guest(), mair_employed(), cast.a_document()
    cast.sign(document, mair)
    merge(mair, ranger)
    ranger.employee_number, ranger.state, ranger.missing_at = "77", PersonState.MISSING, now()
    anew = cast.a_person("m.huws", name="Mair Huws", employee_number="77")
    cast.sign(document, anew)
    old = cast.a_person(
        "early.huws", name="Mair Huws", employee_number="78", missing_at=now(), state=PersonState.MISSING
    )
    merging.relink(old=ranger, new=anew, actor=cast.comms_officer())
    ranger.employee_number = "78"
    merging.relink(old=old, new=ranger, actor=cast.comms_officer())
    db.session.commit()
    assert guidelines.up_to_date([old.id]) == {old.id}
    assert [merging.survivor_of(one.id) for one in (mair, anew, ranger, old)] == [old.id, old.id, old.id, None]


# The accounts afterwards.


def test_nobody_deputises_for_themself_after_a_merge_and_whoever_has_accounts_must_sign(app: Flask) -> None:
    mair, ranger, document = a_guest(), mair_employed(), cast.a_document()
    cast.an_account(owner=ranger)
    both = cast.an_account(owner=mair, deputy=ranger)
    db.session.execute(sa.update(Obligation).where(Obligation.person_id == ranger.id).values(ended_at=now()))
    merge(mair, ranger)
    told = [(one.sentence, one.fields["before"]) for one in audit.history("account", both.id)[:1]]
    assert [settle_merges(), settle_merges()] == [0, 0]  # What Mair had to sign came with her.
    db.session.commit()
    assert (both.owner_id, both.deputy_id) == (ranger.id, None)
    assert told == [(f"The register changed the deputy of {both.title}", ranger.name)]
    assert [one.id for one in guidelines.owed_by(ranger.id)] == [document.id]


def test_without_a_merge_there_is_nothing_to_settle(app: Flask) -> None:
    cast.a_document()
    cast.an_account(deputy=cast.ward_sister())
    assert settle_merges() == 0


# What cannot be merged.


def test_what_cannot_be_merged_says_why(app: Flask, client: Browser) -> None:
    mair, ranger, leaver = a_guest(), mair_employed(), cast.leaver()
    other, nia = a_guest("Ieuan Rhys"), cast.library_officer()
    told = {
        "oneself": merging.why_not(mair, mair), "a leaver": merging.why_not(mair, leaver),
        "a guest": merging.why_not(mair, other), "no guest": merging.why_not(nia, ranger),
    }  # fmt: skip
    assert told == {
        "oneself": "This is Mair Huws’s own page as a guest. Choose who they are in the directory.",
        "a leaver": "Gareth Left does not work here now. Wait until the directory shows them again, then merge.",
        "a guest": "Ieuan Rhys is a guest too. Choose somebody whom the directory knows, or end one of the two guests.",
        "no guest": "Nia Okafor is no guest. Only a guest can be merged into somebody of the directory.",
    }
    client.as_(cast.comms_officer())
    answer = client.post(f"/guests/{mair.id}/merge", data={"colleague": other.username})
    assert answer.errors == {"colleague": told["a guest"]}
    assert told["a leaver"] in client.get(f"/guests/{mair.id}/merge/{leaver.id}").words("p")
    assert client.post(f"/guests/{mair.id}/merge/{leaver.id}").status_code == 302
    assert count(PersonMerge) == 0


def test_merging_twice_does_it_once(app: Flask, client: Browser) -> None:
    mair, ranger = a_guest(), mair_employed()
    client.as_(cast.comms_officer())
    path = f"/guests/{mair.id}/merge/{ranger.id}"
    assert [client.post(path).location for _ in range(2)] == [f"/people/{ranger.id}"] * 2
    assert "This guest was merged already. Nothing was changed." in client.get(f"/people/{ranger.id}").words("p")
    assert client.get(path).location == f"/people/{ranger.id}"
    assert client.post(f"/guests/{mair.id}/end").location == f"/people/{ranger.id}"
    assert (count(PersonMerge), len(events(merging.MERGED))) == (1, 1)


def test_of_two_who_merge_at_once_one_is_told_that_it_was_done(app: Flask) -> None:
    mair, ranger, nia = a_guest(), mair_employed(), cast.library_officer()
    comms = cast.comms_officer()
    db.session.commit()
    ids = (mair.id, ranger.id, nia.id, comms.id)
    db.session.remove()

    def try_it(kept: int) -> str:
        with app.app_context():
            gone, other, actor = (db.session.get_one(Person, one) for one in (ids[0], kept, ids[3]))
            try:
                merging.merge_guest(gone=gone, kept=other, actor=actor)
            except merging.CannotMerge as error:
                db.session.rollback()
                return str(error)
            db.session.commit()
            return "merged"

    with ThreadPoolExecutor(2) as two:
        told = sorted(two.map(try_it, ids[1:3]))
    assert told == ["This guest was merged already. Nothing was changed.", "merged"]
    assert count(PersonMerge) == 1


def test_nobody_merges_themself(app: Flask) -> None:
    mair, comms = a_guest("Tomasz Bryk"), cast.comms_officer()
    with pytest.raises(merging.CannotMerge, match="This is you"):
        merging.merge_guest(gone=mair, kept=comms, actor=comms)


def test_the_page_shows_both_and_what_moves(app: Flask, client: Browser) -> None:
    mair, ranger = a_guest(), mair_employed()
    cast.an_account(owner=mair), cast.an_account(owner=ranger), cast.an_account(owner=ranger)
    client.as_(cast.comms_officer())
    page = client.get(f"/guests/{mair.id}/merge")
    assert [link.get("href") for link in page.all("a", class_="reg-person__name")] == [
        f"/guests/{mair.id}/merge/{ranger.id}"
    ]
    chosen = client.post(f"/guests/{mair.id}/merge", data={"colleague": "mair.huws"})
    page = client.get(chosen.location)
    told = [
        [*page.words("th", scope="row")],
        page.words("td", data_label="The guest’s"),
        page.words("td", data_label="Theirs already"),
    ]
    assert next(zip(*told, strict=True)) == ("Accounts owned", "1", "2")


# Somebody whose directory id changed.


def someone_new(
    number: str | None = "4711", *, name: str = "Nia Okafor", after: timedelta = timedelta(), **more: Any
) -> tuple[Person, Person]:
    """The library officer, missing since an hour ago; and somebody who joined ``after`` that, with the same number."""
    old, at = cast.library_officer(), now() - timedelta(hours=1)
    old.employee_number, old.state, old.missing_at = number, PersonState.MISSING, at
    new = cast.a_person(
        "n.okafor", name=name, title="Senior librarian", team=("Culture",), employee_number=number,
        joined_at=at + after, **more,
    )  # fmt: skip
    return old, new


def pairs() -> list[tuple[str, str, str]]:
    """Who may be whom, and what is doubtful about it."""
    return [(pair.old.username, pair.new.username, pair.doubt) for pair in merging.relinkable()]


OTHER_NAME = "Only the number is the same, not the name: numbers are sometimes given to somebody new."
BOTH = "For some days the directory showed both."


@pytest.mark.parametrize(
    ("new", "found"),
    [
        ({}, [""]),
        ({"name": "Nia Davies"}, [""]),
        ({"name": "Ann ÓKAFOR"}, [""]),
        ({"name": "Huw Price"}, [OTHER_NAME]),
        ({"after": timedelta(days=-3)}, [BOTH]),
        ({"after": timedelta(days=-32)}, []),
        ({"number": None}, []),
        ({"number": ""}, []),
        ({"number": " "}, []),
        ({"state": PersonState.DISABLED}, []),
        ({"state": PersonState.LEFT}, []),
        ({"state": PersonState.MISSING, "missing_at": now()}, []),
    ],
)
def test_a_pair_is_one_gone_and_one_new_with_the_same_number(app: Flask, new: dict[str, Any], found: list[str]) -> None:
    someone_new(**new)
    assert pairs() == [("nia.okafor", "n.okafor", doubt) for doubt in found]


@pytest.mark.parametrize(
    "more", [{}, {"missing_at": now(), "state": PersonState.MISSING}, {"state": PersonState.DISABLED}]
)
def test_a_number_that_a_third_has_is_left_out(app: Flask, more: dict[str, Any]) -> None:
    someone_new()
    cast.a_person("third", name="Nia Okafor", employee_number="4711", **more)
    assert pairs() == []


def test_guests_and_the_merged_are_in_no_pair(app: Flask) -> None:
    _, new = someone_new()
    new.kind, new.directory_id = PersonKind.GUEST, None
    assert pairs() == []


def test_the_old_row_is_whom_the_directory_shows_now(app: Flask, client: Browser) -> None:
    old, new = someone_new()
    account = cast.an_account(owner=old)
    other = cast.an_account(owner=new)
    sign_in(old), sign_in(new)
    taken = {name: getattr(new, name) for name in merging.TAKEN_OVER}
    client.as_(cast.comms_officer())
    page = client.get("/people/same")
    assert page.words("button", class_="govuk-button--secondary") == ["The same: link Nia Okafor"]
    client.post(f"/people/same/{old.id}/{new.id}")
    db.session.expire_all()
    assert {name: getattr(old, name) for name in merging.TAKEN_OVER} == taken
    assert (old.missing_at, old.left_at, new.kind, new.directory_id) == (None, None, PersonKind.MERGED, None)
    assert (account.owner_id, other.owner_id) == (old.id, old.id)
    assert count(SignIn, SignIn.person_id.in_((old.id, new.id))) == 0
    assert merging.survivor_of(new.id) == old.id
    assert events(merging.RELINKED) == [
        "Tomasz Bryk found that Nia Okafor, known as nia.okafor, is n.okafor in the directory now"
    ]
    assert pairs() == []


def test_a_leaver_who_is_linked_works_here_again(app: Flask) -> None:
    old, new = someone_new()
    old.state, old.left_at = PersonState.LEFT, now()
    merging.relink(old=old, new=new, actor=None)
    assert old.state is PersonState.ACTIVE


def test_linking_twice_or_what_is_no_pair_changes_nothing(app: Flask, client: Browser) -> None:
    old, new = someone_new()
    stranger = cast.stranger()
    client.as_(cast.comms_officer())
    for path in (f"{old.id}/{stranger.id}", f"{new.id}/{old.id}", f"{old.id}/{old.id}"):
        client.post(f"/people/same/{path}")
    assert count(PersonMerge) == 0
    for _ in range(2):
        client.post(f"/people/same/{old.id}/{new.id}")
    assert count(PersonMerge) == 1
    said = "These two are not a pair any more: somebody was quicker, or the directory has changed."
    assert said in client.get("/people/same").words("p")


def test_while_the_directory_is_read_nobody_is_linked(app: Flask, client: Browser, settings: Settings) -> None:
    old, new = someone_new()
    client.as_(cast.comms_officer())
    with exclusively("sync"):
        client.post(f"/people/same/{old.id}/{new.id}")
        assert command(settings, "--apply").returncode == 4
    assert count(PersonMerge) == 0


def command(settings: Settings, *options: str) -> "subprocess.CompletedProcess[str]":
    """What ``registry relink`` prints, with these options."""
    db.session.commit()
    db.session.remove()
    return registry(settings, "relink", *options)


def test_the_command_lists_and_links_only_the_sure(app: Flask, settings: Settings) -> None:
    old, _ = someone_new()
    at = old.missing_at
    cast.a_person("ali.khan", name="Ali Khan", employee_number="9", state=PersonState.MISSING, missing_at=at)
    cast.a_person("zoe.lee", name="Zoë Lee", employee_number="9")
    listed = json.loads(command(settings, "--json").stdout)
    assert [(one["number"], one["sure"], one["linked"]) for one in listed["pairs"]] == [
        ("9", False, False), ("4711", True, False),
    ]  # fmt: skip
    assert (listed["sure"], listed["linked"], count(PersonMerge)) == (1, 0, 0)
    told = command(settings, "--apply").stdout.splitlines()
    assert told == [
        f"look   9: Ali Khan (ali.khan) is Zoë Lee (zoe.lee)? {OTHER_NAME}",
        "linked 4711: Nia Okafor (nia.okafor) is Nia Okafor (n.okafor)?",
        "2 pairs, 1 sure, 1 linked. The others are decided on the page /people/same.",
    ]
    assert command(settings, "--apply").stdout.splitlines()[-1].startswith("1 pairs, 0 sure, 0 linked.")
    assert (count(PersonMerge), count(Account)) == (1, 0)


def test_a_new_row_brings_what_it_had_and_never_what_is_not_its_own(app: Flask) -> None:
    old, new = someone_new(name="Huw Price")
    cast.an_account(owner=old)
    assert [pair.sure for pair in merging.relinkable()] == [False]
    assert count(Account, Account.owner_id == new.id) == 0
    keep_profile(new, "New here.", "ponds")
    merging.relink(old=old, new=new, actor=cast.comms_officer())
    profile = peers.profile(old.id)
    assert profile is not None
    assert [one.topic.name for one in profile.interests if one.relation is Relation.TOPIC] == ["ponds"]
