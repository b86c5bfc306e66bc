"""Signing in against a real directory: who gets in, who does not and learns nothing by it, and for how long."""

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from browser import Answer, Browser
from databases import SECRET_KEY
from flask import Flask
from harbour import Tree
from slapd import Slapd

from registry.config import LdapAttributes, Settings, load
from registry.db import db, now
from registry.people import directory, throttle
from registry.people.directory import DirectoryError
from registry.people.models import FailedSignIn, Person, PersonState, SignIn
from registry.people.signin import SignInRefused, TooManyTries, check_password
from registry.people.sync import sync
from registry.people.views import AWAY, WRONG

pytestmark = pytest.mark.ldap


@pytest.fixture
def settings(instance: Path, database_url: str, tree: Tree) -> Settings:
    """The app asks the directory of this test."""
    return load(instance=instance, database_url=database_url, secret_key=SECRET_KEY, ldap=tree.settings())


@pytest.fixture
def crew(app: Flask, tree: Tree) -> Tree:
    """A directory that has been read: Nia, and some others."""
    tree.add("nia.pugh", "Nia Pugh", mail=["nia@pembrey.example", "master@pembrey.example"])
    tree.add_many(11)
    sync(tree.settings())
    return tree


def try_as(client: Browser, login: str, password: str, **more: Any) -> Answer:
    """Send the form of the sign-in page. ``address`` is where the browser is."""
    address = more.pop("address", "192.0.2.7")
    data = {"login": login, "password": password, **more}
    answer: Answer = client.post("/sign-in", data=data, environ_overrides={"REMOTE_ADDR": address})
    return answer


def is_in(client: Browser) -> bool:
    """Whether the browser is signed in."""
    return bool(client.get("/accounts").status_code == 200)


def nia() -> Person:
    """Nia as the database has her now."""
    db.session.rollback()
    return db.session.scalars(sa.select(Person).where(Person.username == "nia.pugh")).one()


# Who gets in.


@pytest.mark.parametrize(
    "login",
    ["nia.pugh", "NIA.Pugh", " nia.pugh ", "nia@pembrey.example", "Master@PEMBREY.example", "PEMBREY\\nia.pugh"],
)
def test_sign_in_by_username_or_mail_in_any_case(crew: Tree, client: Browser, login: str) -> None:
    answer = try_as(client, login, "nia.pugh")
    assert (answer.status_code, answer.location, answer.errors) == (302, "/", {})
    assert is_in(client)
    assert [kept.person_id for kept in db.session.scalars(sa.select(SignIn))] == [nia().id]


def test_whoever_may_not_come_in_reads_the_same_sentence(crew: Tree, client: Browser) -> None:
    crew.add("dai.out", businessCategory="TRUE")
    crew.add("lena.left")
    sync(crew.settings())
    crew.remove([crew.dn("lena.left")])
    db.session.execute(sa.update(Person).where(Person.username == "lena.left").values(state=PersonState.LEFT))
    db.session.commit()
    tries = [
        ("nia.pugh", "wrong"), ("nobody.here", "nobody.here"), ("dai.out", "dai.out"), ("lena.left", "lena.left"),
        ("*", "nia.pugh"), ("nia.pugh)(uid=*", "nia.pugh"), ("nia.pugh", "NIA.PUGH"), ("nia.pugh", " nia.pugh "),
        ("x" * 200, "y" * 1000), ("🚢", "🚢"), ("nia.pugh\\", "nia.pugh"),
    ]  # fmt: skip
    seen = {(answer.status_code, *answer.errors.items()) for answer in (try_as(client, *one) for one in tries)}
    assert seen == {(422, ("login", WRONG))}
    assert not is_in(client)


def test_known_unknown_disabled_and_gone_give_the_same_bytes(crew: Tree, app: Flask) -> None:
    for name in ("dai.gone", "dai.outs", "dai.lock"):
        crew.add(name, **({"businessCategory": "TRUE"} if name == "dai.outs" else {}))
    sync(crew.settings())
    db.session.execute(
        sa.update(Person).where(Person.username == "dai.gone").values(state=PersonState.LEFT, left_at=now())
    )
    for _ in range(8):
        try_as(Browser(app), "dai.lock", "wrong")
    seen = set()
    with time_machine.travel(now(), tick=False):
        for login in ("nia.pugh", "nobody.x", "dai.gone", "dai.outs", "dai.lock"):
            client = Browser(app).anonymous()
            password = login if login in ("dai.gone", "dai.outs") else "wrong123"
            answer = try_as(client, login, password)
            body = re.sub(r'name="csrf_token"[^>]*value="[^"]*"', "", answer.text).replace(login, "LOGIN")
            headers = [(name, "" if name == "Set-Cookie" else value) for name, value in answer.headers]
            seen.add((answer.status_code, body.replace('value="LOGIN"', ""), tuple(headers)))
    assert len(seen) == 1
    ((status, body, _),) = seen
    assert (status, WRONG in body, "csrf_token" in body) == (422, True, False)


def test_leaver_who_is_still_in_the_directory_reads_the_same_sentence(crew: Tree, client: Browser) -> None:
    db.session.execute(sa.update(Person).where(Person.username == "nia.pugh").values(state=PersonState.LEFT))
    db.session.commit()
    assert try_as(client, "nia.pugh", "nia.pugh").errors == {"login": WRONG}


def test_empty_fields_are_refused_without_asking_the_directory(crew: Tree, client: Browser) -> None:
    assert try_as(client, "nia.pugh", "").errors == {"password": "Enter your password."}
    assert try_as(client, "  ", "x").errors == {"login": "Enter your username or work email address."}
    assert db.session.scalars(sa.select(FailedSignIn)).all() == []


def test_password_is_never_shown_again(crew: Tree, client: Browser) -> None:
    assert "correct-horse" not in try_as(client, "nia.pugh", "correct-horse").text


def test_somebody_not_yet_read_is_taken_in(crew: Tree, client: Browser) -> None:
    team = crew.unit(f"ou=Lights,{crew.base}")
    dn = crew.add("joan.joiner", "Joan Joiner", unit=team, manager=crew.dn("nia.pugh"))
    assert try_as(client, "joan.joiner", "joan.joiner").status_code == 302
    joan = db.session.scalars(sa.select(Person).where(Person.username == "joan.joiner")).one()
    assert (joan.directory_id, joan.name, joan.manager_id) == (crew.id_of(dn), "Joan Joiner", nia().id)
    assert joan.team_id is not None
    assert sync(crew.settings()).changed == 0
    assert client.get("/").status_code == 200


def test_first_of_all_is_taken_in_before_any_sync(app: Flask, tree: Tree, client: Browser) -> None:
    tree.add("nia.pugh")
    assert try_as(client, "nia.pugh", "nia.pugh").status_code == 302
    assert is_in(client)


# Counting failures.


def test_eight_failures_lock_the_person_for_a_quarter_of_an_hour(crew: Tree, client: Browser) -> None:
    for number in range(8):
        assert try_as(client, "nia.pugh", "wrong", address=f"192.0.2.{number}").errors == {"login": WRONG}
    assert try_as(client, "nia.pugh", "nia.pugh", address="192.0.2.99").errors == {"login": WRONG}
    assert try_as(client, "hand001", "hand001", address="192.0.2.99").status_code == 302  # Nobody else is.
    client.anonymous()
    with time_machine.travel(now() + timedelta(minutes=14)):
        assert try_as(client, "nia.pugh", "nia.pugh").errors == {"login": WRONG}
    with time_machine.travel(now() + timedelta(minutes=15, seconds=5)):
        assert try_as(client, "nia.pugh", "nia.pugh").status_code == 302


@pytest.mark.parametrize(
    "spellings",
    [
        ["nia@pembrey.example", "master@pembrey.example", "NIA.PUGH", "nia.pugh "],
        [f"{domain}\\nia.pugh" for domain in "ABCD"],
        ["ｎia.pugh", "nｉa.pugh", "niａ.pugh", "nia.ｐugh"],
    ],
)  # fmt: skip
def test_other_spellings_of_a_login_are_no_way_round_the_lock(
    crew: Tree, client: Browser, spellings: list[str]
) -> None:
    for number in range(8):
        assert try_as(client, spellings[number % 4], "wrong", address=f"192.0.2.{number}").errors == {"login": WRONG}
    assert try_as(client, spellings[0], "nia.pugh", address="192.0.2.99").errors == {"login": WRONG}
    assert try_as(client, "nia.pugh", "nia.pugh", address="192.0.2.99").errors == {"login": WRONG}


def test_guesses_sent_all_at_once_are_counted_one_by_one(crew: Tree, app: Flask, settings: Settings) -> None:
    db.session.commit()

    def guess(number: int) -> str:
        with app.test_request_context("/sign-in", method="POST"):
            try:
                check_password(settings, login="nia.pugh", password=f"guess{number}", address=f"192.0.2.{number}")
            except (SignInRefused, TooManyTries) as refused:
                return type(refused).__name__
            return "in"

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(guess, range(20))) == ["SignInRefused"] * 8 + ["TooManyTries"] * 12


def test_unknown_login_is_locked_as_a_known_one_is(crew: Tree, client: Browser) -> None:
    for _ in range(8):
        assert try_as(client, "nobody.here", "wrong").errors == {"login": WRONG}
    assert try_as(client, "nobody.here", "wrong").errors == {"login": WRONG}


def test_many_names_that_nobody_has_are_counted_by_the_network_that_asks(
    crew: Tree, app: Flask, settings: Settings
) -> None:
    db.session.commit()

    def guess(number: int) -> str:
        with app.test_request_context("/sign-in", method="POST"):
            try:
                check_password(settings, login=f"nobody{number}", password="x", address=f"2001:db8:7:1::{number:x}")
            except (SignInRefused, TooManyTries, DirectoryError) as refused:
                return type(refused).__name__
            return "in"

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(guess, range(70))) == ["SignInRefused"] * 60 + ["TooManyTries"] * 10


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "address:192.0.2.7"), ("::ffff:192.0.2.7", "address:192.0.2.7"),
        ("2001:db8:7:1:aaaa::1", "address:2001:db8:7:1::/64"), ("2001:db8:7:1:bbbb::2", "address:2001:db8:7:1::/64"),
        ("2001:db8:7:2::1", "address:2001:db8:7:2::/64"), ("fe80::1%eth0", "address:fe80::/64"),
        ("", "address:unknown"), ("unix:", "address:unknown"),
    ],
)  # fmt: skip
def test_a_network_is_an_address_of_ipv4_or_a_64_of_ipv6(address: str, counted: str) -> None:
    assert throttle.by_address(address) == counted


def test_spellings_of_a_name_that_nobody_has_are_counted_together() -> None:
    spellings = ["nobody.here", "NOBODY.Here ", "PEMBREY\\nobody.here", "ｎobody.here"]
    assert len({throttle.by_login(one) for one in spellings}) == 1
    assert throttle.by_login("nobody.there") != throttle.by_login("nobody.here")


@pytest.mark.parametrize("login", ["nia.pugh", "nobody.in"])
def test_the_ninth_try_asks_the_directory_nothing_whether_anybody_has_the_name(
    crew: Tree, client: Browser, monkeypatch: pytest.MonkeyPatch, login: str
) -> None:
    for number in range(8):
        try_as(client, login, "wrong", address=f"192.0.2.{number}")
    asked: list[str] = []
    monkeypatch.setattr(directory, "sign_in", noting(asked, "sign_in", directory.sign_in))
    assert try_as(client, login, "wrong", address="192.0.2.99").errors == {"login": WRONG}
    assert asked == []


def noting(asked: list[str], name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    """``real``, which notes its name before it does what it does."""

    def noted(*args: Any, **more: Any) -> Any:
        asked.append(name)
        return real(*args, **more)

    return noted


@pytest.mark.parametrize("login", ["nia.pugh", "nobody.in", "dai.a.out", "hand001 "])
def test_every_login_costs_the_directory_the_same_questions(
    crew: Tree, client: Browser, monkeypatch: pytest.MonkeyPatch, login: str
) -> None:
    crew.add("dai.a.out", businessCategory="TRUE")
    asked: list[str] = []
    for name in ("search", "bind"):
        monkeypatch.setattr(directory._Link, name, noting(asked, name, getattr(directory._Link, name)))
    assert try_as(client, login, "wrong").errors == {"login": WRONG}
    assert asked == ["bind", "search", "search", "bind"]


def test_success_forgets_the_failures_before(crew: Tree, client: Browser) -> None:
    for _ in range(7):
        try_as(client, "nia.pugh", "wrong")
    assert try_as(client, "nia.pugh", "nia.pugh").status_code == 302
    for _ in range(7):
        try_as(client, "nia.pugh", "wrong")
    assert try_as(client, "nia.pugh", "nia.pugh").status_code == 302


def test_sixty_failures_lock_the_address(crew: Tree, client: Browser) -> None:
    at = now()
    db.session.add_all([FailedSignIn(at=at, counted_by="address:192.0.2.7") for _ in range(59)])
    db.session.commit()
    assert try_as(client, "hand001", "wrong").errors == {"login": WRONG}
    assert try_as(client, "nia.pugh", "nia.pugh").errors == {"login": WRONG}
    assert try_as(client, "nia.pugh", "nia.pugh", address="192.0.2.8").status_code == 302


def test_failures_are_deleted_after_a_quarter_of_an_hour(crew: Tree, client: Browser) -> None:
    try_as(client, "nia.pugh", "wrong")
    with time_machine.travel(now() + timedelta(minutes=16)):
        try_as(client, "hand001", "wrong")
    kept = [one.counted_by.partition(":")[0] for one in db.session.scalars(sa.select(FailedSignIn))]
    assert sorted(kept) == ["address", "login", "person"]


# How long.


def test_each_sign_in_has_a_token_of_its_own(crew: Tree, client: Browser) -> None:
    cookies = []
    for _ in range(2):
        assert try_as(client, "nia.pugh", "nia.pugh").status_code == 302
        cookie = client.get_cookie("registry")
        assert cookie is not None
        cookies.append(cookie.value)
    # The one before is worth nothing now, to whoever has copied it.
    assert len(db.session.scalars(sa.select(SignIn)).all()) == 1
    client.set_cookie("registry", cookies[0])
    assert not is_in(client)
    client.set_cookie("registry", cookies[1])
    assert is_in(client)


def test_signing_out_ends_the_session_in_the_database(crew: Tree, client: Browser) -> None:
    try_as(client, "nia.pugh", "nia.pugh")
    cookie = client.get_cookie("registry")
    assert cookie is not None
    assert client.get("/sign-out").status_code == 405  # A link somebody was sent signs nobody out.
    assert is_in(client)
    assert client.post("/sign-out").location == "/sign-in"
    assert db.session.scalars(sa.select(SignIn)).all() == []
    client.set_cookie("registry", cookie.value)
    assert not is_in(client)


def test_cookie_is_for_the_server_and_this_site_only(crew: Tree, client: Browser) -> None:
    sent = try_as(client, "nia.pugh", "nia.pugh").headers.get_all("Set-Cookie")
    assert len(sent) == 1
    name, *flags = sent[0].split("; ")
    assert name.startswith("registry=")
    assert {flag.partition("=")[0] for flag in flags} == {"Expires", "HttpOnly", "Path", "SameSite"}
    assert "SameSite=Lax" in flags


def test_form_of_another_site_signs_nobody_in(crew: Tree, client: Browser) -> None:
    answer = client.post("/sign-in", data={"login": "nia.pugh", "password": "nia.pugh"}, csrf=False)
    assert answer.status_code == 400
    assert not is_in(client)


def test_signed_in_person_who_mistypes_sees_the_page(crew: Tree, client: Browser) -> None:
    try_as(client, "nia.pugh", "nia.pugh")
    answer = try_as(client, "hand001", "wrong")
    assert (answer.status_code, answer.errors) == (422, {"login": WRONG})
    assert client.get("/sign-in").location == "/"


# Where it leads.


@pytest.mark.parametrize(
    "where",
    [
        "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
        "https:evil.example", "javascript:alert(1)", "//[", "//ev℀il", "/%0d%0aSet-Cookie:x=1\r\nX: y",
        "/\t/evil.example", "/\n/evil.example", " //evil.example", "evil.example", "//evil.example@localhost", "",
        "/\u202e//evil", "\x00//evil",
    ],
)  # fmt: skip
def test_next_never_leaves_the_site(crew: Tree, client: Browser, where: str) -> None:
    page = client.get("/sign-in", query_string={"next": where})
    assert page.status_code == 200
    (kept,) = page.all("input", name="next")
    for target in (where, kept.get("value", "")):
        assert try_as(client.anonymous(), "nia.pugh", "nia.pugh", next=target).location == "/"


def test_next_leads_back_to_where_somebody_was(crew: Tree, client: Browser) -> None:
    asked = client.get("/accounts?platform=x&q=caf%C3%A9")
    assert asked.status_code == 302
    page = client.get(asked.location)
    (kept,) = page.all("input", name="next")
    answer = try_as(client, "nia.pugh", "nia.pugh", next=kept.get("value", ""))
    assert client.get(answer.location).request.args.to_dict() == {"platform": "x", "q": "café"}


# The directory is away.


@contextlib.contextmanager
def server_that(answers: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server that takes every connection and then does what ``answers`` does."""
    held = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                held.append(connection)
                threading.Thread(target=answers, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        (server := threading.Thread(target=serve, daemon=True)).start()
        yield f"ldap://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        server.join(5)
    for connection in held:
        connection.close()


def says_nothing(_connection: socket.socket) -> None:
    """Hang."""


def trickles(connection: socket.socket) -> None:
    """Begin an answer of 16 KB, and send a byte of it every half second."""
    with contextlib.suppress(OSError):
        connection.sendall(b"\x30\x82\x40\x00\x02\x01\x01\x61\x82\x3f\xf0")
        while True:
            time.sleep(0.5)
            connection.sendall(b"\x0a")


def seconds_of(client: Browser, login: str = "nia.pugh") -> float:
    """How long the page takes to say that the directory is away."""
    began = time.monotonic()
    assert try_as(client, login, "nia.pugh").errors == {"login": AWAY}
    return time.monotonic() - began


def ask_only(app: Flask, settings: Settings, *uris: str) -> None:
    """Let the app ask these directories."""
    app.config["SETTINGS"] = settings.model_copy(update={"ldap": settings.ldap.model_copy(update={"uris": uris})})


@pytest.mark.parametrize(("behaviour", "servers"), [(says_nothing, 1), (says_nothing, 3), (trickles, 2)])
def test_servers_that_hang_are_given_up_within_five_seconds(
    crew: Tree, app: Flask, settings: Settings, client: Browser, behaviour: Callable[..., None], servers: int
) -> None:
    try_as(client, "nia.pugh", "nia.pugh")
    with contextlib.ExitStack() as stack:
        ask_only(app, settings, *(stack.enter_context(server_that(behaviour)) for _ in range(servers)))
        assert seconds_of(Browser(app)) < 5
        assert is_in(client)
    assert db.session.scalars(sa.select(FailedSignIn)).all() == []


def test_a_long_timeout_of_the_readings_is_not_that_of_signing_in(
    crew: Tree, app: Flask, settings: Settings, client: Browser
) -> None:
    with server_that(says_nothing) as uri:
        ask_only(app, settings.model_copy(update={"ldap": settings.ldap.model_copy(update={"timeout": 60})}), uri)
        assert seconds_of(client) < 5


def test_a_name_server_that_hangs_is_given_up_within_five_seconds(
    crew: Tree, app: Flask, settings: Settings, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: done.wait(20))
    ask_only(app, settings, "ldap://localhost:389")
    assert seconds_of(client) < 5
    done.set()


def test_the_next_server_is_asked_where_the_first_hangs(
    crew: Tree, app: Flask, settings: Settings, client: Browser
) -> None:
    with server_that(says_nothing) as uri:
        ask_only(app, settings, uri, *settings.ldap.uris)
        began = time.monotonic()
        assert try_as(client, "nia.pugh", "nia.pugh").status_code == 302
        assert time.monotonic() - began < 5


def test_an_outage_leaves_threads_for_whoever_is_signed_in(
    crew: Tree, app: Flask, settings: Settings, client: Browser
) -> None:
    try_as(client, "nia.pugh", "nia.pugh")
    with server_that(says_nothing) as uri, ThreadPoolExecutor(8) as threads:  # As many as `registry serve` has.
        ask_only(app, settings, uri)
        tries = [threads.submit(_answered_in, app, settings, number) for number in range(8)]
        time.sleep(1.5)
        began = time.monotonic()
        assert threads.submit(lambda: True).result() is True
        assert time.monotonic() - began < 1
        assert max(one.result() for one in tries) < 5


def _answered_in(app: Flask, _settings: Settings, number: int) -> float:
    began = time.monotonic()
    with app.test_request_context("/sign-in", method="POST"), pytest.raises(DirectoryError):
        check_password(app.config["SETTINGS"], login=f"hand{number:03}", password="x", address="192.0.2.7")
    return time.monotonic() - began


def test_outage_is_told_at_once_and_keeps_sessions(
    instance: Path, app: Flask, settings: Settings, client: Browser, tmp_path: Path
) -> None:
    server = Slapd(tmp_path / "away", "dc=away,dc=example", "", more="dbnosync")
    away = Tree(server, base="dc=away,dc=example")
    away.add("nia.pugh")
    ldap = away.settings(attributes=LdapAttributes())
    app.config["SETTINGS"] = settings.model_copy(update={"ldap": ldap})
    assert try_as(client, "nia.pugh", "nia.pugh").status_code == 302
    away.close()
    server.stop()
    other = Browser(app)
    began = time.monotonic()
    answer = try_as(other, "nia.pugh", "nia.pugh")
    assert time.monotonic() - began < 5
    assert (answer.status_code, answer.errors) == (422, {"login": AWAY})
    assert db.session.scalars(sa.select(FailedSignIn)).all() == []  # It is not their failure.
    assert is_in(client)
