"""Single sign-on against a real provider: whom its word lets in, and every way in which it must not."""

import base64
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Answer, Browser
from databases import SECRET_KEY
from flask import Flask
from joserfc.jwk import RSAKey
from provider import CLIENT_ID, CLIENT_SECRET, Provider, nobody_there

from registry.config import Settings, SettingsError, SsoSettings, load
from registry.db import db, now, today
from registry.people import sso
from registry.people.models import Guest, GuestKind, Person, PersonKind, PersonState, SignIn, SignInMethod

pytestmark = pytest.mark.sqlite_only  # What it is about asks little of the database.

ADDRESS = "https://register.dunmore.example"
IN_2100 = 4102444800
NOBODYS_ID = "6f1c0d2e-0000-4000-8000-00000000beef"


@pytest.fixture
def provider() -> Iterator[Provider]:
    """The organisation's provider; the library officer has come to it."""
    made = Provider(back=f"{ADDRESS}/sign-in/sso/back")
    yield made
    made.stop()


def sso_settings(provider: Provider, **changes: Any) -> SsoSettings:
    """Settings that fit the provider."""
    given = {
        "issuer": provider.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "insecure": True,
        "id_claim": "object_id",
    }  # fmt: skip
    return SsoSettings(**(given | changes))


@pytest.fixture
def settings(instance: Path, database_url: str, provider: Provider) -> Settings:
    """The app asks the provider of this test."""
    return load(
        instance=instance, database_url=database_url, secret_key=SECRET_KEY, address=f"{ADDRESS}/",
        sso=sso_settings(provider),
    )  # fmt: skip


@pytest.fixture
def officer(app: Flask, provider: Provider) -> Person:
    """The library officer, of whom the provider tells the directory id."""
    person = cast.library_officer()
    provider.who = {"object_id": person.directory_id}
    db.session.commit()
    return person


def begin(client: Browser, path: str = "/sign-in/sso") -> str:
    """Press the button: the provider's address that the browser is sent to."""
    answer = client.get(path)
    assert answer.status_code == 302
    return str(answer.location)


def come_back(client: Browser, provider: Provider, path: str = "/sign-in/sso") -> Answer:
    """The whole way there and back."""
    back = provider.visit(begin(client, path))
    assert back.startswith(ADDRESS)
    answer: Answer = client.get(back.removeprefix(ADDRESS))
    return answer


def is_in(client: Browser) -> bool:
    """Whether the browser is signed in."""
    return bool(client.get("/accounts").status_code == 200)


def refused(client: Browser, answer: Answer) -> str:
    """What the sign-in page says, to which the browser was sent back without being signed in."""
    assert answer.location == "/sign-in"
    told = client.get("/sign-in").words("p", class_="reg-flash__text")[-1]
    assert not is_in(client)
    assert db.session.scalars(sa.select(SignIn)).all() == []
    return told


# Who gets in.


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_somebody_comes_in_by_their_directory_id(
    client: Browser, provider: Provider, officer: Person, algorithm: str
) -> None:
    provider.algorithm = algorithm
    assert come_back(client, provider).location == "/"
    assert is_in(client)
    (kept,) = db.session.scalars(sa.select(SignIn))
    assert (kept.person_id, kept.method) == (officer.id, SignInMethod.SINGLE_SIGN_ON)
    assert provider.asked == [".well-known/openid-configuration", "token_endpoint", "jwks_uri"]


@pytest.mark.parametrize(
    "spelt",
    [
        str, lambda one: str(one).upper(), lambda one: f"{{{one}}}", lambda one: one.hex,
        lambda one: base64.b64encode(one.bytes_le).decode(),
    ],
)  # fmt: skip
def test_a_directory_id_is_known_in_the_ways_that_providers_write_it(
    client: Browser, provider: Provider, officer: Person, spelt: Any
) -> None:
    provider.who = {"object_id": spelt(uuid.UUID(officer.directory_id))}
    come_back(client, provider)
    assert is_in(client)


def test_somebody_comes_in_by_an_address_that_the_provider_has_verified(
    client: Browser, provider: Provider, officer: Person
) -> None:
    provider.who = {"email": "Nia.Okafor@DUNMORE.example", "email_verified": True}
    come_back(client, provider)
    assert is_in(client)


def a_guest(days: int) -> Person:
    """A contractor with so many days left."""
    officer = cast.library_officer()
    person = cast.a_person("cai.contractor", name="Cai Contractor", kind=PersonKind.GUEST, directory_id=None)
    last = today() + timedelta(days=days)
    db.session.add(
        Guest(
            person_id=person.id, kind=GuestKind.CONTRACTOR, sponsor_id=officer.id, ends_on=last, added_at=now(),
            added_by_id=officer.id,
        )
    )  # fmt: skip
    db.session.commit()
    return person


@pytest.mark.parametrize(("days", "comes_in"), [(0, True), (-1, False)])
def test_a_guest_comes_in_until_their_last_day(
    client: Browser, provider: Provider, officer: Person, days: int, comes_in: bool
) -> None:
    guest = a_guest(days)
    provider.who = {"email": guest.mail, "email_verified": True, "object_id": str(uuid.uuid4())}
    come_back(client, provider)
    assert is_in(client) is comes_in


def test_the_way_leads_back_to_where_somebody_was(client: Browser, provider: Provider, officer: Person) -> None:
    client.get("/accounts?q=caf%C3%A9")
    page = client.get("/sign-in?next=/accounts%3Fq%3Dcaf%25C3%25A9")
    (button,) = page.all("a", class_="govuk-button")
    assert "".join(button.itertext()) == "Sign in with your work account"
    assert come_back(client, provider, button.attrib["href"]).location == "/accounts?q=caf%C3%A9"


@pytest.mark.parametrize("where", ["//evil.example", "https://evil.example", "/\\evil.example", "/" + "x" * 5000])
def test_next_never_leaves_the_site(client: Browser, provider: Provider, officer: Person, where: str) -> None:
    answer = client.get("/sign-in/sso", query_string={"next": where})
    back = provider.visit(str(answer.location))
    assert client.get(back.removeprefix(ADDRESS)).location == "/"


def test_two_tabs_come_back_each_to_its_own_page(client: Browser, provider: Provider, officer: Person) -> None:
    one, two = begin(client, "/sign-in/sso?next=/people"), begin(client, "/sign-in/sso?next=/accounts")
    assert client.get(provider.visit(one).removeprefix(ADDRESS)).location == "/people"
    # The second finds the browser signed in already, with a new session.
    assert client.get(provider.visit(two).removeprefix(ADDRESS)).location == "/sign-in"
    assert client.get("/").words("p", class_="reg-flash__text") == []
    assert is_in(client)


def test_the_session_is_a_new_one(client: Browser, provider: Provider, officer: Person) -> None:
    client.as_(cast.stranger())
    before = client.get_cookie("registry")
    assert before is not None
    client.anonymous()
    come_back(client, provider)
    (kept,) = [one for one in db.session.scalars(sa.select(SignIn)) if one.person_id == officer.id]
    assert SignIn.hash_of(client._session()["sign_in"]) == kept.token_hash
    assert "sso" not in client._session()


def test_new_keys_of_the_provider_are_asked_for(client: Browser, provider: Provider, officer: Person) -> None:
    come_back(client, provider)
    client.anonymous()
    provider.keys["RS256"] = RSAKey.generate_key(2048, {"kid": "rsa2"})
    began = time.monotonic()
    keeper = client.application.extensions["sso"]
    keeper._asked_at["keys"] = began - 61
    come_back(client, provider)
    assert is_in(client)
    assert provider.asked.count("jwks_uri") == 2
    assert provider.asked.count(".well-known/openid-configuration") == 1


def test_password_and_button_stand_side_by_side(client: Browser, provider: Provider, officer: Person) -> None:
    page = client.get("/sign-in")
    assert [one.get("name") for one in page.all("input", type="password")] == ["password"]
    assert page.all("a", href="/sign-in/sso?next=/")


# Who does not.


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"aud": None}, {"aud": ["another"]},
        {"aud": [CLIENT_ID, "another"]}, {"aud": [CLIENT_ID, "another"], "azp": "another"}, {"azp": "another"},
        {"iss": "https://evil.example"}, {"iss": None}, {"exp": 1}, {"exp": None}, {"iat": None}, {"sub": None},
        {"iat": IN_2100}, {"nbf": IN_2100}, {"at_hash": "wrong"},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    client: Browser, provider: Provider, officer: Person, claims: dict[str, Any]
) -> None:
    provider.faults["claims"] = claims
    assert refused(client, come_back(client, provider)) == sso.UNTRUSTED


@pytest.mark.parametrize("signs", ["none", "nOnE", "nothing", "HS256", "stranger"])
def test_a_token_that_the_provider_did_not_sign_is_refused(
    client: Browser, provider: Provider, officer: Person, signs: str
) -> None:
    provider.faults["signs"] = signs
    assert refused(client, come_back(client, provider)) == sso.UNTRUSTED


@pytest.mark.parametrize(
    "who",
    [
        {"object_id": NOBODYS_ID}, {"object_id": ""}, {"object_id": 7}, {"object_id": ["x"]}, {}, {"email": ""},
        {"email": "nobody@dunmore.example", "email_verified": True},
        {"email": "nia.okafor@dunmore.example"}, {"email": "nia.okafor@dunmore.example", "email_verified": False},
        {"email": "nia.okafor@dunmore.example", "email_verified": "no"}, {"email": "%", "email_verified": True},
        {"email": "shared@dunmore.example", "email_verified": True},
        {"email": "gareth.left@dunmore.example", "email_verified": True},
        # Somebody else has the address now: the id says so.
        {"email": "nia.okafor@dunmore.example", "email_verified": True, "object_id": NOBODYS_ID},
        {"preferred_username": "emergency", "email": None},
    ],
    ids=str,
)  # fmt: skip
def test_whoever_cannot_be_told_is_not_signed_in_and_nobody_is_made(
    client: Browser, provider: Provider, officer: Person, who: dict[str, Any]
) -> None:
    cast.leaver()
    for _ in range(2):
        cast.a_person(mail="shared@dunmore.example")
    db.session.commit()
    before = db.session.scalar(sa.select(sa.func.count(Person.id)))
    provider.who = who
    assert refused(client, come_back(client, provider)) == sso.UNKNOWN
    assert db.session.scalar(sa.select(sa.func.count(Person.id))) == before


@pytest.mark.parametrize("state", [PersonState.LEFT, PersonState.DISABLED])
def test_whoever_has_left_is_not_signed_in(
    client: Browser, provider: Provider, officer: Person, state: PersonState
) -> None:
    officer.state, officer.left_at = state, now()
    assert refused(client, come_back(client, provider)) == sso.UNKNOWN


def test_an_address_does_not_tell_where_the_settings_say_so(
    app: Flask, client: Browser, provider: Provider, officer: Person
) -> None:
    app.extensions["sso"] = sso.Provider(sso_settings(provider, match_mail=False))
    provider.who = {"email": officer.mail, "email_verified": True}
    assert refused(client, come_back(client, provider)) == sso.UNKNOWN


def test_an_answer_counts_once(client: Browser, provider: Provider, officer: Person) -> None:
    back = provider.visit(begin(client)).removeprefix(ADDRESS)
    copied = client.get_cookie("registry")
    assert copied is not None
    assert client.get(back).location == "/"
    client.post("/sign-out")
    assert refused(client, client.get(back)) == sso.STALE
    # Nor with the cookie of before: the provider takes a code once.
    client.set_cookie("registry", copied.value)
    assert refused(client, client.get(back)) == sso.UNTRUSTED


def test_an_answer_counts_only_in_the_browser_that_began(
    app: Flask, client: Browser, provider: Provider, officer: Person
) -> None:
    back = provider.visit(begin(client)).removeprefix(ADDRESS)
    victim = Browser(app)
    assert refused(victim, victim.get(back)) == sso.STALE
    assert refused(victim, victim.get("/sign-in/sso/back?code=x")) == sso.STALE


def test_an_answer_that_took_too_long_is_refused(client: Browser, provider: Provider, officer: Person) -> None:
    back = provider.visit(begin(client)).removeprefix(ADDRESS)
    with time_machine.travel(now() + timedelta(minutes=10, seconds=5)):
        assert refused(client, client.get(back)) == sso.STALE


def test_an_answer_of_another_issuer_is_refused(client: Browser, provider: Provider, officer: Person) -> None:
    back = provider.visit(begin(client)).removeprefix(ADDRESS)
    mixed = back.replace("iss=", "iss=https%3A%2F%2Fevil.example%2F")
    assert refused(client, client.get(mixed)) == sso.UNTRUSTED
    assert provider.asked == [".well-known/openid-configuration"]


@pytest.mark.parametrize("said", ["access_denied", "login_required", "<script>"])
def test_whoever_turns_back_at_the_provider_reads_what_to_do(
    client: Browser, provider: Provider, officer: Person, said: str
) -> None:
    provider.faults["declines"] = said
    assert refused(client, come_back(client, provider)) == sso.DECLINED


# The provider goes wrong.


@pytest.mark.parametrize("path", [".well-known/openid-configuration", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ((500, b"{}"), sso.AWAY), ((503, b"<html>"), sso.AWAY), ((404, b"{}"), sso.UNTRUSTED),
        ((200, b"[]"), sso.UNTRUSTED), ((200, b"nonsense"), sso.UNTRUSTED), ((200, b"\xff\xfe"), sso.UNTRUSTED),
        ((200, b"{}"), sso.UNTRUSTED), ((302, b"{}"), sso.UNTRUSTED), ((200, b" " * 300_000), sso.UNTRUSTED),
        ((400, b'{"error": "invalid_grant"}'), sso.UNTRUSTED), ((200, b'{"id_token": 7, "keys": 7}'), sso.UNTRUSTED),
        ((200, b'{"id_token": "a.b.c", "keys": [{"kty": "x"}]}'), sso.UNTRUSTED),
    ],
)  # fmt: skip
def test_an_answer_that_makes_no_sense_is_told_in_plain_words(
    client: Browser, provider: Provider, officer: Person, path: str, fault: tuple[int, bytes], told: str
) -> None:
    provider.faults[path] = fault
    answer = client.get("/sign-in/sso")
    if path != ".well-known/openid-configuration":
        answer = client.get(provider.visit(str(answer.location)).removeprefix(ADDRESS))
    assert refused(client, answer) == told


@pytest.mark.parametrize(
    ("path", "fault"),
    [(".well-known/openid-configuration", "hangs"), ("token_endpoint", "trickles"), ("jwks_uri", "hangs")],
)
def test_a_provider_that_hangs_is_given_up_within_five_seconds(
    client: Browser, provider: Provider, officer: Person, path: str, fault: str
) -> None:
    address = "" if path.startswith(".") else begin(client)
    provider.faults[path] = fault
    began = time.monotonic()
    answer = client.get(provider.visit(address).removeprefix(ADDRESS) if address else "/sign-in/sso")
    assert time.monotonic() - began < 5
    assert refused(client, answer) == sso.AWAY


def test_a_provider_that_is_down_leaves_the_password(app: Flask, client: Browser, provider: Provider) -> None:
    app.extensions["sso"] = sso.Provider(sso_settings(provider, issuer=nobody_there()))
    assert refused(client, client.get("/sign-in/sso")) == sso.AWAY
    assert client.get("/sign-in").all("input", type="password")


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/token"}, {"jwks_uri": ""},
        {"authorization_endpoint": "javascript:alert(1)"}, {"jwks_uri": "file:///etc/passwd"}, {"jwks_uri": None},
        {"token_endpoint": "ldap://127.0.0.1"}, {"jwks_uri": "http://[::1"},
    ],
    ids=str,
)  # fmt: skip
def test_a_provider_cannot_send_the_register_elsewhere(
    client: Browser, provider: Provider, officer: Person, discovery: dict[str, Any]
) -> None:
    provider.faults["discovery"] = discovery
    assert refused(client, client.get("/sign-in/sso")) == sso.UNTRUSTED


# Without it, and its settings.


def test_without_an_issuer_there_is_no_button_and_nothing_is_asked(app: Flask, client: Browser) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"sso": SsoSettings()})
    assert client.get("/sign-in").all("a", class_="govuk-button") == []
    for path in ("/sign-in/sso", "/sign-in/sso/back?code=x&state=y"):
        assert client.get(path).location == "/sign-in"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"issuer": "http://login.example"}, "issuer|http://login.example would send secrets unencrypted"),
        ({"issuer": "http://127.0.0.1:8"}, "issuer|http://127.0.0.1:8 would send secrets unencrypted"),
        ({"issuer": "http://10.0.0.4", "insecure": True}, "issuer|http://10.0.0.4 would send secrets unencrypted"),
        ({"issuer": "login.example"}, "issuer|'login.example' is no web address"),
        ({"client_id": ""}, "client_id|is empty"),
        ({"match_mail": False}, "id_claim|is empty and match_mail is false, so nobody could be found"),
        ({"ca_file": "/nowhere.pem"}, "ca_file|/nowhere.pem is not there"),
    ],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match="Value error") as raised:
        SsoSettings(**{"issuer": "https://login.example", "client_id": "register", **changes})
    (fault,) = raised.value.errors()  # type: ignore[attr-defined]
    assert str(fault["ctx"]["error"]).partition(": ")[0] == told


def test_a_fault_of_the_settings_names_its_variable(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_SSO_ISSUER", "http://login.example")
    with pytest.raises(SettingsError) as raised:
        load()
    assert str(raised.value) == (
        "REGISTRY_SSO_ISSUER (sso.issuer in registry.toml) http://login.example would send secrets unencrypted:"
        " write https://."
    )


def test_the_doctor_says_whether_the_provider_answers(app: Flask, provider: Provider) -> None:
    (step,) = sso.check(sso_settings(provider))
    assert (step.ok, step.line) == (True, f"Single sign-on at {provider.issuer} answers.")
    (step,) = sso.check(sso_settings(provider, issuer=f"{provider.issuer}/other"))
    assert (step.ok, bool(step.mend)) == (False, True)
    assert sso.check(SsoSettings()) == []
