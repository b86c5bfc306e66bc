"""Who is in a group of the directory, and in the groups within it."""

from collections.abc import Iterable, Iterator
from typing import Final

from registry.config import variable
from registry.people.ldap import faults
from registry.people.ldap.faults import DirectoryError
from registry.people.ldap.link import Answer, Link
from registry.people.ldap.names import dn_key, head

GROUPS: Final = "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=group))"
MEMBERS: Final = ("member", "uniqueMember")


def _must_be_whole(answer: Answer, base: str) -> None:
    """Raise ``DirectoryError`` where a search broke off: what it did not tell would cost people their roles."""
    if answer.code not in (faults.SUCCESS, faults.NO_SUCH_OBJECT):
        raise DirectoryError(f"the directory broke off while {base} was searched for groups ({answer.words}).")


def members_of(link: Link, groups: Iterable[str]) -> dict[str, set[str]]:
    """For each group, as given, the ``dn_key`` of every member, those of groups within it included.

    Raises ``DirectoryError`` where a group is not there: nobody should lose a role over a misspelt name.
    """
    walk = Groups(link)
    return {group: walk.members(group) for group in groups}


class Groups:
    """Walks down from groups to the people in them.

    What was seen is left out, so that circles end. Active Directory could do the walk itself (its chain rule); this
    one is right with every directory, and asks once for each group and each folder that members lie in.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._beside: dict[str, set[str]] = {}  # Keys of the groups right below an entry.
        self._direct: dict[str, list[str]] = {}

    def members(self, group: str) -> set[str]:
        people: set[str] = set()
        seen, ahead = {dn_key(group)}, [group]
        while ahead:
            for member in self._members_of(ahead.pop()):
                key = dn_key(member)
                if not self._is_group(member, key):
                    people.add(key)
                elif key not in seen:
                    seen.add(key)
                    ahead.append(member)
        return people

    def _is_group(self, member: str, key: str) -> bool:
        # One question for each folder that members lie in, not one for each member.
        parent = head(member)[1]
        if (beside := self._beside.get(parent)) is None:
            beside = self._beside[parent] = {dn_key(dn) for dn in self._groups_right_below(parent)}
        return key in beside

    def _members_of(self, group: str) -> list[str]:
        if (known := self._direct.get(key := dn_key(group))) is None:
            known = self._direct[key] = [value.decode(errors="replace") for value in self._read(group)]
        return known

    def _read(self, group: str) -> Iterator[bytes]:
        """The members themselves. Active Directory gives 1,500 at a time, in ranges ([MS-ADTS] 3.1.1.3.1.3.3)."""
        wanted = list(MEMBERS)
        while wanted:
            answer = self._link.search(group, "(objectClass=*)", wanted, scope="BASE")
            _must_be_whole(answer, group)
            if not answer.entries:
                raise DirectoryError(
                    f"{variable('ldap.role_groups')}: there is no group {group} in the directory, or it may not be"
                    " seen; correct its DN, or take it out."
                )
            wanted = []
            for name, values in answer.entries[0][1]:
                yield from values
                attribute, _, last = name.decode().lower().partition(";range=")
                if last and not last.endswith("-*"):
                    wanted.append(f"{attribute};range={int(last.rpartition('-')[2]) + 1}-*")

    def _groups_right_below(self, base: str) -> Iterator[str]:
        cookie = b""
        while base:
            answer = self._link.search(base, GROUPS, ["1.1"], scope="LEVEL", page=1000, cookie=cookie)
            _must_be_whole(answer, base)
            for dn, _ in answer.entries:
                yield dn.decode(errors="replace")
            if cookie and answer.cookie is None:
                raise DirectoryError(f"the directory did not say whether the groups right below {base} were all.")
            if not answer.cookie or (answer.cookie == cookie and not answer.entries):
                return
            cookie = answer.cookie
