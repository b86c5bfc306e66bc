"""Directories for the tests of people."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ds389 import Ds389, Ward
from harbour import SUFFIX, Tree, crowd
from samba import Part, Samba
from samba_pair import Pair
from slapd import Slapd, certificate

DATA = Path(__file__).parents[1] / "data"
CLERK = """
dn: uid=clerk{number:02},ou=Corporate,ou=People,dc=dunmore,dc=example
objectClass: inetOrgPerson
uid: clerk{number:02}
cn: Clerk {number}
sn: Clerk
entryUUID: 30000000-0000-4000-8000-0000000000{number:02}
"""


@pytest.fixture(scope="session")
def own_certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of ``dunmore``, made out to 127.0.0.1; as it signs itself, also the file to trust."""
    return certificate(tmp_path_factory.mktemp("tls"), "dunmore", "IP:127.0.0.1")


@pytest.fixture(scope="session")
def dunmore(tmp_path_factory: pytest.TempPathFactory, own_certificate: Path) -> Iterator[Slapd]:
    """The directory of Dunmore District Council, which does not exist: 30 clerks and the named cast."""
    tree = (DATA / "dunmore.ldif").read_text() + "".join(CLERK.format(number=number) for number in range(30))
    folder = tmp_path_factory.mktemp("dunmore")
    server = Slapd(folder, "dc=dunmore,dc=example", tree, certificate=own_certificate, windows=True)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def nasty_names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """Entries whose distinguished names hold every kind of escape."""
    tree = (DATA / "nasty-names.ldif").read_text()
    server = Slapd(tmp_path_factory.mktemp("nasty"), "dc=example,dc=org", tree)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def planetexpress(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """Seven people of a public sample directory. It offers no TLS."""
    entries = (DATA / "planetexpress.ldif").read_text().split("\n\n")
    # Its groups need a class of Active Directory's that OpenLDAP does not have.
    tree = "\n\n".join(entry for entry in entries if "objectclass: Group" not in entry)
    server = Slapd(tmp_path_factory.mktemp("planetexpress"), "dc=planetexpress,dc=com", tree)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def pembrey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """A directory that tests may change: see ``harbour``."""
    server = Slapd(tmp_path_factory.mktemp("pembrey"), SUFFIX, crowd(), more="dbnosync")
    yield server
    server.stop()


@pytest.fixture
def tree(pembrey: Slapd) -> Iterator[Tree]:
    """A part of Pembrey's directory, empty, for one test."""
    made = Tree(pembrey)
    yield made
    made.close()


@pytest.fixture(scope="session")
def kestrel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samba]:
    """The Active Directory of Kestrel Ports Authority: see ``samba``."""
    server = Samba(tmp_path_factory.mktemp("kestrel"))
    yield server
    server.stop()


@pytest.fixture
def part(kestrel: Samba) -> Iterator[Part]:
    """A part of Kestrel's domain, empty, for one test."""
    made = Part(kestrel)
    yield made
    made.close()


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two domain controllers of a small Kestrel: see ``samba_pair``."""
    made = Pair(tmp_path_factory.mktemp("pair"))
    yield made
    made.stop()


@pytest.fixture(scope="session")
def larkfield(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ds389]:
    """The 389 Directory Server of Larkfield Hospital Trust: see ``ds389``."""
    server = Ds389(tmp_path_factory.mktemp("larkfield"))
    yield server
    server.stop()


@pytest.fixture
def ward(larkfield: Ds389) -> Iterator[Ward]:
    """A part of Larkfield's directory, empty, for one test."""
    made = Ward(larkfield)
    yield made
    made.close()
