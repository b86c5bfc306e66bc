"""The command that finds the accounts that pages link to. Heavy imports are inside."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from registry.terminal import plainly


@click.command()
@click.argument("places", nargs=-1, required=True, metavar="FILE_OR_URL...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
@plainly
def sweep(places: tuple[str, ...], as_json: bool) -> None:
    """Find the accounts that pages link to: saved pages, a ZIP of them, lists, sitemaps, web addresses.

    Registers nothing, and needs no database. Exit: 1 where a page could not be read; the others are told all the same.
    """
    found: list[dict[str, str]] = []
    faults: list[str] = []
    from registry.discovery.sweeping.apart import Reader
    from registry.discovery.sweeping.reading import NoPage

    with Reader() as reader:
        for place in places:
            try:
                for name, harvest in _harvests(place, reader, faults):
                    found += [_row(name, link) for link in harvest.links]
            except NoPage as error:
                faults.append(f"{place}: {error}")
            except OSError as error:
                faults.append(f"{place}: cannot be read: {error.strerror or error}.")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        for one in found:
            click.echo("\t".join(" ".join(value.split()) for value in one.values()))
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(1 if faults else 0)


def _harvests(place: str, reader: Any, faults: list[str]) -> Iterator[tuple[str, Any]]:
    """Each page of a place with what it leads to."""
    from registry.discovery.sweeping import fetching, packing
    from registry.discovery.sweeping.reading import NoPage

    if place.lower().startswith(("http://", "https://")):
        try:
            page = fetching.fetch(place)
        except fetching.NotFetched as error:
            faults.append(f"{place}: {error}")
            return
        yield place, reader.read(page.content, media_type=page.media_type, address=page.address)
        return
    path = Path(place)
    inside = (one for one in path.rglob("*") if one.is_file() and packing.is_page(one.name))
    for file in sorted(inside) if path.is_dir() else [path]:
        for part in packing.pages(str(file), file.read_bytes()):
            try:
                yield part.name, reader.read(part.content, name=part.name)
            except NoPage as error:
                faults.append(f"{part.name}: {error}")


def _row(name: str, link: Any) -> dict[str, str]:
    account = link.account
    return {
        "platform": account.platform, "kind": account.kind, "key": account.key, "url": account.url, "page": name,
        "text": link.text,
    }  # fmt: skip
