"""Single sign-on through the organisation's OpenID Connect provider; only where ``sso.issuer`` is set.

Authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9207). Authlib and
its joserfc judge the ID token; this module says which provider is asked, for how long, and whom the claims mean.
Nobody is made by it: whoever comes this way is in the directory already, or is a guest.

The provider sends the browser back with a GET, and that GET signs in, which no other does: it counts only for the
browser that began (its session holds the state), once, and with a code that the provider takes once.
"""

import base64
import binascii
import contextlib
import hmac
import secrets
import ssl
import time
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast
from urllib.parse import quote, urlsplit
from uuid import UUID

import sqlalchemy as sa
from flask import Flask, current_app, session

from registry.config import Settings, SettingsError, SsoSettings, check_web_address, is_loopback
from registry.db import db
from registry.people.ldap.steps import Step
from registry.people.models import Person, PersonKind
from registry.people.patience import TooSlow, in_time
from registry.people.signin import admitted

SESSION_KEY: Final = "sso"
BACK: Final = "/sign-in/sso/back"
#: No shared keys and no ``none``: a token must be signed by who alone has the key.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY: Final = 60
#: Seconds that one question to the provider may take; all together are held to ``patience.MOST``.
PATIENCE: Final = 3.0
LARGEST_ANSWER: Final = 256 * 1024
#: Seconds for which what the provider says of itself is remembered, and after which new keys may be asked for.
REMEMBERED: Final = 3600
KEYS_ASKED_AGAIN: Final = 60
#: Seconds that somebody may take at the provider, and how many tabs may be at it.
MINUTES_AWAY: Final = 10
MOST_BEGUN: Final = 4
LONGEST_NEXT: Final = 400


class NotSignedIn(Exception):
    """Single sign-on came to nothing; ``str()`` is the sentence for the page, ``problem`` the one for the log."""

    def __init__(self, words: str, problem: str) -> None:
        super().__init__(words)
        self.problem = problem


AWAY: Final = (
    "Single sign-on does not answer just now. Try again in a few minutes, or sign in with your username and password."
)
UNTRUSTED: Final = (
    "Single sign-on gave an answer that we cannot trust, so you are not signed in. Try again, or sign in with your"
    " username and password. If it happens again, tell the IT service desk."
)
STALE: Final = "That took too long, or the page was loaded twice, so you are not signed in. Start again."
DECLINED: Final = "You did not finish signing in. Start again, or sign in with your username and password."
UNKNOWN: Final = (
    "We cannot tell who you are in this register. If you work here, ask the IT service desk whether you are in the"
    " staff directory with this email address. If you work with us as a guest, ask your sponsor."
)


def init_app(app: Flask, settings: SsoSettings) -> None:
    """Make single sign-on ready. Raises ``SettingsError`` where it is set but its libraries are not installed."""
    if not settings.issuer:
        return
    try:
        import authlib.oidc.core
        import httpx  # noqa: F401
    except ImportError:
        raise SettingsError(
            "REGISTRY_SSO_ISSUER (sso.issuer in registry.toml) needs more than is installed: run pip install '.[sso]'."
        ) from None
    del authlib
    app.extensions["sso"] = Provider(settings)


def begin(settings: Settings, next_page: str) -> str:
    """The provider's address to send the browser to; what it must come back with is kept in the session."""
    from authlib.common.urls import add_params_to_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    provider = _provider()
    told = _in_time(provider.about)
    state, nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    begun = dict(list(session.get(SESSION_KEY, {}).items())[1 - MOST_BEGUN :])
    kept_next = next_page if len(next_page) <= LONGEST_NEXT else "/"
    session[SESSION_KEY] = {**begun, state: [nonce, verifier, kept_next, int(time.time())]}
    params = {
        "response_type": "code", "client_id": provider.settings.client_id, "redirect_uri": _back(settings),
        "scope": "openid email profile", "state": state, "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256",
    }  # fmt: skip
    return cast(str, add_params_to_uri(told["authorization_endpoint"], list(params.items())))


def finish(settings: Settings, args: Mapping[str, str]) -> tuple[Person, str]:
    """Whom the provider's answer means, and the page where they were going.

    ``args`` is the query with which the browser came back. Raises ``NotSignedIn``.
    """
    begun = session.get(SESSION_KEY, {})
    flow = begun.get(args.get("state", ""))
    session[SESSION_KEY] = {state: kept for state, kept in begun.items() if kept is not flow}
    if not flow or time.time() - flow[3] > MINUTES_AWAY * 60:
        raise NotSignedIn(STALE, "the state is not one that this browser began with, or is too old")
    nonce, verifier, next_page, _began = flow
    provider = _provider()
    # A provider that names itself must be the one that was asked (RFC 9207, 2.4).
    if not hmac.compare_digest(args.get("iss", provider.settings.issuer).encode(), provider.settings.issuer.encode()):
        raise NotSignedIn(UNTRUSTED, "another issuer answered")
    if not (code := args.get("code")):
        raise NotSignedIn(DECLINED, f"the provider said {args.get('error', 'nothing')[:60]!r}")
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": _back(settings), "code_verifier": verifier,
    }  # fmt: skip
    db.session.rollback()  # No transaction stays open while another machine is asked.
    claims = _in_time(lambda: provider.claims_for(form, nonce))
    return person_of(provider.settings, claims), next_page


def person_of(settings: SsoSettings, claims: Mapping[str, Any]) -> Person:
    """Whom the claims mean: by directory id, or by an address that the provider has verified. Raises ``NotSignedIn``.

    Where the claims tell a directory id that nobody has, an address may name a guest only: the directory gives the
    address of somebody who has left to another, who inherits nothing.
    """
    ids = _spellings(claims.get(settings.id_claim)) if settings.id_claim else set()
    found = _people(Person.directory_id.in_(ids)) if ids else []
    if not found and settings.match_mail and claims.get("email_verified") in (True, "true"):
        mail = str(claims.get("email") or "").strip().lower()
        kinds = [PersonKind.GUEST] if ids else [PersonKind.GUEST, PersonKind.DIRECTORY]
        found = _people(sa.func.lower(Person.mail) == mail, Person.kind.in_(kinds)) if mail else []
    if len(found) != 1:
        raise NotSignedIn(UNKNOWN, f"the claims mean {len(found)} people")
    return found[0]


def _people(*where: sa.ColumnElement[bool]) -> list[Person]:
    return list(
        db.session.scalars(
            sa.select(Person)
            .where(admitted(), Person.kind != PersonKind.EMERGENCY, *where)
            .order_by(Person.id)
            .limit(2)
        )
    )


def _spellings(told: object) -> set[str]:
    """A directory id in the ways that providers write it: as it is, as a UUID, or base64 of Microsoft's bytes."""
    if not isinstance(told, str) or not (text := told.strip()):
        return set()
    found = {text, text.lower()}
    with contextlib.suppress(ValueError):
        found.add(str(UUID(text)))
    with contextlib.suppress(binascii.Error, ValueError):
        found.add(str(UUID(bytes_le=base64.b64decode(text, validate=True))))
    return found


def check(settings: SsoSettings) -> list[Step]:
    """For ``registry doctor``: whether the provider answers as it should. Nothing is raised."""
    if not settings.issuer:
        return []
    provider = Provider(settings)
    try:
        _in_time(lambda: (provider.about(), provider.keys()))
    except NotSignedIn as fault:
        mend = "Check REGISTRY_SSO_ISSUER and REGISTRY_SSO_CA_FILE, and that this machine may reach the provider."
        return [Step(False, f"Single sign-on at {settings.issuer}: {fault.problem}.", mend)]
    return [Step(True, f"Single sign-on at {settings.issuer} answers.")]


class Provider:
    """The organisation's OpenID Connect provider: what it says of itself, and what it says of somebody."""

    def __init__(self, settings: SsoSettings) -> None:
        self.settings = settings
        self._about: dict[str, Any] = {}
        self._keys: dict[str, Any] = {}
        self._asked_at = {"about": float("-inf"), "keys": float("-inf")}

    def about(self) -> dict[str, Any]:
        """Its discovery document (OpenID Connect Discovery 1.0, 4), asked of the issuer only."""
        if time.monotonic() - self._asked_at["about"] > REMEMBERED:
            told = self._ask(self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if told.get("issuer") != self.settings.issuer:
                raise _untrusted("its discovery document names another issuer")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                try:
                    address = str(told.get(name, "")).partition("?")[0]
                    check_web_address(name, address, insecure=self.settings.insecure)
                except ValueError as error:
                    raise _untrusted(str(error).replace("|", " ", 1)) from None
            self._about, self._asked_at["about"] = told, time.monotonic()
        return self._about

    def keys(self, *, again: bool = False) -> dict[str, Any]:
        """Its public keys; ``again`` asks for new ones, but not more than once a minute."""
        age = time.monotonic() - self._asked_at["keys"]
        if age > (KEYS_ASKED_AGAIN if again else REMEMBERED):
            self._keys = self._ask(self.about()["jwks_uri"])
            self._asked_at["keys"] = time.monotonic()
        return self._keys

    def claims_for(self, form: dict[str, str], nonce: str) -> Mapping[str, Any]:
        """What the provider says of whom it gave the code of ``form`` to. Raises ``NotSignedIn``."""
        told, secret = self.about(), self.settings.client_secret.get_secret_value()
        ways, auth = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"], None
        if secret and "client_secret_basic" in ways:
            auth = (quote(self.settings.client_id, safe=""), quote(secret, safe=""))  # RFC 6749, 2.3.1
        else:
            form = {**form, "client_id": self.settings.client_id, **({"client_secret": secret} if secret else {})}
        answer = self._ask(told["token_endpoint"], form=form, auth=auth)
        return self._judged(answer, nonce)

    def _judged(self, answer: dict[str, Any], nonce: str) -> Mapping[str, Any]:
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        offered = self.about().get("id_token_signing_alg_values_supported") or ["RS256"]
        try:
            token = self._decoded(answer["id_token"], [one for one in ALGORITHMS if one in offered])
            rules = {
                "iss": {"essential": True, "value": self.settings.issuer},
                "aud": {"essential": True, "value": self.settings.client_id},
            }
            params = {
                "nonce": nonce, "client_id": self.settings.client_id, "access_token": answer.get("access_token"),
            }  # fmt: skip
            claims = CodeIDToken(token.claims, token.header, rules, params)
            claims.validate(leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise _untrusted(f"the ID token: {type(error).__name__} {str(error)[:120]}") from None
        return cast(Mapping[str, Any], claims)

    def _decoded(self, token: str, algorithms: Iterable[str]) -> Any:
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError
        from joserfc.jwk import KeySet
        from joserfc.jws import JWSRegistry

        rules = JWSRegistry(algorithms=list(algorithms), strict_check_header=False)
        try:
            return jwt.decode(token, KeySet.import_key_set(cast(Any, self.keys())), registry=rules)
        except InvalidKeyIdError:  # It has changed its keys since they were asked for.
            return jwt.decode(token, KeySet.import_key_set(cast(Any, self.keys(again=True))), registry=rules)

    def _ask(
        self, address: str, *, form: dict[str, str] | None = None, auth: tuple[str, str] | None = None
    ) -> dict[str, Any]:
        """The JSON object at ``address``, with ``form`` sent there; no redirect is followed. Raises ``NotSignedIn``."""
        import json

        import httpx

        try:
            with (
                httpx.Client(
                    verify=ssl.create_default_context(cafile=self.settings.ca_file),
                    timeout=PATIENCE,
                    follow_redirects=False,
                    trust_env=not is_loopback(urlsplit(address).hostname or ""),
                ) as client,
                client.stream("POST" if form else "GET", address, data=form, auth=auth) as answer,
            ):
                body = _at_most(answer.iter_bytes())
            if answer.status_code >= 500:
                raise NotSignedIn(AWAY, f"{address} answered {answer.status_code}")
            told = json.loads(body)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise NotSignedIn(AWAY, f"{address}: {type(error).__name__} {error}") from None
        except ValueError as error:
            raise _untrusted(f"{address} did not answer with JSON: {error}") from None
        if answer.status_code != 200 or not isinstance(told, dict):
            said = told.get("error") if isinstance(told, dict) else ""
            raise _untrusted(f"{address} answered {answer.status_code} {str(said)[:60]}")
        return told


def _at_most(pieces: Iterable[bytes]) -> bytes:
    found = b""
    for piece in pieces:
        found += piece
        if len(found) > LARGEST_ANSWER:
            raise ValueError("it is too large")
    return found


def _untrusted(problem: str) -> NotSignedIn:
    return NotSignedIn(UNTRUSTED, problem)


def _in_time(work: Any) -> Any:
    try:
        return in_time("provider", lambda _ask: work())
    except TooSlow as error:
        raise NotSignedIn(AWAY, str(error)) from None


def _provider() -> Provider:
    return cast(Provider, current_app.extensions["sso"])


def _back(settings: Settings) -> str:
    """Where the provider sends the browser: exactly this address must be known to it."""
    return settings.address.rstrip("/") + BACK
