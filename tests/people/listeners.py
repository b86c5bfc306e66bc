"""Servers that keep every byte they are sent, to find out who is told what: plain, over TLS, and with StartTLS."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from proxy import ENDS, EXTENDED, UNBIND, element, framed, op_of, parts, whole

#: Seconds that a listener waits for more.
PATIENCE: Final = 3


class Listener:
    """A server on a free port. ``plain`` is what came in the clear, ``heard`` what came under TLS.

    ``serve`` talks on a connection as long as it likes; afterwards the listener listens on, in the clear.
    """

    def __init__(self, serve: "Callable[[Listener, socket.socket], None] | None" = None) -> None:
        self.connections, self.plain, self.heard = 0, bytearray(), bytearray()
        self._serve = serve
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.uri, self.tls_uri = f"ldap://127.0.0.1:{self.port}", f"ldaps://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def got(self) -> bytes:
        """Everything."""
        return bytes(self.plain + self.heard)

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(20)
        self._socket.close()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with contextlib.suppress(OSError), connection:
                connection.settimeout(PATIENCE)
                if self._serve:
                    self._serve(self, connection)
                while more := connection.recv(65_536):
                    self.plain += more


def _context(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def over_tls(path: Path, upstream: str = "", *, requests: int = 1_000) -> Callable[[Listener, socket.socket], None]:
    """TLS with the certificate in ``path``, before ``upstream`` or nothing; gone after so many requests."""

    def serve(listener: Listener, connection: socket.socket) -> None:
        with _context(path).wrap_socket(connection.dup(), server_side=True) as safe:
            safe.settimeout(PATIENCE)
            _relay(listener, safe, upstream, requests)
        connection.shutdown(socket.SHUT_RDWR)

    return serve


def _relay(listener: Listener, client: ssl.SSLSocket, upstream: str, requests: int) -> None:
    if not upstream:
        while more := client.recv(65_536):
            listener.heard += more
        return
    address = urlsplit(upstream)
    with socket.create_connection((address.hostname, address.port or 389), PATIENCE) as server:
        answers = framed(server)
        for messages in framed(client):
            for message in messages:
                listener.heard += message
                if requests == 0 or op_of(message) == UNBIND:
                    return
                requests -= 1
                server.sendall(message)
                for batch in answers:
                    client.sendall(b"".join(batch))
                    if any(op_of(one) in ENDS for one in batch):
                        break


def starting_tls(
    code: int, then: Callable[[Listener, socket.socket], None] | None = None, *, more: bytes = b""
) -> Callable[[Listener, socket.socket], None]:
    """Answers the first message, which should ask for TLS, with ``code`` and ``more``; goes on with ``then``."""

    def serve(listener: Listener, connection: socket.socket) -> None:
        request = connection.recv(65_536)
        listener.plain += request
        number = parts(parts(request)[0][1])[0][2]
        answer = element(EXTENDED, whole(code, 0x0A), element(0x04), element(0x04, b"as the test wants it"))
        connection.sendall(element(0x30, number, answer) + more)
        if then:
            then(listener, connection)

    return serve
