"""A private Active Directory for the tests: Samba's, on a loopback address of its own, gone afterwards.

Needs root, as nothing moves Active Directory from its ports, and Debian's ``samba``, ``samba-dsdb-modules``,
``samba-ad-provision`` and ``ldb-tools``; the system's own Samba is not touched, and nothing but LDAP is served, unless
a second domain controller is to join (see ``samba_pair``). It is Kestrel Ports Authority, which does not exist:
``cast`` below, and a crowd of 1,700. Every password is ``PASSWORD``.
"""

import base64
import os
import random
import shutil
import socket
import ssl
import subprocess
import time
import uuid
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any

import ldap3
import pytest
from slapd import certificate

from registry.config import LdapSettings

PATH = "/usr/sbin:/usr/bin:" + os.environ.get("PATH", "")
ENVIRONMENT = {**os.environ, "PATH": PATH}
TOOLS = ("samba", "samba-tool", "ldbadd")
MODULES = "/usr/lib/*/samba/ldb/samba_dsdb.so", "/usr/share/samba/setup/provision.ldif"
PASSWORD = "Har-bour-1982"
SUFFIX = "DC=kestrel,DC=example"
CROWD = f"OU=Crowd,OU=Staff,{SUFFIX}"
CROWD_SIZE = 1700
GROUPS = f"OU=Groups,{SUFFIX}"
#: Flags of ``userAccountControl`` ([MS-ADTS] 2.2.16): a person, who is disabled, or who needs no password.
NORMAL, DISABLED, NO_PASSWORD = 0x200, 0x202, 0x220
#: Deletes an entry with all below it ([MS-ADTS] 3.1.1.3.4.1.15).
TREE_DELETE = "1.2.840.113556.1.4.805"
#: Shows what was deleted ([MS-ADTS] 3.1.1.3.4.1.14).
SHOW_DELETED = "1.2.840.113556.1.4.417"
CONF = """\
[global]
netbios name = {name}
workgroup = KESTREL
realm = KESTREL.EXAMPLE
server role = active directory domain controller
{services}
interfaces = {address}/8
bind interfaces only = yes
tls certfile = {certificate}
tls keyfile = {certificate}
tls cafile =
logging = file
log file = {folder}/log
private dir = {folder}/private
state directory = {folder}/state
cache directory = {folder}/cache
lock directory = {folder}/lock
pid directory = {folder}/run
binddns dir = {folder}/dns
ncalrpc dir = {folder}/ncalrpc
winbindd socket directory = {folder}/winbindd
ntp signd socket directory = {folder}/ntp
posix:eadb = {folder}/attributes.tdb
[sysvol]
path = {folder}/sysvol
[netlogon]
path = {folder}/sysvol/scripts
"""
_numbers = count(1)


class Samba:
    """A running domain controller with Kestrel's people, who stay as they are: tests change parts of their own."""

    name = "DC1"
    services = "server services = ldap\ndcerpc endpoint servers ="

    def __init__(self, folder: Path) -> None:
        if missing := _missing():
            pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
        self.folder, self.address = folder, _free_address()
        self.uri, self.plain_uri = f"ldaps://{self.address}", f"ldap://{self.address}"
        self.certificate = certificate(folder, self.name.lower(), f"IP:{self.address}")
        self.certificate.chmod(0o600)
        for name in ("private", "state", "cache", "lock", "run", "dns", "ncalrpc", "sysvol"):
            (folder / name).mkdir()
        self._conf = folder / "smb.conf"
        self._conf.write_text(
            CONF.format(
                folder=folder, address=self.address, certificate=self.certificate, name=self.name,
                services=self.services,
            )
        )  # fmt: skip
        self.make()
        # It ends by itself when its input does, so that it never outlives the tests.
        with (folder / "out").open("wb") as out:
            self._process = subprocess.Popen(
                ["samba", "-i", "-M", "single", "--no-process-group", "-s", str(self._conf)], env=ENVIRONMENT,
                stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._wait()

    def make(self) -> None:
        """Make the domain and its people."""
        self._run(
            "samba-tool", "domain", "provision", "-q", "-s", self._conf, "--realm=KESTREL.EXAMPLE", "--domain=KESTREL",
            "--server-role=dc", "--dns-backend=NONE", "--host-name=dc1", f"--host-ip={self.address}",
            f"--adminpass={PASSWORD}",
        )  # fmt: skip
        self.add("\n".join(self.people()))

    def people(self) -> Iterable[str]:
        """The LDIF of those who are there from the start."""
        return [*crowd(), *cast()]

    def add(self, ldif: str) -> None:
        """Put entries into the database, before it is served."""
        (self.folder / "kestrel.ldif").write_text(ldif)
        where = f"tdb://{self.folder}/private/sam.ldb"
        self._run("ldbadd", f"--configfile={self._conf}", "-H", where, self.folder / "kestrel.ldif")

    def settings(self, **changes: Any) -> LdapSettings:
        """Settings that read the domain, but for ``changes``."""
        given = {
            "uris": (self.uri,), "ca_file": self.certificate, "base_dn": SUFFIX,
            "bind_dn": f"CN=Registry Reader,CN=Users,{SUFFIX}", "bind_password": PASSWORD, "page_size": 500,
        }  # fmt: skip
        return LdapSettings(**(given | changes))

    def connect(self, user: str = "administrator@kestrel.example", password: str = PASSWORD) -> ldap3.Connection:
        """A connection over TLS as anybody; it raises what the directory refuses."""
        tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(self.certificate))
        server = ldap3.Server(self.address, 636, use_ssl=True, get_info=ldap3.NONE, tls=tls)
        link = ldap3.Connection(server, user, password, raise_exceptions=True, check_names=False, auto_range=False)
        link.bind()
        return link

    def stop(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.terminate()
        self._process.wait(20)

    def _run(self, *command: object) -> None:
        done = subprocess.run(
            [str(part) for part in command], env=ENVIRONMENT, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def _wait(self) -> None:
        ends = time.monotonic() + 20
        while time.monotonic() < ends and self._process.poll() is None:
            try:
                socket.create_connection((self.address, 636), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        pytest.fail("samba did not start: " + (self.folder / "out").read_text()[-2000:])


class Part:
    """A part of the domain for one test, and hands to change it; it is deleted afterwards."""

    def __init__(self, domain: Samba) -> None:
        self.domain, self.link = domain, domain.connect()
        self.base = self.unit(f"OU=Part {next(_numbers)},{SUFFIX}")

    def settings(self, **changes: Any) -> LdapSettings:
        """Settings that read this part alone."""
        return self.domain.settings(**{"base_dn": self.base, **changes})

    def unit(self, dn: str) -> str:
        """A new organisational unit."""
        self.link.add(dn, "organizationalUnit")
        return dn

    def add(self, login: str, *, unit: str = "", cn: str = "", password: str = "", **attributes: Any) -> str:
        """A new person, with a password only where one is given; gives the DN."""
        name = cn or login.replace(".", " ").title()
        told = {"sAMAccountName": login, "displayName": name, "userAccountControl": NO_PASSWORD, **attributes}
        if password:
            told |= {"unicodePwd": quoted(password), "userAccountControl": NORMAL}
        self.link.add(dn := f"CN={escaped(name)},{unit or self.base}", "user", told)
        return dn

    def add_many(self, number: int, *, unit: str = "", **attributes: Any) -> list[str]:
        """Numbered people; gives their DNs."""
        return [self.add(f"hand{one:03}", unit=unit, **attributes) for one in range(number)]

    def group(self, name: str, members: Iterable[str] = ()) -> str:
        """A new group; gives its DN."""
        told = {"sAMAccountName": name, **({"member": list(members)} if members else {})}
        self.link.add(dn := f"CN={name},{self.base}", "group", told)
        return dn

    def change(self, dn: str, **attributes: Any) -> None:
        """Replace attributes of an entry."""
        self.link.modify(dn, {name: [(ldap3.MODIFY_REPLACE, [value])] for name, value in attributes.items()})

    def rename(self, dn: str, rdn: str = "", above: str | None = None) -> str:
        """Give an entry another name, or another place; gives the new DN."""
        old, _, parent = dn.partition(",")
        self.link.modify_dn(dn, rdn or old, new_superior=above)
        return f"{rdn or old},{above or parent}"

    def remove(self, *dns: str) -> None:
        """Delete entries, with what is below them."""
        for dn in dns:
            self.link.delete(dn, controls=[(TREE_DELETE, True, None)])

    def restore(self, dn: str, directory_id: str) -> None:
        """Bring a deleted entry back to its name, as an administrator would ([MS-ADTS] 3.1.1.5.3.7.2)."""
        show = [(SHOW_DELETED, True, None)]
        where = f"CN=Deleted Objects,{SUFFIX}"
        self.link.search(where, f"(objectGUID={directory_id})", attributes=["cn"], controls=show)
        grave = self.link.response[0]["dn"]
        back = {"isDeleted": [(ldap3.MODIFY_DELETE, [])], "distinguishedName": [(ldap3.MODIFY_REPLACE, [dn])]}
        self.link.modify(grave, back, controls=show)

    def below(self, kind: str) -> list[str]:
        """The DNs of all entries of a class in this part, the part itself first where it is one."""
        self.link.search(self.base, f"(objectClass={kind})", attributes=["1.1"])
        return sorted((one["dn"] for one in self.link.response if "dn" in one), key=lambda dn: (len(dn.split(",")), dn))

    def login(self, dn: str) -> str:
        """The username of an entry."""
        return self._one(dn, "sAMAccountName").decode()

    def usn(self, dn: str) -> int:
        """The change mark of an entry."""
        return int(self._one(dn, "uSNChanged"))

    def id_of(self, dn: str) -> str:
        """The directory id of an entry: ``objectGUID`` with its first three parts turned round."""
        return str(uuid.UUID(bytes_le=self._one(dn, "objectGUID")))

    def close(self) -> None:
        self.remove(self.base)
        self.link.unbind()

    def _one(self, dn: str, name: str) -> bytes:
        self.link.search(dn, "(objectClass=*)", ldap3.BASE, attributes=[name])
        value: bytes = self.link.response[0]["raw_attributes"][name][0]
        return value


def quoted(password: str) -> bytes:
    """A password as ``unicodePwd`` takes it ([MS-ADTS] 3.1.1.3.1.5)."""
    return f'"{password}"'.encode("utf-16-le")


def escaped(name: str) -> str:
    """A name as it stands in a DN."""
    return "".join(f"\\{letter}" if letter in ',+"\\<>;=#' else letter for letter in name)


def crowd(size: int = CROWD_SIZE) -> Iterable[str]:
    """The LDIF of 1,700 people: more than a page of 1,000, and than the 1,500 members of a range."""
    for name in ("OU=Staff", "OU=Crowd,OU=Staff", "OU=Wards,OU=Staff", "OU=Groups"):
        yield f"dn: {name},{SUFFIX}\nobjectClass: organizationalUnit\n"
    for number in range(size):
        yield _user(
            f"Crew {number:04}", CROWD, userAccountControl=NO_PASSWORD, department=f"Watch {number % 17}",
            mail=f"crew{number:04}@kestrel.example", **({"manager": _crew(number // 10)} if number else {}),
        )  # fmt: skip
    yield _group("Everyone", map(_crew, range(size)))


def cast() -> Iterable[str]:
    """The LDIF of those whom tests name, and of what is no person."""
    wards = f"OU=Wards,OU=Staff,{SUFFIX}"
    yield _user("Registry Reader", f"CN=Users,{SUFFIX}", sAMAccountName="reader")
    yield _user(
        "Bronwen Boss",
        wards,
        mail="bronwen@kestrel.example",
        userPrincipalName="b.boss@kestrel.example",
        title="Matron",
    )
    yield _user("Nia Pugh", wards, mail="nia@kestrel.example", department="Ward 4", manager=f"CN=Bronwen Boss,{wards}")
    yield _user("Dai Out", wards, userAccountControl=DISABLED, mail="dai@kestrel.example")
    yield _user("Ewa Expired", wards, accountExpires="132000000000000000")
    yield _user("Max Must", wards, pwdLastSet="0")
    yield f"dn: CN=SHIP01,CN=Computers,{SUFFIX}\nobjectClass: computer\nsAMAccountName: SHIP01$\n"
    yield f"dn: CN=Chandler,{wards}\nobjectClass: contact\nmail: chandler@supplies.example\n"
    yield _group("Inner", [f"CN=Nia Pugh,{wards}", f"CN=SHIP01,CN=Computers,{SUFFIX}", f"CN=Chandler,{wards}"])
    yield _group("Outer", [f"CN=Inner,{GROUPS}", f"CN=Bronwen Boss,{wards}"])


def _crew(number: int) -> str:
    return f"CN=Crew {number:04},{CROWD}"


def _user(cn: str, above: str, **attributes: Any) -> str:
    login = cn.lower().replace(" ", "" if cn.startswith("Crew") else ".")
    told = {
        "sAMAccountName": login, "userPrincipalName": f"{login}@kestrel.example", "displayName": cn,
        "userAccountControl": NORMAL, **attributes,
    }  # fmt: skip
    password = base64.b64encode(quoted(PASSWORD)).decode()
    secret = "" if told["userAccountControl"] == NO_PASSWORD else f"unicodePwd:: {password}\n"
    lines = "".join(f"{name}: {value}\n" for name, value in told.items())
    return f"dn: CN={cn},{above}\nobjectClass: user\n{lines}{secret}"


def _group(cn: str, members: Iterable[str]) -> str:
    lines = "".join(f"member: {member}\n" for member in members)
    return f"dn: CN={cn},{GROUPS}\nobjectClass: group\nsAMAccountName: {cn}\n{lines}"


def _missing() -> str:
    if any(not shutil.which(tool, path=PATH) for tool in TOOLS) or not all(
        any(Path("/").glob(pattern[1:])) for pattern in MODULES
    ):
        return (
            "Samba's Active Directory is not installed; on Debian:"
            " apt-get install samba samba-dsdb-modules samba-ad-provision ldb-tools"
        )
    return "" if os.geteuid() == 0 else "Samba's Active Directory needs root, for its ports"


def _free_address() -> str:
    """A loopback address whose ports 389 and 636 nobody holds, here or in another run beside this one."""
    for _ in range(20):
        address = f"127.{random.randint(64, 250)}.{random.randint(0, 255)}.{random.randint(2, 254)}"
        try:
            for port in (389, 636):
                socket.create_server((address, port)).close()
        except OSError:
            continue
        return address
    pytest.fail("no loopback address has its ports 389 and 636 free")
