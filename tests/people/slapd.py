"""A private OpenLDAP server for the tests: on a free port of this machine, filled from LDIF, gone afterwards.

Needs Debian's ``slapd``; the system's own server is not touched. Below the suffix are
``cn=admin`` (password ``admin``), who may do everything, ``cn=reader`` (``reader``), who reads without limit, and
``cn=limited`` (``limited``), who is given twelve entries.
"""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from registry.config import LdapSettings
from registry.people import directory
from registry.people.directory import DirectoryError, Entry

SLAPD = shutil.which("slapd", path="/usr/sbin:/usr/lib/openldap:" + os.environ.get("PATH", ""))
CONF = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
{schema}
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
modulepath /usr/lib/ldap
moduleload back_mdb
threads 2
{tls}
database mdb
suffix "{suffix}"
rootdn "cn=admin,{suffix}"
rootpw admin
directory {folder}/db
limits dn.exact="cn=reader,{suffix}" size=unlimited time=unlimited
limits dn.exact="cn=limited,{suffix}" size=12
{more}
access to attrs=userPassword by anonymous auth by * none
access to * by * read
index objectClass eq
"""
ROOT = """\
dn: {suffix}
objectClass: dcObject
objectClass: organization
dc: {dc}
o: {dc}

"""
SERVANT = """
dn: cn={name},{suffix}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: {name}
userPassword: {name}
"""


class Slapd:
    """A running server; ``uri`` is plain, ``tls_uri`` is None without a certificate.

    ``windows`` adds the attributes and classes of Active Directory, without its behaviour.
    """

    def __init__(
        self, folder: Path, suffix: str, ldif: str, *, certificate: Path | None = None,
        windows: bool = False, more: str = "",
    ) -> None:  # fmt: skip
        if not SLAPD:
            reason = "slapd is not installed; on Debian: apt-get install slapd"
            pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
        self.folder, self.suffix = folder, suffix
        (folder / "db").mkdir(parents=True)
        port, tls_port = free_ports()
        self.uri = f"ldap://127.0.0.1:{port}"
        self.tls_uri = f"ldaps://127.0.0.1:{tls_port}" if certificate else None
        tls = f"TLSCertificateFile {certificate}\nTLSCertificateKeyFile {certificate}" if certificate else ""
        conf = folder / "slapd.conf"
        schema = "include /etc/ldap/schema/msuser.schema" if windows else ""
        conf.write_text(CONF.format(folder=folder, suffix=suffix, schema=schema, tls=tls, more=more))
        servants = "".join(SERVANT.format(name=name, suffix=suffix) for name in ("reader", "limited"))
        root = ROOT.format(suffix=suffix, dc=suffix.partition(",")[0].removeprefix("dc="))
        (folder / "tree.ldif").write_text(root + ldif.rstrip("\n") + "\n" + servants)
        self._run("slapadd", "-q", "-f", conf, "-l", folder / "tree.ldif")
        self._process = subprocess.Popen(
            [SLAPD, "-d", "0", "-f", str(conf), "-h", f"{self.uri} {self.tls_uri or ''}".strip()],
            stderr=subprocess.DEVNULL,
        )
        _wait_for(port, self._process)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def _run(self, tool: str, *arguments: object) -> None:
        # One program under several names: what it does hangs on the name that it is called by.
        done = subprocess.run(
            [tool, *map(str, arguments)], executable=SLAPD, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def settings_for(server: Slapd, **changes: Any) -> LdapSettings:
    """Settings that fit ``server``, but for ``changes``."""
    given = {
        "uris": (server.uri,), "insecure": True, "base_dn": server.suffix,
        "bind_dn": f"cn=reader,{server.suffix}", "bind_password": "reader", "page_size": 10, "timeout": 5,
    }  # fmt: skip
    return LdapSettings(**(given | changes))


def everybody(settings: LdapSettings) -> dict[str, Entry]:
    """A whole reading, by username."""
    return {entry.username: entry for page in directory.read_people(settings) for entry in page}


def members(settings: LdapSettings, groups: list[str]) -> tuple[dict[str, set[str]] | None, str]:
    """The keys of the members of each group; or none, and why."""
    people = directory.read_people(settings)
    with people.opened():
        return people.members([groups]), people.reason


def fault(settings: LdapSettings) -> str:
    """What a reading that cannot begin tells."""
    with pytest.raises(DirectoryError) as caught:
        everybody(settings)
    return str(caught.value)


def certificate(folder: Path, name: str, *names: str) -> Path:
    """A new self-signed certificate and its key in one file; ``names`` as in ``DNS:localhost``."""
    path = folder / f"{name}.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext",
         "subjectAltName=" + ",".join(names), "-keyout", str(path), "-out", str(folder / "half.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    with path.open("a") as file:
        file.write((folder / "half.pem").read_text())
    return path


def free_ports() -> tuple[int, int]:
    """Two ports of this machine that nobody holds."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        return one.getsockname()[1], two.getsockname()[1]


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + 20
    while time.monotonic() < ends and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    pytest.fail("slapd did not start")
