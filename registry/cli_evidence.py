"""The command that looks whether the evidence is as it was written."""

import json
import sys
from typing import Any

import click

from registry.terminal import opened, plainly


@click.command()
@click.option(
    "--head", "heads", multiple=True, metavar="SEAL", help="The last seal of an earlier run: it must be there."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@plainly
def verify(heads: tuple[str, ...], as_json: bool) -> None:
    """Look whether every sign-off and every event is as it was added. Exit: 0 all is well, 1 something is not."""
    from registry.guidelines import evidence

    with opened():
        report = evidence.verify(heads)
    if as_json:
        click.echo(json.dumps(_as_json(report), ensure_ascii=False))
    else:
        _tell(report, heads)
    sys.exit(0 if report.well else 1)


def _as_json(report: Any) -> dict[str, Any]:
    return {
        "well": report.well,
        "chains": {name: {"rows": chain.rows, "head": chain.head} for name, chain in report.chains.items()},
        "faults": [
            {"in": what, "row": fault.row, "what": fault.kind.value, "text": fault.text}
            for what, fault in report.faults
        ],
        "seconds": round(report.seconds, 3),
    }


def _tell(report: Any, heads: tuple[str, ...]) -> None:
    for name, chain in report.chains.items():
        state = "not as they were added" if chain.faults else "unbroken"
        click.echo(f"The {name}: {chain.rows:,} rows, {state}. Head: {chain.head}")
    for what, fault in report.faults:
        click.echo(f"FAULT {what}: {fault.text}")
    if heads and not report.of("heads"):
        click.echo("The heads that you gave are there: nothing before them went.")
    elif not heads:
        click.echo("Keep the heads somewhere else. A later run with --head shows that nothing before them went.")
