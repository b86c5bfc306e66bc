"""What changes about people by hand: the roles they hold."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa

from registry import audit
from registry.audit import Somebody
from registry.db import db, now
from registry.people.models import GrantSource, Person, PersonState, RoleGrant
from registry.roles import GRANTED, Role

ROLE_GRANTED: Final = audit.declare("role.granted", "{actor} made {subject} {role}", "role")
ROLE_WITHDRAWN: Final = audit.declare("role.withdrawn", "{actor} withdrew the role {role} from {subject}", "role")


class NoSuchPerson(Exception):
    """Nobody who works here has that username."""


class NoSuchRole(Exception):
    """There is no such role to grant."""


def grant(*, username: str, role: str, actor: Somebody | None) -> bool:
    """Give the person with ``username`` the role; ``False`` where they held it already.

    Raises ``NoSuchPerson`` and ``NoSuchRole``.
    """
    if role not in GRANTED:
        raise NoSuchRole(f"There is no role {role!r} to grant. Choose one of: {', '.join(GRANTED)}.")
    person = db.session.scalar(
        sa.select(Person)
        .where(Person.username == username, Person.state.in_((PersonState.ACTIVE, PersonState.MISSING)))
        .order_by(Person.id.desc())
    )
    if person is None:
        raise NoSuchPerson(f"Nobody with the username {username!r} works here. Has `registry sync` run?")
    return _give(person.id, person.name, Role(role), GrantSource.HAND, actor)


def _give(person_id: int, name: str, role: Role, source: GrantSource, actor: Somebody | None) -> bool:
    held = sa.select(RoleGrant.id).where(
        RoleGrant.person_id == person_id, RoleGrant.role == role, RoleGrant.source == source
    )
    if db.session.scalar(held):
        return False
    db.session.add(RoleGrant(person_id=person_id, role=role, source=source, granted_at=now()))
    audit.record(
        ROLE_GRANTED,
        actor=actor,
        subject_kind="person",
        subject_id=person_id,
        subject_name=name,
        role=role.value,
    )
    return True


def grant_by_groups(role_groups: Mapping[Any, Iterable[str]], members: Mapping[str, set[str]]) -> None:
    """Make the roles that come from groups of the directory what the groups say now.

    ``role_groups`` names the groups (DNs) of each role; ``members`` the members (``dn_key``) of each group.
    """
    wanted: set[tuple[int, Role]] = set()
    for role, groups in role_groups.items():
        keys = set().union(*(members.get(group, set()) for group in groups))
        wanted |= {(person_id, Role(role)) for person_id in _people_with(keys)}
    held = sa.select(RoleGrant).where(RoleGrant.source == GrantSource.GROUP)
    kept = {(grant.person_id, grant.role): grant for grant in db.session.scalars(held)}
    names = _names(person_id for person_id, _ in wanted ^ kept.keys())
    for person_id, role in sorted(wanted - kept.keys()):
        _give(person_id, names[person_id], role, GrantSource.GROUP, None)
    for person_id, role in sorted(kept.keys() - wanted):
        db.session.delete(kept[person_id, role])
        audit.record(
            ROLE_WITHDRAWN, actor=None, subject_kind="person", subject_id=person_id, subject_name=names[person_id],
            role=role.value,
        )  # fmt: skip


def _people_with(keys: set[str]) -> Iterable[int]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), 1000):
        yield from db.session.scalars(
            sa.select(Person.id).where(
                Person.dn_key.in_(ordered[start : start + 1000]), Person.state != PersonState.LEFT
            )
        )


def _names(person_ids: Iterable[int]) -> dict[int, str]:
    wanted = sorted(set(person_ids))
    return {
        row.id: row.name for row in db.session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(wanted)))
    }
