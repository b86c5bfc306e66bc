"""Static files: each has an address that changes with any of them, so a browser may keep it for a year."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Flask, request

from registry.config import ROOT

A_YEAR: Final = 365 * 24 * 3600


@lru_cache(maxsize=1)
def static_version() -> str:
    """Twelve characters that change with any static file; part of their address, so they may be kept a year."""
    digest = hashlib.sha256()
    folder = ROOT / "static"
    for path in sorted(file for file in folder.rglob("*") if file.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def static_url(name: str) -> str:
    """The address of a static file, for ever the same contents. Raises ``FileNotFoundError`` for a wrong name."""
    if not _is_static(name):
        raise FileNotFoundError(f"static/{name}")
    return f"{request.script_root}/static/{static_version()}/{name}"


@lru_cache(maxsize=256)
def _is_static(name: str) -> bool:
    return (Path(ROOT) / "static" / name).is_file()


def init_app(app: Flask) -> None:
    """Serve the static files of ``app``, and let its pages ask for their addresses."""
    from whitenoise import WhiteNoise

    app.jinja_env.globals["static_url"] = static_url
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(ROOT / "static"),
        prefix=f"static/{static_version()}/",
        max_age=A_YEAR,
        allow_all_origins=False,
        immutable_file_test=lambda _path, _url: True,
        add_headers_function=lambda headers, _path, _url: headers.setdefault("X-Content-Type-Options", "nosniff"),
    )
