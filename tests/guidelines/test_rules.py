"""Who must sign, on the page: what the rules would do before they are kept, and that they are followed."""

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask

from registry import jobs
from registry.accounts.models import Standing
from registry.audit import Event
from registry.db import db
from registry.guidelines.models import Document, SigningRule, Whom
from registry.people.models import PersonState

PATH = "/guidelines/social-media/who"


@pytest.fixture
def document(app: Flask) -> Document:
    """Owners, deputies and contributors must sign: Nia of a semi-official account and Bronwen, its deputy."""
    made = cast.a_document("Social media")
    cast.an_account(deputy=cast.ward_sister())
    for one in (cast.comms_officer(), cast.stranger()):
        assert one.id
    db.session.commit()
    return made


def form(**more: object) -> dict[str, object]:
    """What the form sends when only the rules of today are ticked."""
    kept = [str(one) for one in db.session.scalars(sa.select(SigningRule.id).order_by(SigningRule.id))]
    db.session.rollback()
    empty = {"standing": "", "platform": "", "team": "", "names": "", "grace_days": "14", "again_months": ""}
    return {"kept": kept, **empty, **more}


def look(client: Browser, data: dict[str, object]) -> Answer:
    """Press the button once: nothing is kept yet."""
    answer: Answer = client.post(PATH, data=data)
    return answer


def keep(client: Browser, data: dict[str, object]) -> Answer:
    """Press it twice."""
    shown = look(client, data)
    assert shown.status_code == 200, shown.errors
    seen = shown.all("input", name="seen")[0].get("value")
    answer: Answer = client.post(PATH, data={**data, "seen": seen})
    return answer


def told(answer: Answer) -> str:
    """What the page says about the numbers."""
    return " ".join(answer.words("div", class_="reg-notice__words"))


def test_page_says_how_many_people_each_rule_names(client: Browser, document: Document) -> None:
    page = client.as_(cast.comms_officer()).get(PATH)
    assert [words for words in page.words("label") if words.endswith(")")][:3] == [
        "Owners of accounts (1)", "Deputies of accounts (1)", "Contributors of accounts (0)",
    ]  # fmt: skip


def test_numbers_are_told_before_anything_is_kept(client: Browser, document: Document) -> None:
    comms = client.as_(cast.comms_officer())
    answer = look(comms, form(kept=[], whom=["everyone"]))
    assert told(answer) == (
        "That is 4 people 2 of them are new and are asked at once. Nothing has changed yet: press the button once more."
    )
    assert cast.unsigned(document) == ["bronwen.rees", "nia.okafor"]
    assert keep(comms, form(kept=[], whom=["everyone"])).status_code == 302
    assert cast.unsigned(document) == ["bronwen.rees", "nia.okafor", "oluwaseun.ade", "tomasz.bryk"]
    answer = look(comms, form(kept=[], whom=["deputies"], names="oluwaseun.ade\nTOMASZ.bryk@dunmore.example"))
    assert told(answer).startswith("That is 3 people Nobody is new. 1 is asked no more.")


@pytest.mark.parametrize(
    ("more", "who"),
    [
        ({"whom": ["owners", "deputies"], "standing": "official"}, ["farida.begum"]),
        ({"whom": ["owners"], "platform": "x"}, ["farida.begum"]),
        ({"whom": ["owners", "deputies"], "platform": "facebook", "standing": "semi-official"},
         ["bronwen.rees", "nia.okafor"]),
        ({"whom": ["owners", "deputies"], "team": "Communities"}, ["bronwen.rees", "nia.okafor"]),
        ({"whom": ["everyone"], "team": "Corporate"}, ["farida.begum"]),
        ({"names": "oluwaseun.ade"}, ["oluwaseun.ade"]),
        ({}, []),
    ],
)  # fmt: skip
def test_rules_narrow_by_what_accounts_are_and_by_team(
    client: Browser, document: Document, more: dict[str, object], who: list[str]
) -> None:
    cast.an_account("https://x.com/dunmoreskills", owner=cast.organiser(), standing=Standing.OFFICIAL)
    assert keep(client.as_(cast.comms_officer()), form(kept=[], **more)).location == PATH
    assert cast.unsigned(document) == who
    event = db.session.scalars(sa.select(Event).where(Event.name == "guidelines.rules-changed")).one()
    assert event.fields["people"] == len(who)
    assert "oluwaseun" not in str(event.fields).lower()


def test_who_presses_after_a_colleague_changed_it_is_shown_the_numbers_again(
    client: Browser, document: Document
) -> None:
    comms = client.as_(cast.comms_officer())
    data = form(whom=["everyone"])
    seen = look(comms, data).all("input", name="seen")[0].get("value")
    db.session.add(SigningRule(document_id=document.id, whom=Whom.PERSON, person_id=cast.stranger().id))
    db.session.commit()
    answer = comms.post(PATH, data={**data, "seen": seen})
    assert (answer.status_code, told(answer)[:16]) == (200, "That is 4 people")
    assert cast.unsigned(document) == ["bronwen.rees", "nia.okafor"]
    # So is whoever changes a field after looking.
    assert comms.post(PATH, data={**form(grace_days="9"), "seen": seen}).status_code == 200


def test_what_a_colleague_kept_meanwhile_is_told_and_stays(client: Browser, document: Document) -> None:
    comms = client.as_(cast.comms_officer())
    begun = comms.get(PATH).all("input", name="begun")[0].get("value")
    mine = form(grace_days="21", begun=begun)
    ended = db.session.scalars(sa.select(SigningRule.id).order_by(SigningRule.id)).all()[2]
    theirs = form(kept=[one for one in mine["kept"] if one != str(ended)], whom=["everyone"], again_months="12")
    assert keep(comms, theirs).status_code == 302
    shown = look(comms, mine)
    assert shown.words("li", class_="reg-break") == [
        "There is one more rule: Everyone. It is ticked.", "One rule is ended.", "Ask again: Every year.",
    ]  # fmt: skip
    sent = {one.attrib["name"]: one.attrib["value"] for one in shown.all("input", type="hidden")}
    ticked = [one.attrib["value"] for one in shown.all("input", name="kept") if "checked" in one.attrib]
    chosen = [one.attrib["value"] for one in shown.all("option") if "selected" in one.attrib]
    assert comms.post(PATH, data=mine | {"kept": ticked, "again_months": chosen[-1]} | sent).status_code == 302
    db.session.expire_all()
    rules = db.session.scalars(sa.select(SigningRule.whom).order_by(SigningRule.id)).all()
    assert (rules, document.grace_days, document.again_months) == ([Whom.OWNERS, Whom.DEPUTIES, Whom.EVERYONE], 21, 12)


@pytest.mark.parametrize(
    ("more", "field", "sentence"),
    [
        ({"grace_days": "0"}, "grace_days", "Enter a number of days from 1 to 365."),
        ({"grace_days": "x"}, "grace_days", "Enter a number of days from 1 to 365."),
        ({"whom": ["everyone"], "platform": "x"}, "whom",
         "Standing and platform are of accounts: they cannot narrow everyone."),
        ({"platform": "x"}, "whom", "Say who must sign: the standing, platform or team alone names nobody."),
        ({"names": "nobody.here\nnia.okafor"}, "names",
         "Nobody works here under this username or address: nobody.here."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_beside_the_field(
    client: Browser, document: Document, more: dict[str, object], field: str, sentence: str
) -> None:
    answer = look(client.as_(cast.comms_officer()), form(**more))
    assert (answer.status_code, answer.errors) == (422, {field: sentence})


def test_times_count_for_those_who_are_asked_from_then_on(client: Browser, document: Document) -> None:
    keep(client.as_(cast.comms_officer()), form(whom=["everyone"], grace_days="30", again_months="12"))
    db.session.refresh(document)
    assert (document.grace_days, document.again_months) == (30, 12)
    rows = db.session.execute(
        sa.text("SELECT person_id, due_on FROM obligation ORDER BY due_on, person_id")
    ).all()  # fmt: skip
    assert len({str(row.due_on) for row in rows}) == 2


def test_joiner_mover_and_leaver_are_followed_after_each_reading(client: Browser, document: Document) -> None:
    keep(client.as_(cast.comms_officer()), form(kept=[], whom=["everyone"], team="Communities"))
    assert cast.unsigned(document) == ["nia.okafor"]
    joiner = cast.a_person("joiner", name="Anna Joiner", team=("Communities", "Youth"))
    cast.stranger().team_id = joiner.team_id
    cast.library_officer().state = PersonState.LEFT
    db.session.commit()
    jobs.hand_on()
    assert cast.unsigned(document) == ["joiner", "oluwaseun.ade"]
    followed = db.session.scalars(sa.select(Event).where(Event.name == "guidelines.followed")).all()
    assert [one.fields for one in followed][-1] == {"begun": 2, "ended": 1}
    ended = db.session.execute(sa.text("SELECT ending FROM obligation WHERE ended_at IS NOT NULL")).all()
    assert sorted(row.ending for row in ended) == ["left", "no rule"]
