"""Pembrey Harbour Trust, which does not exist: a directory that the tests change while it runs.

One server serves a whole module; each test works in a part of the tree of its own.
"""

import uuid
from collections.abc import Iterable
from itertools import count
from typing import Any

import ldap3
from slapd import Slapd, settings_for

from registry.config import LdapAttributes, LdapSettings

SUFFIX = "dc=pembrey,dc=example"
CROWD = f"ou=Crowd,{SUFFIX}"
CROWD_SIZE = 600
_MEMBER = """
dn: uid=crew{number:03},{crowd}
objectClass: inetOrgPerson
uid: crew{number:03}
cn: Crew {number:03}
sn: Crew
"""
_numbers = count(1)


def crowd() -> str:
    """The LDIF of 600 people, for what only shows with many."""
    members = "".join(_MEMBER.format(number=number, crowd=CROWD) for number in range(CROWD_SIZE))
    return f"dn: {CROWD}\nobjectClass: organizationalUnit\nou: Crowd\n{members}"


class Tree:
    """A part of the directory with people in it, and hands to change them."""

    def __init__(self, server: Slapd, base: str = "") -> None:
        self.server = server
        self.link = ldap3.Connection(
            ldap3.Server(server.uri, get_info=ldap3.NONE), f"cn=admin,{server.suffix}", "admin",
            auto_bind=True, raise_exceptions=True, check_names=False,
        )  # fmt: skip
        self.base = base or f"ou=Part {next(_numbers)},{server.suffix}"
        if not base:
            self.unit(self.base)

    def settings(self, **changes: Any) -> LdapSettings:
        """Settings that read this part."""
        # What disables somebody is no attribute of OpenLDAP's own, so a free one stands in for it.
        attributes = LdapAttributes(disabled=("businessCategory",))
        return settings_for(self.server, base_dn=self.base, **{"attributes": attributes, **changes})

    def unit(self, dn: str) -> str:
        """A new organisational unit."""
        self.link.add(dn, "organizationalUnit")
        return dn

    def dn(self, username: str, unit: str = "") -> str:
        """The name of somebody's entry."""
        return f"uid={username},{unit or self.base}"

    def add(self, username: str, name: str = "", *, unit: str = "", **attributes: Any) -> str:
        """A new person, whose password is their username; gives the DN."""
        name = name or username.replace(".", " ").title()
        told = {"uid": username, "cn": name, "sn": name.split()[-1], "userPassword": username, **attributes}
        self.link.add(dn := self.dn(username, unit), "inetOrgPerson", told)
        return dn

    def add_many(self, number: int, prefix: str = "hand") -> list[str]:
        """Numbered people; gives their DNs."""
        return [self.add(f"{prefix}{one:03}") for one in range(number)]

    def change(self, dn: str, **attributes: Any) -> None:
        """Replace attributes of an entry."""
        values = {name: [(ldap3.MODIFY_REPLACE, [value])] for name, value in attributes.items()}
        self.link.modify(dn, values)

    def rename(self, dn: str, rdn: str, above: str | None = None) -> str:
        """Give an entry another name, or another place; gives the new DN."""
        self.link.modify_dn(dn, rdn, new_superior=above)
        return f"{rdn},{above or dn.partition(',')[2]}"

    def remove(self, dns: Iterable[str]) -> None:
        """Take entries away."""
        for dn in dns:
            self.link.delete(dn)

    def group(self, name: str, members: list[str]) -> str:
        """A new group; gives its DN."""
        self.link.add(dn := f"cn={name},{self.base}", "groupOfNames", {"cn": name, "member": members})
        return dn

    def id_of(self, dn: str) -> str:
        """The directory id of an entry."""
        self.link.search(dn, "(objectClass=*)", ldap3.BASE, attributes=["entryUUID"])
        return str(uuid.UUID(self.link.response[0]["attributes"]["entryUUID"][0]))

    def close(self) -> None:
        self.link.unbind()
