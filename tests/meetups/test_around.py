"""Around a meetup: questions, notes, links, cards, the door, thanks."""

import csv
import io
from datetime import timedelta

import cast
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask
from test_replying import a_meetup, at_once, says

from registry.accounts.models import Visibility
from registry.db import db, now
from registry.meetups import replying
from registry.meetups.around import asking, attending, cards, queries
from registry.meetups.around.models import Card, Question
from registry.meetups.models import Answer, Meetup, Reply
from registry.outbox import Message

CARD = {
    "title": "Asked before the vote", "for_whom": "Parents", "result": "Forty answers in a day.", "how": "",
    "campaign": "", "account": "",
}  # fmt: skip


def ask(client: Browser, meetup: Meetup, text: str, **more: str) -> int:
    """Ask something; the number of the question."""
    client.post(f"/meetups/{meetup.id}/questions", data={"text": text, **more})
    db.session.rollback()
    return db.session.scalars(sa.select(Question.id).where(Question.text == text)).one()


def there(meetup: Meetup) -> dict[str, str]:
    """Who is noted as being there, and how."""
    db.session.rollback()
    rows = db.session.scalars(sa.select(Reply).where(Reply.meetup_id == meetup.id, Reply.attended_at.is_not(None)))
    return {
        db.session.get_one(cast.Person, one.person_id).username: one.attended_way.value if one.attended_way else ""
        for one in rows
    }


def mails() -> list[tuple[str, str]]:
    """Who was written to, and about what."""
    db.session.rollback()
    return [(one.to.partition("@")[0], one.subject) for one in db.session.scalars(sa.select(Message))]


def test_most_wanted_question_stands_first_and_twice_is_once(client: Browser) -> None:
    meetup = a_meetup()
    client.as_(cast.library_officer())
    ask(client, meetup, "How often?")
    wanted = ask(client, meetup, "May I block them?")
    client.as_(cast.ward_sister())
    for _ in range(2):
        client.post(f"/meetups/{meetup.id}/questions/{wanted}/vote")
    page = client.get(f"/meetups/{meetup.id}/questions")
    assert page.words("p", class_="reg-questions__text") == ["May I block them?", "How often?"]
    assert page.words("p", class_="reg-questions__votes") == ["2 votes", "1 vote"]
    client.post(f"/meetups/{meetup.id}/questions/{wanted}/unvote")
    assert [one.votes for one in queries.questions(meetup.id, cast.ward_sister().id)] == [1, 1]


def test_who_asks_without_a_name_is_told_to_no_colleague(client: Browser) -> None:
    meetup = a_meetup()
    client.as_(cast.library_officer())
    ask(client, meetup, "Am I alone?", unnamed="y")
    for who in (cast.stranger(), cast.organiser()):
        assert "Nia Okafor" not in client.as_(who).get(f"/meetups/{meetup.id}/questions").text


def test_answer_is_a_note_that_is_found(client: Browser) -> None:
    meetup = a_meetup()
    client.as_(cast.library_officer())
    number = ask(client, meetup, "How do I write captions?")
    assert client.get(f"/meetups/{meetup.id}/questions/{number}/answer").status_code == 404
    client.as_(cast.organiser())
    client.post(f"/meetups/{meetup.id}/questions/{number}/answer", data={"answer": "Read them aloud. Mend Łódź."})
    client.as_(cast.stranger())
    for query, count in (("captions", 1), ("lodz", 1), ("aloud mend", 1), ("subtitles", 0), ("", 1), ("%", 1)):
        assert len(client.get("/meetups/notes", query_string={"q": query}).all("blockquote")) == count, query
    client.as_(cast.organiser()).post(f"/meetups/{meetup.id}/questions/{number}/answer", data={"answer": ""})
    assert client.get("/meetups/notes").all("blockquote") == []


def test_a_question_is_taken_away_by_whoever_asked_or_organises(client: Browser) -> None:
    meetup = a_meetup()
    client.as_(cast.library_officer())
    mine, theirs = ask(client, meetup, "Mine?"), ask(client, meetup, "Rude?")
    assert client.as_(cast.stranger()).post(f"/meetups/{meetup.id}/questions/{mine}/remove").status_code == 404
    client.as_(cast.library_officer()).post(f"/meetups/{meetup.id}/questions/{mine}/remove")
    client.as_(cast.organiser()).post(f"/meetups/{meetup.id}/questions/{theirs}/remove")
    assert queries.questions(meetup.id, 0) == []


def test_whoever_leads_adds_slides_and_others_do_not(client: Browser) -> None:
    meetup = a_meetup()
    link = {"title": "Slides", "url": "https://intranet.example/slides"}
    assert client.as_(cast.library_officer()).post(f"/meetups/{meetup.id}/links", data=link).status_code == 404
    meetup.leader_id = cast.library_officer().id
    answer = client.post(f"/meetups/{meetup.id}/links", data={**link, "url": "javascript:alert(1)"})
    assert answer.errors == {"url": "Enter the whole address, with https:// in front."}
    client.post(f"/meetups/{meetup.id}/links", data=link)
    page = client.as_(cast.stranger()).get(f"/meetups/{meetup.id}")
    assert [one.attrib["href"] for one in page.all("a", rel="noopener noreferrer")][-1] == link["url"]
    (kept,) = queries.links(meetup.id)
    client.as_(cast.library_officer()).post(f"/meetups/{meetup.id}/links/{kept.id}/remove")
    db.session.rollback()
    assert queries.links(meetup.id) == []


def test_card_is_thanked_once_and_not_by_whoever_made_it(client: Browser) -> None:
    client.as_(cast.library_officer())
    place = client.post("/meetups/cards/new", data=CARD).location
    client.post(f"{place}/thank")
    client.as_(cast.ward_sister())
    for _ in range(2):
        client.post(f"{place}/thank")
    assert "1 colleague thanks for it." in client.get(place).words("p", class_="govuk-body")
    assert client.get(f"{place}/change").status_code == 404
    assert client.post(f"{place}/remove").status_code == 404
    client.as_(cast.library_officer()).post(f"{place}/change", data={**CARD, "result": "Fifty."})
    assert client.get(place).words("p", class_="reg-purpose") == ["Fifty."]
    client.post(f"{place}/remove")
    assert client.get(place).status_code == 404


def test_card_tells_of_an_account_only_those_who_may_see_it(client: Browser) -> None:
    account = cast.an_account("https://www.facebook.com/dunmoresecret", title="Dunmore Secret")
    client.as_(cast.library_officer())
    place = client.post("/meetups/cards/new", data={**CARD, "account": account.url}).location
    account.visibility = Visibility.COMMS
    db.session.commit()
    for who, told in ((cast.stranger(), False), (cast.comms_officer(), True), (cast.library_officer(), True)):
        client.as_(who)
        rows = list(csv.DictReader(io.StringIO(client.get("/meetups/cards?format=csv").text)))
        seen = ("Dunmore Secret" in client.get(place).text, "Dunmore Secret" in client.get("/meetups/cards").text)
        assert (*seen, bool(rows[0]["account"])) == (told, told, told), who.username
    answer = client.as_(cast.stranger()).post("/meetups/cards/new", data={**CARD, "account": account.url})
    assert answer.errors == {"account": "This is no account in the register. Register it first, or leave this empty."}


def test_an_account_that_an_organiser_may_not_see_stays_on_the_card_that_they_change(client: Browser) -> None:
    nia = cast.library_officer()
    account = cast.an_account(owner=nia)
    client.as_(nia).post("/meetups/cards/new", data={**CARD, "account": account.url})
    account.visibility = Visibility.COMMS
    db.session.commit()
    card = db.session.scalars(sa.select(Card)).one()
    page = client.as_(cast.organiser()).get(f"/meetups/cards/{card.id}/change")
    assert account.url not in page.text
    client.post(f"/meetups/cards/{card.id}/change", data={**CARD, "title": "Asked early"})
    db.session.expire_all()
    assert (card.title, card.account_id) == ("Asked early", account.id)


def test_notes_are_taken_along_as_they_are_shown(client: Browser) -> None:
    meetup = a_meetup()
    client.as_(cast.organiser())
    for text, answer in (("=How often?", "Daily."), ("Who?", "")):
        number = ask(client, meetup, text)
        client.post(f"/meetups/{meetup.id}/questions/{number}/answer", data={"answer": answer})
    rows = list(csv.reader(io.StringIO(client.get("/meetups/notes?format=csv").text.lstrip("\ufeff"))))
    assert [row[:3] for row in rows] == [["question", "answer", "meetup"], ["'=How often?", "Daily.", "Lunch"]]
    assert client.get("/meetups/notes?format=csv&q=nothing").text.count("Daily") == 0


def test_cards_are_found_by_their_words(client: Browser) -> None:
    client.as_(cast.library_officer()).post("/meetups/cards/new", data=CARD)
    client.post("/meetups/cards/new", data={**CARD, "title": "Showed the back", "campaign": "Musée"})
    for query, count in (("musee", 1), ("parents", 2), ("show ba", 1), ("nothing", 0)):
        assert len(client.get("/meetups/cards", query_string={"q": query}).all("li", class_="reg-card")) == count


def test_organiser_ticks_who_is_there_and_takes_it_back(client: Browser) -> None:
    meetup, nia = a_meetup(), cast.library_officer()
    says(meetup, nia, Answer.YES)
    cast.ward_sister()
    for early, noted in ((True, {}), (False, {"nia.okafor": "organiser", "bronwen.rees": "organiser"})):
        with time_machine.travel(meetup.begins_at - timedelta(minutes=46 if early else 44), tick=False):
            client.as_(cast.organiser()).post(f"/meetups/{meetup.id}/door/{nia.id}/came")
            client.post(f"/meetups/{meetup.id}/door", data={"person": "bronwen.rees"})
        assert there(meetup) == noted
    client.as_(cast.organiser()).post(f"/meetups/{meetup.id}/door/{nia.id}/missing")
    assert there(meetup) == {"bronwen.rees": "organiser"}
    assert client.as_(cast.stranger()).get(f"/meetups/{meetup.id}/door").status_code == 404


def test_code_at_the_door_counts_while_it_is_on(client: Browser) -> None:
    meetup = a_meetup(in_days=1)
    place = f"/meetups/{meetup.id}/here/{attending.code_of(meetup)}"
    client.as_(cast.stranger())
    assert client.get(place).all("button", class_="govuk-button") == []
    client.post(place)
    assert there(meetup) == {}
    with time_machine.travel(meetup.begins_at + timedelta(minutes=5), tick=False):
        client.as_(cast.stranger())
        client.get(place)
        assert there(meetup) == {}
        client.post(place)
        client.post(place.lower())
    assert there(meetup) == {"oluwaseun.ade": "app"}
    client.as_(cast.stranger())
    assert client.get(f"/meetups/{meetup.id}/here/AAAAAAAA").status_code == 404
    assert client.get(f"/meetups/{meetup.id}/here/ÄÄÄÄÄÄÄÄ").status_code == 404


def test_thanks_go_once_to_those_who_came_and_still_work_here(client: Browser) -> None:
    meetup, after = a_meetup(in_days=1), a_meetup(in_days=30)
    with time_machine.travel(meetup.begins_at, tick=False):
        for person in (cast.library_officer(), cast.leaver()):
            attending.came(meetup=meetup, person=person, way=cast_way())
    says(meetup, cast.ward_sister(), Answer.YES)
    assert client.as_(cast.organiser()).get(f"/meetups/{meetup.id}/thanks").status_code == 404
    with time_machine.travel(meetup.ends_at + timedelta(hours=1), tick=False):
        client.as_(cast.organiser())
        for _ in range(2):
            client.post(f"/meetups/{meetup.id}/thanks", data={"what_next": "We try it for a month."})
    assert mails() == [("nia.okafor", "Thank you for coming: Lunch")]
    (letter,) = db.session.scalars(sa.select(Message.text))
    assert "We try it for a month." in letter
    assert f"The next one: Lunch, {after.when}." in letter


def test_two_presses_at_the_same_moment_are_one(app: Flask) -> None:
    meetup, nia = a_meetup(), cast.library_officer()
    meetup.begins_at = now()
    asked = asking.ask(meetup=meetup, person=cast.stranger(), text="How?", unnamed=False)
    told = cards.Told(title="A", how="", for_whom="B", result="C", campaign="", account_id=None, meetup_id=None)
    card = cards.make(person=cast.stranger(), what=told)
    db.session.commit()
    meetup_id, asked_id, card_id, nia_id = meetup.id, asked.id, card.id, nia.id
    db.session.rollback()

    def press() -> None:
        person = db.session.get_one(cast.Person, nia_id)
        held = replying.hold(meetup_id)
        assert held is not None
        attending.came(meetup=held, person=person, way=attending.Way.APP)
        asking.vote(question=db.session.get_one(Question, asked_id), person=person)
        cards.thank(card=db.session.get_one(Card, card_id), person=person)
        db.session.commit()

    def vote() -> None:
        person = db.session.get_one(cast.Person, nia_id)
        asking.vote(question=db.session.get_one(Question, asked_id), person=person)
        cards.thank(card=db.session.get_one(Card, card_id), person=person)
        db.session.commit()

    assert at_once(app, [press, vote] * 6) == []
    assert there(db.session.get_one(Meetup, meetup_id)) == {"nia.okafor": "app"}
    assert queries.thanks([card_id]) == {card_id: 1}


def cast_way() -> attending.Way:
    """An organiser ticked them."""
    return attending.Way.ORGANISER


def test_meetups_are_found_from_the_search_box(client: Browser, app: Flask) -> None:
    meetup = a_meetup()
    assert meetup.begins_at > now()
    client.as_(cast.stranger())
    assert client.get("/search?q=lun").words("a", class_="reg-date__title") == ["Lunch"]
    assert client.get("/search?q=dinner").words("a", class_="reg-date__title") == []
    assert db.session.scalar(sa.select(sa.func.count(Card.id))) == 0


def test_next_meetup_is_told_to_whoever_registers_and_at_home(client: Browser) -> None:
    meetup = a_meetup()
    account = cast.an_account(live=False)
    client.as_(cast.library_officer())
    page = client.get(f"/accounts/{account.id}/registered")
    assert f"/meetups/{meetup.id}" in [one.attrib["href"] for one in page.all("a", class_="govuk-link")]
    assert client.get("/").words("a", class_="reg-date__title") == ["Lunch"]
    says(meetup, cast.library_officer(), Answer.NO)
    assert client.get("/").words("a", class_="reg-date__title") == []
