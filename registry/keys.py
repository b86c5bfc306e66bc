"""The key that signs the sessions: the one that is set, or one that is made at the first start and kept."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from registry.config import FEWEST_SECRET_CHARACTERS, Settings, SettingsError


def secret_key(settings: Settings) -> str:
    """The given key, or the one kept in the instance folder, made at the first call."""
    if given := settings.secret_key.get_secret_value():
        return given
    path = settings.instance / "secret_key"
    settings.instance.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _keep_new_key(path)
    key = path.read_text(encoding="ascii", errors="replace").strip()
    if len(key) < FEWEST_SECRET_CHARACTERS:
        raise SettingsError(f"{path} holds no key. Delete it: a new one is made, and everybody signs in again.")
    return key


def _keep_new_key(path: Path) -> None:
    """Make the key file whole or not at all; of two processes that begin at once, one is the first."""
    descriptor, name = tempfile.mkstemp(dir=path.parent)  # Only its owner may read it.
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    with contextlib.suppress(FileExistsError):
        os.link(name, path)
    Path(name).unlink()
