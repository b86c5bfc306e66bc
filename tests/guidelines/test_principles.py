"""Principles stand first, are the same by their name, and accounts say which they serve; documents come and go."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask
from markup import words

from registry.accounts import queries as accounts
from registry.accounts.bulk import queries as bulk
from registry.accounts.bulk.models import BulkChange
from registry.accounts.models import Account
from registry.audit import Event
from registry.db import db, now, today
from registry.guidelines import actions, principles, queries, report, signing, writing
from registry.guidelines.models import Decline, Document, Obligation, Principle, SignOff, Version, VersionState
from registry.guidelines.standing import State
from registry.roles import Role

FOUR = "Be kind: As at the counter.\nBe clear: In plain words.\nBe open: To everybody.\nBe there: When you say so."


def publish(document: Document, typed: str, text: str = "The long text.\n") -> Version:
    """The next version of the guidelines, with principles; not committed."""
    version = actions.draft(
        document=document, text=text, summary="", material=True, actor=cast.comms_officer(),
        principles=principles.read(typed),
    )  # fmt: skip
    db.session.flush()
    actions.publish(version=version, document=document, actor=cast.comms_officer())
    return version


@pytest.fixture
def document(app: Flask) -> Document:
    """Guidelines with four principles."""
    made = actions.create_document(title="Social media")
    publish(made, FOUR)
    db.session.commit()
    return made


def kept() -> list[tuple[str, str, bool]]:
    """Name, sentence and whether it is retired, of every principle in its order."""
    db.session.flush()
    every = db.session.scalars(sa.select(Principle).order_by(Principle.position, Principle.id))
    return [(one.name, one.sentence, one.retired_at is not None) for one in every]


def test_principles_stand_first_in_what_is_read_hashed_and_kept(client: Browser, document: Document) -> None:
    version = queries.current(document.id)
    assert version is not None
    assert version.whole.splitlines()[:3] == ["# Our principles", "", "1. **Be kind**: As at the counter."]
    page = client.as_(cast.library_officer()).get("/guidelines/social-media")
    names = page.words("strong", class_="reg-principles__name")
    assert names == ["Be kind", "Be clear", "Be open", "Be there"]
    assert page.text.index("Be there") < page.text.index("The long text.")
    file = client.get("/guidelines/social-media/versions/1/text")
    assert file.text == version.whole


def test_same_name_is_the_same_principle_and_a_missing_one_retires(document: Document) -> None:
    first = {one.name: one.id for one in db.session.scalars(sa.select(Principle))}
    publish(document, "Be clear: In short words.\nBe quick: Within a day.")
    assert kept() == [
        ("Be kind", "As at the counter.", True), ("Be clear", "In short words.", False),
        ("Be quick", "Within a day.", False),
        ("Be open", "To everybody.", True), ("Be there", "When you say so.", True),
    ]  # fmt: skip
    assert [one.name for one in principles.to_serve()] == ["Be clear", "Be quick"]
    publish(document, FOUR)
    assert {one.name: one.id for one in db.session.scalars(sa.select(Principle))}.items() >= first.items()
    assert [one.name for one in principles.to_serve()] == ["Be kind", "Be clear", "Be open", "Be there"]


def save(client: Browser, account: int, **words: str) -> Answer:
    """Change an account as its form would."""
    form = {
        "title": "Dunmore Library", "purpose": "Books.", "standing": "official", "owner": "nia.okafor", "deputy": "",
        "language": "en", "topics": "",
    }  # fmt: skip
    answer: Answer = client.post(f"/accounts/{account}/change", data={**form, **words})
    return answer


def test_account_says_which_principle_it_serves(client: Browser, document: Document) -> None:
    account = cast.an_account(title="Dunmore Library").id
    officer = client.as_(cast.library_officer())
    ids = {one.name: str(one.id) for one in principles.to_serve()}
    assert officer.get(f"/accounts/{account}/change").words("option")[:5] == [
        "None in particular", "Be kind", "Be clear", "Be open", "Be there",
    ]  # fmt: skip
    assert save(officer, account, principle=ids["Be open"]).status_code == 302
    assert "Serves Be open: To everybody." in officer.get(f"/accounts/{account}").words("p", class_="reg-serves")
    assert save(officer, account).status_code == 302  # A form that does not ask leaves it as it is.
    rows = csv.DictReader(
        io.StringIO(officer.get("/accounts?format=csv&columns=principle").text.removeprefix("\ufeff"))
    )
    assert [row["principle"] for row in rows] == ["Be open"]
    assert [row[-1] for row in accounts.export_rows()] == ["Be open"]
    assert save(officer, account, principle="999").status_code == 422
    told = db.session.scalars(sa.select(Event).where(Event.name == "account.changed").order_by(Event.id)).all()
    assert [(one.fields["what"], one.fields["before"], one.fields["after"]) for one in told][-1] == (
        "the principle", "nothing", "Be open",
    )  # fmt: skip
    # The guidelines give it up: the account keeps it, says so, and another can be chosen.
    publish(document, "Be kind: As at the counter.")
    page = officer.get(f"/accounts/{account}")
    assert "No longer in force" in page.words("p", class_="reg-serves")[0]
    form = officer.get(f"/accounts/{account}/change")
    assert form.words("option")[:3] == ["None in particular", "Be kind", "Be open (no longer in force)"]
    assert save(officer, account, principle=ids["Be open"]).status_code == 302
    assert save(officer, account, principle="").status_code == 302
    assert db.session.scalars(sa.select(Account.principle_id)).one() is None
    assert save(officer, account, principle=ids["Be open"]).status_code == 422


def test_title_and_about_change_when_the_version_counts(client: Browser, document: Document) -> None:
    comms = client.as_(cast.comms_officer())
    words = {"title": "Being social", "about": "For all.", "text": "New.", "material": "no"}
    comms.post("/guidelines/social-media/draft", data=words)
    assert comms.get("/guidelines/social-media").heading == "Social media"
    taken = comms.post("/guidelines/new", data=words)
    assert taken.errors == {"title": "There are guidelines with this title already. Choose another."}
    stamp = comms.get("/guidelines/social-media/preview").all("input", name="version")[0].get("value")
    reason = {"version": stamp, "when": "now", "unseen_reason": "It is small."}
    assert comms.post("/guidelines/social-media/preview", data=reason).location == "/guidelines/social-media"
    assert comms.get("/guidelines/social-media").heading == "Being social"
    assert comms.get("/guidelines/social-media/versions/1").heading == "Social media, version 1"


# Retiring.


def test_retired_document_asks_nobody_and_keeps_what_was_signed(client: Browser, document: Document) -> None:
    cast.an_account(deputy=cast.ward_sister())
    cast.sign(document, cast.library_officer())
    version = queries.current(document.id)
    assert version is not None
    refused = Decline(
        document_id=document.id, version_id=version.id, person_id=cast.ward_sister().id, declined_at=now(), reason="No."
    )
    db.session.add(refused)
    comms = client.as_(cast.comms_officer())
    assert comms.post("/guidelines/social-media/retire").errors == {"reason": "Say why, and what holds instead."}
    answer = comms.post("/guidelines/social-media/retire", data={"reason": "The county’s hold instead."})
    assert answer.location == "/guidelines/social-media"
    db.session.rollback()
    assert [str(one) for one in db.session.scalars(sa.select(Obligation.ending))] == ["retired", "retired"]
    assert [one for one in kept() if not one[2]] == []
    assert db.session.scalars(sa.select(Decline.settled_by_id)).one() == cast.comms_officer().id
    nurse = Browser(comms.application).as_(cast.ward_sister())
    page = nurse.get("/guidelines/social-media")
    assert ("The county’s hold instead." in page.text, page.all("input", name="agreed")) == (True, [])
    assert "Read and sign" not in nurse.get("/").text
    nurse.post("/guidelines/social-media", data={"version": str(version.id), "agreed": "y"})
    with pytest.raises(signing.NotTheCurrentVersion):
        signing.sign(version=version, document=document, current=version, person=cast.ward_sister())
    assert db.session.scalar(sa.select(sa.func.count(SignOff.id))) == 1
    assert nurse.get("/guidelines/social-media/versions/1").status_code == 200
    # Nothing is written on meanwhile.
    assert comms.get("/guidelines/social-media/draft").location == "/guidelines/social-media"
    form = {"title": "Social media", "text": "New.", "material": "yes"}
    assert comms.post("/guidelines/social-media/draft", data=form).location == "/guidelines/social-media"
    assert queries.draft_of(document.id) is None


def test_document_that_is_brought_back_asks_those_who_have_not_signed(client: Browser, document: Document) -> None:
    cast.an_account(deputy=cast.ward_sister())
    cast.sign(document, cast.library_officer())
    comms = client.as_(cast.comms_officer())
    comms.post("/guidelines/social-media/retire", data={"reason": "A mistake."})
    for _ in range(2):
        assert comms.post("/guidelines/social-media/bring-back").location == "/guidelines/social-media"
    db.session.rollback()
    assert cast.unsigned(document) == ["bronwen.rees"]
    signed = report.Filters(document.id, state=State.SIGNED)
    assert [one.username for one in report.everybody(signed, sort="name", descending=False)] == ["nia.okafor"]
    assert len(principles.to_serve()) == 4
    names = db.session.scalars(sa.select(Event.name).order_by(Event.id)).all()
    assert names.count("guidelines.brought-back") == 1


def test_retiring_calls_a_date_off(client: Browser, document: Document) -> None:
    version = actions.draft(document=document, text="New.", summary="", material=True, actor=cast.admin())
    version.state, version.from_on = VersionState.SCHEDULED, today() + timedelta(3)
    comms = client.as_(cast.comms_officer())
    comms.post("/guidelines/social-media/retire", data={"reason": "Over."})
    db.session.rollback()
    states = db.session.scalars(sa.select(Version.state).order_by(Version.number)).all()
    assert states == [VersionState.PUBLISHED, VersionState.DRAFT]


def test_list_says_what_each_is_about_for_whom_and_how_one_stands(client: Browser, document: Document) -> None:
    cast.an_account(deputy=cast.ward_sister())
    cast.a_document("Photographs")
    db.session.commit()
    page = client.as_(cast.library_officer()).get("/guidelines")
    assert page.words("h2")[:2] == ["Photographs", "Social media"]
    by = today() + timedelta(14)
    assert [one.partition(". ")[0] for one in page.words("p", class_="reg-document__state")] == [
        f"To sign By {by.day} {by:%B %Y}." , f"To sign By {by.day} {by:%B %Y}.",
    ]  # fmt: skip
    assert "To be signed by owners, deputies and contributors" in page.words("p", class_="reg-document__meta")[0]


@pytest.mark.parametrize(("path", "queries"), [("/guidelines", 5), ("/", 20)])
def test_list_asks_as_often_for_six_documents_as_for_one(
    app: Flask, client: Browser, count_queries: Callable[[], AbstractContextManager[list[str]]], path: str, queries: int
) -> None:
    counted = {}
    comms = client.as_(cast.comms_officer())
    for number in range(1, 7):
        document = cast.a_document(f"Guidelines {number}")
        writer = cast.a_person(roles=(Role.COMMS,))
        draft = actions.draft(document=document, text="New.", summary="", material=True, actor=writer)
        db.session.flush()
        writing.ask_for_look(version=draft, document=document, stamp=draft.stamp, actor=writer)
        cast.an_account(owner=cast.a_person())
        if number in (1, 3, 6):
            with count_queries() as ran:
                assert comms.get(path).status_code == 200
            counted[number] = len(ran)
    assert counted == dict.fromkeys((1, 3, 6), queries)


def test_principle_of_many_is_changed_at_once_and_narrows_the_list(client: Browser, document: Document) -> None:
    some = [cast.an_account(title=title) for title in ("Aber Library", "Brook Library")]
    cast.an_account(title="Castle Library")
    ids = {one.name: str(one.id) for one in principles.to_serve()}
    comms = client.as_(cast.comms_officer())
    chosen = "&".join(f"account={one.id}" for one in some)
    (field,) = comms.get(f"/accounts/several?{chosen}").all("select", name="principle")
    offered = [words(option) for option in field.iter("option")]
    assert offered == ["Leave as it is", "None in particular", *ids]

    def change(principle: str) -> list[str]:
        seen = " ".join(f"{number}.{stamp}" for number, stamp in bulk.stamps([one.id for one in some]).items())
        page = comms.post("/accounts/several", data={"seen": seen, "how": "add", "principle": principle})
        carried = {str(one.get("name")): str(one.get("value")) for one in page.all("input", type="hidden")}
        del carried["csrf_token"]
        assert comms.post("/accounts/several/change", data=carried).status_code == 302
        file = comms.get(f"/accounts?principle={ids['Be open']}&format=csv").text.removeprefix("\ufeff")
        return [row["title"] for row in csv.DictReader(io.StringIO(file))]

    assert change(ids["Be open"]) == ["Aber Library", "Brook Library"]
    assert change("none") == []
    done = db.session.scalars(sa.select(BulkChange).order_by(BulkChange.id.desc()).limit(1)).one()
    comms.post(f"/accounts/several/{done.id}/undo")
    db.session.expire_all()
    assert {db.session.get_one(Account, one.id).principle_id for one in some} == {int(ids["Be open"])}
    facet = [words(one) for one in comms.get("/accounts").all("a") if "principle=" in str(one.get("href"))]
    assert facet == list(ids)
