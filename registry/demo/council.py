"""Brynmor County Council: fills an empty register as a year and a half of work would have."""

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry import audit
from registry.accounts import actions as accounts
from registry.accounts.bulk import actions as bulk
from registry.accounts.bulk.plans import Wish
from registry.accounts.bulk.queries import stamps
from registry.accounts.importing import actions as imports
from registry.accounts.importing import worker
from registry.accounts.models import Account, Standing, State, Topic
from registry.accounts.naming import actions as naming
from registry.accounts.platforms import Resolved, resolve
from registry.accounts.registering import actions as registering
from registry.accounts.saved import actions as views
from registry.accounts.signing import ask_to_sign
from registry.config import LdapSettings
from registry.db import db, now, today
from registry.demo import answering, asking, discovering, meeting, peers, promises, publishing, writing
from registry.demo import signing as signing_at_brynmor
from registry.footprint import actions as footprint
from registry.footprint.models import Use
from registry.guidelines import actions as guidelines
from registry.guidelines import signing
from registry.guidelines.models import Document, Method, SignOff, Version
from registry.network import actions as network
from registry.people.actions import grant
from registry.people.models import Person, PersonState, Team
from registry.people.queries import by_login
from registry.people.sync import sync
from registry.roles import Role

DATA: Final = Path(__file__).parent / "data"
ORGANISATION: Final = "Brynmor County Council"
BASE: Final = "dc=brynmor,dc=example"
PASSWORD: Final = "brynmor"  # noqa: S105 - printed on the sign-in page; the demonstration listens on this machine only


#: Lists that comms handed in, and what each of their columns is.
BROUGHT_IN: Final = "checked-in-spring.csv"
FILES: Final = {
    BROUGHT_IN: ("url", "title", "place", "owner"),
    "museums-list.csv": ("url", "title", "standing", "place", ""),
}


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody to sign in as."""

    username: str
    comes_as: str
    role: Role | None = None
    name: str = ""
    password: str = PASSWORD


CAST: Final = (
    Guest("carys.bowen", "Comms officer: approves accounts, sees who owes"),
    Guest("lowri.pryce", "Library officer: runs an account alone"),
    Guest("tomasz.wojcik", "Organiser: brings colleagues together", Role.ORGANISER),
    Guest("adaeze.okafor", "Auditor: sees who signed what, and when", Role.AUDITOR),
    Guest("imran.malik", "Administrator: looks after the directory", Role.ADMIN),
    Guest("geraint.hughes", "Leaver: a gritter driver who cannot sign in any more"),
)


#: Handles that changed, and the addresses since.
RENAMED: Final = (("@BrynmorGritters", "https://x.com/BrynmorWinter"),)
#: What comms entered: an account that is there already but for a dot, and somebody's own.
ENTERED: Final = (
    ("https://www.facebook.com/brynmormobilelibraryteam", "Mobile Library, Brynmor", "Found on a poster in the van.",
     Standing.SEMI_OFFICIAL, "glenys.orchard"),
    ("https://bsky.app/profile/lowripryce.bsky.social", "Lowri Pryce", "Books, and the library cat.",
     Standing.PERSONAL, "lowri.pryce"),
)  # fmt: skip


def directory(file: Path) -> LdapSettings:
    """The settings of a directory that is read from an LDIF file."""
    return LdapSettings(
        uris=(f"ldif:{file}",),
        base_dn=BASE,
        role_groups={"comms": (f"cn=Communications Team,ou=Groups,{BASE}",)},
    )


def fill(workspace: Path) -> None:
    """Fill the empty register of the app in context; ``workspace`` is a folder for a file in passing."""
    before = workspace / "before.ldif"
    before.write_text(
        (DATA / "council.ldif").read_text("utf-8") + "\n" + (DATA / "left.ldif").read_text("utf-8"), "utf-8"
    )
    sync(directory(before))
    before.unlink()
    with_team = sa.select(Person).options(joinedload(Person.team))
    people = {person.username: person for person in db.session.scalars(with_team)}
    for guest in CAST:
        if guest.role:
            grant(username=guest.username, role=guest.role, actor=None)
    _register_accounts(people)
    _look_after_names(people)
    ask_to_sign(None)
    _publish_and_sign(people)
    ask_to_sign(None)
    writing.fill(DATA / "writing.toml")
    signing_at_brynmor.fill(DATA / "signing.toml", people)
    _keep_views(people)
    for row in tomllib.loads((DATA / "profiles.toml").read_text("utf-8"))["profiles"]:
        person = people[row.pop("username")]
        network.keep(profile=None, person=person, **row)
    promises.fill(
        DATA / "expectations.toml", organisation=ORGANISATION, actor=people["carys.bowen"],
        accounts=db.session.scalars(sa.select(Account).options(joinedload(Account.team))).all(),
    )  # fmt: skip
    _ask_for_nods()
    _think_of_platforms(people)
    publishing.fill(people)
    db.session.commit()
    _hand_in_files(people["carys.bowen"])
    _let_the_leaver_leave()
    answering.fill(DATA / "answering.toml")
    peers.fill(DATA / "peers.toml", people)
    meeting.fill(DATA / "meetups.toml")
    discovering.fill(DATA / "discovery.toml")
    asking.fill()


def cast() -> list[Guest]:
    """The people to sign in as, with their names as the directory tells them."""
    names: dict[str, str] = {
        username: name
        for username, name in db.session.execute(
            sa.select(Person.username, Person.name).where(Person.username.in_([guest.username for guest in CAST]))
        )
    }
    return [Guest(guest.username, guest.comes_as, guest.role, names[guest.username]) for guest in CAST]


#: What some of the accounts are about, where that is one place.
PLACES: Final = {
    "Llanwennol Library": "Llanwennol", "Dyddiadur Llanwennol": "Llanwennol", "The Ward Librarian": "Llanwennol",
    "Castell Brynmor Library (old page)": "Castell Brynmor", "Brynmor Swim School": "Castell Brynmor",
    "Brynmor Countryside Rangers": "Brynmor Beacons",
    "A Ranger's Diary": "Brynmor Beacons", "Brynmor Beacons": "Brynmor Beacons",
}  # fmt: skip


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _register_accounts(people: dict[str, Person]) -> None:
    teams = {team.name: team for team in db.session.scalars(sa.select(Team))}
    happened: list[tuple[Any, str, Person | None, Account]] = []
    for row in _rows("accounts.csv"):
        account = _account(row, people, teams)
        topics = [topic for topic in row["topics"].split(";") if topic.strip()]
        account.topics = accounts.topics_named(topics)
        account.search_text = accounts.search_text(account, team=teams[row["team"]].path, topics=topics)
        db.session.add(account)
        happened.append((account.proposed_at, accounts.PROPOSED, people.get(row["owner"]), account))
        if account.approved_at:
            happened.append((account.approved_at, accounts.APPROVED, people["carys.bowen"], account))
    db.session.flush()
    audit.append([_event(*one) for one in sorted(happened, key=lambda one: one[0])])


def _account(row: dict[str, str], people: dict[str, Person], teams: dict[str, Team]) -> Account:
    found = resolve(row["url"], row["platform"])
    if not isinstance(found, Resolved):
        raise ValueError(f"{row['url']}: {found.note}")

    def days_ago(name: str) -> Any:
        return now() - timedelta(days=int(row[name])) if row[name] else None

    owner, deputy, approved_at = people.get(row["owner"]), people.get(row["deputy"]), days_ago("approved_days_ago")
    state = State(row["state"])
    return Account(
        platform=found.platform, kind=found.kind, key=found.key, url=found.url, handle=found.handle,
        platform_id=found.platform_id, title=row["title"], purpose=row["purpose"], standing=Standing(row["standing"]),
        state=state, language=row["language"], place=PLACES.get(row["title"], ""),
        team_id=teams[row["team"]].id, owner_id=owner.id if owner else None,
        deputy_id=deputy.id if deputy else None, proposed_at=days_ago("proposed_days_ago") or now(),
        proposed_by_id=owner.id if owner else None, approved_at=approved_at,
        approved_by_id=people["carys.bowen"].id if approved_at else None,
        review_on=today() + timedelta(days=int(row["review_in_days"])) if row["review_in_days"] else None,
        closed_at=now() if state is State.CLOSED else None,
        consented_at=(days_ago("proposed_days_ago") or now()) if row["standing"] == Standing.PERSONAL else None,
    )  # fmt: skip


def _look_after_names(people: dict[str, Person]) -> None:
    """A handle that changed, a name that looks like another, a question to whom an account belongs to."""
    by_handle = {account.handle: account for account in db.session.scalars(sa.select(Account))}
    carys = people["carys.bowen"]
    for before, address in RENAMED:
        found = resolve(address)
        if isinstance(found, Resolved):
            naming.rename(account=by_handle[before], resolved=found, typed=address, actor=carys)
    for address, title, purpose, standing, owner in ENTERED:
        found, person = resolve(address), by_login(owner)
        if isinstance(found, Resolved) and person is not None:
            accounts.propose(
                resolved=found, typed=address, title=title, purpose=purpose, standing=standing, owner=person,
                deputy=None, actor=carys, for_comms=True,
            )  # fmt: skip
    db.session.flush()


def _event(at: Any, name: str, actor: Person | None, account: Account) -> audit.Event:
    fields = {"url": account.url, "standing": account.standing.value} if name == accounts.PROPOSED else {}
    event = audit.event(
        name, actor=actor, subject_kind="account", subject_id=account.id, subject_name=account.title, **fields
    )
    event.at = at
    return event


def _hand_in_files(comms: Person) -> None:
    """One list was brought in, and another waits for somebody to say yes."""
    for name, columns in FILES.items():
        run = imports.upload(file_name=name, content=(DATA / name).read_bytes(), actor=comms)
        imports.choose(run=run, columns=columns)
        db.session.commit()
        worker.work_off()
        if name == BROUGHT_IN:
            imports.confirm(run=run, closing=None, actor=comms)
            db.session.commit()
            worker.work_off()


def _change_several(comms: Person) -> None:
    """Comms said in one go where some accounts are about."""
    titles = ("Old Streets of Brynmor", "Brynmor Archives", "Weddings at the Old Registry")
    some = db.session.scalars(sa.select(Account.id).where(Account.title.in_(titles)))
    bulk.apply(seen=stamps(some.all()), wish=Wish(place="Castell Brynmor"), actor=comms)


def _keep_views(people: dict[str, Person]) -> None:
    """Lists that colleagues come back to, and one that somebody keeps for herself."""
    about = sa.select(Topic.id).where(Topic.key.in_(("libraries", "reading"))).order_by(Topic.key)
    topics = "&".join(f"topic={number}" for number in db.session.scalars(about))
    carys, lowri = people["carys.bowen"], people["lowri.pryce"]
    _change_several(carys)
    views.keep(name="Due for a look", asks="late=yes&sort=review", is_shared=True, actor=carys)
    views.keep(name="Nobody to take over", asks="state=live&sole=yes&sort=team", is_shared=True, actor=carys)
    views.keep(name="Libraries and reading", asks=topics, is_shared=True, actor=lowri)
    views.keep(name="My colleagues in Welsh", asks="q=cymraeg", is_shared=False, actor=lowri)


def _publish_and_sign(people: dict[str, Person]) -> None:
    told = tomllib.loads((DATA / "guidelines.toml").read_text("utf-8"))
    document = guidelines.create_document(title=told["title"], about=told["about"])
    versions = {}
    for row in told["versions"]:
        writer = people[row["published_by"]]
        version = guidelines.draft(
            document=document, text=(DATA / row["file"]).read_text("utf-8"), summary=row["summary"].strip(),
            material=row["material"], actor=writer, principles=row.get("principles", ()),
            questions=row.get("questions", ()),
        )  # fmt: skip
        at = now() - timedelta(days=row["published_days_ago"])
        guidelines.publish(version=version, document=document, actor=writer, at=at)
        versions[str(version.number)] = version
    rows = [
        _sign_off(row, people[row["username"]], document, versions[row["version"]]) for row in _rows("signoffs.csv")
    ]
    signing.keep(rows, at=True)


def _sign_off(row: dict[str, str], person: Person, document: Document, version: Version) -> SignOff:
    at = now() - timedelta(days=int(row["days_ago"]))
    return signing.made(version, document, person, signed_at=at, method=Method.ONLINE)


def _ask_for_nods() -> None:
    proposed = sa.select(Account).where(Account.state == State.PROPOSED).options(joinedload(Account.owner))
    for account in db.session.scalars(proposed.order_by(Account.id)):
        accounts.start_clock(account)
        if account.owner:
            registering.ask(account, account.owner, actor=account.owner)


def _think_of_platforms(people: dict[str, Person]) -> None:
    told = tomllib.loads((DATA / "platforms.toml").read_text("utf-8"))
    for row in told["decided"]:
        ends = today() + timedelta(days=row["trial_in_days"]) if "trial_in_days" in row else None
        footprint.decide(
            platform=row["platform"], use=Use(row["use"]), purpose=row["purpose"], trial_until=ends,
            actor=people["carys.bowen"],
        )  # fmt: skip
    for row in told["asked"]:
        actor, days_ago = people[row.pop("username")], row.pop("days_ago")
        footprint.ask(actor=actor, **row).asked_at = now() - timedelta(days=days_ago)


def _let_the_leaver_leave() -> None:
    """Two complete readings without him, as if a day lay between."""
    now_directory = directory(DATA / "council.ldif")
    sync(now_directory)
    yesterday = now() - timedelta(days=2)
    db.session.execute(sa.update(Person).where(Person.state == PersonState.MISSING).values(missing_at=yesterday))
    db.session.commit()
    sync(now_directory)
