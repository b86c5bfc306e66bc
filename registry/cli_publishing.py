"""The commands that let others read the register: files for a website, tokens for programs."""

import os
from datetime import timedelta
from pathlib import Path

import click

from registry.terminal import opened, plainly, stop


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@plainly
def publish(folder: Path) -> None:
    """Write the accounts that are for everyone into FOLDER, as files for a website."""
    from registry.public import files

    with opened() as app, app.test_request_context():
        os.umask(0o022)  # These are for everybody, and the web server is somebody else on this machine.
        try:
            written = files.publish(folder)
        except OSError as error:
            stop(f"{folder} cannot be written to: {error.strerror}.")
    for name in written:
        click.echo(f"{folder / name}: written")
    if not written:
        click.echo("Nothing has changed.")


@click.group()
def token() -> None:
    """Tokens with which programs read the register."""


@token.command("make")
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(["accounts", "people", "mail"]),
    help="What it may read beyond what anybody may; may be given more than once.",
)  # fmt: skip
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 730), help="How long it is good for.")
@plainly
def make_token(name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token for the program NAME; it is printed once, and only its hash is kept."""
    from registry.api import actions
    from registry.api.models import Scope
    from registry.db import db, today
    from registry.fields import UNSEEN

    if not name.strip() or len(name) > 80 or UNSEEN.search(name):
        stop("Name the program in at most 80 characters that can be shown.", 2)
    with opened():
        made, words = actions.make(
            name=name.strip(), scopes=[Scope(one) for one in scopes], expires_on=today() + timedelta(days=days),
            actor=None,
        )  # fmt: skip
        db.session.commit()
        until = made.expires_on
    click.echo(words)
    click.echo(f"Good until {until}. It is shown only now.", err=True)


@token.command("list")
@plainly
def list_tokens() -> None:
    """List the tokens: number, name, scopes, last day, when it was last used, by tabs."""
    from registry.api import queries

    with opened():
        for one in queries.tokens():
            over = "revoked" if one.revoked_at else "over" if one.is_over else "good"
            used = one.used_at.isoformat(timespec="minutes") if one.used_at else "never"
            cells = (one.id, one.name, one.scopes.replace(" ", ",") or "-", one.expires_on, used, over)
            click.echo("\t".join(map(str, cells)))


@token.command("revoke")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@plainly
def revoke_token(number: int) -> None:
    """Let the token with this number open nothing any more."""
    from registry.api import actions, queries
    from registry.db import db

    with opened():
        found = queries.token(number)
        if found is None:
            stop(f"There is no token {number}. `registry token list` names them.")
            return
        revoked = actions.revoke(token=found, actor=None)
        db.session.commit()
        click.echo(f"{found.name} is revoked." if revoked else f"{found.name} was revoked already.")
