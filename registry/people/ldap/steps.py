"""What `registry doctor` tells, a step at a time, and how somebody can ask the same of a directory without it."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from registry.config import LdapSettings
from registry.people.ldap.faults import DirectoryError
from registry.people.ldap.link import in_brackets


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a check: whether it went well and what was found.

    ``mend`` says what to do; where all is well it is advice. ``about`` names the step in one word, and ``command`` is
    the ``ldapsearch`` that asks the same, ready to be pasted into a shell.
    """

    ok: bool
    line: str
    mend: str = ""
    about: str = ""
    command: str = ""


def failed(error: DirectoryError, about: str = "", command: str = "") -> Step:
    """The step that ended with ``error``, whose text is the fault, a semicolon and the mend."""
    line, _, mend = str(error).rpartition("; ")
    return Step(False, f"{line}.", mend[:1].upper() + mend[1:], about, command)


@dataclass(frozen=True, slots=True)
class Ldapsearch:
    """Writes command lines that ask ``uri`` as the settings say. They ask for the password, and hold none."""

    settings: LdapSettings
    uri: str

    def __call__(
        self, base: str, where: str = "(objectClass=*)", wanted: Iterable[str] = ("1.1",), *, scope: str = "sub",
        options: Iterable[str] = (), who: str | None = None,
    ) -> str:  # fmt: skip
        """One search; ``who`` is the DN to sign in as instead of the register's own account, empty for a stranger."""
        settings = self.settings
        if self.uri.startswith("ldif:"):
            return ""
        words = ["ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-o", f"nettimeout={settings.timeout}"]
        words += ["-H", self.uri]
        if settings.starttls and not self.uri.startswith("ldaps:"):
            words.append("-ZZ")
        if dn := settings.bind_dn if who is None else who:
            words += ["-D", dn, "-W"]
        words += ["-b", base, "-s", scope, *options, in_brackets(where), *wanted]
        trusted = f"LDAPTLS_CACERT={shlex.quote(str(settings.ca_file.resolve()))} " if settings.ca_file else ""
        return trusted + shlex.join(words)
