"""What is held on somebody is told to them whole, and forgetting takes their name away but no evidence."""

import json
import re
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import cast
import pytest
import readings
import sqlalchemy as sa
from browser import Browser
from command import registry
from flask import Flask
from harbour import Tree

from registry import audit, outbox
from registry.accounts import actions as accounts
from registry.accounts.bulk.models import BulkChange
from registry.accounts.models import Account
from registry.accounts.naming.models import ToldApart
from registry.accounts.saved.models import SavedView
from registry.api.models import ApiToken
from registry.config import Settings
from registry.db import db, exclusively, now, today
from registry.doctor import evidence
from registry.guidelines import queries
from registry.guidelines.models import Decline, SignOff
from registry.lists.models import Audience, FollowList
from registry.meetups.calendars.models import CalendarFeed
from registry.network import actions as network
from registry.network.models import (
    DropIn,
    HelpAsked,
    HelpCall,
    Interest,
    Introduction,
    PeerChoice,
    Profile,
    Voice,
    VoiceState,
)
from registry.outbox import Message, MessageState
from registry.people import forgetting, guests, merging, subject
from registry.people.actions import grant
from registry.people.models import (
    FailedSignIn,
    Guest,
    GuestKind,
    Person,
    PersonKind,
    PersonState,
    RoleGrant,
    RunLine,
    SignIn,
    SyncResult,
    SyncRun,
    Turn,
)
from registry.people.sync import sync
from registry.personal import KEY, Fate, Lead, Note, leads, stays

Counting = Callable[[], AbstractContextManager[list[str]]]
KEEP = 730
NAME = "Gareth Left"
MAIL = "gareth.left@dunmore.example"
#: Names of columns that hold somebody's id, or what they are known by.
IDS = re.compile(r"(person|owner|deputy|actor|manager|sponsor|subject|colleague|author|member|user|recipient)_id$")
BYS = re.compile(r"_by(_id)?$")
KNOWN_BY = re.compile(r"^(to|mail|email|phone|username|dn)$|_(mail|email|phone|username|dn)$")
SECRETS = re.compile(r"_hash$|secret|token|password|digest")


def held_on(person: Person, account: Account) -> None:
    """Give somebody a row in every table that may hold one; not committed."""
    deputy_of = cast.an_account(owner=cast.ward_sister(), deputy=person, title="Ward 7")
    accounts.change(account=deputy_of, values={"deputy_id": None}, topics=None, actor=cast.comms_officer())
    accounts.change(account=deputy_of, values={"deputy_id": person.id}, topics=None, actor=cast.comms_officer())
    signed = cast.a_document(f"Guidelines {person.id}")
    cast.sign(signed, person)
    declined = {"reason": "It does not fit youth work.", "answer": f"{NAME} has told us why."}
    version = queries.current(signed.id)
    assert version is not None
    db.session.add(
        Decline(document_id=signed.id, version_id=version.id, person_id=person.id, declined_at=now(), **declined)
    )
    network.keep(profile=None, person=person, about="Youth work", topics=["Youth"], offers=["Video"], asks=[])
    grant(username=person.username, role="organiser", actor=None)
    at = now()
    run = SyncRun(
        began_at=at, ended_at=at, result=SyncResult.COMPLETE, skipped=2,
        skipped_entries=[
            {"dn": "uid=Gareth.Left, dc=dunmore,dc=example", "reason": "two ids"}, {"dn": "uid=x", "reason": "no id"}
        ],
    )  # fmt: skip
    db.session.add(run)
    db.session.flush()
    one_id, other_id = sorted((account.id, deputy_of.id))
    db.session.add(ToldApart(one_id=one_id, other_id=other_id, told_at=at, told_by_id=person.id))
    guest = cast.a_person(name="Guest Visitor")
    db.session.add_all(
        [
            SavedView(
                person_id=person.id, name="Youth", asks="q=youth", is_shared=True, changed_at=at,
            ),
            BulkChange(person_id=person.id, at=at, before={}),
            SignIn(token_hash=str(person.id) * 64, person_id=person.id, began_at=at, ends_at=at),
            FailedSignIn(at=at, counted_by=f"person:{person.directory_id}"),
            RunLine(run_id=run.id, person_id=person.id, turn=Turn.JOINED, note="new"),
            Guest(
                person_id=guest.id, kind=GuestKind.PARTNER, sponsor_id=person.id, ends_on=today(), added_at=at,
                added_by_id=person.id,
            ),
            FollowList(
                slug=f"list-{person.id}", title="Whom to follow", audience=Audience.COLLEAGUES, maker_id=person.id,
                made_at=at, changed_at=at,
            ),
            CalendarFeed(person_id=person.id, token_hash=f"feed of {person.id}", made_at=at),
            ApiToken(
                name="Youth website", token_hash=f"hash of {person.id}", scopes="", made_at=at, made_by_id=person.id,
                expires_on=today(),
            ),
        ]
    )  # fmt: skip
    db.session.add_all(as_a_peer(person))
    outbox.post(to=person.mail, person_id=person.id, subject="Hello Gareth", text=f"Dear {NAME}, welcome.")
    cast.library_officer().manager_id, cast.library_officer().manager_key = person.id, person.dn_key
    account.owner_id = person.id
    db.session.flush()


def as_a_peer(person: Person) -> list[Any]:
    """A row of each kind that the peer network keeps on somebody, in each of its columns."""
    me, other, at = person.id, cast.ward_sister().id, now()
    others_call = HelpCall(asker_id=cast.a_person().id, text="How?", asked_at=at)
    others_call.helpers = [HelpAsked(person_id=me, why="offers video", asked_at=at)]
    colleague, host = cast.a_person().id, cast.a_person().id
    slot = {"minutes": 15, "place": "Room 2"}
    return [
        PeerChoice(person_id=me, no_calls=True),
        Voice(person_id=me, state=VoiceState.YES, subject="Clubs.", asked_at=at),
        Voice(person_id=colleague, state=VoiceState.ASKED, asked_at=at, asked_by_id=me),
        Introduction(alone_id=me, buddy_id=other, reasons="both on X", made_at=at, made_by_id=host),
        Introduction(alone_id=colleague, buddy_id=other, reasons="both on X", made_at=at, made_by_id=me),
        HelpCall(asker_id=me, text="How?", asked_at=at),
        others_call,
        DropIn(host_id=me, starts_at=at, **slot),
        DropIn(host_id=host, starts_at=at, **slot, booked_by_id=me, booked_at=at, about="Clubs."),
    ]


@pytest.fixture
def gone(app: Flask) -> Person:
    """Gareth, of whom every table holds something, and who left three years ago; committed."""
    person = cast.play(replace(cast.LEAVER, state=PersonState.ACTIVE, more={"phone": "01632 960001"}))
    held_on(person, cast.an_account(owner=person, title="Youth in Dunmore"))
    person.state, person.left_at = PersonState.LEFT, now() - timedelta(days=3 * 365)
    db.session.commit()
    return person


def forget(person: Person, **more: Any) -> None:
    forgetting.forget(person=person, keep_days=KEEP, **more)
    db.session.commit()


def every_word(*, but: tuple[str, ...] = ()) -> dict[str, str]:
    """All that the database holds, a text for each table."""
    db.session.commit()
    return {
        table.name: " ".join(str(tuple(row)) for row in db.session.execute(sa.select(table)))
        for table in db.metadata.sorted_tables
        if table.name not in but
    }


def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the command does in the test's own database."""
    db.session.commit()
    db.session.remove()
    return registry(settings, *arguments)


# --- Every column says what it holds on people ---------------------------------------------------------------


def leading(table: sa.Table) -> set[str]:
    """The columns of ``table`` that lead to a person: by a foreign key, through others too, or by their name."""
    return {
        column.name
        for column in table.columns
        if any(key.column.table.name == "person" or key.column.name == "person_id" for key in column.foreign_keys)
        or IDS.search(column.name)
        or BYS.search(column.name)
        or KNOWN_BY.search(column.name)
    }


def silent(metadata: sa.MetaData) -> list[str]:
    """The columns that say nothing of what they hold on people, though they might."""
    found = []
    for table in metadata.sorted_tables:
        notes = {column.name: column.info.get(KEY) for column in table.columns}
        said = {name for name, note in notes.items() if isinstance(note, Lead | Note)}
        ways = [note for note in notes.values() if isinstance(note, Lead)]
        must = leading(table) | {name for name in notes if SECRETS.search(name) and ways}
        must |= {column.name for column in table.columns if isinstance(column.type, sa.JSON)}
        if any(lead.fate is not Fate.DELETED for lead in ways):
            must |= {column.name for column in table.columns if holds_words(column)}
        if table.name == "person":
            must, said = set(notes), said | forgetting.blank(1).keys() | set(PLAIN_FACTS)
        found += [
            f"{table.name}.{name}" for name in sorted(must - said - {one for lead in ways for one in lead.clears})
        ]
    return found


#: What a pseudonym keeps: that there was somebody, from when until when.
PLAIN_FACTS = ("id", "state", "joined_at", "left_at")


def holds_words(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, sa.String | sa.LargeBinary) and not isinstance(column.type, sa.Enum)


def test_every_column_that_leads_to_a_person_says_what_becomes_of_it(app: Flask) -> None:
    assert silent(db.metadata) == []


def scratch(*columns: sa.Column[Any]) -> list[str]:
    metadata = sa.MetaData()
    sa.Table("person", metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table("profile", metadata, sa.Column("person_id", sa.ForeignKey("person.id"), primary_key=True, info=GIVEN))
    sa.Table("swim", metadata, sa.Column("id", sa.Integer, primary_key=True), *columns)
    return silent(metadata)


GIVEN = leads("Swims", Fate.KEPT)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (sa.Column("swimmer", sa.ForeignKey("person.id")), ["swim.swimmer"]),
        (sa.Column("swimmer", sa.ForeignKey("profile.person_id")), ["swim.swimmer"]),
        (sa.Column("owner_id", sa.Integer), ["swim.owner_id"]),
        (sa.Column("timed_by", sa.Integer), ["swim.timed_by"]),
        (sa.Column("contact_mail", sa.Text), ["swim.contact_mail"]),
        (sa.Column("laps", sa.JSON), ["swim.laps"]),
        (sa.Column("remark", sa.Text), []),
    ],
)
def test_that_guard_bites(column: sa.Column[Any], said: list[str]) -> None:
    assert scratch(column) == said


def test_that_guard_bites_on_words_beside_a_person() -> None:
    swimmer = sa.Column("swimmer_id", sa.ForeignKey("person.id"), info=GIVEN)
    assert scratch(swimmer, sa.Column("remark", sa.Text), sa.Column("token_hash", sa.Text)) == [
        "swim.remark", "swim.token_hash",
    ]  # fmt: skip


def test_that_guard_is_content_with_what_is_said() -> None:
    swimmer = sa.Column("swimmer_id", sa.ForeignKey("person.id"), info=leads("Swims", Fate.CLEARED, clears=("remark",)))
    pool = sa.Column("pool", sa.Text, info=stays("It is about the pool."))
    assert scratch(swimmer, sa.Column("remark", sa.Text), pool) == []


def test_what_is_kept_says_why(app: Flask) -> None:
    every = [lead for _, found in subject.leads_by_heading() for _, lead in found]
    assert [lead.heading for lead in every if lead.fate is not Fate.DELETED and not lead.because] == []
    assert [lead.heading for lead in every if lead.fate is Fate.CLEARED and not lead.clears] == []


# --- The report ----------------------------------------------------------------------------------------------


def test_the_report_tells_every_kind_of_row_that_there_is(gone: Person) -> None:
    told = {section.heading: len(list(section.rows)) for section in subject.sections(gone)}
    assert {heading: number for heading, number in told.items() if heading not in NOT_GARETHS} == {
        "Topics, offers of help and asks for it": 2,
        "Profile in the peer network": 1,
        "What readings of the directory found": 1,
        "Guidelines to sign": 1,
        "Guidelines signed": 1,
        "Guidelines declined": 1,
        "Roles": 1,
        "Browsers signed in": 1,
        "As a guest": 0,
        "Guests sponsored": 1,
        "Guests added": 1,
        "Saved views of the catalogue": 1,
        "Changes of many accounts at once": 1,
        "Accounts owned": 1,
        "Accounts as deputy": 1,
        "Accounts registered": 1,
        "People managed": 1,
        "Mail sent": 4,
        "Failed tries to sign in": 1,
        "Accounts told apart": 1,
        "History of what this person did": 3,
        "History of this person": 2,
        "Entries that could not be read": 1,
        "Lists of whom to follow": 1,
        "API tokens made": 1,
        "What they would rather not be asked by peers": 1,
        "As a credible voice": 1,
        "Colleagues asked to be a credible voice": 1,
        "Introductions to colleagues": 1,
        "Colleagues introduced to each other": 1,
        "Help asked for": 1,
        "Help asked of them": 1,
        "Drop-in slots held": 1,
        "Drop-in slots booked": 1,
        "Addresses of their meetups for calendars": 1,
    }
    assert {told[heading] for heading in NOT_GARETHS} == {0}


#: What a youth worker does not do.
NOT_GARETHS = (
    "Accounts approved", "Accounts contributed to", "Guidelines drafted", "Guidelines published",
    "Guidelines changed", "Guidelines looked through for a colleague", "Sign-offs entered",
    "Named as somebody who must sign", "Refusals to sign that were settled",
    "Nods asked of them as a line manager",
    "As the emergency administrator", "Readings of the directory asked for", "Rows merged into this one",
    "Rows of others merged", "Words said to be on the live account", "Days since the last mail about reviews",
    "Imports of accounts", "Platforms decided on", "Platforms asked for", "Platform requests answered",
    "Accounts closed", "Accounts reported lost", "Accounts taken into custody",
    "Series of meetups begun", "Turns to lead meetups", "Meetups organised", "Meetups to lead", "Talks at meetups",
    "Offers to speak at meetups", "Invitations to meetups", "Colleagues invited to meetups",
    "Answers to meetups, and meetups attended", "Questions to meetups", "Answers written down at meetups",
    "Votes for questions", "Links added to meetups", "Cards of what worked", "Thanks for cards",
    "The digest, and how often", "Accounts seen", "Accounts they were asked about", "Campaigns begun",
    "Sweeps of our pages", "Links left out of sweeps",
    "Colleagues asked about accounts", "Sightings decided on", "Steps against fakes",
    "Questions about social media at work", "Web addresses",
    "Rounds of invitations begun", "Rounds of invitations looked at",
    "Rounds of invitations sent", "Rounds of invitations stopped", "Lists of whom to invite",
    "Words on drafts of invitations",
    "Access described", "Access withdrawn from others", "Hand-overs of accounts", "Access withdrawn from this person",
)  # fmt: skip


def test_the_report_is_of_one_person_alone(gone: Person) -> None:
    told = {section.heading: list(section.rows) for section in subject.sections(cast.stranger())}
    assert {heading: rows for heading, rows in told.items() if rows} == {}


def test_the_report_names_others_only_in_events_and_mail_and_as_manager(gone: Person) -> None:
    gone.manager_id = cast.organiser().id
    db.session.flush()
    text = "\n".join(subject.as_text(gone))
    assert "\n  Manager: Farida Begum ফরিদা\n" in text
    assert "  1, of which no more is told: it is about other people.\n" in text
    for stranger in ("Nia Okafor", "nia.okafor", "Guest Visitor", "ward.sister", "uid=farida.begum"):
        assert stranger not in text


def test_the_report_leaves_secrets_out(gone: Person) -> None:
    assert str(gone.id) * 64 not in "".join(subject.as_json(gone))


def test_the_report_is_plain_to_read(gone: Person) -> None:
    lines = list(subject.as_text(gone))
    start = lines.index("Who they are")
    assert lines[start : start + 7] == [
        "Who they are", f"  Number: {gone.id}", "  Kind: directory", f"  Directory id: {gone.directory_id}",
        "  Username: gareth.left", f"  Mail: {MAIL}", f"  Name: {NAME}",
    ]  # fmt: skip
    assert "  Team: Communities / Youth" in lines
    assert "  What happened: Gareth Left registered Youth in Dunmore" in lines
    roles = lines.index("Roles")
    assert lines[roles + 2 : roles + 4] == ["  Role: organiser", "  Source: hand"]


def test_the_report_asks_the_database_equally_often_for_much_and_for_little(
    gone: Person, count_queries: Counting
) -> None:
    for number in range(40):
        outbox.post(to=MAIL, person_id=gone.id, subject=f"Mail {number}", text="…")
        cast.an_account(owner=cast.ward_sister(), deputy=gone)
    counts = []
    for person in (gone, cast.stranger()):
        db.session.flush()
        _ = person.name
        with count_queries() as queries:
            "".join(subject.as_json(person))
        counts.append(len(queries))
    assert counts == [96, 96]


def test_the_command_prints_one_json_object(gone: Person, settings: Settings) -> None:
    done = run(settings, "person", "gareth.left", "--report", "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert (told.keys(), told["person"]["mail"]) == ({"about", "person", "held"}, MAIL)
    held = {section["what"]: section for section in told["held"]}
    assert [row["role"] for row in held["Roles"]["rows"]] == ["organiser"]
    assert held["Guidelines signed"]["when_forgotten"] == "kept"


def test_the_command_lists_all_who_had_a_username(gone: Person, settings: Settings) -> None:
    other = cast.a_person("gareth.left", name="Gareth Lefteri", directory_id="another")
    ids = (other.id, gone.id)
    done = run(settings, "person", "gareth.left", "--report")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.sub(r"left on .*", "left on …", done.stderr).splitlines() == [
        "Several people have had that username. Say which:", f"  --id {ids[0]}: Gareth Lefteri, active",
        f"  --id {ids[1]}: Gareth Left, left on …",
    ]  # fmt: skip
    done = run(settings, "person", "gareth.left", "--id", str(ids[0]), "--report")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "All that is held on Gareth Lefteri")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("nobody", "--report"), 1), (("--report",), 2), (("x",), 2), (("x", "--report", "--forget"), 2)],
)
def test_the_command_says_what_is_wrong(app: Flask, settings: Settings, arguments: tuple[str, ...], code: int) -> None:
    done = run(settings, "person", *arguments)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (code, "", 1)


def test_people_see_what_is_held_about_them_and_take_it_with_them(client: Browser) -> None:
    nia = cast.library_officer()
    held_on(nia, cast.an_account(owner=nia, title="Libraries"))
    db.session.commit()
    page = client.as_(nia).get("/people/me/held")
    headings = [heading.text for heading in page.all("h2")]
    assert [name for name in ("Who you are", "Roles", "Accounts owned") if name not in headings] == []
    nothing = [item.text for section in page.all("section", aria_labelledby="nothing") for item in section.iter("li")]
    assert nothing == [section.heading for section in subject.sections(nia) if not list(section.rows)]
    file = client.get("/people/me/held?format=json")
    assert file.headers["Content-Disposition"] == 'attachment; filename="held-about-me.json"'
    assert file.get_json() == json.loads("".join(subject.as_json(nia)))
    assert "/people/me/held" in [link.get("href") for link in client.get("/privacy").all("a")]


def test_the_page_shows_the_first_rows_only(client: Browser, count_queries: Counting) -> None:
    nia, counted = cast.library_officer(), []
    for number in (1, 20):
        for _ in range(number):
            outbox.post(to=nia.mail, person_id=nia.id, subject="Hello", text="…")
        db.session.commit()
        client.as_(nia)
        with count_queries() as queries:
            page = client.get("/people/me/held")
        counted.append((len(queries), page.text.count("<dd"), "These are the first 20." in page.text))
    few, many = counted
    assert (few[0], few[2], many[2]) == (many[0], False, True)


# --- Forgetting ----------------------------------------------------------------------------------------------


def test_nothing_but_evidence_names_somebody_who_is_forgotten(gone: Person) -> None:
    person_id, directory_id = gone.id, str(gone.directory_id)
    traces = re.compile(rf"gareth|01632 960001|{directory_id}|Youth work|Dear", re.IGNORECASE)
    before = {name for name, text in every_word().items() if traces.search(text)}
    assert before == {
        "person", "account", "message", "sign_off", "event", "profile", "failed_sign_in", "sync_run",
        "decline",
    }  # fmt: skip
    forget(gone)
    assert {name for name, text in every_word().items() if traces.search(text)} == {"sign_off", "event"}
    name = f"Former colleague {person_id}"
    assert (gone.name, gone.username, gone.kind) == (name, f"former-{person_id}", PersonKind.FORGOTTEN)
    assert (gone.state, gone.search_text) == (PersonState.LEFT, name.lower())


def test_what_was_only_theirs_is_deleted(gone: Person) -> None:
    forget(gone)
    for model in (Profile, Interest, RoleGrant, SignIn, RunLine, PeerChoice, Voice, HelpAsked):
        assert db.session.scalars(sa.select(model.person_id).where(model.person_id == gone.id)).all() == []
    assert db.session.scalars(sa.select(FailedSignIn)).all() == []
    mine = (Introduction.alone_id, HelpCall.asker_id, DropIn.host_id, DropIn.booked_by_id)
    assert [db.session.scalars(sa.select(one).where(one == gone.id)).all() for one in mine] == [[]] * 4
    assert [run.skipped_entries for run in db.session.scalars(sa.select(SyncRun))] == [
        [{"dn": "uid=x", "reason": "no id"}]
    ]


def test_accounts_guests_and_mail_lead_to_the_pseudonym(gone: Person) -> None:
    forget(gone)
    owners = db.session.scalars(sa.select(Account.title).where(Account.owner_id == gone.id)).all()
    sponsors = db.session.scalars(sa.select(Guest.sponsor_id)).all()
    mail = db.session.execute(
        sa.select(Message.to, Message.subject, Message.text, Message.state).where(Message.person_id == gone.id)
    ).all()
    assert (owners, sponsors) == (["Youth in Dunmore"], [gone.id])
    assert set(mail) == {("", "", "", MessageState.FAILED)}
    assert (cast.library_officer().manager_id, cast.library_officer().manager_key) == (None, None)


def test_others_lose_nothing(gone: Person) -> None:
    nia = cast.library_officer()
    held_on(nia, cast.an_account(owner=nia, title="Libraries"))
    nia.manager_id = nia.manager_key = None
    db.session.commit()
    before = "".join(subject.as_json(nia))
    forget(gone)
    assert "".join(subject.as_json(nia)) == before


def test_evidence_is_unbroken_and_sign_offs_keep_the_name_of_the_day(gone: Person) -> None:
    forget(gone)
    assert [step.ok for step in evidence()] == [True, True, True]
    signed = db.session.scalars(sa.select(SignOff)).one()
    assert (signed.person_id, signed.person_name, signed.person_username) == (gone.id, NAME, "gareth.left")


def test_events_are_told_with_the_pseudonym_wherever_they_are_told(
    gone: Person, client: Browser, count_queries: Counting
) -> None:
    account_id = db.session.scalars(sa.select(Account.id).where(Account.owner_id == gone.id)).one()
    deputy_of = db.session.scalars(sa.select(Account.id).where(Account.deputy_id == gone.id)).one()
    name = f"Former colleague {gone.id}"
    with count_queries() as before:
        told = [event.sentence for event in audit.history("account", account_id)]
    assert "Gareth Left registered Youth in Dunmore" in told
    forget(gone)
    with count_queries() as after:
        told = [event.sentence for event in audit.history("account", account_id)]
    assert f"{name} registered Youth in Dunmore" in told
    assert len(after) == len(before) == 1
    changes = [event.told_fields for event in audit.history("account", deputy_of) if event.name == "account.changed"]
    assert changes == [
        {"what": "the deputy", "before": "nobody", "after": name},
        {"what": "the deputy", "before": name, "after": "nobody"},
    ]  # fmt: skip
    assert "Gareth" not in str(list(audit.export_rows()))
    pages = [
        client.as_(cast.auditor()).get("/history").text, client.get("/history?format=csv").text,
        client.as_(cast.comms_officer()).get(f"/accounts/{account_id}").text, client.get(f"/people/{gone.id}").text,
        client.get("/people?q=gareth").text.replace("“gareth”", "").replace('value="gareth"', ""),
    ]  # fmt: skip
    assert [NAME in page for page in pages] == [False] * 5
    assert name in pages[0]
    assert name in pages[2]


def test_a_namesake_who_works_here_keeps_the_name_in_events(gone: Person) -> None:
    namesake = cast.a_person("gareth.left2", name=NAME)
    account = cast.an_account(owner=cast.ward_sister(), title="Ward 8")
    accounts.change(account=account, values={"owner_id": namesake.id}, topics=None, actor=cast.comms_officer())
    db.session.commit()
    forget(gone)
    told = [event.told_fields["after"] for event in audit.history("account", account.id) if "after" in event.fields]
    assert told == [NAME]
    mine = [event.sentence for event in audit.history("person", gone.id)]
    assert [sentence for sentence in mine if NAME in sentence] == []


def test_rows_that_were_merged_into_theirs_are_told_and_forgotten_with_them(gone: Person) -> None:
    boss = cast.organiser()
    guest = guests.add(
        name="Gareth Leftwich", mail="g.left@partner.example", title="", kind=GuestKind.PARTNER, sponsor=boss,
        team=None, ends_on=today() + timedelta(days=9), actor=boss,
    )  # fmt: skip
    guest_id = guest.id
    cast.sign(cast.a_document("Guidelines for guests"), guest)
    gone.state, left_at, gone.left_at = PersonState.ACTIVE, gone.left_at, None
    merging.merge_guest(gone=guest, kept=gone, actor=cast.admin())
    gone.state, gone.left_at = PersonState.LEFT, left_at
    db.session.commit()
    held = {section.heading: list(section.rows) for section in subject.sections(gone)}
    assert len(held["Guidelines signed"]) == 2
    with pytest.raises(forgetting.CannotBeForgotten, match="merged into another"):
        forget(db.session.get_one(Person, guest_id), granted=True)
    forget(gone)
    told = "".join(str(row) for row in audit.export_rows())
    assert ("Leftwich" in told, f"merged Former colleague {gone.id} into Former colleague {gone.id}" in str(
        [event.sentence for event in audit.history("person", gone.id)]
    )) == (False, True)  # fmt: skip
    assert [step.ok for step in evidence()] == [True, True, True]


def test_forgetting_is_an_event_that_says_why(gone: Person) -> None:
    forget(gone)
    last = audit.history("person", gone.id, 1)[0]
    name = f"Former colleague {gone.id}"
    assert last.sentence == f"The register took the name of {name} away: their time was over"
    assert (last.name, last.subject_name) == (forgetting.FORGOTTEN, name)


@pytest.mark.parametrize(
    ("state", "days", "said"),
    [
        (PersonState.ACTIVE, None, "Gareth Left has not left (state: active); only leavers are forgotten."),
        (PersonState.MISSING, None, "Gareth Left has not left (state: missing); only leavers are forgotten."),
        (PersonState.DISABLED, None, "Gareth Left has not left (state: disabled); only leavers are forgotten."),
        (PersonState.LEFT, 729, None),
    ],
)
@pytest.mark.parametrize("granted", [False, True])
def test_who_works_here_or_left_of_late_is_not_forgotten(
    gone: Person, state: PersonState, days: int | None, said: str | None, granted: bool
) -> None:
    gone.state, gone.left_at = state, now() - timedelta(days=days) if days else None
    db.session.commit()
    if said is None and granted:
        forget(gone, granted=True)
        assert audit.history("person", gone.id, 1)[0].fields == {"reason": forgetting.ASKED_FOR_IT}
        return
    with pytest.raises(forgetting.CannotBeForgotten, match=re.escape(said or "Gareth Left left on ")):
        forget(gone, granted=granted)
    assert gone.name == NAME


@pytest.mark.ldap
def test_somebody_forgotten_whom_the_directory_shows_again_is_a_new_person(app: Flask, tree: Tree) -> None:
    boss = tree.add("mair.jones", "Mair Jones")
    tree.add("gareth.left", NAME, manager=boss)
    report = tree.add("nia.pugh", "Nia Pugh", manager=tree.dn("gareth.left"))
    sync(tree.settings())
    person = readings.person("gareth.left")
    person.state, person.left_at = PersonState.LEFT, now() - timedelta(days=KEEP + 1)
    db.session.commit()
    forget(person)
    old_id = person.id
    assert sync(tree.settings()).joined == 1
    assert readings.person("gareth.left").id != old_id
    assert db.session.get_one(Person, old_id).kind is PersonKind.FORGOTTEN
    with readings.days_later(2):
        assert sync(tree.settings()).missing == 0
    assert tree.id_of(report) == readings.person("nia.pugh").directory_id


def test_nobody_is_forgotten_twice(gone: Person) -> None:
    forget(gone)
    with pytest.raises(forgetting.CannotBeForgotten, match="is forgotten already"):
        forget(gone)


def test_forgetting_undone_in_the_middle_changes_nothing(gone: Person) -> None:
    before = every_word()
    forgetting.forget(person=gone, keep_days=KEEP)
    db.session.rollback()
    assert every_word() == before


def test_the_command_forgets_or_says_why_not(gone: Person, settings: Settings) -> None:
    gone.left_at, person_id = now() - timedelta(days=100), gone.id
    refused = run(settings, "person", "gareth.left", "--forget")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Add --now where they asked" in refused.stderr
    done = run(settings, "person", "gareth.left", "--forget", "--now")
    assert (done.returncode, done.stdout) == (0, f"They are Former colleague {person_id} from now on.\n")
    assert db.session.get_one(Person, person_id).kind is PersonKind.FORGOTTEN


def test_nobody_is_forgotten_while_the_directory_is_read(gone: Person, settings: Settings) -> None:
    with exclusively("sync") as free:
        done = [run(settings, *how) for how in (("person", "gareth.left", "--forget"), ("forget", "--due"))]
    assert free
    said = "The directory is being read just now. Try again when that has ended.\n"
    assert [(one.returncode, one.stdout, one.stderr) for one in done] == [(4, "", said)] * 2
    assert db.session.scalars(sa.select(Person.kind).where(Person.username == "gareth.left")).one() == "directory"


def test_all_whose_time_is_over_are_forgotten_at_once(gone: Person, settings: Settings) -> None:
    long_ago = {"state": PersonState.LEFT, "left_at": now() - timedelta(days=800)}
    for number in range(3):
        cast.a_person(f"long.gone{number}", name=f"Long Gone {number}", **long_ago)
    cast.a_person("of.late", name="Of Late", state=PersonState.LEFT, left_at=now() - timedelta(days=700))
    dry = run(settings, "forget", "--due", "--dry-run")
    lines = dry.stdout.splitlines()
    assert [line.partition(" (")[0] for line in lines] == [
        NAME, "Long Gone 0", "Long Gone 1", "Long Gone 2", "4 would be forgotten.",
    ]  # fmt: skip
    assert db.session.scalar(sa.select(sa.func.count()).where(Person.kind == PersonKind.FORGOTTEN)) == 0
    done = run(settings, "forget", "--due")
    assert (done.returncode, done.stdout) == (0, "4 forgotten.\n")
    forgotten = db.session.scalars(sa.select(Person).where(Person.kind == PersonKind.FORGOTTEN)).all()
    assert {person.name for person in forgotten} == {f"Former colleague {person.id}" for person in forgotten}
    assert db.session.scalars(sa.select(Person.name).where(Person.username == "of.late")).one() == "Of Late"
    assert [step.ok for step in evidence()] == [True, True, True]


def test_forgetting_many_asks_as_often_as_forgetting_one(app: Flask, count_queries: Counting) -> None:
    counts = []
    for number in (1, 30):
        for _ in range(number):
            person = cast.a_person(state=PersonState.ACTIVE)
            cast.an_account(owner=person)
            person.state, person.left_at = PersonState.LEFT, now() - timedelta(days=800)
        db.session.commit()
        with count_queries() as queries:
            assert forgetting.forget_due(keep_days=KEEP) == number
            db.session.commit()
        counts.append(len([query for query in queries if not query.startswith("INSERT INTO event ")]))
    assert counts[0] == counts[1]
