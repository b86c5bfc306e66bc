"""Answers for people and programs who are not signed in: caches may keep them, and no cookie goes with them."""

from typing import Any, Final

from flask import Flask, Response, g, jsonify, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.wrappers import Response as WerkzeugResponse

#: RFC 9457.
PROBLEM: Final = "application/problem+json"


#: What programs are told, where pages would send people back to a button.
WORDS: Final = {
    404: ("Not there", "There is nothing at this address, or it is out of reach."),
    405: ("Not so", "This address is only read: ask with GET."),
    429: ("Too many questions", "Wait as many seconds as Retry-After says, then go on."),
}


class Sessions(SecureCookieSessionInterface):
    """Sessions in a signed cookie, which is never sent with an answer that others may be given too.

    Flask signs the cookie of a permanent session anew with each answer. A cache on the way that kept such an answer
    would hand the session of whoever asked first to everybody after them.
    """

    _signs: tuple[object, Any] = (None, None)

    def get_signing_serializer(self, app: Flask) -> Any:
        """What signs and reads the cookie, kept for as long as the keys are the same: each request needs it twice."""
        keys = (app.secret_key, app.config["SECRET_KEY_FALLBACKS"])
        if self._signs[0] != keys:
            self._signs = (keys, super().get_signing_serializer(app))
        return self._signs[1]

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie, but not with an answer that is the same for all."""
        if not g.get("shared"):
            super().save_session(app, session, response)


def share(answer: WerkzeugResponse, *, seconds: int, elsewhere: bool = False) -> WerkzeugResponse:
    """``answer`` as caches may keep it for ``seconds``; nothing of it is sent to whoever has it already.

    ``elsewhere`` lets the pages of other sites read it.
    """
    answer.cache_control.public, answer.cache_control.max_age = True, seconds
    answer.add_etag()
    if elsewhere:
        answer.headers["Access-Control-Allow-Origin"] = "*"
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer.make_conditional(request)


def for_programs() -> bool:
    """Whether a program asks, which reads no pages: the address says so."""
    return request.path.startswith("/api/") or request.path.endswith(".json")


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """What went wrong, for a program: a title that stays the same, and a sentence for whoever reads the log."""
    answer = jsonify({"type": "about:blank", "title": title, "status": status, "detail": detail, **more})
    answer.status_code, answer.mimetype = status, PROBLEM
    return answer
