"""Starts the demonstration: its own folder and database, web and worker in one process, on this machine only."""

import fcntl
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from registry import create_app, logs
from registry.config import Settings, SmtpSettings, instance_folder, load
from registry.demo import council
from registry.web import WAITRESS

#: Held by the one demonstration that runs in a folder.
LOCK: Final = "running.lock"


def settings_for(port: int) -> Settings:
    """The settings of the demonstration: nothing of a real register is read or written."""
    return load(
        instance=instance_folder() / "demo", database_url="", secret_key="", organisation=council.ORGANISATION,
        address=f"http://127.0.0.1:{port}", https=False, trusted_proxies=0, demo=True,
        public=True, public_contact="social.media@brynmor.example",
        ldap=council.directory(council.DATA / "council.ldif"), smtp=SmtpSettings(),
    )  # fmt: skip


def make(settings: Settings, *, fresh: bool = False) -> Any:
    """The app of the demonstration with its council in it. A filling that was stopped half-way is begun anew."""
    from flask_migrate import upgrade

    filled = settings.instance / "filled"
    if settings.instance.exists() and (fresh or not filled.exists()):
        for path in settings.instance.iterdir():
            if path.name != LOCK:
                path.unlink()
    settings.instance.mkdir(parents=True, exist_ok=True)
    app = create_app(settings)
    with app.app_context():
        upgrade()
        if not filled.exists():
            click.echo("Filling the register of Brynmor County Council…", err=True)
            council.fill(settings.instance)
            filled.touch()
        app.config["DEMO_CAST"] = council.cast()
    return app


def run(*, port: int, fresh: bool) -> None:
    """Show the demonstration until it is stopped."""
    from waitress import create_server

    from registry import timetable

    logs.init_logs()
    settings = settings_for(port)
    # The port and the folder first: nothing that another demonstration uses is touched.
    with _listening(port) as listener, _alone(settings.instance):
        app = make(settings, fresh=fresh)
        server = create_server(app, sockets=[listener], threads=8, **WAITRESS)
        consumer = timetable.consumer(app, threads=1)
        consumer.start()
        # The consumer has taken the signals for itself; here the server decides when to stop.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        _tell(app, port)
        try:
            server.run()  # It ends quietly when it is interrupted.
        finally:
            consumer.stop()
            click.echo("Stopped. What you changed is kept; --fresh begins anew.")


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    try:
        listener = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        reason = f"Cannot listen on port {port}: {error.strerror}. Choose another with --port."
        raise click.ClickException(reason) from None
    with listener:
        yield listener


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException("The demonstration is running already. Stop it first.") from None
        yield


def _tell(app: Any, port: int) -> None:
    click.echo(f"\nThe register of {council.ORGANISATION} is at http://127.0.0.1:{port}\n\nSign in as:")
    for guest in app.config["DEMO_CAST"]:
        click.echo(f"  {guest.username:<16} {guest.comes_as}")
    click.echo(f"\nThe password is {council.PASSWORD} for everybody. Stop with Ctrl-C.\n")
