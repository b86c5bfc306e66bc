"""Looking through a text: what is shown, what is kept of it, and who is asked."""

import io

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask

from registry.accounts.models import Visibility
from registry.db import db
from registry.discovery import text_forms
from registry.discovery.keeping import PLACE
from registry.discovery.models import Claim, Glimpse, How, Sighting, SightingState
from registry.outbox import Message

TEXT = "Well done @nia_okafor tweeting from Libraries! Our insta is @dunmore.pools. Hello @somebody."


KEEP = "/discover/text/keep"


def ticked(page: Answer) -> dict[str, str]:
    """What the page sends along with the ticks."""
    return {one.get("name", ""): one.get("value", "") for one in page.all("input", type="hidden")}


@pytest.fixture
def comms(app: Flask) -> Browser:
    cast.library_officer()
    person = cast.comms_officer()
    db.session.commit()
    return Browser(app).as_(person)


def test_a_text_shows_accounts_with_whom_they_point_to_and_keeps_nothing(comms: Browser) -> None:
    page = comms.post("/discover/text", data={"text": TEXT})
    assert page.status_code == 200
    assert "@nia_okafor, X" in page.text
    assert "Nia Okafor, Library officer" in page.text
    assert "The handle is their name" in page.text
    assert "@dunmore.pools, Instagram" in page.text
    assert "@somebody: “" in page.text
    assert db.session.scalar(sa.select(sa.func.count(Sighting.id))) == 0
    assert db.session.scalar(sa.select(sa.func.count(Message.id))) == 0


def test_only_what_is_ticked_is_kept_and_only_who_is_chosen_is_asked(comms: Browser) -> None:
    nia = cast.library_officer()
    found = comms.post("/discover/text", data={"text": TEXT})
    comms.post(KEEP, data={**ticked(found), **{"keep": ["1"], "ask-1": str(nia.id)}})
    [sighting] = db.session.scalars(sa.select(Sighting))
    [glimpse] = db.session.scalars(sa.select(Glimpse))
    assert (sighting.handle, sighting.state) == ("@nia_okafor", SightingState.ASKED)
    assert (glimpse.how, glimpse.place, glimpse.quote) == (
        How.TEXT, PLACE, "Well done @nia_okafor tweeting from Libraries!",
    )  # fmt: skip
    assert db.session.scalars(sa.select(Claim.person_id)).all() == [nia.id]
    assert db.session.scalar(sa.select(sa.func.count(Message.id))) == 1
    again = comms.post("/discover/text", data={"text": TEXT})
    comms.post(KEEP, data={**ticked(again), **{"keep": ["1"], "ask-1": str(nia.id)}})
    assert db.session.scalar(sa.select(sa.func.count(Glimpse.id))) == 1
    assert db.session.scalar(sa.select(sa.func.count(Message.id))) == 1


def test_registered_and_dismissed_accounts_are_told_and_not_offered(comms: Browser) -> None:
    account = cast.an_account(live=True)
    db.session.add(
        Sighting(
            platform="x", kind="profile", key="nia_okafor", url="https://x.com/nia_okafor", handle="@nia_okafor",
            state=SightingState.NOT_OURS, reason="A singer's.",
        )
    )  # fmt: skip
    db.session.commit()
    page = comms.post("/discover/text", data={"text": f"{account.url} and on X @nia_okafor"})
    assert "Known already" in page.text
    assert "is registered" in page.text
    assert "Not ours" in page.text
    assert "Keep what is ticked" not in page.text


def test_a_file_is_read_in_its_own_letters(comms: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_forms, "LARGEST_FILE", 1_000)
    table = "handle,name\nnia_okafor,Siân\n"
    for content in (table.encode(), table.encode("cp1252"), table.encode("utf-16")):
        answer = comms.post("/discover/text", data={"file": (io.BytesIO(content), "list.csv"), "platform": "x"})
        assert answer.status_code == 200
        assert "@nia_okafor, X" in answer.text
        assert "“Siân”" in answer.text
    for content, told in ((b"PK\0\0", "This is no text."), (b"x" * 1_001, "larger than 2 MB")):
        answer = comms.post("/discover/text", data={"file": (io.BytesIO(content), "list.xlsx")})
        assert answer.status_code == 422
        assert told in answer.text


def test_nothing_at_all_is_said_so(comms: Browser) -> None:
    answer = comms.post("/discover/text", data={"text": " "})
    assert (answer.status_code, "Paste a text, or choose a file." in answer.text) == (422, True)
    assert "No account stands in it" in comms.post("/discover/text", data={"text": "Snow."}).text


def test_what_a_program_sends_as_ticks_is_held_against_the_rules(comms: Browser) -> None:
    leaver = cast.leaver()
    db.session.commit()
    for url in ("https://blog.example/me", "javascript:alert(1)", "", "\x00", "https://x.com/\ud800"):
        comms.post(KEEP, data={"keep": ["1"], "url-1": url, "ask-1": "9" * 30})
    assert db.session.scalar(sa.select(sa.func.count(Sighting.id))) == 0
    comms.post(KEEP, data={"keep": ["1"], "url-1": "https://x.com/dunmore", "ask-1": str(leaver.id)})
    assert db.session.scalar(sa.select(Sighting.state)) == SightingState.NEW
    assert db.session.scalar(sa.select(sa.func.count(Claim.id))) == 0


def test_choosing_whom_to_ask_keeps_the_account_too(comms: Browser) -> None:
    nia = cast.library_officer()
    comms.post(KEEP, data={"url-1": "https://x.com/nia_okafor", "words-1": "", "ask-1": str(nia.id)})
    assert db.session.scalars(sa.select(Claim.person_id)).all() == [nia.id]
    comms.post(KEEP, data={"url-1": "https://x.com/dunmore", "ask-1": ""})
    assert db.session.scalars(sa.select(Sighting.handle)).all() == ["@nia_okafor"]


def test_an_account_that_was_taken_out_is_not_shown(comms: Browser) -> None:
    account = cast.an_account(live=True)
    account.visibility = Visibility.NOBODY
    db.session.commit()
    page = comms.post("/discover/text", data={"text": account.url})
    assert "is known" in page.text
    assert f"/accounts/{account.id}" not in page.text
