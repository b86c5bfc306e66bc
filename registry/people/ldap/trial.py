"""One sign-in, tried for `registry doctor`: an administrator is told what the page keeps to itself."""

from collections.abc import Callable
from typing import Protocol

from registry.config import LdapSettings, variable
from registry.people.ldap import faults
from registry.people.ldap.entries import Entry, Mapping, Skipped, clean
from registry.people.ldap.faults import DirectoryError
from registry.people.ldap.flavours import attributes_of, read_root
from registry.people.ldap.link import Link
from registry.people.ldap.steps import Ldapsearch, Step, failed


class SignIn(Protocol):
    """Asks the directory as the page does: see ``directory.sign_in``."""

    def __call__(self, *, admit: Callable[[Entry | None], None], refused: Callable[[str], None]) -> Entry | None: ...


def outcome(settings: LdapSettings, login: str, sign_in: SignIn) -> tuple[Step, list[Entry | None]]:
    """The step of a sign-in, and whom ``login`` meant: nothing where the directory was not asked, None for nobody.

    The password is tried once, as several wrong ones would lock the person out. Nothing is raised.
    """
    meant: list[Entry | None] = []
    words: list[str] = []
    try:
        found = sign_in(admit=meant.append, refused=words.append)
    except DirectoryError as error:
        return failed(error, "sign-in"), meant
    if not meant:
        return Step(False, "No name or no password was given.", "Type both.", "sign-in"), meant
    person = meant[0]
    command = Ldapsearch(settings, settings.uris[0])(person.dn, scope="base", who=person.dn) if person else ""
    if found:
        team = f"team {' › '.join(found.team)}" if found.team else "no team"
        return Step(True, f"{login} may sign in: {found.name}, {team}.", about="sign-in", command=command), meant
    if person is None:
        return Step(False, f"{login} cannot sign in.", about="sign-in"), meant
    if person.disabled:
        mend = "Have the directory's administrators enable the account, if that is wrong."
        return Step(False, f"{login} cannot sign in: {person.name} is disabled.", mend, "sign-in", command), meant
    if why := faults.turned_away("".join(words)):
        line = f"{login} cannot sign in: {person.name} {why}, says the directory."
        mend = "Have the directory's administrators let them in, if that is wrong."
        return Step(False, line, mend, "sign-in", command), meant
    return Step(
        False, f"{login} cannot sign in: the directory refuses {person.name} ({clean(person.dn)}) with this password.",
        "Type it again. If it is right, it has expired or the account is locked: ask the directory's administrators.",
        "sign-in", command,
    ), meant  # fmt: skip


def nobody(settings: LdapSettings, link: Link, login: str, people: str, anybody: str) -> Step:
    """Why ``login`` means nobody: the filters find the people, and whatever else, that carry it as a name."""
    chosen = attributes_of(settings, read_root(link, settings).flavour)
    mapping = Mapping(settings, chosen)
    command = Ldapsearch(settings, settings.uris[0])(settings.base_dn, people, mapping.wanted)
    told = f"{login} cannot sign in"
    found = link.search(settings.base_dn, people, mapping.wanted, limit=2).entries[:2]
    if len(found) > 1:
        names = " and ".join(clean(dn.decode(errors="replace")) for dn, _ in found)
        mend = "Let each sign in by a name that nobody else has, or have the directory's administrators part them."
        return Step(False, f"{told}: it means more than one, {names}.", mend, "sign-in", command)
    if found and isinstance(entry := mapping.entry(found[0]), Skipped):
        mend = f"Set {variable('ldap.attributes')} to names that the directory uses and the register may read."
        return Step(False, f"{told}: {clean(entry.dn)} {entry.reason}.", mend, "sign-in", command)
    others = link.search(settings.base_dn, anybody, ["1.1"], limit=1).entries[:1]
    if others:
        line = f"{told}: {clean(others[0][0].decode(errors='replace'))} is none of the people of {faults.FILTER}."
        return Step(False, line, "Correct the filter, if it should be.", "sign-in", command)
    names = ", ".join((*chosen.username, *chosen.mail))
    mend = f"Check how it is spelt; it is looked for in {names} below {settings.base_dn}."
    return Step(False, f"{told}: nobody has that name.", mend, "sign-in", command)
