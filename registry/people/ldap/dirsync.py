"""Asks Active Directory what changed since the last time, whichever of its servers answers (DirSync).

A change number (``uSNChanged``) is one server's own and tells another nothing. What DirSync gives to be asked with next
time, its cookie, says for each server how far its changes were told, so any of them can go on from it ([MS-ADTS]
3.1.1.3.4.1.3). It is asked with LDAP_DIRSYNC_OBJECT_SECURITY, and tells what the account may read anyway.

This is what Samba 4.17 answers to an account without any right but to read; ``tests/people/test_dirsync.py`` looks:

* It takes the root of a naming context only (else code 53), the control as critical only, and without that flag only
  from who may replicate the domain (else code 50).
* It tells of entries that match the filter now and have a new value, or none any more, in an attribute asked for: who
  is new, restored, or whose manager is deleted, and, by ``name``, who was renamed or moved. Of any other attribute it
  says nothing.
* It does not tell who was deleted or matches no more, nor who is in a unit that was renamed: only the unit is told.
* A server that has not heard of another's change yet tells it when it has; what the other told already, it leaves out.
* A cookie has 108 bytes, and 24 more for each further server. Cut short or overwritten it is refused (code 12); one of
  nothing but zeros is taken for none, and everybody is told.
* All changes come in one answer. The servers of Windows give a thousand at a time and say that there are more.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from registry.config import LdapAttributes, LdapSettings
from registry.people.ldap import faults
from registry.people.ldap.ber import RawEntry
from registry.people.ldap.faults import DirectoryUnavailable
from registry.people.ldap.flavours import Root
from registry.people.ldap.link import Link
from registry.people.ldap.names import rdn_key, split

#: Finds no entry: no id is all zeros. With it, only the cookie comes.
NOBODY: Final = "(objectGUID=" + r"\00" * 16 + ")"
#: Entries that are asked for in one search.
AT_ONCE: Final = 100
#: What changes every day without any news. It marks entries as changed too, so they are read within the hour: at night
#: there would be so many that it were quicker to read everybody whole.
EVERYDAY: Final = ("lastLogonTimestamp", "lockoutTime", "pwdLastSet")
_NAME_IN_FILTER = re.compile(r"\(\s*([A-Za-z0-9][A-Za-z0-9.-]*)")


class NoDirSync(Exception):
    """The directory does not tell changes since a cookie. The text says why, and reads on from a colon."""

    def __init__(self, why: str, *, silent: bool = False) -> None:
        super().__init__(why)
        self.silent = silent  # Nobody answered, and the link is of no use any more.


class Changes:
    """What changed since ``cookie``; an empty one stands for the beginning.

    Iterating ``told`` gives pages of ids. Afterwards ``cookie`` is where to start the next time. Raises ``NoDirSync``.
    """

    def __init__(self, link: Link, settings: LdapSettings, root: Root, cookie: bytes) -> None:
        self._link, self._settings, self._root, self.cookie = link, settings, root, cookie

    def told(self, where: str, wanted: Sequence[str]) -> Iterator[list[bytes]]:
        """The ``objectGUID`` of all entries that match ``where`` and changed in an attribute ``wanted``."""
        top, more = self.top(), True
        while more:
            try:
                answer = self._link.search(top, where, wanted, since=self.cookie, take=_guid)
            except DirectoryUnavailable as error:
                raise NoDirSync(f"it said nothing in time when asked for changes ({error})", silent=True) from None
            if answer.code != faults.SUCCESS:
                raise NoDirSync(self._refused(answer.code, answer.words))
            if not answer.cookie:
                raise NoDirSync("it did not say where the next question is to start")
            more = answer.more
            if more and answer.cookie == self.cookie:
                raise NoDirSync("it gave its answers in circles")
            self.cookie = answer.cookie
            yield [guid for guid in answer.entries if guid]

    def top(self) -> str:
        """The root of the naming context that holds the base. Raises ``NoDirSync``."""
        if not self._root.tells_changes:
            raise NoDirSync("the server that answers does not offer it")
        base = [rdn_key(rdn) for rdn in split(self._settings.base_dn)]
        for top in sorted(self._root.bases, key=len, reverse=True):
            keys = [rdn_key(rdn) for rdn in split(top)]
            if keys and base[-len(keys) :] == keys:
                return top
        raise NoDirSync(f"the server that answers does not hold {self._settings.base_dn} itself")

    def _refused(self, code: int, words: str) -> str:
        told = " ".join(words.split())[:200]
        if code == faults.NO_RIGHT:
            return f"{self._settings.bind_dn or 'a stranger'} may not ask for it ({told})"
        known = ", and may not know any more what it gave the last time" if self.cookie else ""
        return f"it refuses to{known} ({told})"


def wanted_of(chosen: LdapAttributes, where: str) -> list[str]:
    """The attributes whose change matters: those that feed a field or decide who is a person, and the entry's name."""
    fields = (names for field, names in chosen if field not in ("changed", "directory_id"))
    named = (*(name for names in fields for name in names), *_NAME_IN_FILTER.findall(where), "name", *EVERYDAY)
    return list({name.lower(): name for name in named}.values())


def one_of(ids: Sequence[bytes]) -> str:
    """A filter that finds the entries of these ids."""
    return f"(|{''.join(f'(objectGUID={_escaped(guid)})' for guid in ids)})"


def _escaped(value: bytes) -> str:
    return "".join(f"\\{byte:02x}" for byte in value)


def _guid(raw: RawEntry) -> bytes:
    return next((values[0] for name, values in raw[1] if name.lower() == b"objectguid" and values), b"")
