"""Starts the demonstration: its own folder and database, web and worker in one process, on this machine only."""

import shutil
import signal
from typing import Any

import click
import sqlalchemy as sa

from registry import create_app, logs
from registry.config import Settings, SmtpSettings, instance_folder, load
from registry.db import Revision, db, revision
from registry.demo import council
from registry.people.models import Person


def settings_for(port: int) -> Settings:
    """The settings of the demonstration: nothing of a real register is read or written."""
    return load(
        instance=instance_folder() / "demo", database_url="", secret_key="", organisation=council.ORGANISATION,
        address=f"http://127.0.0.1:{port}", https=False, trusted_proxies=0, demo=True,
        ldap=council.directory(council.DATA / "council.ldif"), smtp=SmtpSettings(),
    )  # fmt: skip


def make(settings: Settings, *, fresh: bool = False) -> Any:
    """The app of the demonstration with its council in it."""
    from flask_migrate import upgrade

    if fresh and settings.instance.exists():
        shutil.rmtree(settings.instance)
    settings.instance.mkdir(parents=True, exist_ok=True)
    app = create_app(settings)
    with app.app_context():
        if revision() is not Revision.CURRENT:
            upgrade()
        if not db.session.scalar(sa.select(sa.exists(sa.select(Person.id)))):
            click.echo("Filling the register of Brynmor County Council…", err=True)
            council.fill(settings.instance)
        app.config["DEMO_CAST"] = council.cast()
    return app


def run(*, port: int, fresh: bool) -> None:
    """Show the demonstration until it is stopped."""
    from waitress import create_server

    from registry import jobs

    logs.init_logs()
    app = make(settings_for(port), fresh=fresh)
    try:
        server = create_server(app, host="127.0.0.1", port=port, threads=8, ident="registry")
    except OSError as error:
        raise click.ClickException(
            f"Cannot listen on port {port}: {error.strerror}. Choose another with --port."
        ) from None
    consumer = jobs.make_huey(app).create_consumer(workers=1, worker_type="thread")
    consumer.start()
    # The consumer has taken the signals for itself; here the server decides when to stop.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _tell(app, port)
    try:
        server.run()
    except KeyboardInterrupt:
        click.echo("Stopped. What you changed is kept; --fresh begins anew.")
    finally:
        consumer.stop()


def _tell(app: Any, port: int) -> None:
    click.echo(f"\nThe register of {council.ORGANISATION} is at http://127.0.0.1:{port}\n\nSign in as:")
    for guest in app.config["DEMO_CAST"]:
        click.echo(f"  {guest.username:<16} {guest.comes_as}")
    click.echo(f"\nThe password is {council.PASSWORD} for everybody. Stop with Ctrl-C.\n")
