"""Fetching a page without being led astray: the only part of the register that asks the network for a web page.

Whoever names an address may mean a machine behind our own firewall. So the name is looked up once, every address that
it has must be a public one, and the connection goes to that very address; at each redirect this begins anew, as it
happens where connections are made and nowhere else. Size and time are bounded for the whole, not for each step.
"""

import concurrent.futures
import contextlib
import ipaddress
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

import idna

if TYPE_CHECKING:
    import httpcore

#: Bytes of a page, as sent and as unpacked.
LARGEST: Final = 1_000_000
#: Seconds for all of it: looking up the name, connecting, each redirect, the last byte.
LONGEST: Final = 5.0
MOST_REDIRECTS: Final = 3
PORTS: Final = (80, 443)
AGENT: Final = "SocialAccountRegistry"
_READABLE: Final = (
    "text/html",
    "application/xhtml+xml",
    "text/plain",
    "text/markdown",
    "text/xml",
    "application/xml",
    "",
)
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
#: What Python calls global and is nobody's website: the relays of 6to4, and where a cloud tells its machines secrets.
_NOT_PUBLIC: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        # Of IPv6 only what is handed out to networks is public (2000::/3), and of that not Teredo and others of
        # 2001::/23, documentation, and 6to4. NAT64 (64:ff9b::/96, 64:ff9b:1::/48) and mapped addresses lie outside.
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    )
)  # fmt: skip
_HANDED_OUT: Final = ipaddress.ip_network("2000::/3")


class NotFetched(Exception):
    """The page cannot be had; the message says why in a sentence."""


class NothingThere(NotFetched):
    """The site answers that there is no such page, or with something that is none."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it came: where from in the end, what the server calls it, its bytes."""

    address: str
    media_type: str
    content: bytes


def is_public(ip: Ip) -> bool:
    """Whether an address may be a website that everybody can see."""
    if isinstance(ip, ipaddress.IPv6Address) and (ip not in _HANDED_OUT or ip.scope_id):
        return False
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        return False
    return not any(ip in network for network in _NOT_PUBLIC if network.version == ip.version)


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system knows them."""
    return list(dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def fetch(
    address: str, *, ports: Iterable[int] | None = None, seconds: float = LONGEST,
    follow: Callable[[str], None] = lambda _to: None,
) -> Page:  # fmt: skip
    """Get a page. Raises ``NotFetched`` with a sentence for whatever comes in between.

    ``follow`` is told where each redirect leads before anything is asked there; it raises ``NotFetched`` to stop.
    """
    import httpcore

    deadline = time.monotonic() + seconds
    try:
        with httpcore.ConnectionPool(
            ssl_context=_tls(), network_backend=_backend(deadline), max_connections=1, retries=0
        ) as pool:
            address = checked(address, ports)
            for _ in range(MOST_REDIRECTS + 1):
                answer = _ask(pool, address, deadline)
                if isinstance(answer, Page):
                    return answer
                address = checked(answer, ports)
                follow(address)
    except httpcore.TimeoutException:
        raise NotFetched(f"The site took longer than {seconds:.0f} seconds.") from None
    except httpcore.ConnectError as error:
        raise NotFetched(f"The site cannot be reached: {_shortly(error)}.") from None
    except httpcore.ProtocolError:
        raise NotFetched("The site answered with something that is no web page, or broke off in the middle.") from None
    except httpcore.NetworkError:
        raise NotFetched("The site broke off in the middle.") from None
    raise NotFetched(f"The site leads on and on: more than {MOST_REDIRECTS} redirects.")


def checked(address: str, ports: Iterable[int] | None = None) -> str:
    """An address in plain spelling: its host in ASCII, without the dot at its end. Raises ``NotFetched``."""
    if len(address) > 2_000 or not address.isprintable() or "\\" in address or " " in address.strip():
        raise NotFetched("This is no web address.")
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NotFetched("This is no web address.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise NotFetched("Only addresses that begin with https:// or http:// are fetched.")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise NotFetched("There is a name or a password before the host. Such addresses are not fetched.")
    name = _plain_host(host)
    if port is not None and port not in tuple(PORTS if ports is None else ports):
        raise NotFetched(f"Port {port} is not one of those that are fetched from.")
    place = f"{name}:{port}" if port is not None else name
    # What the server is asked for must be ASCII, without blanks.
    from urllib.parse import quote

    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = f"?{quote(parts.query, safe='/?%:@!$&()*+,;=~-._[]')}" if parts.query else ""
    return f"{parts.scheme}://{place}{path}{query}"


def _plain_host(host: str) -> str:
    """The name of a host in ASCII; numbers in any spelling (decimal, octal, hexadecimal, IPv6) are none."""
    name = host.lower()
    try:
        name = (name if name.isascii() else idna.encode(name, uts46=True).decode("ascii")).rstrip(".")
    except (idna.IDNAError, UnicodeError):
        raise NotFetched("The name of this site is not one that can be.") from None
    last = name.rpartition(".")[2]
    if ":" in name or not last or last.isdigit() or last.startswith("0x"):
        raise NotFetched("This address is made of numbers. Give the name of the site.")
    if "." not in name or not all(map(_LABEL.fullmatch, name.split("."))) or len(name) > 253:
        raise NotFetched("This is not the whole name of a site.")
    return name


def _ask(pool: "httpcore.ConnectionPool", address: str, deadline: float) -> Page | str:
    """The page at an address, or where it leads."""
    headers: dict[bytes | str, bytes | str] = {
        "Host": urlsplit(address).netloc, "User-Agent": AGENT, "Accept-Encoding": "gzip",
        "Accept": "text/html,application/xhtml+xml,text/*;q=0.8,application/xml;q=0.8", "Connection": "close",
    }  # fmt: skip
    left = max(deadline - time.monotonic(), 0.001)
    timeouts = {"connect": left, "read": left, "write": left, "pool": left}
    with pool.stream("GET", address, headers=headers, extensions={"timeout": timeouts}) as response:
        said = {name.decode("latin-1").lower(): _words_of(value) for name, value in response.headers}
        if response.status in _REDIRECTS and said.get("location"):
            try:
                return urljoin(address, said["location"])
            except ValueError:
                raise NotFetched("The site leads to something that is no web address.") from None
        if response.status != 200:
            answers = NothingThere if 400 <= response.status < 500 else NotFetched
            raise answers(f"The site answers with {response.status} instead of a page.")
        media_type = said.get("content-type", "")
        if (kind := media_type.partition(";")[0].strip().lower()) not in _READABLE:
            raise NothingThere(f"This is no page but {kind[:60]}.")
        if said.get("content-length", "").isdigit() and int(said["content-length"]) > LARGEST:
            raise NotFetched(_TOO_LARGE)
        packing = said.get("content-encoding", "").strip().lower()
        return Page(address, media_type, b"".join(_unpacked(response.iter_stream(), packing)))


def _words_of(value: bytes) -> str:
    """What a header says, without what could make a terminal do things. Servers write addresses in UTF-8 as well."""
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    return "".join(one if one.isprintable() else "?" for one in text)


_TOO_LARGE: Final = f"The page has more than {LARGEST // 1_000_000} MB."


def _unpacked(chunks: Iterable[bytes], packing: str) -> Iterator[bytes]:
    """What was sent, unpacked in small portions: of a bomb no more is unpacked than a page may have."""
    if packing not in ("", "identity", "gzip", "x-gzip"):
        raise NotFetched(f"The page is packed in a way that was not asked for ({packing[:40]}).")
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS) if "gzip" in packing else None
    sent = whole = 0
    for chunk in chunks:
        sent += len(chunk)
        if sent > LARGEST:
            raise NotFetched(_TOO_LARGE)
        try:
            piece = unpacker.decompress(chunk, LARGEST + 1 - whole) if unpacker else chunk
        except zlib.error:
            raise NotFetched("The page is damaged: it cannot be unpacked.") from None
        whole += len(piece)
        if whole > LARGEST or (unpacker and unpacker.unconsumed_tail):
            raise NotFetched(_TOO_LARGE)
        yield piece


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _shortly(error: Exception) -> str:
    said = re.sub(r"\[(?:Errno|SSL:)[^\]]*\] ?|\(_ssl\.c:\d+\)", "", (str(error).splitlines() or [""])[0])
    return said[:200].strip().rstrip(".").lower() or "it does not answer"


def _addresses_of(host: str, port: int, seconds: float) -> list[str]:
    """The addresses to connect to, in order. Raises ``NotFetched`` unless every address of the name is public."""
    import httpcore

    # Looking up a name knows no time limit of its own; a thread that is left behind ends by itself.
    pool = concurrent.futures.ThreadPoolExecutor(1)
    try:
        found = pool.submit(look_up, host, port).result(timeout=seconds)
    except TimeoutError:
        raise httpcore.ConnectTimeout from None
    except (OSError, UnicodeError):
        raise NotFetched(f"There is no site called {host[:100]}.") from None
    finally:
        pool.shutdown(wait=False)
    if not found or not all(is_public(ipaddress.ip_address(one)) for one in found):
        raise NotFetched(f"{host[:100]} is not a public website, so it is not fetched.")
    return found


def _left(deadline: float, timeout: float | None, late: type[Exception]) -> float:
    """Seconds that a step may take; raises ``late`` where none are left."""
    rest = deadline - time.monotonic()
    if rest <= 0:
        raise late
    return min(rest, timeout if timeout is not None else rest)


def _connected(found: list[str], port: int, left: Callable[[], float]) -> "httpcore.NetworkStream":
    """A connection to the first of some addresses that answers."""
    import httpcore

    for ip in found[:-1]:  # Many have an address of IPv6 that leads nowhere, from here or at all.
        with contextlib.suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
            return httpcore.SyncBackend().connect_tcp(ip, port, left() / 2)
    return httpcore.SyncBackend().connect_tcp(found[-1], port, left())


def _backend(deadline: float) -> Any:
    """Where connections are made: to the address that was checked, and with one deadline for all."""
    import httpcore

    left = partial(_left, deadline)

    class Stream(httpcore.NetworkStream):
        def __init__(self, inner: httpcore.NetworkStream) -> None:
            self.inner = inner

        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            return self.inner.read(max_bytes, left(timeout, httpcore.ReadTimeout))

        def write(self, buffer: bytes, timeout: float | None = None) -> None:
            self.inner.write(buffer, left(timeout, httpcore.WriteTimeout))

        def close(self) -> None:
            self.inner.close()

        def start_tls(
            self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
        ) -> httpcore.NetworkStream:
            rest = left(timeout, httpcore.ConnectTimeout)
            return Stream(self.inner.start_tls(ssl_context, server_hostname, rest))

        def get_extra_info(self, info: str) -> Any:
            return self.inner.get_extra_info(info)

    class Backend(httpcore.NetworkBackend):
        def connect_tcp(
            self, host: str, port: int, timeout: float | None = None, *_: Any, **_more: Any,
        ) -> httpcore.NetworkStream:  # fmt: skip
            found = _addresses_of(host, port, left(timeout, httpcore.ConnectTimeout))
            return Stream(_connected(found, port, partial(left, timeout, httpcore.ConnectTimeout)))

    return Backend()
