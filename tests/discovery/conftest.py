"""Real servers on this machine for what is fetched, and the one way round the guard: in the tests' own process."""

import http.server
import ipaddress
import socket
import threading
from collections.abc import Iterator

import pytest
from websites import Site

from registry.discovery.sweeping import fetching


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site whose names lead to this machine, which is fetched from for the length of a test."""
    made = Site(0)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append((self.path, self.headers["Host"]))
            answer = made.answers.get(self.path)
            if answer:
                answer(self)
            else:
                self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            pass  # Whoever fetches may have gone.

    server = Server(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    public, connect = fetching.is_public, socket.create_connection

    def look_up(host: str, port: int) -> list[str]:
        made.looked_up.append(host)
        known = made.names.get(host, [["127.0.0.1"]])
        return known.pop(0) if len(known) > 1 else known[0]

    def watched(address: tuple[str, int], *more: object, **named: object) -> socket.socket:
        made.connected.append(address[0])
        return connect(address, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(fetching, "look_up", look_up)
    monkeypatch.setattr(fetching, "is_public", lambda ip: ip == ipaddress.ip_address("127.0.0.1") or public(ip))
    monkeypatch.setattr(fetching, "PORTS", (80, 443, made.port))
    monkeypatch.setattr(socket, "create_connection", watched)
    yield made
    server.shutdown()
    server.server_close()
