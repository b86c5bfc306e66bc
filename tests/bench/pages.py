"""Catalogue and search over many accounts, against the smallest Flask page in the same process and run.

    .venv/bin/python tests/bench/pages.py --accounts 50000

Processor seconds a request, in turn, medians; every page is fetched as a signed-in comms officer.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

import directory  # noqa: E402
import sqlalchemy as sa  # noqa: E402
from flask import Flask  # noqa: E402
from flask_migrate import upgrade  # noqa: E402
from pairs import in_turn, tell  # noqa: E402

from registry import create_app, search  # noqa: E402
from registry.accounts.models import Account, Standing, State  # noqa: E402
from registry.config import load  # noqa: E402
from registry.db import db, now  # noqa: E402
from registry.people.models import GrantSource, Person, PersonState, RoleGrant, SignIn, Team  # noqa: E402
from registry.roles import Role  # noqa: E402

PLATFORMS = ("x", "facebook", "instagram", "youtube", "linkedin", "tiktok", "bluesky", "mastodon", "threads")
PAGES = {
    "catalogue": "/accounts",
    "catalogue, last page": "/accounts?page=1000",
    "catalogue, two facets, by owner": "/accounts?platform=x&state=live&sort=owner",
    "catalogue, search, four letters": "/accounts?q=offi",
    "catalogue, search, two letters": "/accounts?q=of",
    "search page, two words": "/search?q=lukasz+team",
    "people": "/people",
}


def main() -> None:
    """Fill a register, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=50_000)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=15)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load(instance=Path(folder), database_url="", secret_key="0123456789abcdef-0123456789abcdef"))
        with app.app_context():
            upgrade()
            fill(asked.people, asked.accounts)
            client = app.test_client()
            with client.session_transaction() as session:
                session["sign_in"] = signed_in()
        measure(client, asked.accounts, asked.runs)


def fill(people: int, accounts: int) -> None:
    """As many people and accounts as were asked for, spread over teams, platforms, standings and states."""
    numbers = random.Random(3)
    teams = [{"id": number + 1, "path": f"Team {number}", "name": f"Team {number}"} for number in range(people // 12)]
    db.session.execute(sa.insert(Team), teams)
    rows = []
    for number, (_, attributes) in enumerate(directory.people(people)):
        one = dict(attributes)
        team = teams[number // 12 % len(teams)]
        rows.append({
            "id": number + 1, "directory_id": one["entryUUID"], "username": one["uid"], "name": one["cn"],
            "mail": one["mail"], "title": one["title"], "team_id": team["id"], "state": PersonState.ACTIVE,
            "joined_at": now(), "digest": b"0" * 16, "given_name": one["givenName"], "family_name": one["sn"],
            "search_text": search.fold(one["cn"], one["uid"], one["title"], team["path"]),
        })  # fmt: skip
    db.session.execute(sa.insert(Person.__table__).returning(Person.id), rows)
    found = []
    for number in range(accounts):
        owner = numbers.randrange(people)
        platform = numbers.choice(PLATFORMS)
        title = f"{rows[owner]['title']} news {number}"
        found.append({
            "id": number + 1, "platform": platform, "kind": "profile", "key": f"account{number}",
            "url": f"https://{platform}.example/account{number}", "handle": f"@account{number}", "title": title,
            "purpose": "What we do, in plain words.", "standing": numbers.choice(list(Standing)),
            "state": numbers.choice(list(State)), "team_id": rows[owner]["team_id"], "owner_id": owner + 1,
            "deputy_id": numbers.randrange(people) + 1 if number % 3 else None, "proposed_at": now(),
            "search_text": search.fold(title, f"account{number}", platform, "what we do in plain words"),
        })  # fmt: skip
    db.session.execute(sa.insert(Account.__table__).returning(Account.id), found)
    db.session.add(RoleGrant(person_id=1, role=Role.COMMS, source=GrantSource.HAND, granted_at=now()))
    db.session.commit()


def signed_in() -> str:
    """The token of a browser in which the first person is signed in."""
    from datetime import timedelta

    token = "of-the-measurement"
    db.session.add(
        SignIn(token_hash=SignIn.hash_of(token), person_id=1, began_at=now(), ends_at=now() + timedelta(hours=12))
    )
    db.session.commit()
    return token


def measure(client: object, accounts: int, runs: int) -> None:
    """Print processor time a request of each page and its ratio to the smallest."""
    hello = Flask("hello")
    hello.add_url_rule("/", view_func=lambda: "hello")
    small = hello.test_client()

    def fetch(path: str) -> None:
        answer = client.get(path)  # type: ignore[attr-defined]
        assert answer.status_code == 200, f"{path}: {answer.status_code}"

    def smallest() -> None:
        for _ in range(20):
            small.get("/")

    things = {"hello": smallest} | {name: lambda path=path: fetch(path) for name, path in PAGES.items()}
    medians = in_turn(runs, things, clock=time.process_time)
    medians["hello"] /= 20
    print(f"{accounts:,} accounts, {runs} rounds in turn, medians of processor time a request")
    tell(medians, "hello")


if __name__ == "__main__":
    main()
