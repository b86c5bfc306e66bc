"""A small OpenID Connect provider for the tests: real keys, real codes, over HTTP on a free port of this machine.

It asks nobody for a password: whoever comes is ``who``. It does what the specification says, and checks that the
register does: a known redirect address, PKCE, a client secret, each code once. ``faults`` makes it go wrong.
"""

import base64
import hashlib
import hmac
import json
import secrets
import socket
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT_ID = "register of accounts"  # With a blank, which has its own spelling in a header (RFC 6749, 2.3.1).
CLIENT_SECRET = "quiet%please"


@cache
def _rsa_key() -> RSAKey:
    """One for all of them: to find the primes takes a tenth of a second."""
    return RSAKey.generate_key(2048, {"kid": "rsa"})


@dataclass
class Provider:
    """A running provider. ``asked`` are the paths that the register itself has asked for."""

    back: str
    who: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    #: Changes to what it does: claims of the token by name (None takes one away), or one of the words in ``_told``.
    faults: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys: dict[str, Any] = {
            "RS256": _rsa_key(), "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
        }  # fmt: skip
        self._codes: dict[str, dict[str, str]] = {}
        handler = type("Handler", (_Handler,), {"provider": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self._server.server_port}/tenant"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def discovery(self) -> dict[str, Any]:
        """What it says of itself."""
        told = {name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
        return {
            "issuer": self.issuer, **told, "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        } | self.faults.get("discovery", {})  # fmt: skip

    def public_keys(self) -> dict[str, Any]:
        """Its keys, as anybody may see them."""
        return KeySet(list(self.keys.values())).as_dict(private=False)

    def visit(self, address: str) -> str:
        """A browser comes to the authorization endpoint: where it is sent back to."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.issuer}/authorization_endpoint"
        asked = dict(parse_qsl(parts.query, strict_parsing=True))
        assert {name: asked[name] for name in ("response_type", "client_id", "redirect_uri", "scope")} == {
            "response_type": "code", "client_id": CLIENT_ID, "redirect_uri": self.back, "scope": "openid email profile",
        }  # fmt: skip
        assert asked["code_challenge_method"] == "S256"
        if said := self.faults.get("declines"):
            return f"{self.back}?{urlencode({'error': said, 'state': asked['state']})}"
        self._codes[code := secrets.token_urlsafe(16)] = asked
        return f"{self.back}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The token endpoint."""
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")
        if [unquote(one) for one in given] != [CLIENT_ID, CLIENT_SECRET]:
            return 401, {"error": "invalid_client"}
        asked = self._codes.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode()
        if not asked or challenge.rstrip("=") != asked["code_challenge"] or form["redirect_uri"] != self.back:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])}

    def id_token(self, nonce: str) -> str:
        """What it says of ``who``, signed."""
        at = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "sub": "1", "iat": at, "exp": at + 300, "nonce": nonce}
        claims = {**claims, **self.who, **self.faults.get("claims", {})}
        claims = {name: value for name, value in claims.items() if value is not None}
        match self.faults.get("signs", self.algorithm):
            case "none" | "nOnE" as spelt:
                return f"{_part({'alg': spelt})}.{_part(claims)}."
            case "nothing":
                return f"{_part({'alg': 'RS256', 'kid': 'rsa'})}.{_part(claims)}."
            case "HS256":  # With the public key as the shared secret, which some libraries have taken.
                told = f"{_part({'alg': 'HS256', 'kid': 'rsa'})}.{_part(claims)}"
                seal = hmac.digest(self.keys["RS256"].as_pem(private=False), told.encode(), "sha256")
                return f"{told}.{base64.urlsafe_b64encode(seal).decode().rstrip('=')}"
            case "stranger":
                return jwt.encode({"alg": "RS256", "kid": "rsa"}, claims, RSAKey.generate_key(2048))
            case str(algorithm):
                key = self.keys[algorithm]
                return jwt.encode({"alg": algorithm, "kid": key.kid}, claims, key)
        raise AssertionError


def _part(told: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        path = urlsplit(self.path).path.removeprefix("/tenant/")
        known = {".well-known/openid-configuration": self.provider.discovery, "jwks_uri": self.provider.public_keys}
        self._answer(path, 200, known[path]()) if path in known else self._answer(path, 404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._answer("token_endpoint", *self.provider.token(form, self.headers.get("Authorization", "")))

    def _answer(self, path: str, status: int, told: dict[str, Any]) -> None:
        self.provider.asked.append(path)
        fault = self.provider.faults.get(path)
        if fault == "hangs":
            time.sleep(20)
            return
        if fault == "trickles":
            self._trickle()
            return
        status, body = fault if isinstance(fault, tuple) else (status, json.dumps(told).encode())
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            self.send_header("Location", f"{self.provider.issuer}/jwks_uri")
        self.end_headers()
        self.wfile.write(body)

    def _trickle(self) -> None:
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for number in range(40):
                self.wfile.write(f"X-{number}: x\r\n".encode())
                time.sleep(0.5)
        except OSError:
            self.connection.close()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def nobody_there() -> str:
    """An issuer at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        return f"http://127.0.0.1:{held.getsockname()[1]}"
