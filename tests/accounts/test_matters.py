"""The page for comms with all about who answers: what is listed, in which order, narrowed, and as a file."""

import csv
import io
from collections.abc import Callable

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask

from registry import jobs
from registry.accounts.answering import actions, hand_overs
from registry.accounts.answering.models import Kept, Recovery, TwoStep
from registry.accounts.models import Account, Standing
from registry.db import db, now
from registry.people.models import Person, PersonState, Team


@pytest.fixture
def council(app: Flask) -> dict[str, int]:
    """An account for each matter, by its title."""
    comms, nia, deputy = cast.comms_officer(), cast.library_officer(), cast.ward_sister()
    gone = cast.a_person("gone.already", name="Gone Already")
    made: dict[str, Account] = {}

    def make(title: str, address: str, **more: object) -> Account:
        made[title] = cast.an_account(address, title=title, **more)  # type: ignore[arg-type]
        return made[title]

    make("Left behind", "https://x.com/leftbehind", owner=gone)
    held = make("Held", "https://facebook.com/helddunmore", owner=gone)
    make("Offered", "https://instagram.com/offered", deputy=deputy)
    make("Lost one", "https://tiktok.com/@lostone", deputy=deputy)
    make("Alone", "https://youtube.com/@alonedunmore")
    make("Weak", "https://bsky.app/profile/weak.example", deputy=deputy)
    make("All is well", "https://x.com/allwell", deputy=deputy)
    make("Own", "https://x.com/nia", standing=Standing.PERSONAL)
    gone.state, gone.left_at = PersonState.LEFT, now()
    db.session.commit()
    jobs.hand_on()
    actions.take_custody(account=held, reason="", actor=comms)
    hand_overs.offer(account=made["Offered"], taker=cast.stranger(), note="", stays_on=False, actor=nia)
    actions.report_lost(account=made["Lost one"], tried="All of it.", actor=nia)
    facts = {"place": "", "tools": ""}
    actions.describe_access(
        account=made["Weak"], kept=Kept.OWNER, two_step=TwoStep.OFF, recovery=Recovery.PERSONAL, actor=nia, **facts
    )
    actions.describe_access(
        account=made["All is well"], kept=Kept.VAULT, two_step=TwoStep.ON, recovery=Recovery.CORPORATE, actor=nia,
        **facts,
    )  # fmt: skip
    db.session.commit()
    return {title: account.id for title, account in made.items()}


def listed(client: Browser, query: str = "") -> dict[str, list[str]]:
    """The accounts on the page, in order, with what is said of each."""
    page = client.as_(cast.comms_officer()).get(f"/accounts/answering{query}")
    rows = [row for row in page.all("tr") if row.find("td") is not None]
    return {
        "".join(row.find("th//a").itertext()): ["".join(tag.itertext()) for tag in row.findall(".//ul/li/span")]  # type: ignore[union-attr]
        for row in rows
    }


def test_what_presses_most_comes_first_and_what_is_well_not_at_all(client: Browser, council: dict[str, int]) -> None:
    assert listed(client) == {
        "Left behind": ["Nobody answers", "Access to withdraw"],
        "Lost one": ["Lost"],
        "Held": ["Access to withdraw", "In custody"],
        "Offered": ["Hand-over waits"],
        "Alone": ["One person alone"],
        "Weak": ["Keys with owner only", "Own recovery mailbox", "No 2-step verification"],
    }


NARROWED = {
    "?matter=orphaned": ["Left behind"],
    "?matter=withdraw": ["Left behind", "Held"],
    "?matter=custody&matter=lost": ["Lost one", "Held"],
    "?matter=hand-over": ["Offered"],
    "?matter=two-step": ["Weak"],
    "?matter=untold": ["Left behind", "Lost one", "Held", "Offered", "Alone"],
    "?platform=x": ["Left behind"],
    "?platform=x&matter=lost": [],
    "?matter=nonsense&platform=nonsense&team=x": ["Left behind", "Lost one", "Held", "Offered", "Alone", "Weak"],
}


def test_list_is_narrowed_by_matter_and_platform(client: Browser, council: dict[str, int]) -> None:
    assert {query: list(listed(client, query)) for query in NARROWED} == NARROWED


def test_team_narrows_and_facets_count_what_their_links_lead_to(client: Browser, council: dict[str, int]) -> None:
    team = db.session.scalar(sa.select(Team.id).where(Team.name == "Libraries"))
    page = client.as_(cast.comms_officer()).get(f"/accounts/answering?team={team}&matter=alone")
    facets = dict(
        zip(page.words("span", class_="reg-facet__label"), page.words("span", class_="reg-facet__count"), strict=True)
    )
    number = {label.partition(" (")[0]: int(count.partition(" ")[0]) for label, count in facets.items()}
    assert number == {
        "Lost": 1, "Hand-over waits": 1, "One person alone": 1, "Keys with owner only": 1,
        "Own recovery mailbox": 1, "No 2-step verification": 1, "Access not described": 3, "YouTube": 1, "Libraries": 1,
    }  # fmt: skip


def test_owner_whom_the_directory_has_disabled_answers_no_more(client: Browser, council: dict[str, int]) -> None:
    nia, bronwen = cast.library_officer(), cast.ward_sister()
    nia.state = PersonState.DISABLED
    assert list(listed(client, "?matter=owner-away")) == ["All is well", "Alone", "Offered", "Weak"]
    page = client.get(f"/accounts/{council['Alone']}")
    assert "Nia Okafor, who answers for it, cannot sign in now, and there is no deputy: nobody can answer." in page.text
    bronwen.state = PersonState.LEFT
    page = client.get(f"/accounts/{council['All is well']}")
    assert "and Bronwen Rees, the deputy, has left: nobody can answer." in page.text


def test_file_holds_exactly_what_is_shown(client: Browser, council: dict[str, int]) -> None:
    client.as_(cast.comms_officer())
    answer = client.get("/accounts/answering?matter=withdraw&matter=hand-over&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [(row["title"], row["matters"], row["in custody of"], row["offered to"]) for row in rows] == [
        ("Left behind", "Nobody answers; Access to withdraw", "", ""),
        ("Held", "Access to withdraw; In custody", "Tomasz Bryk", ""),
        ("Offered", "Hand-over waits", "", "Oluwaseun Adé"),
    ]
    assert [row["ways in to withdraw"] for row in rows] == ["6", "2", "0"]
    assert client.get("/accounts/answering?format=xlsx").get_data()[:2] == b"PK"


@pytest.mark.parametrize(
    ("player", "status"),
    [(cast.comms_officer, 200), (cast.auditor, 200), (cast.admin, 200), (cast.organiser, 404), (cast.stranger, 404)],
)
def test_comms_and_those_who_audit_see_it(
    client: Browser, app: Flask, player: Callable[[], Person], status: int
) -> None:
    assert client.as_(player()).get("/accounts/answering").status_code == status


def test_home_of_comms_says_what_waits(client: Browser, council: dict[str, int]) -> None:
    page = client.as_(cast.comms_officer()).get("/")
    assert {
        "One account has nobody to answer", "2 accounts have access to withdraw", "One hand-over waits for an answer",
        "One account is lost",
    } <= set(page.words("li"))  # fmt: skip


def test_an_empty_list_says_that_all_is_well(client: Browser, app: Flask) -> None:
    assert "All is well" in client.as_(cast.comms_officer()).get("/accounts/answering").words("h2")
