"""A website on this machine, for what is fetched in tests."""

import http.server
from collections.abc import Callable
from dataclasses import dataclass, field

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@dataclass
class Site:
    """A web site on this machine under a made-up name."""

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    #: What was asked for: path and Host header.
    asked: list[tuple[str, str]] = field(default_factory=list)
    #: What each name is looked up as, one list a look-up; the last one stays.
    names: dict[str, list[list[str]]] = field(default_factory=dict)
    looked_up: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)

    def url(self, path: str = "/", name: str = "www.dunmore.example") -> str:
        return f"http://{name}:{self.port}{path}"

    def page(
        self, path: str, content: bytes | str, media_type: str = "text/html; charset=utf-8", **headers: str
    ) -> None:
        """Have it answer with a page."""
        body = content.encode() if isinstance(content, str) else content

        def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            for name, value in {"Content-Type": media_type, **headers}.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(body)

        self.answers[path] = answer

    def redirect(self, path: str, to: str) -> None:
        """Have it lead elsewhere."""

        def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
            handler.send_response(302)
            handler.send_header("Location", to)
            handler.end_headers()

        self.answers[path] = answer
