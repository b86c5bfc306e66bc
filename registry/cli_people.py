"""The commands on what is held on people: tell them of it, forget leavers, link people whose directory id changed.

Heavy imports are inside.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from registry.terminal import opened, plainly, stop


@click.command()
@click.argument("username", required=False)
@click.option("--id", "person_id", type=click.IntRange(1, 2**31 - 1), help="One of several with that username.")
@click.option("--report", is_flag=True, help="Print all that is held on them.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.option("--forget", "forgets", is_flag=True, help="Take their name away, where their time is over.")
@click.option("--now", "granted", is_flag=True, help="Forget at once: they asked for it, and that was granted.")
@plainly
def person(
    username: str | None, person_id: int | None, report: bool, as_json: bool, forgets: bool, granted: bool
) -> None:
    """What is held on somebody: print it, or forget a leaver."""
    from registry.db import db
    from registry.people import forgetting, subject

    if report == forgets or not (username or person_id):
        stop("Name one person, by username or --id, and say --report or --forget.", 2)
    with opened() as app:
        somebody = _one_person(username, person_id)
        if report:
            for piece in subject.as_json(somebody) if as_json else subject.as_text(somebody):
                click.echo(piece, nl=not as_json)
            return
        try:
            keep_days = app.config["SETTINGS"].keep_leavers_days
            with _no_reading():
                forgetting.forget(person=somebody, keep_days=keep_days, granted=granted)
                db.session.commit()
        except forgetting.CannotBeForgotten as error:
            stop(str(error))
        click.echo(f"They are {somebody.name} from now on.")


@contextmanager
def _no_reading() -> Iterator[None]:
    """Keep the directory from being read within the block; it might write to a row that loses its name."""
    from registry.db import exclusively

    with exclusively("sync") as free:
        if not free:
            stop("The directory is being read just now. Try again when that has ended.", 4)
        yield


def _one_person(username: str | None, person_id: int | None) -> Any:
    from registry.people import subject

    found = subject.candidates(username, person_id)
    if not found:
        stop("Nobody like that is known. Check the spelling, or give --id instead of the username.")
    if len(found) > 1:
        lines = (f"  --id {one.id}: {one.name}, {subject.standing(one)}" for one in found)
        stop("\n".join(("Several people have had that username. Say which:", *lines)))
    return found[0]


@click.command()
@click.option("--due", is_flag=True, required=True, help="All leavers whose time is over.")
@click.option("--dry-run", is_flag=True, help="Change nothing; list who would be forgotten.")
@plainly
def forget(due: bool, dry_run: bool) -> None:
    """Take the names of leavers away once they have been gone for as long as the settings say."""
    del due  # There is no other way in bulk; the word keeps it from happening by accident.
    from registry.db import db
    from registry.people import forgetting, subject

    with opened() as app:
        keep_days = app.config["SETTINGS"].keep_leavers_days
        if dry_run:
            for one in (some := forgetting.due(keep_days)):
                click.echo(f"{one.name} ({one.username}), {subject.standing(one)}")
            click.echo(f"{len(some)} would be forgotten.")
            return
        total = 0
        with _no_reading():
            while number := forgetting.forget_due(keep_days=keep_days):
                db.session.commit()
                total += number
        click.echo(f"{total} forgotten.")


@click.command()
@click.option("--apply", "applies", is_flag=True, help="Link those whose number and name agree. Without it, only list.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@plainly
def relink(applies: bool, as_json: bool) -> None:
    """People whose directory id changed, by employee number: list them, or link them. Exit: 0, or 4 during a sync."""
    from registry.accounts.actions import settle_merges
    from registry.db import db, exclusively
    from registry.people import merging

    with opened(), exclusively("sync") as free:
        if not free:
            stop("A sync is running. Wait until it has ended.", 4)
        pairs = merging.relinkable()
        told = [_told(pair, linked=applies and pair.sure) for pair in pairs]
        for pair in pairs:
            if applies and pair.sure:
                merging.relink(old=pair.old, new=pair.new, actor=None)
        if applies:
            settle_merges()
            db.session.commit()
    _tell_pairs(told, as_json)


def _told(pair: Any, *, linked: bool) -> dict[str, Any]:
    people = {name: {"id": one.id, "directory_id": one.directory_id, "username": one.username, "name": one.name}
              for name, one in (("before", pair.old), ("now", pair.new))}  # fmt: skip
    return {"number": pair.new.employee_number, **people, "sure": pair.sure, "doubt": pair.doubt, "linked": linked}


def _tell_pairs(told: list[dict[str, Any]], as_json: bool) -> None:
    linked, sure = sum(one["linked"] for one in told), sum(one["sure"] for one in told)
    if as_json:
        click.echo(json.dumps({"pairs": told, "sure": sure, "linked": linked}, ensure_ascii=False))
        return
    for one in told:
        fate = "linked" if one["linked"] else "sure" if one["sure"] else "look"
        before, now = (f"{one[name]['name']} ({one[name]['username']})" for name in ("before", "now"))
        click.echo(f"{fate:<6} {one['number']}: {before} is {now}? {one['doubt']}".rstrip())
    click.echo(f"{len(told)} pairs, {sure} sure, {linked} linked. The others are decided on the page /people/same.")
    if sure > linked:
        click.echo("To link the sure ones: registry relink --apply", err=True)
