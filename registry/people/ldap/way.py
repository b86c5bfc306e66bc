"""Looks at the way to a directory, for ``registry doctor``: the name, the port, the certificate.

It speaks no LDAP but the question for StartTLS, and no password ever goes this way: where the certificate cannot be
trusted, it is looked at without trust, only to tell whose it is.
"""

import hashlib
import socket
import ssl
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from registry.config import LdapSettings
from registry.people.ldap import faults
from registry.people.ldap.faults import DirectoryError
from registry.people.ldap.flavours import ASKED_FOR
from registry.people.ldap.steps import Ldapsearch, Step, failed
from registry.people.patience import TooSlow, in_time

#: Looked at of those that a name has; a domain of Active Directory may have hundreds.
MOST_ADDRESSES: Final = 8
#: Days: a certificate that ends sooner is spoken of.
SOON: Final = 14
#: The request for StartTLS, whole (RFC 4511, 4.12 and 4.14.1), and the tag of what answers it.
STARTTLS: Final = bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037"
EXTENDED_RESPONSE: Final = 0x78
#: A longer answer to it is none.
LONGEST_ANSWER: Final = 10_000
#: X509_V_FLAG_NO_CHECK_TIME of OpenSSL, which Python has no name for.
NO_CHECK_TIME: Final = 0x20_0000


@dataclass(frozen=True, slots=True)
class Shown:
    """What a server shows in the handshake; ``certificate`` as ``ssl.SSLSocket.getpeercert`` tells it."""

    certificate: dict[str, Any]
    whole: bytes
    protocol: str
    cipher: str

    @property
    def names(self) -> str:
        """To whom it is made out."""
        others = [value for kind, value in self.certificate.get("subjectAltName", ()) if kind in ("DNS", "IP Address")]
        return ", ".join(others) or _known_as(self.certificate.get("subject", ())) or "nobody"

    @property
    def issuer(self) -> str:
        """Who made it out."""
        return _known_as(self.certificate.get("issuer", ())) or "somebody without a name"

    def moment(self, which: str) -> datetime:
        """``notBefore`` or ``notAfter``."""
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(self.certificate[which]), UTC)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the certificate, in pairs."""
        return hashlib.sha256(self.whole).digest().hex(":").upper()


@dataclass(frozen=True, slots=True)
class Way:
    """One address of the settings, taken apart."""

    settings: LdapSettings
    uri: str
    host: str
    port: int
    secure: bool

    @property
    def starttls(self) -> bool:
        return self.settings.starttls and not self.secure


def look(settings: LdapSettings, uri: str) -> Generator[Step, None, bool]:
    """The steps to the directory at ``uri``; returns whether a password may be sent there. Raises nothing."""
    if uri.startswith("ldif:"):
        return True  # A file on this machine.
    parts = urlsplit(uri)
    try:
        secure = parts.scheme == "ldaps"
        way = Way(settings, uri, parts.hostname or "", parts.port or (636 if secure else 389), secure)
        found = _addresses(way)
    except TooSlow:
        yield Step(
            False, f"{faults.URIS}: no name server said within {settings.timeout} s which machine {uri} is.",
            "Check the name servers of this machine (/etc/resolv.conf).", "name",
        )  # fmt: skip
        return False
    except (ValueError, OSError) as error:
        yield failed(faults.of_connection(error, uri, settings), "name")
        return False
    if found != [way.host]:
        more = f"; the first {MOST_ADDRESSES} are looked at" if len(found) > MOST_ADDRESSES else ""
        yield Step(True, f"{way.host} is {', '.join(found)}{more}.", about="name")
    well = False
    for address in (yield from _ports(way, found[:MOST_ADDRESSES])):
        # One address whose certificate is in order is enough to sign in at; the register passes over the others.
        well = (yield from _tls(way, address)) or well
    return well


def _addresses(way: Way) -> list[str]:
    """Every address of a name, IPv4 and IPv6, in the order in which they are tried."""
    infos = in_time(
        "directory", lambda _ask: socket.getaddrinfo(way.host, way.port, type=socket.SOCK_STREAM),
        seconds=way.settings.timeout,
    )  # fmt: skip
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


def _ports(way: Way, addresses: list[str]) -> Generator[Step, None, list[str]]:
    """Knock at every address at once; returns those where the port is open."""
    with ThreadPoolExecutor(len(addresses)) as pool:
        fates = dict(zip(addresses, pool.map(lambda address: _knock(way, address), addresses), strict=True))
    opened = [address for address, fate in fates.items() if isinstance(fate, float)]
    command = Ldapsearch(way.settings, way.uri)("", wanted=ASKED_FOR, scope="base", who="")
    for address, fate in fates.items():
        place = f"Port {way.port} of {address}"
        if isinstance(fate, float):
            yield Step(True, f"{place} is open; it took {fate * 1000:.1f} ms.", about="port", command=command)
            continue
        told, mend = _unopened(way, fate)
        if opened:
            mend = f"The register goes on to the next address, but that takes time. {mend}"
        yield Step(bool(opened), f"{faults.URIS}: {place[0].lower()}{place[1:]} {told}.", mend, "port", command)
    return opened


def _knock(way: Way, address: str) -> float | OSError:
    """How many seconds a connection took, or why there was none."""
    began = time.monotonic()
    try:
        socket.create_connection((address, way.port), way.settings.timeout).close()
    except OSError as error:
        return error
    return time.monotonic() - began


def _unopened(way: Way, error: OSError) -> tuple[str, str]:
    if isinstance(error, ConnectionRefusedError):
        return "refuses connections", "Check the port, and that the directory is running there."
    if isinstance(error, TimeoutError):
        mend = f"Check the address and the firewalls on the way, or wait longer with {faults.TIMEOUT}."
        return f"says nothing within {way.settings.timeout} s", mend
    return f"cannot be reached ({error.strerror or error})", "Check the address and the network of this machine."


def _tls(way: Way, address: str) -> Generator[Step, None, bool]:
    """The handshake as the register does it; where that fails, what the server shows."""
    command = Ldapsearch(way.settings, way.uri)("", wanted=ASKED_FOR, scope="base", who="")
    if not (way.secure or way.starttls):
        return True
    try:
        trusting = ssl.create_default_context(cafile=way.settings.ca_file)
    except OSError:
        yield failed(faults.of_certificates(way.settings), "tls")
        return False
    try:
        shown = _greet(way, address, trusting)
    except DirectoryError as error:
        yield failed(error, "tls", command)
    except OSError as error:
        yield _refused(way, error, command)
        if isinstance(error, ssl.SSLCertVerificationError):
            yield from _without_trust(way, address)
    else:
        yield _in_order(way, address, shown, command)
        return True
    return False


def _in_order(way: Way, address: str, shown: Shown, command: str) -> Step:
    ends = shown.moment("notAfter")
    left = (ends - datetime.now(UTC)).days
    days = "1 day" if left == 1 else f"{left} days"
    return Step(
        True,
        f"{way.uri} ({address}) speaks {shown.protocol} with {shown.cipher}{' after StartTLS' if way.starttls else ''};"
        f" its certificate is made out to {shown.names}, issued by {shown.issuer} and valid until {_day(ends)}"
        f" ({days} left).",
        "Have it renewed before that day: nobody can sign in afterwards." if left < SOON else "",
        "tls", command,
    )  # fmt: skip


def _refused(way: Way, error: OSError, command: str) -> Step:
    if isinstance(error, ssl.SSLError) and error.reason in ("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION"):
        return Step(
            False, f"{faults.URIS}: {way.uri} offers only old TLS that is no longer safe.",
            "Have the directory's administrators turn on TLS 1.2 or 1.3.", "tls", command,
        )  # fmt: skip
    return failed(faults.of_connection(error, way.uri, way.settings), "tls", command)


def _without_trust(way: Way, address: str) -> Iterator[Step]:
    """Tell which certificate a server shows that was not trusted."""
    anything = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anything.check_hostname, anything.verify_mode = False, ssl.CERT_NONE
    try:
        shown = _greet(way, address, anything)
    except (DirectoryError, OSError):
        return
    known = _understood(way, address, shown)
    told = f"SHA-256 fingerprint {known.fingerprint}"
    if known.certificate:
        told = (
            f"made out to {known.names}, issued by {known.issuer}, valid from {_day(known.moment('notBefore'))}"
            f" to {_day(known.moment('notAfter'))}, {told}"
        )
    yield Step(
        True, f"Without verification, {way.uri} ({address}) speaks {known.protocol} and shows a certificate {told}.",
        "No password is sent over it. Ask the directory's administrators whether the fingerprint is theirs.",
        "certificate",
    )  # fmt: skip


def _understood(way: Way, address: str, shown: Shown) -> Shown:
    """The same with what the certificate says: Python reads only one that was verified, so this very one is trusted."""
    itself = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    itself.check_hostname = False
    itself.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VerifyFlags(NO_CHECK_TIME)
    try:
        itself.load_verify_locations(cadata=shown.whole)
        return _greet(way, address, itself)
    except (DirectoryError, OSError):
        return shown  # Made for another use than a server's, say.


def _greet(way: Way, address: str, context: ssl.SSLContext) -> Shown:
    """A handshake and nothing more. Raises what the socket and OpenSSL raise, and ``DirectoryError`` of StartTLS."""
    ends = time.monotonic() + way.settings.timeout
    with socket.create_connection((address, way.port), way.settings.timeout) as plain:
        if way.starttls:
            _ask_for_tls(way, plain, ends)
        plain.settimeout(max(0.1, ends - time.monotonic()))
        with context.wrap_socket(plain, server_hostname=way.host) as wrapped:
            return Shown(
                dict(wrapped.getpeercert() or {}), wrapped.getpeercert(binary_form=True) or b"",
                wrapped.version() or "TLS", (wrapped.cipher() or ("no cipher",))[0],
            )  # fmt: skip


def _ask_for_tls(way: Way, plain: socket.socket, ends: float) -> None:
    plain.sendall(STARTTLS)
    answer = b""
    try:
        while not (content := _content(answer)):
            plain.settimeout(max(0.1, ends - time.monotonic()))
            if not (more := plain.recv(4096)) or len(answer) > LONGEST_ANSWER or time.monotonic() > ends:
                raise faults.of_speech(way.uri, "the connection was closed") if not more else faults.silent(way.uri)
            answer += more
        (_, _), (kind, told), *_ = content[0]
        (_, code), (_, _), (_, words), *_ = _pieces(told)
    except (IndexError, ValueError):
        raise faults.of_speech(way.uri, "no answer to StartTLS") from None
    if kind != EXTENDED_RESPONSE:
        raise faults.of_speech(way.uri, "another answer than to StartTLS")
    if any(code):
        raise faults.of_starttls(way.uri, words.decode(errors="replace") or f"code {int.from_bytes(code, 'big')}")


def _content(message: bytes) -> list[list[tuple[int, bytes]]]:
    """The pieces of a message, in a list of one; empty where it is not all there. Raises ``ValueError`` for no BER."""
    if message[:1] not in (b"", b"\x30"):
        raise ValueError("no LDAP message")
    pieces = _pieces(message)
    return [_pieces(pieces[0][1])] if pieces else []


def _pieces(content: bytes) -> list[tuple[int, bytes]]:
    """Tag and content of each piece of BER (X.690, 8.1) that is whole."""
    found, at = [], 0
    while at + 2 <= len(content):
        length, start = content[at + 1], at + 2
        if length > 127:
            start, length = start + length - 128, int.from_bytes(content[start : start + length - 128], "big")
        if start + length > len(content):
            break
        found.append((content[at], content[start : start + length]))
        at = start + length
    return found


def _known_as(name: tuple[tuple[tuple[str, str], ...], ...]) -> str:
    """Organisation and common name out of a distinguished name as ``ssl`` tells it."""
    said = {kind: value for rdn in name for kind, value in rdn}
    wanted = (said.get("commonName"), said.get("organizationName"))
    return ", ".join(value for value in wanted if value)


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
