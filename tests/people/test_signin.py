"""Signing in against a real directory: who gets in, who does not and learns nothing by it, and for how long."""

import time
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
    assert db.session.scalar(sa.select(sa.func.count(FailedSignIn.id))) == 2


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


def test_session_ends_after_its_hours_however_busy(crew: Tree, client: Browser) -> None:
    try_as(client, "nia.pugh", "nia.pugh")
    for hours in (3, 6, 9, 11.9):
        with time_machine.travel(now() + timedelta(hours=hours)):
            assert is_in(client), hours
    with time_machine.travel(now() + timedelta(hours=12, seconds=2)):
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
    assert time.monotonic() - began < 6
    assert (answer.status_code, answer.errors) == (422, {"login": AWAY})
    assert db.session.scalars(sa.select(FailedSignIn)).all() == []  # It is not their failure.
    assert is_in(client)
