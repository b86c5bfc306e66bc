"""The named cast: the people, accounts and guidelines that the tests tell their stories with. Nobody here is real."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

import sqlalchemy as sa

from registry import search
from registry.accounts import actions as accounts
from registry.accounts.models import Account, Standing
from registry.accounts.platforms import Resolved, resolve
from registry.accounts.signing import ask_to_sign
from registry.db import db, now, today
from registry.guidelines import actions as guidelines
from registry.guidelines import queries as guidelines_queries
from registry.guidelines import signing, standing
from registry.guidelines.models import Decline, Document, Method, SignOff
from registry.people import queries as people
from registry.people.models import GrantSource, Person, PersonState, RoleGrant
from registry.people.teams import Teams
from registry.roles import Role


@dataclass(frozen=True)
class Part:
    """Who somebody is in the stories."""

    username: str
    name: str
    title: str
    team: tuple[str, ...]
    roles: tuple[Role, ...] = ()
    state: PersonState = PersonState.ACTIVE
    more: dict[str, Any] = field(default_factory=dict)


LIBRARY_OFFICER = Part("nia.okafor", "Nia Okafor", "Library officer", ("Communities", "Libraries"))
WARD_SISTER = Part("bronwen.rees", "Bronwen Rees", "Ward sister", ("Health", "Community hospital"))
COMMS_OFFICER = Part("tomasz.bryk", "Tomasz Bryk", "Communications officer", ("Communications",), (Role.COMMS,))
ORGANISER = Part(
    "farida.begum", "Farida Begum ফরিদা", "Digital skills lead", ("Corporate", "Learning"), (Role.ORGANISER,)
)
AUDITOR = Part("aoife.bhriain", "Aoife Ní Bhriain", "Information governance", ("Corporate", "Audit"), (Role.AUDITOR,))
ADMIN = Part("søren.lund", "Søren Lund", "Systems administrator", ("Corporate", "IT"), (Role.ADMIN,))
LEAVER = Part(
    "gareth.left", "Gareth Left", "Youth worker", ("Communities", "Youth"), state=PersonState.LEFT,
    more={"left_at": datetime.fromisoformat("2026-05-01T09:00:00+00:00")},
)  # fmt: skip
COMMS_CLERK = Part("elan.clerk", "Elan Clerk", "Communications assistant", ("Communications",))
STRANGER = Part("oluwaseun.ade", "Oluwaseun Adé", "Parking warden", ("Environment", "Parking"))
EVERYBODY = (LIBRARY_OFFICER, WARD_SISTER, COMMS_OFFICER, ORGANISER, AUDITOR, ADMIN, LEAVER, STRANGER)

_numbers = count(1)


def library_officer() -> Person:
    """She runs the libraries' accounts, mostly alone."""
    return play(LIBRARY_OFFICER)


def ward_sister() -> Person:
    """She runs her ward's account, between other things."""
    return play(WARD_SISTER)


def comms_officer() -> Person:
    """He looks after the register."""
    return play(COMMS_OFFICER)


def organiser() -> Person:
    """She brings peers together."""
    return play(ORGANISER)


def auditor() -> Person:
    """She asks for evidence."""
    return play(AUDITOR)


def admin() -> Person:
    """He keeps the machine running."""
    return play(ADMIN)


def leaver() -> Person:
    """He left in May."""
    return play(LEAVER)


def stranger() -> Person:
    """He works here, holds no role and has nothing to do with any account."""
    return play(STRANGER)


def play(part: Part) -> Person:
    """The person who plays ``part``, made at the first call; flushed, not committed."""
    known = db.session.scalar(sa.select(Person).where(Person.username == part.username))
    return known or a_person(
        part.username, name=part.name, title=part.title, team=part.team, roles=part.roles, state=part.state, **part.more
    )


def a_person(
    username: str = "", *, name: str = "", title: str = "Officer", team: tuple[str, ...] = (),
    roles: tuple[Role, ...] = (), state: PersonState = PersonState.ACTIVE, **more: Any,
) -> Person:  # fmt: skip
    """A person as a sync would have left them; flushed, not committed. Without a name, a numbered colleague."""
    username = username or f"colleague{next(_numbers)}"
    name = name or f"Colleague {username.removeprefix('colleague')}"
    given, _, family = name.partition(" ")
    digest = hashlib.sha256(username.encode()).digest()
    teams = Teams()
    teams.make([team])
    person = Person(
        directory_id=f"{digest.hex()[:8]}-0000-4000-8000-{digest.hex()[8:20]}", username=username, name=name,
        mail=f"{search.plain(username)}@dunmore.example", given_name=given, family_name=family, title=title,
        team_id=teams.id_of(team), dn_key=f"uid={username},dc=dunmore,dc=example", state=state,
        joined_at=now(), digest=digest[:16], search_text=search.fold(name, username, title, *team),
    )  # fmt: skip
    for key, value in more.items():
        setattr(person, key, value)
    db.session.add(person)
    db.session.flush()
    for role in roles:
        db.session.add(RoleGrant(person_id=person.id, role=role, source=GrantSource.HAND, granted_at=now()))
    db.session.flush()
    return person


def an_account(
    address: str = "", *, owner: Person | None = None, deputy: Person | None = None, title: str = "",
    purpose: str = "What is on in our libraries.", standing: Standing = Standing.SEMI_OFFICIAL, live: bool = True,
) -> Account:  # fmt: skip
    """An account, proposed by its owner (the library officer), and approved unless ``live`` is false; not committed."""
    owner = people.person((owner or library_officer()).id)
    assert owner is not None
    number = next(_numbers)
    address = address or f"https://www.facebook.com/dunmorelibrary{number}"
    resolved = resolve(address)
    assert isinstance(resolved, Resolved), resolved
    account = accounts.propose(
        resolved=resolved, typed=address, title=title or f"Dunmore Library {number}", purpose=purpose,
        standing=standing, owner=owner, deputy=deputy, actor=owner,
    )  # fmt: skip
    if live:
        accounts.approve(account=account, owner=owner, actor=comms_officer())
    db.session.flush()
    return account


def a_document(title: str = "Using social media at work", *, text: str = "", versions: int = 1) -> Document:
    """Guidelines with ``versions`` published versions, each material; not committed. Without versions, none at all."""
    document = guidelines.create_document(title=title)
    for number in range(1, versions + 1):
        a_version(document, text=text or f"# Be kind\n\nAnd be clear. This is version {number}.\n")
    return document


def a_version(
    document: Document,
    *,
    text: str,
    summary: str = "",
    material: bool = True,
    questions: Any = (),
    principles: Any = (),
) -> None:
    """Another published version of ``document``; not committed."""
    drafted = guidelines.draft(document=document, text=text, summary=summary, material=material, actor=comms_officer())
    drafted.questions, drafted.principles = list(questions), list(principles)
    db.session.flush()
    guidelines.publish(version=drafted, document=document, actor=comms_officer())
    ask_to_sign(None)
    db.session.flush()


def sign(document: Document, person: Person) -> None:
    """``person`` signs the version of ``document`` that is in force; not committed."""
    current, with_team = guidelines_queries.current(document.id), people.person(person.id)
    assert current is not None
    assert with_team is not None
    signing.sign(version=current, document=document, current=current, person=with_team)
    db.session.flush()


def enter(document: Document, person: Person, *, method: Method = Method.PAPER) -> SignOff:
    """A clerk of comms enters that ``person`` signed today what is in force; not committed."""
    current = guidelines_queries.current(document.id)
    assert current is not None
    someone = people.person(person.id)
    assert someone is not None
    return signing.enter(
        version=current, document=document, person=someone, method=method, day=today(), consent="Sheet 7.",
        actor=play(COMMS_CLERK),
    )  # fmt: skip


def unsigned(document: Document) -> list[str]:
    """The usernames of those who have not signed ``document`` and should, in the order of their names."""
    today = standing.standing(None)
    rows = sa.select(Person.username).join(today, today.c.person_id == Person.id)
    owed = rows.where(today.c.document_id == document.id, today.c.state != standing.State.SIGNED.value)
    return list(db.session.scalars(owed.order_by(Person.name, Person.id)))


def decline(document: Document, person: Person, *, reason: str = "I would rather not.") -> Decline:
    """``person`` says that they will not sign the version that is in force; not committed."""
    current = guidelines_queries.current(document.id)
    assert current is not None
    said = Decline(
        document_id=document.id, version_id=current.id, person_id=person.id, declined_at=now(), reason=reason,
        answer="",
    )  # fmt: skip
    db.session.add(said)
    db.session.flush()
    return said
