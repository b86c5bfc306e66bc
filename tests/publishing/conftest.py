"""The register with its public pages switched on, and one account of each sort that people outside must not see."""

from collections.abc import Callable
from pathlib import Path

import cast
import pytest
import sqlalchemy as sa
from databases import SECRET_KEY
from flask import Flask
from hidden import HIDDEN

from registry.accounts.models import Account, Standing, State, Visibility
from registry.accounts.naming import merging
from registry.accounts.naming.actions import handle_taken
from registry.config import Settings, load
from registry.db import db, now, today


@pytest.fixture
def settings(instance: Path, database_url: str) -> Settings:
    """As everywhere, but for the switch."""
    return load(
        instance=instance, database_url=database_url, secret_key=SECRET_KEY, public=True,
        organisation="Dunmore Council", address="https://registry.dunmore.example",
        public_contact="fakes@dunmore.example",
    )  # fmt: skip


@pytest.fixture
def shown(app: Flask) -> Account:
    """The one account that anybody may see."""
    return cast.an_account("https://x.com/dunmore", title="Dunmore Council", standing=Standing.OFFICIAL)


@pytest.fixture
def hidden(app: Flask, shown: Account) -> dict[str, Account]:
    """An account of each sort that they may not, called “Hidden” and what keeps it."""
    made = {
        why: cast.an_account(
            address, title=f"Hidden {why}", live=why != "proposed",
            standing=Standing.PERSONAL if why.startswith(("personal", "taken out")) else Standing.OFFICIAL,
        )
        for why, address in HIDDEN.items()
    }  # fmt: skip
    for state in (State.CLOSED, State.DORMANT, State.ORPHANED, State.LOST):
        made[state.value].state = state
    made["closed"].closed_at = now()
    made["for comms"].visibility = Visibility.COMMS
    made["for colleagues"].visibility = Visibility.COLLEAGUES
    made["personal, without consent"].visibility = Visibility.COMMS
    made["personal, without consent"].consented_at = None
    made["personal, of a leaver"].owner_id = cast.leaver().id
    made["personal, of a leaver"].visibility = Visibility.EVERYONE
    made["taken out"].visibility, made["taken out"].consented_at = Visibility.NOBODY, None
    handle_taken(account=made["handle is somebody else’s"], since=today(), state=None, actor=cast.comms_officer())
    merging.merge(gone=made["merged"], kept=shown, actor=cast.comms_officer())
    db.session.commit()
    return made


@pytest.fixture
def everything_kept(app: Flask) -> Callable[[], str]:
    """A function that gives all that the database holds, as a text."""

    def read() -> str:
        db.session.commit()
        tables = db.metadata.sorted_tables
        text = "".join(str(tuple(row)) for table in tables for row in db.session.execute(sa.select(table)))
        db.session.rollback()
        return text

    return read
