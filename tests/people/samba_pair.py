"""Two domain controllers of one domain, Samba's: a change made at one is at the other when a test says so.

The second joins as an administrator would have it join, over the network. Neither finds the other's name, so nothing
passes between them by itself.
"""

from collections.abc import Iterable
from itertools import count
from pathlib import Path

from samba import PASSWORD, SUFFIX, Samba, cast, crowd

SERVICES = """\
server services = rpc, ldap, cldap, drepl
dcerpc endpoint servers = epmapper, samr, netlogon, lsarpc, drsuapi
ldap server require strong auth = no"""
ADMINISTRATOR = (f"--user=administrator%{PASSWORD}", "--use-kerberos=off")
_numbers = count(1)


class First(Samba):
    """The controller at which the domain was made."""

    services = SERVICES

    def people(self) -> Iterable[str]:
        return [*crowd(1), *cast()]

    def pull(self, other: Samba) -> None:
        """Take over what changed at ``other``."""
        self._run(
            "samba-tool", "drs", "replicate", self.address, other.address, SUFFIX, "--local", "-s", self._conf,
            *ADMINISTRATOR,
        )  # fmt: skip


class Second(First):
    """The one that joined."""

    name = "DC2"

    def __init__(self, folder: Path, first: First) -> None:
        self._first = first
        super().__init__(folder)

    def make(self) -> None:
        self._run(
            "samba-tool", "domain", "join", "kestrel.example", "DC", "-s", self._conf,
            f"--server={self._first.address}", "--dns-backend=NONE", *ADMINISTRATOR,
        )  # fmt: skip


class Pair:
    """Both, and hands to change people at either."""

    def __init__(self, folder: Path) -> None:
        for name in ("dc1", "dc2"):
            (folder / name).mkdir()
        self.first = First(folder / "dc1")
        self.second = Second(folder / "dc2", self.first)

    def stop(self) -> None:
        self.second.stop()
        self.first.stop()
