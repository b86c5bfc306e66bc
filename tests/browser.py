"""A browser without JavaScript for the tests: it signs people in, fills in forms, and looks hard at every page."""

import contextvars
import re
import secrets
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree.ElementTree import Element

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from markup import faults_of, faults_of_piece, parse, words
from werkzeug.test import TestResponse

from registry.db import db, now
from registry.people.models import Person, SignIn
from registry.people.signin import COOKIE_KEY

#: How addresses end that answer with a piece of a page, which htmx puts into another.
PIECES = ("/accounts/colleagues", "/guidelines/shown", "/invite/count", "/words/shown")

BODILESS = ("HEAD", "OPTIONS")


class Answer(TestResponse):
    """What came back, with the page taken apart where it is one."""

    @cached_property
    def tree(self) -> Element:
        """The page as elements without a namespace."""
        return parse(self.text)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Every element ``tag`` with these attributes (``class_`` for one of its classes), in reading order."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [element for element in self.tree.iter(tag) if all(_has(element, *pair) for pair in wanted.items())]

    def words(self, tag: str, **attributes: str) -> list[str]:
        """The text of each such element, its blanks made single."""
        return [words(element) for element in self.all(tag, **attributes)]

    @property
    def heading(self) -> str:
        """The words of the one h1."""
        (heading,) = self.words("h1")
        return heading

    @property
    def errors(self) -> dict[str, str]:
        """The sentence beside each field, by the field's id."""
        return {
            element.attrib["id"].removesuffix("-error"): words(element).removeprefix("Error: ")
            for element in self.all("p", class_="govuk-error-message")
        }


class Browser(FlaskClient):
    """Asks the app from outside the test's own context, as a browser would; each page is checked for its quality."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app, Answer)

    def as_(self, person: Person) -> "Browser":
        """Sign ``person`` in, without asking the directory."""
        token = secrets.token_urlsafe(16)
        at = now()
        db.session.add(
            SignIn(token_hash=SignIn.hash_of(token), person_id=person.id, began_at=at, ends_at=at + timedelta(hours=1))
        )
        db.session.commit()
        self._keep({COOKIE_KEY: token, "_permanent": True})
        return self

    def anonymous(self) -> "Browser":
        """Forget who was signed in."""
        self._keep({})
        return self

    def open(self, *args: Any, csrf: bool = True, check: bool = True, **kwargs: Any) -> Answer:
        """Send a request, after committing what the test made; a POST carries the token unless ``csrf`` is false."""
        db.session.commit()
        if csrf and kwargs.get("method") == "POST":
            kwargs["data"] = {**(kwargs.get("data") or {}), "csrf_token": self.csrf_token()}
        if isinstance(kwargs.get("data"), dict) and not _with_a_file(kwargs["data"]):
            # Half pairs, which no browser sends but any program may, get as far as the app too.
            kwargs["data"] = urlencode(kwargs["data"], doseq=True, errors="surrogatepass")
            kwargs["content_type"] = "application/x-www-form-urlencoded"
        elif isinstance(kwargs.get("data"), dict):
            # In a form with a file the test client cannot send them: they are sent as they would arrive.
            kwargs["data"] = {name: _whole(value) for name, value in kwargs["data"].items()}
        # The context of the test would be used for the request too, and with it the user and the transaction.
        answer: Answer = contextvars.Context().run(super().open, *args, **kwargs)
        answer.get_data()
        answer.close()  # A file that is left open is a warning, and warnings are errors.
        answer.request.environ["wsgi.input"].close()
        if check:
            is_piece = (
                answer.request.path.endswith(PIECES) and answer.status_code == 200
            )  # An error is a page of its own.
            check_answer(answer, piece="HX-Request" in answer.request.headers or is_piece)
        return answer

    def csrf_token(self) -> str:
        """The token that a form of this session would carry."""
        session = self._session()
        if "csrf_token" not in session:
            self._keep(session := {**session, "csrf_token": secrets.token_hex(20)})
        token: str = URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token").dumps(
            session["csrf_token"]
        )
        return token

    def _session(self) -> dict[str, Any]:
        cookie = self.get_cookie(self.application.config["SESSION_COOKIE_NAME"])
        return self._signer().loads(cookie.value) if cookie else {}

    def _keep(self, session: dict[str, Any]) -> None:
        value = self._signer().dumps(session)
        self.set_cookie(self.application.config["SESSION_COOKIE_NAME"], value, httponly=True)

    def _signer(self) -> Any:
        return SecureCookieSessionInterface().get_signing_serializer(self.application)


def _whole(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return re.sub("[\ud800-\udfff]", lambda half: quote(half[0], errors="surrogatepass"), value)


def _with_a_file(data: dict[str, Any]) -> bool:
    """Whether a form is sent with a file in it: a tuple of what can be read, and the file's name."""
    return any(isinstance(value, tuple) or (isinstance(value, list) and _with_files(value)) for value in data.values())


def _with_files(values: list[Any]) -> bool:
    return any(isinstance(value, tuple) for value in values)


def _has(element: Element, name: str, value: str) -> bool:
    held = element.get(name, "")
    return value in held.split() if name == "class" else held == value


def check_answer(answer: Answer, *, piece: bool = False) -> None:
    """Fail unless the answer has the headers that every answer has and, where it is a page, no fault."""
    __tracebackhide__ = True
    where = f"{answer.request.method} {answer.request.path}"
    assert answer.headers.get("Content-Security-Policy"), f"{where}: no Content-Security-Policy"
    if answer.mimetype != "text/html" or 300 <= answer.status_code < 400 or answer.request.method in BODILESS:
        return
    faults = faults_of_piece(answer.text) if piece else faults_of(answer.text, answer.tree)
    assert faults == [], f"{where}:\n" + "\n".join(faults)
