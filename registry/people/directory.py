"""The organisation's directory, asked over LDAP: reading everybody, the members of groups, and signing in.

The only module that knows ldap3, which it imports with the first connection, as that takes a tenth of a second.
ldap3 speaks the protocol; two things are ours. The certificate is checked by ``handshake``, as ldap3 by itself checks
nothing. The entries of an answer are read by ``ber``, as ldap3 takes ten times as long over them.
"""

import contextlib
import functools
import math
import re
import secrets
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from registry.config import Flavour, LdapSettings
from registry.people.ldap import checkup, faults, trial
from registry.people.ldap.ber import RawEntry, read_entry
from registry.people.ldap.dirsync import NoDirSync
from registry.people.ldap.entries import Entry, Glimpse, Mapping, Skipped, Unit
from registry.people.ldap.faults import DirectoryError, DirectoryUnavailable
from registry.people.ldap.flavours import DIRSYNC, PAGING, Root, attributes_of, people_filter, read_root
from registry.people.ldap.handshake import Handshake
from registry.people.ldap.link import Answer, as_it_is, in_brackets
from registry.people.ldap.names import dn_key, split
from registry.people.ldap.reading import PeopleRead
from registry.people.ldap.steps import Step, failed

__all__ = [
    "DirectoryError", "DirectoryUnavailable", "Entry", "Glimpse", "NoDirSync", "PeopleRead", "Skipped", "Step", "Unit",
    "check", "dn_key", "read_people", "sign_in", "try_sign_in",
]  # fmt: skip

#: As long as a mail address can be (RFC 5321, 4.5.3.1, with the domain).
LONGEST_LOGIN: Final = 320
#: What 389 Directory Server adds where a password has expired or was set by somebody else (draft-vchu-ldap-pwd-policy).
EXPIRED: Final = "2.16.840.1.113730.3.4.4"
#: Seconds that a directory takes over a password at most; one that is slow for another reason is not waited for twice.
LONGEST_CHECK: Final = 0.5
#: ldap3 takes this many bytes at a time from the socket; its own 4 KB are a call for every six entries.
BYTES_AT_A_TIME: Final = 16_384
#: An answer that tells changes holds no more than about so many bytes; the rest comes with the next.
BYTES_OF_CHANGES: Final = 1 << 20
#: What ldap3 may raise over bytes that are no LDAP, besides its own exceptions.
NONSENSE: Final = (KeyError, IndexError, TypeError, ValueError, AttributeError)


def read_people(settings: LdapSettings) -> PeopleRead:
    """A reading of everybody that ``people_filter`` finds below ``base_dn``; iterated, pages of whole entries."""
    return PeopleRead(settings, lambda: _connected(settings))


def sign_in(
    settings: LdapSettings, login: str, password: str, *, admit: Callable[[Entry | None], None] = lambda _found: None,
    refused: Callable[[str], None] = lambda _words: None,
) -> Entry | None:  # fmt: skip
    """The person whose username or mail is ``login`` and whose password this is; otherwise None.

    None means unknown, ambiguous, disabled or a wrong password: which of them is nobody's business, so the directory
    is asked as often for each. ``DOMAIN\\user`` is taken for ``user``. ``admit`` is told whom the login means, None
    for nobody, before the password is tried, and may raise to refuse them; ``refused`` is told what the directory says
    to a wrong one. Raises ``DirectoryUnavailable`` within about ``timeout`` seconds where nobody answers, and
    ``DirectoryError`` where the settings are wrong.
    """
    login = login.strip().rpartition("\\")[2]
    if not login or not password or len(login) > LONGEST_LOGIN:
        # A directory takes an empty password for a stranger's visit, and lets it in (RFC 4513, 5.1.2).
        return None
    with _connected(settings) as link:
        root = read_root(link, settings)
        mapping = Mapping(settings, attributes_of(settings, root.flavour), server=root.server)
        found = link.search(settings.base_dn, _meaning(settings, root, login), mapping.wanted, limit=2)
        if found.code not in (faults.SUCCESS, faults.SIZE_LIMIT):
            raise faults.of_search(found.code, found.words, settings, settings.base_dn)
        entry = mapping.entry(found.entries[0]) if len(found.entries) == 1 else None
        person = entry if isinstance(entry, Entry) else None
        admit(person)
        began = time.monotonic()
        code, words = link.bind(person.dn if person else _nobody(settings), password)
        if code in (faults.BUSY, faults.UNAVAILABLE, faults.STRONGER_AUTH, faults.CONFIDENTIALITY):
            raise faults.of_bind(code, words, settings, link.uri)
        if code != faults.SUCCESS:
            # 389 Directory Server turns away who is not there, or locked, before it takes the time for the password.
            time.sleep(min(LONGEST_CHECK, max(0.0, began + link.check_takes - time.monotonic())))
            refused(words)
        return person if person and not person.disabled and code == faults.SUCCESS else None


def check(settings: LdapSettings) -> Iterator[Step]:
    """Try the settings step by step, each told as it ends; nothing is raised, and nothing changed."""
    if settings.uris:
        return checkup.examine(settings, lambda uri: _connect(settings, uri, settings.timeout))
    return iter([failed(_nothing_set(), "directory")])


def try_sign_in(settings: LdapSettings, login: str, password: str) -> tuple[Step, Entry | None]:
    """Whether ``login`` may sign in and if not, why: for administrators only. The password is tried once at most."""
    step, meant = trial.outcome(settings, login, lambda **told: sign_in(settings, login, password, **told))
    if meant != [None]:
        return step, meant[0] if meant and step.ok else None
    login = login.strip().rpartition("\\")[2]
    try:
        with _connected(settings) as link:
            root = read_root(link, settings)
            people, anybody = _meaning(settings, root, login), _meaning(settings, root, login, "(objectClass=*)")
            return trial.nobody(settings, link, login, people, anybody), None
    except DirectoryError as error:
        return failed(error, "sign-in"), None


def _meaning(settings: LdapSettings, root: Root, login: str, among: str = "") -> str:
    """The filter that finds whom ``login`` means, among people unless another filter is given."""
    chosen = attributes_of(settings, root.flavour)
    wanted = [(name, login) for name in (*chosen.username, *chosen.mail)]
    if root.flavour is Flavour.ACTIVE_DIRECTORY:
        # What people type there looks like a mail address and often is one; the username at the domain always goes.
        wanted.append(("userPrincipalName", login))
        username, _, domain = login.rpartition("@")
        if username and domain.casefold() == _domain(settings.base_dn):
            wanted += [(name, username) for name in chosen.username]
    return f"(&{among or people_filter(settings, root.flavour)}(|{''.join(_equals(*pair) for pair in wanted)}))"


def _equals(name: str, value: str) -> str:
    from ldap3.utils.conv import escape_filter_chars

    return f"({name}={escape_filter_chars(value)})"


def _domain(base_dn: str) -> str:
    """The domain of a tree: ``ou=Staff,DC=kestrel,DC=example`` is in ``kestrel.example``."""
    parts = (rdn.strip().casefold().partition("=") for rdn in split(base_dn))
    return ".".join(value.strip() for kind, _, value in parts if kind.strip() == "dc")


def _nobody(settings: LdapSettings) -> str:
    """The DN of nobody: with it, a name that is not there costs as many questions as one that is."""
    return f"cn={secrets.token_hex(8)},{settings.base_dn}"


def _nothing_set() -> DirectoryError:
    return DirectoryError(f"{faults.URIS} is empty; give the directory's address.")


@contextlib.contextmanager
def _connected(settings: LdapSettings) -> Iterator["_Link"]:
    """The first directory of ``uris`` that answers, with the register's own account signed in to it."""
    link, errors = None, []
    ends = time.monotonic() + settings.timeout
    for number, uri in enumerate(settings.uris):
        seconds = (ends - time.monotonic()) / (len(settings.uris) - number)
        try:
            link = _connect(settings, uri, seconds)
            link.ends = min(ends, time.monotonic() + seconds)
            link.admit(settings)
            link.ends = ends
            break
        except DirectoryError as error:
            errors.append(error)
            if link:
                link.close()
                link = None
                if not isinstance(error, DirectoryUnavailable):
                    break  # A wrong password tried at every address would lock the account.
    if not link:
        # A setting to be mended is worth more to the reader than that another directory is down.
        errors.sort(key=lambda error: isinstance(error, DirectoryUnavailable))
        raise errors[0] if errors else _nothing_set()
    with contextlib.closing(link):
        yield link


def _connect(settings: LdapSettings, uri: str, seconds: float) -> "_Link":
    """A link to the directory at ``uri``, not signed in. Tries every address of its host within ``seconds``."""
    if uri.startswith("ldif:"):
        return _Link(_ldif(uri), uri, pages=False, manner=" (a file, for demonstrations)")
    ends = time.monotonic() + seconds
    parts = urlsplit(uri)
    secure, host = parts.scheme == "ldaps", parts.hostname or ""
    try:
        port = parts.port or (636 if secure else 389)
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (ValueError, OSError) as error:
        raise faults.of_connection(error, uri, settings) from None
    fault: DirectoryError | None = None
    for number, address in enumerate(addresses):
        share = max(0.2, (ends - time.monotonic()) / (len(addresses) - number))
        try:
            connection = _open(settings, uri, (str(address[4][0]), port, host), share)
        except DirectoryError as error:
            fault = fault or error
            continue
        manner = " over TLS, with a certificate to be trusted" if secure or settings.starttls else ", unencrypted"
        return _Link(connection, uri, pages=True, manner=manner)
    raise fault or faults.silent(uri)


def _open(settings: LdapSettings, uri: str, target: tuple[str, int, str], seconds: float) -> Any:
    """ldap3's connection to ``target`` (address, port, name of the host), encrypted where the settings say so."""
    import ldap3
    from ldap3.core.exceptions import LDAPException

    address, port, host = target
    secure = uri.startswith("ldaps:")
    handshake = Handshake(settings, host) if secure or settings.starttls else None
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED)
    tls.wrap_socket = handshake  # Without one it stays None, so that nothing is ever wrapped unchecked.
    server = ldap3.Server(address, port, use_ssl=secure, get_info=ldap3.NONE, tls=tls, connect_timeout=seconds)
    connection = ldap3.Connection(
        server, client_strategy=ldap3.SYNC, auto_referrals=False, read_only=True, check_names=False,
        auto_range=False, return_empty_attributes=False, receive_timeout=max(1, math.floor(seconds)),
    )  # fmt: skip
    try:
        connection.open(read_server_info=False)
        if settings.starttls and not secure:
            connection.start_tls(read_server_info=False)
    except (LDAPException, OSError, *NONSENSE) as raised:
        opened = not connection.closed
        if connection.socket:
            connection.socket.close()
        if opened and not (handshake and handshake.fault):
            raise faults.of_starttls(uri, connection.last_error or raised) from None
        fault = (handshake and handshake.fault) or raised
        raise faults.of_connection(fault, uri, settings) from None
    return connection


class _Link:
    """A connection to one directory; see ``reading.Link``."""

    def __init__(self, connection: Any, uri: str, *, pages: bool, manner: str) -> None:
        self.connection, self.uri, self.pages, self.manner = connection, uri, pages, manner
        self.ends: float | None = None  # When the last answer must have come (time.monotonic).
        self.check_takes = 0.0  # Seconds that the directory took over the password of the register's own account.
        self._patience = 0.0
        self._found: list[Any] = []
        self._take: Callable[[RawEntry], object] = as_it_is
        if pages:
            strategy = connection.strategy
            self._receive, strategy.receiving = strategy.receiving, self._receive_past_entries
            strategy.socket_size = BYTES_AT_A_TIME

    def wait_at_most(self, seconds: float) -> None:
        self.ends, self._patience = None, seconds

    def close(self) -> None:
        with contextlib.suppress(Exception):  # Nothing that goes wrong on the way out is worth telling.
            self.connection.unbind()
        if self.connection.socket:
            self.connection.socket.close()

    def admit(self, settings: LdapSettings) -> None:
        """Sign in the register's own account. Raises ``DirectoryError`` where it is refused."""
        password = settings.bind_password.get_secret_value()
        if settings.bind_dn and not password:
            raise faults.of_no_password(settings)
        began = time.monotonic()
        code, words = self.bind(settings.bind_dn, password)
        self.check_takes = time.monotonic() - began
        if code != faults.SUCCESS:
            raise faults.of_bind(code, words, settings, self.uri)

    def bind(self, dn: str, password: str) -> tuple[int, str]:
        """Sign in as ``dn``, or as a stranger without one: the result code, and the directory's words for it."""
        with self._asking():
            if dn:
                # As bytes, ldap3 leaves the password as it was typed.
                self.connection.rebind(dn, password.encode(), read_server_info=False)
            else:
                self.connection.bind(read_server_info=False)
        code, words = self._result()
        if code == faults.SUCCESS and self._must_choose_password():
            return faults.UNWILLING, faults.ONLY_TO_CHANGE
        return code, words

    def _must_choose_password(self) -> bool:
        """Whether the directory let somebody in for a new password alone, and not with the last uses of an old one."""
        told = self.connection.result.get("controls") or {}
        return EXPIRED in told and self.search("", "(objectClass=*)", ["1.1"], scope="BASE").code != faults.SUCCESS

    def search(
        self, base: str, where: str, wanted: Iterable[str], *, scope: str = "SUBTREE",
        page: int | None = None, cookie: bytes = b"", limit: int = 0, since: bytes | None = None,
        take: Callable[[RawEntry], object] = as_it_is,
    ) -> Answer:  # fmt: skip
        self._found, self._take = [], take
        with self._asking():
            self.connection.search(
                # ldap3's stand-in for a server takes no blank after a comma.
                base if self.pages else re.sub(r",\s+", ",", base), in_brackets(where),
                search_scope=scope, dereference_aliases="NEVER", attributes=list(wanted), size_limit=limit,
                paged_size=page if self.pages else None, paged_cookie=cookie or None,
                controls=None if since is None else [_changes_since(since)],
            )  # fmt: skip
        if not self.pages:
            self._found = [take(entry) for entry in sorted(map(_as_raw, self.connection.response))]
        code, words = self._result()
        control = (self.connection.result.get("controls") or {}).get(PAGING if since is None else DIRSYNC)
        told = control["value"] if control else {}
        return Answer(self._found, code, words, told.get("cookie"), bool(told.get("more_results")))

    def _result(self) -> tuple[int, str]:
        result = self.connection.result
        return result["result"], result["message"] or result["description"]

    def _receive_past_entries(self) -> list[bytes]:
        """The messages that ldap3 shall read: all but the entries, which are read here."""
        while messages := self._receive():
            others = []
            for message in messages:
                found = read_entry(message)
                if found and found[0] in self.connection.strategy._outstanding:
                    self._found.append(self._take(found[1]))
                else:
                    others.append(message)
            if others:
                return others
        return []

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        """Around each question: how long to wait, and what becomes of everything that ldap3 raises."""
        from ldap3.core.exceptions import LDAPException, LDAPInvalidFilterError

        if self.connection.socket:
            left = self._patience if self.ends is None else self.ends - time.monotonic()
            self.connection.socket.settimeout(max(0.1, left))
            over = time.monotonic() + max(0.1, left)
        else:
            over = math.inf
        try:
            yield
        except LDAPInvalidFilterError:
            raise faults.of_filter() from None
        except (LDAPException, OSError, *NONSENSE) as error:
            # Of a question that was not answered in time, ldap3 may tell that the connection was closed.
            if isinstance(error, TimeoutError) or "timed out" in str(error) or time.monotonic() >= over:
                raise faults.silent(self.uri) from None
            raise faults.of_speech(self.uri, error) from None


def _changes_since(cookie: bytes) -> Any:
    """The control that asks for changes, of what the register's account may read anyway, without any other right."""
    from ldap3.protocol.microsoft import dir_sync_control

    return dir_sync_control(
        criticality=True, object_security=True, ancestors_first=False, public_data_only=False,
        incremental_values=False, max_length=BYTES_OF_CHANGES, cookie=cookie,
    )  # fmt: skip


def _as_raw(entry: Any) -> RawEntry:
    values = entry["raw_attributes"].items()
    return entry["raw_dn"], [(name.encode(), list(found or ())) for name, found in values]


def _ldif(uri: str) -> Any:
    """A connection to ldap3's stand-in for a server, filled from a file."""
    import ldap3

    path = Path(unquote(urlsplit(uri).path))
    try:
        server = _served(path, path.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        raise faults.of_file(path, error) from None
    connection = ldap3.Connection(server, client_strategy=ldap3.MOCK_SYNC, read_only=True, check_names=False)
    connection.open(read_server_info=False)
    return connection


@functools.lru_cache(maxsize=2)
def _served(path: Path, _changed_at: int) -> Any:
    import ldap3

    from registry.people.ldap.ldif import read_ldif

    server = ldap3.Server("ldif", get_info=ldap3.NONE)
    stand_in = ldap3.Connection(server, client_strategy=ldap3.MOCK_SYNC).strategy
    for dn, attributes in read_ldif(path):
        stand_in.add_entry(dn, attributes, validate=False)
    return server
