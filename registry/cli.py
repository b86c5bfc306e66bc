"""The ``registry`` command. Heavy imports are inside the commands: ``--help`` answers at once."""

import gc
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import click

from registry import __version__
from registry.cli_discovery import sweep
from registry.cli_evidence import verify
from registry.cli_people import forget, person, relink
from registry.cli_publishing import publish, token
from registry.terminal import opened, plainly, secret, stop

#: After how many new objects garbage is looked for, and how often it is among older ones; see Python's ``gc``.
SEARCHES_FOR_GARBAGE = (50_000, 20, 20)
PORT = click.IntRange(1, 65535)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="registry")
def main() -> None:
    """The register of an organisation's social media accounts."""
    # What a start makes is hardly ever garbage; to look for some each 700 objects takes a fifth of it.
    gc.set_threshold(*SEARCHES_FOR_GARBAGE)


main.add_command(person)
main.add_command(forget)
main.add_command(relink)
main.add_command(publish)
main.add_command(token)
main.add_command(verify)
main.add_command(sweep)


@main.command()
@plainly
def init() -> None:
    """Make the database, or bring it up to date. Safe to repeat."""
    from flask_migrate import upgrade

    from registry.db import Revision, revision

    with opened(check=False) as app:
        if revision() is Revision.NEWER:
            stop("The database is newer than this program. Install the newer release, or restore a backup.")
        Path(app.instance_path).mkdir(parents=True, exist_ok=True)
        upgrade()
        click.echo("The database is up to date.")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=5000, show_default=True, type=PORT, help="The port to listen on.")
@click.option(
    "--threads",
    default=8,
    show_default=True,
    type=click.IntRange(1, 256),
    help="How many requests are answered at once.",
)
@plainly
def serve(host: str, port: int, threads: int) -> None:
    """Serve the pages. Run `registry worker` beside it."""
    from waitress import create_server

    from registry.web import WAITRESS

    with opened() as app:
        try:
            server = create_server(app, host=host, port=port, threads=threads, **WAITRESS)
        except OSError as error:
            stop(f"Cannot listen on {host}:{port}: {error.strerror}. Is it in use? Choose another with --port.")
        click.echo(f"Serving on http://{host}:{port}", err=True)
        server.run()


@main.command()
@plainly
def worker() -> None:
    """Do the scheduled work: mail, the nightly directory sync."""
    from registry import timetable

    with opened() as app:
        pass  # The check needs a context; the jobs open their own.
    timetable.work(app)


@main.command()
@click.option("--port", default=5000, show_default=True, type=PORT, help="The port to listen on.")
@click.option("--fresh", is_flag=True, help="Begin anew, without what you changed in the demonstration before.")
@plainly
def demo(port: int, fresh: bool) -> None:
    """Show the register with a fictional council, on this machine only."""
    from registry.demo import show

    show.run(port=port, fresh=fresh)


@main.command()
@click.option("--sign-in", "login", metavar="USERNAME", default="", help="Try one sign-in; asks for the password.")
@click.option("--ldapsearch", is_flag=True, help="Print the ldapsearch that asks the same, for each step that has one.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@plainly
def doctor(login: str, ldapsearch: bool, as_json: bool) -> None:
    """Check settings, database and directory, and print the mend for each fault."""
    from registry import doctor as surgery

    password = secret(f"Password of {login}") if login else ""
    told, well = [], True
    with opened(check=False) as app:
        for step in surgery.steps(app, login=login, password=password):
            well = well and step.ok
            if as_json:
                told.append(surgery.as_json(step))
            else:
                click.echo("\n".join(surgery.as_lines(step, ldapsearch=ldapsearch)))
    if as_json:
        click.echo(json.dumps({"well": well, "steps": told}, ensure_ascii=False))
    sys.exit(0 if well else 1)


EXIT_CODES = {"complete": 0, "held": 3}


@main.command()
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would change.")
@click.option("--full", is_flag=True, help="Read every entry whole, not only those that differ.")
@click.option("--changes", is_flag=True, help="Read what changed since the last time; nobody is marked as absent.")
@click.option("--accept-leavers", type=int, metavar="N", help="Apply a run that was held; repeat its number.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@plainly
def sync(dry_run: bool, full: bool, changes: bool, accept_leavers: int | None, as_json: bool) -> None:
    """Read the staff directory. Exit: 0 complete, 3 held, 4 another sync runs, 1 failed."""
    from registry import jobs
    from registry.people.directory import DirectoryError
    from registry.people.intake import Outcome
    from registry.people.models import Way
    from registry.people.sync import AnotherSyncRuns

    with opened() as app, _bar(hidden=as_json) as progress:
        settings = app.config["SETTINGS"].ldap
        if not settings.uris:
            stop("REGISTRY_LDAP_URIS: no directory is set. Write ldaps:// and the name of your directory server.")
        way = Way.FULL if full else Way.CHANGES if changes else Way.SWEEP
        try:
            outcome = jobs.sync_directory(
                settings, way=way, dry_run=dry_run, accept_leavers=accept_leavers, progress=progress
            )
        except AnotherSyncRuns as error:
            outcome = Outcome(result="busy", reason=str(error))
        except DirectoryError as error:
            outcome = Outcome(result="failed", reason=str(error))
    _tell_sync(outcome, as_json)
    sys.exit(4 if outcome.result == "busy" else EXIT_CODES.get(outcome.result, 1))


@contextmanager
def _bar(*, hidden: bool) -> Iterator[Callable[[int, int], None]]:
    """Something to call with the number of entries read and expected: it draws a bar on a terminal."""
    if hidden or not sys.stderr.isatty():
        yield lambda _read, _expected: None
        return
    with click.progressbar(length=0, label="Reading", show_pos=True, file=sys.stderr) as bar:

        def show(read: int, expected: int) -> None:
            bar.length = max(expected, read)
            bar.update(read - bar.pos)

        yield show


def _tell_sync(outcome: Any, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(outcome.as_json(), ensure_ascii=False))
        return
    click.echo(
        f"{outcome.result}: {outcome.read} read, {outcome.joined} joined, {outcome.changed} changed,"
        f" {outcome.moved} moved, {outcome.missing} missing, {outcome.left} left, {outcome.returned} returned,"
        f" {outcome.skipped} skipped, in {outcome.seconds} s"
    )
    for name in outcome.absent:
        click.echo(f"  absent: {name}")
    if outcome.reason:
        click.echo(outcome.reason, err=True)


@main.command()
@click.argument("username")
@click.argument("role")
@plainly
def grant(username: str, role: str) -> None:
    """Give somebody a role: organiser, comms, auditor or admin."""
    from registry.db import db
    from registry.people import actions

    with opened():
        try:
            given = actions.grant(username=username, role=role, actor=None)
        except (actions.NoSuchPerson, actions.NoSuchRole) as error:
            stop(str(error))
        db.session.commit()
        click.echo(f"{username} {'is now' if given else 'was already'} {role}.")


@main.command("sign-out")
@click.argument("username")
@plainly
def sign_out(username: str) -> None:
    """Sign somebody out of every browser."""
    from registry.db import db
    from registry.people import signin

    with opened():
        count = signin.end_of(username)
        db.session.commit()
        if count is None:
            stop(f"Nobody has the username {username!r}.")
        click.echo(f"{username} is signed out of {count} browser{'' if count == 1 else 's'}.")


@main.command()
@click.option("--make", "wanted", flag_value="make", help="Make it, or give it a new password, printed once.")
@click.option("--remove", "wanted", flag_value="remove", help="Take it away, and sign it out.")
@plainly
def emergency(wanted: str | None) -> None:
    """The one administrator who can sign in when the directory is away."""
    from registry.db import db
    from registry.people import emergency as administrator

    if not wanted:
        stop("Say --make or --remove.", 2)
    with opened():
        password = administrator.make() if wanted == "make" else None
        there = bool(password) or administrator.remove()
        db.session.commit()
    if password:
        click.echo(f"Username: {administrator.USERNAME}\nPassword: {password}")
        click.echo("Keep it sealed: it is shown only now. Each use is written to every administrator.", err=True)
    else:
        click.echo("The emergency administrator is removed." if there else "There was no emergency administrator.")


@main.command()
@click.option("--platform", default=None, help="Accept bare handles of this platform too.")
@plainly
def resolve(platform: str | None) -> None:
    """Say which account each address on standard input is: platform, kind, key, url, note, by tabs."""
    from registry.accounts.platforms import PLATFORMS, Resolved, find_platform
    from registry.accounts.platforms import resolve as understand

    if platform and not (find_platform(platform)):
        stop(f"There is no platform {platform!r}. There are: {', '.join(PLATFORMS)}.", 2)
    # An address may hold any byte; those that are no UTF-8 are shown as the mark for unreadable ones.
    if sys.stdin is None:
        stop("There is no standard input to read addresses from.")
    sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
    write, somebody_types = sys.stdout.write, sys.stdin.isatty()
    for line in sys.stdin:
        answer = understand(line.rstrip("\r\n"), platform)
        if isinstance(answer, Resolved):
            # Only the note has blanks.
            write(f"{answer.platform}\t{answer.kind}\t{answer.key}\t{answer.url}\t{answer.note}\n")
        else:
            write(f"\t\t\t\t{answer.note}\n")
        if somebody_types:
            sys.stdout.flush()


@main.group("import")
def import_() -> None:
    """Bring in what is kept elsewhere."""


@import_.command("accounts")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Change nothing; report what would happen to each row.")
@click.option("--map", "mapping", multiple=True, metavar="COLUMN=FIELD", help="Which column is which field.")
@click.option(
    "--accept-closing", type=int, metavar="N", help="Bring in a file that closes many accounts; say how many."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@plainly
def import_accounts(
    file: Path, dry_run: bool, mapping: tuple[str, ...], accept_closing: int | None, as_json: bool
) -> None:
    """Register the accounts of a CSV or XLSX file; the same file twice changes nothing. Exit: 3 where it is held."""
    from registry.accounts import spreadsheet
    from registry.db import db

    with opened():
        try:
            report = spreadsheet.bring_in(
                file, columns=spreadsheet.parse_map(mapping), actor=None, dry_run=dry_run, accept_closing=accept_closing
            )
        except spreadsheet.UnreadableFile as error:
            stop(str(error))
        db.session.commit()
        _tell_import(report, as_json)
    sys.exit(EXIT_CODES["held"] if report.held and not dry_run else 0)


def _tell_import(report: Any, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
        return
    for note in report.notes:
        click.echo(note)
    for row in report.rows:
        if row.reason:
            click.echo(f"row {row.row}: {row.fate}: {row.reason}")
    click.echo(", ".join(f"{count} {fate}" for fate, count in report.counts().items()))
    if report.held:
        click.echo(f"{report.held} Say --accept-closing {report.closing}.", err=True)


@main.command()
@click.argument("what", type=click.Choice(["people", "accounts", "signoffs", "events"]))
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@click.option(
    "--out", type=click.Path(dir_okay=False, writable=True), default="-", help="A file instead of the screen."
)
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
    help="Of signoffs: who had to sign what at the end of that day in London, and how they stood.",
)  # fmt: skip
@plainly
def export(what: str, form: str, out: str, as_of: datetime | None) -> None:
    """Everything, in a stable order."""
    from registry import audit
    from registry import export as files
    from registry.accounts import queries as accounts
    from registry.db import today
    from registry.guidelines import queries as guidelines
    from registry.guidelines import standing
    from registry.people import queries as people

    sources: dict[str, Any] = {"people": people, "accounts": accounts, "signoffs": guidelines, "events": audit}
    write = files.write_csv if form == "csv" else files.write_json
    if as_of and what != "signoffs":
        stop("--as-of is for signoffs only: the register keeps no earlier state of the others.", 2)
    with opened(), click.open_file(out, "w", encoding="utf-8") as target:
        if as_of and as_of.date() > today():
            stop("--as-of: that day is still to come.", 2)
        source = standing if as_of else sources[what]
        _write(write, target, source.EXPORT_COLUMNS, source.export_rows(*([as_of.date()] if as_of else [])))


def _write(write: Any, target: IO[Any], columns: Any, rows: Any) -> None:
    write(target, columns, rows)


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@plainly
def backup(file: Path) -> None:
    """Copy the SQLite database to FILE while the register runs."""
    from registry import db

    with opened():
        try:
            db.copy_to(file)
        except db.NotHere as error:
            stop(str(error))
    click.echo(f"The database is copied to {file}.")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@plainly
def restore(file: Path, yes: bool) -> None:
    """Put a copy back in place of the SQLite database. Stop serve and worker first."""
    from registry import db

    if not yes:
        click.confirm("This replaces everything in the register. Go on?", abort=True)
    with opened(check=False):
        try:
            db.copy_from(file)
        except db.NotHere as error:
            stop(str(error))
    click.echo("The copy is in place. Run `registry init` if it comes from an older release.")
