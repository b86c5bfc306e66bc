"""Who has signed, on the page: numbers, teams, names, days, files, and reminding those who have not."""

import csv
import io
import re
from datetime import timedelta

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask

from registry.db import db, today
from registry.guidelines import renewing, report
from registry.guidelines.models import DayCount, Document, Obligation
from registry.outbox import Message

PATH = "/guidelines/social-media/sign-offs"


@pytest.fixture
def document(app: Flask) -> Document:
    """Nia has signed, Bronwen is late, Oluwaseun declines, and Zofia of no team has time left."""
    made = cast.a_document("Social media")
    cast.an_account(deputy=cast.ward_sister())
    cast.an_account(owner=cast.stranger(), deputy=cast.a_person("no.team", name="Zofia Noteam", team=()))
    cast.sign(made, cast.library_officer())
    cast.decline(made, cast.stranger())
    late = sa.update(Obligation).where(Obligation.person_id == cast.ward_sister().id)
    db.session.execute(late.values(due_on=today() - timedelta(days=3)))
    db.session.execute(sa.text("UPDATE version SET due_on = NULL"))
    db.session.commit()
    return made


def people_of(page: Answer) -> list[str]:
    """The names of the list, in order."""
    tables = [table for table in page.all("table") if "by name" in " ".join(table.itertext())]
    return [" ".join("".join(link.itertext()).split()) for table in tables for link in table.iter("a")
            if "/people/" in str(link.get("href"))]  # fmt: skip


def rows_of(answer: Answer) -> list[list[str]]:
    """The lines of a CSV file."""
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def test_numbers_teams_and_names_agree(client: Browser, document: Document) -> None:
    page = client.as_(cast.auditor()).get(PATH)
    assert page.words("div", class_="reg-stat") == ["1 Overdue", "1 To sign", "1 Declined", "1 Signed"]
    assert people_of(page) == ["Bronwen Rees", "Nia Okafor", "Oluwaseun Adé", "Zofia Noteam"]
    counted = [(one.path, one.counts.people, one.counts.signed) for one in report.worst_teams(document.id, None)]
    assert counted == [
        ("Environment / Parking", 1, 0), ("Health / Community hospital", 1, 0), ("No team", 1, 0),
        ("Communities / Libraries", 1, 1),
    ]  # fmt: skip
    db.session.rollback()
    links = [str(link.get("href")) for link in page.all("a") if "team=" in str(link.get("href"))]
    assert [people_of(client.get(link.partition("#")[0])) for link in links] == [
        ["Oluwaseun Adé"], ["Bronwen Rees"], ["Zofia Noteam"], ["Nia Okafor"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("state=signed", ["Nia Okafor"]), ("state=overdue", ["Bronwen Rees"]), ("state=declined", ["Oluwaseun Adé"]),
        ("state=owed", ["Zofia Noteam"]), ("q=hospital", ["Bronwen Rees"]), ("q=zof", ["Zofia Noteam"]),
        ("team=0", ["Zofia Noteam"]), ("told=comms", []), ("told=manager", []), ("q=nobody", []),
        ("sort=-name", ["Zofia Noteam", "Oluwaseun Adé", "Nia Okafor", "Bronwen Rees"]),
        ("sort=team", ["Zofia Noteam", "Nia Okafor", "Oluwaseun Adé", "Bronwen Rees"]),
        ("sort=due&page=7", ["Bronwen Rees", "Nia Okafor", "Oluwaseun Adé", "Zofia Noteam"]),
        ("as_of=x&state=x&team=x", ["Bronwen Rees", "Nia Okafor", "Oluwaseun Adé", "Zofia Noteam"]),
    ],
)  # fmt: skip
def test_list_and_file_show_the_same_people(client: Browser, document: Document, query: str, names: list[str]) -> None:
    client.as_(cast.comms_officer())
    assert people_of(client.get(f"{PATH}?{query}")) == names
    assert [row[0] for row in rows_of(client.get(f"{PATH}?{query}&format=csv"))] == ["name", *names]
    assert client.get(f"{PATH}?{query}&format=xlsx").data.startswith(b"PK")


def test_team_is_listed_with_those_within_it(client: Browser, document: Document) -> None:
    top = cast.a_person("top", name="Top Health", team=("Health",))
    cast.an_account(owner=top)
    client.as_(cast.auditor())
    assert people_of(client.get(f"{PATH}?team={top.team_id}")) == ["Bronwen Rees", "Top Health"]
    assert people_of(client.get(f"{PATH}?team={cast.ward_sister().team_id}")) == ["Bronwen Rees"]


def test_overview_and_teams_have_files_too(client: Browser, document: Document) -> None:
    client.as_(cast.auditor())
    assert rows_of(client.get("/guidelines/sign-offs?format=csv")) == [
        ["document", "people", "signed", "to_sign", "overdue", "declined"], ["Social media", "4", "1", "1", "1", "1"],
    ]  # fmt: skip
    teams = rows_of(client.get(f"{PATH}/teams?format=csv"))
    assert teams[1:3] == [
        ["Environment / Parking", "1", "0", "0", "0", "1"], ["Health / Community hospital", "1", "0", "0", "1", "0"],
    ]  # fmt: skip
    assert client.get("/guidelines/sign-offs").words("th", scope="row") == ["Social media"]
    assert len(client.get(f"{PATH}/teams").words("th", scope="row")) == 4


def test_list_of_many_comes_in_pages_that_leave_nobody_out(client: Browser, document: Document) -> None:
    for number in range(120):
        cast.an_account(owner=cast.a_person(f"many{number}", name=f"Person {number:03}"), title="T")
    client.as_(cast.auditor())
    seen = [name for page in (1, 2, 3) for name in people_of(client.get(f"{PATH}?page={page}"))]
    assert len(seen) == len(set(seen)) == 124
    assert seen == sorted(seen, key=str)


def test_day_of_the_past_is_told_from_the_evidence(client: Browser, document: Document) -> None:
    yesterday = today() - timedelta(days=1)
    then = db.session.scalars(sa.select(Obligation.since_at).limit(1)).one() - timedelta(days=4)
    for column, table in (("since_at", "obligation"), ("published_at", "version"), ("declined_at", "decline")):
        moved = sa.text(f"UPDATE {table} SET {column} = :at")
        typed = moved.bindparams(sa.bindparam("at", then, type_=Obligation.since_at.type))
        db.session.execute(typed)
    db.session.commit()
    client.as_(cast.auditor())
    page = client.get(f"{PATH}?as_of={yesterday.isoformat()}")
    assert page.words("div", class_="reg-stat") == ["1 Overdue", "2 To sign", "1 Declined", "0 Signed"]
    assert client.get(f"{PATH}?as_of={yesterday.strftime('%d/%m/%Y')}").words("div", class_="reg-stat") == page.words(
        "div", class_="reg-stat"
    )
    assert page.all("input", name="person") == []
    assert rows_of(client.get(f"/guidelines/sign-offs?as_of={yesterday}&format=csv"))[1][1:] == [
        "4",
        "0",
        "2",
        "1",
        "1",
    ]
    assert client.get(f"{PATH}?as_of=2001-01-01").words("h2")[-1] == "Nobody had to sign it that day"
    # What is counted at night is the same, and drawn.
    assert renewing.count_days() == 4
    kept = db.session.scalars(sa.select(DayCount).order_by(DayCount.on.desc())).first()
    assert kept is not None
    assert (kept.on, kept.concerned, kept.signed, kept.overdue, kept.declined) == (yesterday, 4, 0, 1, 1)
    assert renewing.count_days() == 0
    db.session.commit()
    drawn = client.get(PATH)
    (line,) = re.findall(r'reg-days__signed" points="([^"]*)"', drawn.text)
    assert len(line.split()) == 4


# --- Reminding --------------------------------------------------------------------------------------------


def reminded() -> list[str]:
    """Whom a mail about sign-offs waits for."""
    db.session.rollback()
    kinds = sa.or_(Message.subject.like("Please read%"), Message.subject.like("Overdue%"))
    names = [one.partition("@")[0] for one in db.session.scalars(sa.select(Message.to).where(kinds))]
    db.session.rollback()
    return sorted(names)


def test_chosen_people_are_reminded_and_nobody_twice_a_day(client: Browser, document: Document) -> None:
    comms, ids = client.as_(cast.comms_officer()), [cast.ward_sister().id, cast.library_officer().id]
    # Whoever has signed is not written to, whatever a program sends.
    assert comms.post(PATH, data={"person": ids, "whom": "chosen"}).location == PATH
    assert "One person is written to." in comms.get(PATH).text
    assert reminded() == ["bronwen.rees"]
    comms.post(f"{PATH}?state=overdue", data={"whom": "all"})
    assert "Nobody is written to. 1 had a mail about sign-offs today" in comms.get(PATH).text
    comms.post(PATH, data={"whom": "all"})
    assert reminded() == ["bronwen.rees", "no.team"]
    comms.post(PATH, data={"whom": "chosen", "person": "nonsense"})
    assert "Choose somebody first" in comms.get(PATH).text


def test_reminding_is_for_comms_and_looking_for_those_who_watch(client: Browser, document: Document) -> None:
    seen = {
        player.__name__: (
            client.as_(player()).get(PATH).status_code, client.get("/guidelines/sign-offs").status_code,
            client.post(PATH, data={"whom": "all"}).status_code,
        )
        for player in (cast.library_officer, cast.organiser, cast.auditor, cast.admin, cast.comms_officer)
    }  # fmt: skip
    assert seen == {
        "library_officer": (404, 404, 404), "organiser": (404, 404, 404), "auditor": (200, 200, 404),
        "admin": (200, 200, 302), "comms_officer": (200, 200, 302),
    }  # fmt: skip
    assert client.as_(cast.auditor()).get(PATH).all("button", name="whom") == []
