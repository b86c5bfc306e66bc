"""Looks at what a directory gives and whether the settings fit it, for ``registry doctor``."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from registry.config import LdapSettings, variable
from registry.people.ldap import faults
from registry.people.ldap.entries import Mapping, Skipped
from registry.people.ldap.faults import DirectoryError
from registry.people.ldap.reading import Link

#: The paged results control (RFC 2696).
PAGING: Final = b"1.2.840.113556.1.4.319"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a check: whether it went well, what was found, and how to mend it where it did not."""

    ok: bool
    line: str
    mend: str = ""


def failed(error: DirectoryError) -> Step:
    """The step that ended with ``error``, whose text is the fault, a semicolon and the mend."""
    line, _, mend = str(error).rpartition("; ")
    return Step(False, f"{line}.", mend[:1].upper() + mend[1:])


def look(settings: LdapSettings, link: Link) -> Iterator[Step]:
    """The base, a sample of five people and the paging, over a link that is signed in. Raises DirectoryError."""
    base = settings.base_dn
    found = link.search(base, "(objectClass=*)", ["1.1"], scope="BASE")
    if found.code != faults.SUCCESS or not found.entries:
        raise faults.of_search(found.code or faults.NO_SUCH_OBJECT, found.words, settings, base)
    yield Step(True, f"{base} is there.")
    yield from _sample(settings, link)
    yield _paging(settings, link)


def _sample(settings: LdapSettings, link: Link) -> Iterator[Step]:
    mapping = Mapping(settings)
    answer = link.search(settings.base_dn, settings.people_filter, mapping.wanted, limit=5)
    if answer.code not in (faults.SUCCESS, faults.SIZE_LIMIT):
        raise faults.of_search(answer.code, answer.words, settings, settings.base_dn)
    if not answer.entries:
        yield Step(
            False,
            f"{faults.FILTER} finds nobody below {settings.base_dn}.",
            f"Correct it or {faults.BASE_DN}, or have {settings.bind_dn or 'strangers'} allowed to read.",
        )
    for raw in answer.entries:
        found = mapping.entry(raw)
        if isinstance(found, Skipped):
            names = variable("ldap.attributes")
            mend = f"Set {names} to names that the directory uses and the register may read."
            yield Step(False, f"{found.dn} {found.reason}.", mend)
        else:
            team = " › ".join(found.team) or "no team"
            yield Step(True, f"{found.name}: {found.username}, {found.mail or 'no mail'}, {team}.")


def _paging(settings: LdapSettings, link: Link) -> Step:
    if link.pages:
        # The root of the tree, whose entry tells what a server can do (RFC 4512, 5.1).
        answer = link.search("", "(objectClass=*)", ["supportedControl"], scope="BASE")
        if not any(PAGING in values for _, attributes in answer.entries for _, values in attributes):
            return Step(
                False,
                "The directory does not say that it gives long answers in pages.",
                "Have its administrators allow the paged results control"
                f" to {settings.bind_dn or 'strangers'}, or lift the size limit for it.",
            )
    return Step(True, "Long answers come in pages.")
