"""Codes in links that are sent to somebody: only the register can make them, and it need not keep them."""

import hmac
from typing import Final

from flask import current_app

#: Hexadecimal digits of a code: 128 bits, and no character at the end that a mail program takes for a full stop.
LENGTH: Final = 32


def seal_of(about: str) -> str:
    """The code over what a link is about; ``about`` holds something random, or a new link would be the old one."""
    return _made_with(current_app.config["SECRET_KEY"], about)


def is_seal_of(about: str, seal: str) -> bool:
    """Whether a code that came is the one; found out in constant time, and with keys that were in use before, too."""
    keys = (current_app.config["SECRET_KEY"], *(current_app.config["SECRET_KEY_FALLBACKS"] or ()))
    came = seal.encode("utf-8", "replace")
    return any([hmac.compare_digest(_made_with(key, about).encode(), came) for key in keys])


def _made_with(key: str, about: str) -> str:
    return hmac.digest(key.encode(), about.encode(), "sha256").hex()[:LENGTH]
