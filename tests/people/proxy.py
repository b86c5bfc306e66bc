"""A proxy before a real directory that makes the faults which a good directory never makes when a test wants them.

It takes LDAP messages apart by their lengths only (RFC 4511, 5.1): whatever it does not mean to spoil, it passes on as
it came. ``Proxy.arm`` says what goes wrong next; the faults themselves are in ``mishaps``.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NoReturn
from urllib.parse import urlsplit

BIND, UNBIND, SEARCH, ENTRY, DONE, REFERENCE, EXTENDED = 0x60, 0x42, 0x63, 0x64, 0x65, 0x73, 0x78
#: What ends the answer to a request.
ENDS: Final = (0x61, DONE, EXTENDED)
PAGING: Final = b"1.2.840.113556.1.4.319"
#: The cookie stays as the directory gave it.
AS_IT_IS: Final = b"as it is"
#: A hang ends with the patience of who waits, or at the latest after this many seconds.
LONGEST_HANG: Final = 20


class Broken(Exception):
    """The connection is at its end."""


@dataclass(frozen=True, slots=True)
class Mishap:
    """Something that goes wrong.

    ``at`` says at what (``connect``, ``bind`` or ``search``), ``act`` does it. ``meant`` chooses among searches;
    ``skip`` of those it would come to are let by first.
    """

    name: str
    act: "Callable[[Talk], bool | None]"  # False: it did not come to it after all.
    at: str = "search"
    skip: int = 0
    meant: "Callable[[Search], bool]" = lambda search: search.of_people
    refuses: bool = False
    #: How a whole reading that it happens to ends; "" where several ends are right.
    ends: str = "failed"

    @property
    def hangs(self) -> bool:
        """Whether nothing comes until who waits loses patience."""
        return "hung" in self.name


# BER, as much as it takes (X.690, 8.1).


def element(tag: int, *contents: bytes) -> bytes:
    """One element."""
    content = b"".join(contents)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def whole(number: int, tag: int = 0x02) -> bytes:
    """A whole number, not below nought."""
    return element(tag, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _head(data: bytes | bytearray, at: int) -> tuple[int, int] | None:
    """Where the content of the element at ``at`` begins and ends; None where the head is not all there yet."""
    if len(data) < at + 2:
        return None
    first = data[at + 1]
    if first < 128:
        return at + 2, at + 2 + first
    start = at + 2 + (first & 0x7F)
    if len(data) < start:
        return None
    return start, start + int.from_bytes(data[at + 2 : start], "big")


def parts(data: bytes) -> list[tuple[int, bytes, bytes]]:
    """The elements that lie beside each other in ``data``: tag, content, and the whole of each."""
    found, at = [], 0
    while (place := _head(data, at)) is not None:
        found.append((data[at], data[place[0] : place[1]], data[at : place[1]]))
        at = place[1]
    return found


def op_of(message: bytes) -> int:
    """The tag of what a message holds."""
    start, _ = _head(message, 0) or (2, 0)
    return message[start + 2 + message[start + 1]]


def framed(source: socket.socket) -> Iterator[list[bytes]]:
    """The messages that come from ``source``, as many at a time as are there, until it closes."""
    data = bytearray()
    while more := source.recv(65_536):
        data += more
        messages, at = [], 0
        while (place := _head(data, at)) is not None and place[1] <= len(data):
            messages.append(bytes(data[at : place[1]]))
            at = place[1]
        del data[:at]
        if messages:
            yield messages


@dataclass(frozen=True)
class Search:
    """What a search asks for. ``scope`` is 0 for one entry, 1 for those right below, 2 for a tree."""

    base: str
    scope: int
    where: bytes  # The filter, as it came.
    attributes: tuple[str, ...]
    page: int | None
    cookie: bytes

    @classmethod
    def of(cls, message: bytes) -> "Search":
        _, op, *controls = parts(parts(message)[0][1])
        base, scope, *_, where, attributes = parts(op[1])
        page, cookie = _paging(controls)
        names = tuple(content.decode() for _, content, _ in parts(attributes[1]))
        return cls(base[1].decode(), scope[1][0], where[2], names, page, cookie)

    @property
    def of_people(self) -> bool:
        """Whether it is for everybody, and not for one entry, for units or for groups."""
        return self.scope == 2 and b"organizationalUnit" not in self.where


def _paging(controls: list[tuple[int, bytes, bytes]]) -> tuple[int | None, bytes]:
    for _, content, _ in controls:
        for _, control, _ in parts(content):
            (_, oid, _), *_, (_, value, _) = parts(control)
            if oid == PAGING:
                (_, size, _), (_, cookie, _) = parts(parts(value)[0][1])
                return int.from_bytes(size, "big"), cookie
    return None, b""


def _paging_control(size: int, cookie: bytes) -> bytes:
    value = element(0x30, whole(size), element(0x04, cookie))
    return element(0xA0, element(0x30, element(0x04, PAGING), element(0x04, value)))


class Talk:
    """One request and its answer, in the hands of a mishap."""

    def __init__(self, proxy: "Proxy", client: socket.socket, server: "Server", request: bytes = b"") -> None:
        self.proxy, self.request = proxy, request
        self._client, self._server = client, server
        self._waiting: list[bytes] = []

    @cached_property
    def search(self) -> Search:
        """What is asked for."""
        return Search.of(self.request)

    @property
    def message_id(self) -> bytes:
        """The number of the request, as an element."""
        return parts(parts(self.request)[0][1])[0][2]

    def ask(self, *, cookie: bytes = AS_IT_IS) -> Iterator[bytes]:
        """Put the request to the directory; the messages of its answer, which end with the one that closes it."""
        request = self.request
        if cookie != AS_IT_IS:
            number, op, *_ = parts(parts(request)[0][1])
            control = _paging_control(self.search.page or 0, cookie)
            request = element(0x30, number[2], op[2], control)
        self._server.send(request)
        for message in self._server.answers():
            yield message
            if op_of(message) in ENDS:
                return

    def give(self, message: bytes) -> None:
        """Pass a message on to the register, soon."""
        if self.proxy.each:
            self.flush()
            self.proxy.tell()
        self._waiting.append(message)
        if len(self._waiting) >= 200:
            self.flush()

    def flush(self) -> None:
        """Pass on now what waits."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._client.sendall(b"".join(waiting))

    def pass_on(self) -> None:
        """The answer as it is."""
        for message in self.ask():
            self.give(message)
        self.flush()

    def end(self, code: int, *, cookie: bytes | None = b"", referral: str = "", tag: int = DONE) -> None:
        """Close the answer with a result ``code``; ``cookie`` None leaves the paging control out."""
        fields = [whole(code, 0x0A), element(0x04), element(0x04, b"as the test wants it" if code else b"")]
        if referral:
            fields.append(element(0xA3, element(0x04, referral.encode())))
        paged = tag == DONE and cookie is not None and self.search.page is not None
        controls = [_paging_control(0, cookie or b"")] if paged else []
        self.give(element(0x30, self.message_id, element(tag, *fields), *controls))
        self.flush()

    def refer(self, uri: str) -> None:
        """Say that more is to be found at ``uri``, in the middle of an answer (RFC 4511, 4.5.3)."""
        self.give(element(0x30, self.message_id, element(REFERENCE, element(0x04, uri.encode()))))

    def cookie_of(self, done: bytes) -> bytes:
        """The cookie in the message that closes an answer."""
        return _paging(parts(parts(done)[0][1])[2:])[1]

    def raw(self, data: bytes) -> None:
        """Bytes that need not be LDAP."""
        self._waiting.append(data)
        self.flush()

    def close(self) -> NoReturn:
        """Close the connection in good order."""
        self.flush()
        raise Broken

    def reset(self) -> NoReturn:
        """Reset the connection."""
        self.flush()
        self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Broken

    def hang(self) -> NoReturn:
        """Say nothing more, until the register goes away."""
        self.flush()
        self._client.settimeout(LONGEST_HANG)
        while self._client.recv(4096):
            pass
        raise Broken


class Server:
    """The way from the proxy to the directory."""

    def __init__(self, connection: socket.socket) -> None:
        self.send = connection.sendall
        self._incoming = framed(connection)
        self._ready: list[bytes] = []

    def answers(self) -> Iterator[bytes]:
        """The next messages, for as long as somebody takes them."""
        while True:
            while self._ready:
                yield self._ready.pop()
            self._ready = next(self._incoming, [])[::-1]
            if not self._ready:
                raise Broken


class Proxy:
    """A proxy on a free port before the directory at ``upstream`` (``ldap://host:port``); its own address is ``uri``.

    ``each``, where it is set, is called with the number of each message, in either direction, before it passes.
    """

    def __init__(self, upstream: str) -> None:
        parts_of_uri = urlsplit(upstream)
        self._target = (parts_of_uri.hostname, parts_of_uri.port)
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = free.getsockname()
        # Linux lets a socket keep its port while nobody listens only where the port was asked for by its number.
        self._listener = socket.create_server(address)
        self.uri = f"ldap://127.0.0.1:{address[1]}"
        self.each: Callable[[int], None] | None = None
        self._open, self._stopped = threading.Event(), False
        self._open.set()
        self._lock = threading.Lock()
        self._talking: set[threading.Thread] = set()
        self.arm(None)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def arm(self, mishap: Mishap | None) -> None:
        """From now on, and until the next call, this goes wrong; None: nothing does. Counts begin anew."""
        self._mishap, self._came_to = mishap, 0
        self.entries = self.messages = self.turns = 0  # ``entries`` and ``turns`` are for mishaps to count with.
        self.cookie = b""  # For a mishap to remember.
        self.struck = False  # Whether it went wrong yet.
        self._door(not (mishap and mishap.refuses and not mishap.skip))

    def strikes(self, at: str, search: Search | None = None) -> Mishap | None:
        """The mishap, if it is to happen at this."""
        mishap = self._mishap
        if not mishap or mishap.at != at or (search and not mishap.meant(search)):
            return None
        with self._lock:
            self._came_to += 1
            if self._came_to <= mishap.skip:
                if mishap.refuses and self._came_to == mishap.skip:
                    self._door(False)
                return None
        return mishap

    def act(self, mishap: Mishap, talk: Talk) -> None:
        """Let it happen."""
        before, self.struck = self.struck, True
        if mishap.act(talk) is False:
            self.struck = before

    def tell(self) -> None:
        """Count a message."""
        self.messages += 1
        if self.each:
            self.each(self.messages)

    def stop(self) -> None:
        """Close everything, and wait until it is."""
        self.arm(None)
        self._stopped = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(LONGEST_HANG)
        for thread in list(self._talking):
            thread.join(LONGEST_HANG)
        self._listener.close()

    def _door(self, is_open: bool) -> None:
        """Whether connections are accepted. A closed one keeps its port, so that nobody else takes it."""
        if is_open == self._open.is_set():
            return
        if is_open:
            self._listener.listen()
            self._open.set()
        else:
            self.struck = True
            self._open.clear()
            self._listener.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> None:
        while not self._stopped:
            try:
                client, _ = self._listener.accept()
            except OSError:
                self._open.wait(LONGEST_HANG)
                continue
            thread = threading.Thread(target=self._talk, args=(client,), daemon=True)
            self._talking.add(thread)
            thread.start()

    def _talk(self, client: socket.socket) -> None:
        with contextlib.suppress(Broken, OSError), client, socket.create_connection(self._target) as connection:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server = Server(connection)
            if mishap := self.strikes("connect"):
                self.act(mishap, Talk(self, client, server))
            for requests in framed(client):
                for request in requests:
                    self._pass(Talk(self, client, server, request))
        self._talking.discard(threading.current_thread())

    def _pass(self, talk: Talk) -> None:
        self.tell()
        op, mishap = op_of(talk.request), None
        if op == UNBIND:
            raise Broken
        if op == SEARCH:
            mishap = self.strikes("search", talk.search)
        elif op == BIND:
            mishap = self.strikes("bind")
        if mishap:
            self.act(mishap, talk)
        else:
            talk.pass_on()
