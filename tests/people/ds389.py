"""A private 389 Directory Server for the tests: on free ports of this machine, gone afterwards.

Needs Debian's ``389-ds-base``, which brings ``libnss3-tools``; the system's own instances are not touched. It is
Larkfield Hospital Trust, which does not exist, set up as ``dscreate`` would but for its folders. Below the suffix are
``cn=admin`` (password ``admin``), who may do everything, ``cn=reader`` (``reader``), who reads without limit by the
access rule of the README, and ``cn=limited`` (``limited``), who reads as far as an installed server lets anybody.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ldap3
import pytest
from harbour import Tree
from slapd import certificate, free_ports, settings_for

from registry.config import LdapSettings

PATH = "/usr/sbin:" + os.environ.get("PATH", "")
TOOLS = ("ns-slapd", "certutil", "pk12util", "openssl", "setpriv")
#: What the package makes instances from; words between per cent signs stand for what differs.
TEMPLATE = Path("/usr/share/dirsrv/data/template-dse.ldif")
SUFFIX = "dc=larkfield,dc=example"
CONFIG = "cn=config"
PLUGINS = "cn=plugins,cn=config"
READER, LIMITED = f"cn=reader,{SUFFIX}", f"cn=limited,{SUFFIX}"
#: Who may read what, as the README says it.
RULE = (
    '(targetattr != "userPassword")(version 3.0; acl "Register"; allow (read, search, compare) userdn = "ldap:///{}";)'
)
#: What ``dscreate`` would go on to add over LDAP: the database, and from the second start on the plugin of entryUUID.
MORE = rf"""
dn: cn=userroot,cn=ldbm database,{PLUGINS}
objectClass: top
objectClass: extensibleObject
objectClass: nsBackendInstance
cn: userroot
nsslapd-suffix: {SUFFIX}

dn: cn=dc\3Dlarkfield\2Cdc\3Dexample,cn=mapping tree,{CONFIG}
objectClass: top
objectClass: extensibleObject
objectClass: nsMappingTree
cn: {SUFFIX}
nsslapd-state: backend
nsslapd-backend: userroot

dn: cn=entryuuid,{PLUGINS}
objectClass: top
objectClass: nsSlapdPlugin
cn: entryuuid
nsslapd-pluginPath: libentryuuid-plugin
nsslapd-pluginInitfunc: entryuuid_plugin_init
nsslapd-pluginType: betxnpreoperation
nsslapd-pluginEnabled: on
nsslapd-pluginId: entryuuid
nsslapd-pluginVersion: none
nsslapd-pluginVendor: 389 Project
nsslapd-pluginDescription: entryuuid
"""
#: Lines that the first entry of the template, cn=config, gets besides its own.
OWN = """\
nsslapd-listenhost: 127.0.0.1
nsslapd-securelistenhost: 127.0.0.1
nsslapd-security: on
nsslapd-secureport: {tls_port}
nsslapd-dynamic-plugins: on
"""


class Ds389:
    """A running server with nobody in it but its servants; ``uri`` is plain, ``tls_uri`` by ``certificate``."""

    def __init__(self, folder: Path) -> None:
        if missing := _missing():
            pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
        self.folder, self.suffix = folder, SUFFIX
        port, tls_port = free_ports()
        self.uri, self.tls_uri = f"ldap://127.0.0.1:{port}", f"ldaps://127.0.0.1:{tls_port}"
        # The server names what it shares with other processes after this folder, for the whole machine.
        self._config = folder / f"slapd-{port}"
        self._write(port, tls_port)
        self.certificate = certificate(folder, "larkfield", "IP:127.0.0.1")
        self._keep_certificate()
        self._process = subprocess.Popen(
            # It ends when the tests do, however they end.
            ["setpriv", "--pdeathsig", "TERM", _tool("ns-slapd"), "-D", str(self._config), "-d", "0",
             "-i", str(folder / "run" / "pid")],
        )  # fmt: skip
        self._wait(port)
        self._fill()

    def connect(self, dn: str = f"cn=admin,{SUFFIX}", password: str = "admin") -> ldap3.Connection:
        """A connection as anybody; it raises what the directory refuses."""
        server = ldap3.Server(self.uri, get_info=ldap3.NONE)
        return ldap3.Connection(server, dn, password, auto_bind=True, raise_exceptions=True, check_names=False)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def _write(self, port: int, tls_port: int) -> None:
        """The configuration, made from the package's template."""
        (self._config / "schema").mkdir(parents=True)
        (self._config / "schema" / "99user.ldif").write_text("dn: cn=schema\n")
        for name in ("db", "run", "log"):
            (self.folder / name).mkdir()
        values = {
            "schema_dir": self._config / "schema", "cert_dir": self._config, "config_dir": self._config,
            "db_dir": self.folder / "db", "db_home_dir": self.folder / "db", "db_lib": "bdb",
            "run_dir": self.folder / "run", "log_dir": self.folder / "log", "fqdn": "localhost", "ds_port": port,
            "ds_user": pwd.getpwuid(os.getuid()).pw_name, "rootdn": f"cn=admin,{SUFFIX}", "ds_passwd": "{CLEAR}admin",
            "ds_suffix": SUFFIX, "ldapi_enabled": "off", "ldapi_autobind": "off",
        }  # fmt: skip
        text = re.sub("%([a-z_]+)%", lambda key: str(values.get(key[1], self.folder)), TEMPLATE.read_text())
        first, rest = text.split("\n\n", 1)
        made = f"{first}\n{OWN.format(tls_port=tls_port)}\n{rest.rstrip()}\n{MORE}"
        (self._config / "dse.ldif").write_text(made)

    def _keep_certificate(self) -> None:
        """Put the certificate where the server looks for it, by the name that the template gives it."""
        bundle = self.folder / "bundle.p12"
        for command in (
            ["openssl", "pkcs12", "-export", "-in", self.certificate, "-inkey", self.certificate,
             "-name", "Server-Cert", "-passout", "pass:bundle", "-out", bundle],
            ["certutil", "-N", "-d", self._config, "--empty-password"],
            ["pk12util", "-i", bundle, "-d", self._config, "-W", "bundle", "-K", ""],
        ):  # fmt: skip
            subprocess.run([str(part) for part in command], check=True, capture_output=True)

    def _wait(self, port: int) -> None:
        ends = time.monotonic() + 30
        while time.monotonic() < ends and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        log = self.folder / "log" / "errors"
        pytest.fail("ns-slapd did not start: " + (log.read_text()[-2000:] if log.exists() else ""))

    def _fill(self) -> None:
        link = self.connect()
        link.add(SUFFIX, "domain", {"dc": "larkfield", "aci": [RULE.format(READER), RULE.format(LIMITED)]})
        kinds = ["organizationalRole", "simpleSecurityObject"]
        link.add(READER, kinds, {"userPassword": "reader", "nsSizeLimit": -1, "nsLookThroughLimit": -1})
        link.add(LIMITED, kinds, {"userPassword": "limited"})
        link.unbind()


class Ward(Tree):
    """A part of the directory for one test, and hands to change it and how the server behaves."""

    server: Ds389

    def settings(self, **changes: Any) -> LdapSettings:
        """Settings that read this part."""
        return settings_for(self.server, **{"base_dn": self.base, **changes})

    def add_many(self, number: int, prefix: str = "hand") -> list[str]:
        """Numbered people; gives their DNs. They have no passwords, over which the server takes its time."""
        dns = [self.dn(f"{prefix}{one:03}") for one in range(number)]
        for one, dn in enumerate(dns):
            self.link.add(dn, "inetOrgPerson", {"cn": f"{prefix.title()} {one:03}", "sn": prefix.title()})
        return dns

    def id_of(self, dn: str) -> str:
        """The directory id of an entry."""
        return str(uuid.UUID(self.told(dn, "nsUniqueId")))

    def told(self, dn: str, name: str) -> str:
        """The first value of an attribute, empty where there is none."""
        self.link.search(dn, "(objectClass=*)", ldap3.BASE, attributes=[name])
        values: list[str] = self.link.response[0]["attributes"][name]
        return values[0] if values else ""

    @contextmanager
    def changed(self, dn: str, attributes: dict[str, str]) -> Iterator[None]:
        """Attributes of an entry replaced for a while; those that it had not are taken away again."""
        before = {name: self.told(dn, name) for name in attributes}
        self.link.modify(dn, {name: [(ldap3.MODIFY_REPLACE, [value])] for name, value in attributes.items()})
        try:
            yield
        finally:
            kept = {name: [(ldap3.MODIFY_REPLACE, [value] if value else [])] for name, value in before.items()}
            self.link.modify(dn, kept)

    def role(self, name: str) -> str:
        """A role that people are put into by ``nsRoleDN``; gives its DN."""
        kinds = ["LDAPsubentry", "nsRoleDefinition", "nsSimpleRoleDefinition", "nsManagedRoleDefinition"]
        self.link.add(dn := f"cn={name},{self.base}", kinds)
        return dn

    def lock_role(self, role: str) -> None:
        """Lock whoever is in a role, with the entries that the server's tools make for it."""
        disabled, templates = f"cn=nsDisabledRole,{self.base}", f"cn=nsAccountInactivationTmp,{self.base}"
        nested = ["LDAPsubentry", "nsRoleDefinition", "nsComplexRoleDefinition", "nsNestedRoleDefinition"]
        self.link.add(disabled, nested, {"nsRoleDN": role})
        self.link.add(templates, "nsContainer")
        kinds = ["extensibleObject", "costemplate", "LDAPsubentry"]
        self.link.add(f'cn="{disabled}",{templates}', kinds, {"nsAccountLock": "true"})
        self.link.add(
            f"cn=nsAccountInactivation_cos,{self.base}",
            ["LDAPsubentry", "cosSuperDefinition", "cosClassicDefinition"],
            {"cosTemplateDn": templates, "cosSpecifier": "nsRole", "cosAttribute": "nsAccountLock operational"},
        )

    def unlock_role(self) -> None:
        """Undo ``lock_role``."""
        self.link.delete(f"cn=nsAccountInactivation_cos,{self.base}")

    def await_lock(self, dn: str, lock: str) -> None:
        """Wait until an entry has this lock, as the server takes its time over what roles say."""
        ends = time.monotonic() + 20
        while self.told(dn, "nsAccountLock") != lock:
            assert time.monotonic() < ends, f"the lock of {dn} does not become {lock!r}"
            time.sleep(0.05)


def _tool(name: str) -> str:
    return shutil.which(name, path=PATH) or ""


def _missing() -> str:
    if all(map(_tool, TOOLS)) and TEMPLATE.is_file():
        return ""
    return "389 Directory Server is not installed; on Debian: apt-get install 389-ds-base"
