"""Inviting by query: who is on a list, the words for it, the draft, and who gets no mail and why."""

from datetime import timedelta
from typing import Any

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask
from inviting_world import a_draft, a_meetup, a_runner, fates, invited, on_list, send, the_round, written_to

from registry.accounts.answering.models import HandOver, OfferState
from registry.accounts.models import Account, Standing, Visibility
from registry.accounts.queries import Sight
from registry.audit import Event
from registry.config import Settings
from registry.db import db, now, today
from registry.meetups import actions as meetups
from registry.meetups.inviting import actions, letters, queries, worker
from registry.meetups.inviting.choosing import Choice, names_of, sentence
from registry.meetups.inviting.models import Comment, Fate, Hand, Listed, Round, RoundState
from registry.meetups.models import Answer, Invitation, Meetup, Reply, Way
from registry.network import actions as network
from registry.outbox import Message, MessageState
from registry.people.models import Person, PersonState


def came_to(meetup: Meetup, person: Person) -> None:
    """Somebody was at a meetup."""
    db.session.add(
        Reply(
            meetup_id=meetup.id, person_id=person.id, answer=Answer.YES, replied_at=now(), way=Way.APP,
            attended_at=now(), attended_way=Way.ORGANISER,
        )
    )  # fmt: skip
    db.session.flush()


def its_mail(person: Person) -> Message:
    """The mail of somebody's only invitation."""
    mine = sa.select(Message).join(Listed, Listed.message_id == Message.id).where(Listed.person_id == person.id)
    return db.session.scalars(mine).one()


@pytest.fixture
def crowd(app: Flask) -> dict[str, Person]:
    """Ada and Ben on Facebook, Cai on X; Ada's deputy is Dee; Eli has a profile and no account; Fay has neither."""
    dee = cast.a_person("dee", name="Dee", team=("Communities", "Libraries", "Mobile"))
    people = {
        "ada": a_runner("ada", "https://facebook.com/ada", name="Ada", team=("Communities", "Libraries"), deputy=dee),
        "ben": a_runner("ben", "https://facebook.com/ben", name="Ben", team=("Communities", "Museums")),
        "cai": a_runner("cai", "https://x.com/cai", name="Cai", team=("Communities", "Museums")),
        "dee": dee,
        "eli": cast.a_person("eli", name="Eli", team=("Health",)),
        "fay": cast.a_person("fay", name="Fay", team=("Health",)),
    }
    network.keep(profile=None, person=people["eli"], about="Me.", topics=["Reading"], offers=[], asks=[])
    for name, boss in (("ben", "ada"), ("cai", "ben"), ("ada", "cai"), ("dee", "ada")):  # A ring, and one below it.
        people[name].manager_id = people[boss].id
    db.session.flush()
    return people


def found(choice: Choice, sight: Sight | None = None) -> list[str]:
    """The usernames of those whom a choice finds, of the crowd."""
    some = sa.select(Person.username).where(*choice.conditions(sight or Sight()))
    return [one for one in db.session.scalars(some.order_by(Person.name)) if len(one) == 3]


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        ({}, ["ada", "ben", "cai", "dee"]),
        ({"part": "owner"}, ["ada", "ben", "cai"]),
        ({"part": "deputy"}, ["dee"]),
        ({"platform": "facebook"}, ["ada", "ben", "dee"]),
        ({"platform": "facebook", "part": "owner"}, ["ada", "ben"]),
        ({"standing": "official"}, []),
        ({"standing": "semi-official"}, ["ada", "ben", "cai", "dee"]),
        ({"among": "profile"}, ["eli"]),
        ({"among": "everyone"}, ["ada", "ben", "cai", "dee", "eli", "fay"]),
        ({"among": "everyone", "platform": "x"}, ["cai"]),
        ({"lone": True}, []),
    ],
)
def test_people_are_found_by_what_they_run(crowd: dict[str, Person], choice: dict[str, Any], names: list[str]) -> None:
    assert found(Choice(**choice)) == names


def test_people_are_found_by_team_with_those_within_it(crowd: dict[str, Person]) -> None:
    team = crowd["ada"].team_id
    assert found(Choice(team=team)) == ["ada", "dee"]
    assert found(Choice(team=team, platform="facebook", part="owner")) == ["ada"]


def test_people_are_found_by_topic_of_account_or_profile_but_not_by_what_they_ask_for(crowd: dict[str, Person]) -> None:
    network.keep(profile=None, person=crowd["fay"], about="", topics=[], offers=[], asks=["Reading"])
    db.session.flush()
    topic = db.session.scalar(sa.select(Account.topics.property.mapper.class_.id))
    assert found(Choice(among="everyone", topic=topic)) == ["eli"]


def test_people_are_found_by_place(crowd: dict[str, Person]) -> None:
    db.session.execute(sa.update(Account).where(Account.owner_id == crowd["cai"].id).values(place="Dunmore Dock"))
    assert found(Choice(place="Dunmore Dock")) == ["cai"]


def test_everybody_below_somebody_is_found_though_their_managers_go_round_in_a_ring(crowd: dict[str, Person]) -> None:
    assert found(Choice(among="everyone", under=crowd["ada"].id)) == ["ben", "cai", "dee"]
    assert found(Choice(among="everyone", under=crowd["cai"].id)) == ["ada", "ben", "dee"]
    assert found(Choice(among="everyone", under=crowd["fay"].id)) == []


def test_who_never_came_and_who_came_before(crowd: dict[str, Person]) -> None:
    came_to(a_meetup(), crowd["ben"])
    assert found(Choice(came="never")) == ["ada", "cai", "dee"]
    assert found(Choice(came="before")) == ["ben"]


def test_who_said_yes_and_stayed_away_never_came(crowd: dict[str, Person]) -> None:
    db.session.add(
        Reply(meetup_id=a_meetup().id, person_id=crowd["ben"].id, answer=Answer.YES, replied_at=now(), way=Way.APP)
    )
    assert found(Choice(came="never")) == ["ada", "ben", "cai", "dee"]


def test_new_since_a_day_are_those_who_run_nothing_from_before(crowd: dict[str, Person]) -> None:
    day = today() - timedelta(days=30)
    before = now() - timedelta(days=60)
    owned = sa.update(Account).where(Account.owner_id.in_([crowd["ada"].id, crowd["ben"].id]))
    db.session.execute(owned.values(proposed_at=before))
    assert found(Choice(since=day)) == ["cai"]
    account = db.session.scalars(sa.select(Account).where(Account.owner_id == crowd["ben"].id)).one()
    db.session.add(
        HandOver(
            account_id=account.id, taker_id=crowd["ben"].id, offered_by_id=crowd["cai"].id, offered_at=now(),
            state=OfferState.ACCEPTED, settled_at=now(),
        )
    )  # fmt: skip
    db.session.flush()
    assert found(Choice(since=day)) == ["ben", "cai"]


def test_lone_rangers_answer_alone_and_are_the_only_one_in_their_team(crowd: dict[str, Person]) -> None:
    assert found(Choice(lone=True)) == []  # Ada has a deputy; Ben and Cai have each other.
    crowd["cai"].team_id = crowd["fay"].team_id
    db.session.flush()
    assert found(Choice(lone=True)) == ["ben", "cai"]


def test_people_are_found_by_whether_they_have_signed(crowd: dict[str, Person]) -> None:
    document = cast.a_document()
    cast.sign(document, crowd["ben"])
    assert found(Choice(signed="yes", document=document.id)) == ["ben"]
    assert found(Choice(signed="no", document=document.id)) == ["ada", "cai", "dee"]


def test_leavers_and_those_who_cannot_sign_in_are_on_no_list(crowd: dict[str, Person]) -> None:
    crowd["ben"].state, crowd["ben"].left_at = PersonState.LEFT, now()
    crowd["cai"].state = PersonState.DISABLED
    db.session.flush()
    assert found(Choice(among="everyone")) == ["ada", "dee", "eli", "fay"]


@pytest.mark.parametrize("choice", [{}, {"platform": "x"}, {"standing": "semi-official"}, {"lone": True},
                                    {"since": today() - timedelta(days=9)}])  # fmt: skip
def test_an_account_that_the_organiser_may_not_see_finds_nobody(
    crowd: dict[str, Person], choice: dict[str, Any]
) -> None:
    hidden = sa.update(Account).where(Account.owner_id == crowd["cai"].id)
    db.session.execute(hidden.values(visibility=Visibility.COMMS))
    crowd["cai"].team_id = None
    db.session.flush()
    assert "cai" not in found(Choice(**choice))
    assert "cai" in found(Choice(**choice), Sight(comms=True))


def test_comms_are_shown_the_list_of_whoever_began_it(crowd: dict[str, Person], client: Browser) -> None:
    hidden = sa.update(Account).where(Account.owner_id == crowd["cai"].id)
    db.session.execute(hidden.values(visibility=Visibility.COMMS))
    draft = a_draft(a_meetup(), platform="x")
    address = f"/meetups/{draft.meetup_id}/invite/{draft.id}/who"
    assert client.as_(cast.comms_officer()).get(address).words("h2", class_="reg-bar__count") == ["0 people"]
    of_comms = actions.begin(meetup=the_round(draft.id).meetup, choice=Choice(platform="x"), actor=cast.comms_officer())
    db.session.commit()
    address = f"/meetups/{draft.meetup_id}/invite/{of_comms.id}/who"
    assert client.as_(cast.comms_officer()).get(address).words("h2", class_="reg-bar__count") == ["One person"]
    assert client.as_(cast.organiser()).get(address).words("h2", class_="reg-bar__count") == ["0 people"]


def test_a_choice_is_said_in_a_plain_sentence(crowd: dict[str, Person]) -> None:
    choice = Choice(platform="facebook", team=crowd["ada"].team_id, came="never", part="owner")
    words = "owners of Facebook accounts who work in Libraries or a team within it and never came to a meetup"
    assert sentence(choice, names_of(choice)) == words
    assert sentence(Choice(), names_of(Choice())) == "owners and deputies of accounts"
    below = Choice(among="everyone", under=crowd["ada"].id, lone=True)
    assert sentence(below, names_of(below)) == (
        "everyone who works here who run theirs alone in their team and report to Ada, or to somebody who does"
    )


def test_a_choice_is_kept_and_read_back_whole() -> None:
    choice = Choice(
        among="profile", part="owner", platform="x", standing="official", place="Dock", team=3, topic=4,
        since=today(), came="never", lone=True, signed="no", document=5, under=6,
    )  # fmt: skip
    assert Choice.of(choice.kept()) == choice


# --- The draft --------------------------------------------------------------------------------------------


def test_the_organiser_walks_from_the_meetup_to_what_came_of_it(crowd: dict[str, Person], client: Browser) -> None:
    meetup = a_meetup()
    where = f"/meetups/{meetup.id}/invite"
    client.as_(cast.organiser())
    assert where in [link.get("href") for link in client.get(f"/meetups/{meetup.id}").all("a")]
    assert client.get(where).heading == "Invite colleagues"
    who = client.post(where, data={"among": "running", "platform": "facebook"})
    page = client.get(who.location)
    assert page.words("h2", class_="reg-bar__count") == ["3 people"]
    title = db.session.scalars(sa.select(Account.title).where(Account.key.like("%ada%"))).one()
    assert page.words("p", class_="reg-peer__line")[0] == f"Why owner of {title} (Facebook)"
    draft = who.location.removesuffix("/who")
    client.post(f"{draft}/people/{crowd['ben'].id}/out")
    client.post(f"{draft}/people", data={"person": "fay"})
    assert client.get(f"{draft}/who").words("a", class_="reg-peer__name") == ["Ada", "Dee", "Fay"]
    client.post(f"{draft}/words", data={"subject": "Come, {given name}", "text": "On {when} in {place}."})
    page = client.get(draft)
    assert page.words("h2", id="whom") == ["3 people"]
    assert "Come, Ada" in page.text
    assert client.post(f"{draft}/send", data={"expected": "3"}).location == draft
    worker.work_off()
    assert client.get(draft).heading == "Sending 3 invitations"
    db.session.execute(sa.update(Message).values(state=MessageState.SENT))
    db.session.commit()
    assert client.get(draft).heading == "3 invitations sent"
    assert invited(meetup) == ["ada", "dee", "fay"]


def test_the_live_count_says_what_is_chosen_and_keeps_nothing(crowd: dict[str, Person], client: Browser) -> None:
    meetup = a_meetup()
    crowd["ben"].mail = None
    answer = client.as_(cast.organiser()).post(
        f"/meetups/{meetup.id}/invite/count", data={"among": "running", "platform": "facebook"}
    )
    assert answer.words("p") == [
        "3 people: owners and deputies of Facebook accounts.", "2 of them can be reached. 1: no mail address."
    ]  # fmt: skip
    assert db.session.scalar(sa.select(sa.func.count(Round.id))) == 0
    wrong = client.post(f"/meetups/{meetup.id}/invite/count", data={"among": "running", "team": "Nowhere"})
    assert wrong.words("p") == ["There is no team of that name. Choose one from the list, or leave this empty."]


def test_the_list_is_paged_and_taken_along_with_why(crowd: dict[str, Person], client: Browser) -> None:
    for number in range(60):
        a_runner(f"many{number}", f"https://instagram.com/many{number}", name=f"Many {number:02}")
    draft = a_draft(a_meetup(), platform="instagram")
    where = f"/meetups/{draft.meetup_id}/invite/{draft.id}/who"
    page = client.as_(cast.organiser()).get(f"{where}?page=2")
    assert page.words("a", class_="reg-peer__name") == [f"Many {number}" for number in range(50, 60)]
    lines = client.get(f"{where}?format=csv").text.splitlines()
    assert (len(lines), lines[0].lstrip("\ufeff")) == (61, "name,mail,team,why,can_be_reached")
    assert lines[1].startswith("Many 00,many0@dunmore.example,Department / Team of many0,owner of ")


def test_who_was_taken_out_stays_out_when_others_are_chosen(crowd: dict[str, Person], client: Browser) -> None:
    draft = a_draft(a_meetup(), platform="facebook")
    where = f"/meetups/{draft.meetup_id}/invite/{draft.id}"
    client.as_(cast.organiser()).post(f"{where}/people/{crowd['ben'].id}/out")
    client.post(f"{where}/who", data={"among": "running"})
    assert on_list(the_round(draft.id)) == ["ada", "cai", "dee"]
    client.post(f"{where}/people/{crowd['ben'].id}/back")
    assert on_list(the_round(draft.id)) == ["ada", "ben", "cai", "dee"]


def test_a_colleague_reads_a_draft_says_something_and_finds_it_right(crowd: dict[str, Person], client: Browser) -> None:
    draft = a_draft(a_meetup())
    where = f"/meetups/{draft.meetup_id}/invite/{draft.id}"
    assert client.as_(cast.stranger()).get(where).status_code == 404
    client.as_(cast.comms_officer()).post(f"{where}/comments", data={"text": "Say that there is cake."})
    client.post(f"{where}/looks-right")
    assert the_round(draft.id).looked_by_id == cast.comms_officer().id
    page = client.as_(cast.organiser()).get(where)
    assert "Say that there is cake." in page.text
    assert page.words("p", class_="reg-done")[0].startswith("Tomasz Bryk found on")
    client.post(f"{where}/words", data={"subject": "Cake", "text": "There is cake."})
    assert the_round(draft.id).looked_at is None  # It is another text by now.


def test_nobody_is_the_second_pair_of_eyes_on_their_own_draft(crowd: dict[str, Person]) -> None:
    draft = a_draft(a_meetup())
    with pytest.raises(actions.NotTwice):
        actions.looks_right(draft=draft, actor=cast.organiser())


def test_a_draft_is_deleted_with_all_that_was_said_of_it(crowd: dict[str, Person], client: Browser) -> None:
    draft = a_draft(a_meetup())
    actions.put(draft=draft, person_id=crowd["ada"].id, hand=Hand.OUT)
    actions.comment(draft=draft, text="No.", actor=cast.comms_officer())
    db.session.commit()
    client.as_(cast.organiser()).post(f"/meetups/{draft.meetup_id}/invite/{draft.id}/discard")
    assert [db.session.scalar(sa.select(sa.func.count(model.id))) for model in (Round, Listed, Comment)] == [0, 0, 0]


def test_a_placeholder_that_stands_for_nothing_is_told(crowd: dict[str, Person], client: Browser) -> None:
    draft = a_draft(a_meetup())
    where = f"/meetups/{draft.meetup_id}/invite/{draft.id}/words"
    answer = client.as_(cast.organiser()).post(where, data={"subject": "Hello {nmae}", "text": "{when}"})
    assert answer.errors == {
        "subject": "{nmae} stands for nothing. You can use {given name}, {meetup}, {when}, {place}."
    }


def test_nothing_in_a_name_is_filled_in_once_more(crowd: dict[str, Person]) -> None:
    crowd["ada"].given_name = "{place}{{7*7}}"
    meetup = a_meetup("{given name}")
    assert letters.filled("{given name}|{Meetup}", meetup, crowd["ada"]) == "{place}{{7*7}}|{given name}"


def test_the_mail_is_shown_as_anybody_on_the_list_will_read_it(crowd: dict[str, Person], client: Browser) -> None:
    draft = a_draft(a_meetup())
    client.as_(cast.organiser())
    shown = client.post(
        f"/meetups/{draft.meetup_id}/invite/{draft.id}/words/shown",
        data={"subject": "Hello {given name}", "text": "Come.", "reader": str(crowd["cai"].id)},
    )
    assert shown.words("p")[:2] == ["To Cai, cai@dunmore.example", "Hello Cai"]
    stranger = client.post(
        f"/meetups/{draft.meetup_id}/invite/{draft.id}/words/shown",
        data={"subject": "Hello {given name}", "text": "Come.", "reader": str(crowd["fay"].id)},
    )
    assert stranger.words("p")[1] == "Hello Ada"  # Fay is not on the list, so nothing of hers is shown.


# --- The rules --------------------------------------------------------------------------------------------


def test_each_gets_a_mail_of_their_own_with_a_link_and_a_secret(crowd: dict[str, Person]) -> None:
    meetup = a_meetup()
    send(a_draft(meetup, platform="facebook"))
    assert written_to() == ["ada@dunmore.example", "ben@dunmore.example", "dee@dunmore.example"]
    message = its_mail(crowd["ada"])
    assert message.subject == "Come to “Lunch”"
    assert message.text.startswith("Hello Ada,\n")
    assert "/answer/" in message.text
    nonces = list(db.session.scalars(sa.select(Invitation.nonce)))
    assert [len(nonce) for nonce in nonces] == [22, 22, 22]
    assert len(set(nonces)) == 3


def test_nobody_is_invited_twice_in_two_rounds_of_two_organisers(crowd: dict[str, Person]) -> None:
    meetup = a_meetup()
    first, second = a_draft(meetup, platform="facebook"), a_draft(meetup)
    assert fates(send(first)) == {"ada": "invited", "ben": "invited", "dee": "invited"}
    told = send(the_round(second.id))
    assert fates(told) == {"ada": "already", "ben": "already", "cai": "invited", "dee": "already"}
    assert len(written_to()) == 4


def test_two_rounds_that_were_sent_before_the_worker_came_invite_nobody_twice(crowd: dict[str, Person]) -> None:
    meetup = a_meetup()
    rounds = [a_draft(meetup, platform="facebook"), a_draft(meetup)]
    for one, number in zip(rounds, (3, 4), strict=True):
        actions.send(draft=the_round(one.id), expected=number, sight=Sight(), actor=cast.organiser())
        db.session.commit()
    worker.work_off()
    assert sorted(fates(rounds[1]).items()) == [
        ("ada", "already"), ("ben", "already"), ("cai", "invited"), ("dee", "already")
    ]  # fmt: skip
    assert len(written_to()) == 4


def test_the_database_takes_one_invitation_though_somebody_is_quicker_than_the_list(crowd: dict[str, Person]) -> None:
    meetup = a_meetup()
    draft = a_draft(meetup, platform="facebook")
    reached = queries.reach
    actions.send(draft=draft, expected=3, sight=Sight(), actor=cast.organiser())
    db.session.add(Invitation(meetup_id=meetup.id, person_id=crowd["ben"].id, invited_at=now(), nonce="x"))
    db.session.commit()
    try:
        queries.reach = lambda _: sa.case((sa.true(), Fate.QUEUED.value), else_="")  # type: ignore[assignment]
        worker.work_off()
    finally:
        queries.reach = reached
    assert fates(draft) == {"ada": "invited", "ben": "already", "dee": "invited"}
    assert written_to() == ["ada@dunmore.example", "dee@dunmore.example"]


def test_a_second_press_of_the_button_sends_nothing(crowd: dict[str, Person], client: Browser) -> None:
    draft = a_draft(a_meetup(), platform="x")
    where = f"/meetups/{draft.meetup_id}/invite/{draft.id}"
    client.as_(cast.organiser())
    answers = [client.post(f"{where}/send", data={"expected": "1"}).status_code for _ in range(2)]
    worker.work_off()
    assert answers == [302, 302]
    assert written_to() == ["cai@dunmore.example"]


def test_a_list_that_has_changed_meanwhile_is_not_sent(crowd: dict[str, Person], client: Browser) -> None:
    draft = a_draft(a_meetup(), platform="x")
    a_runner("gus", "https://x.com/gus")
    answer = client.as_(cast.organiser()).post(
        f"/meetups/{draft.meetup_id}/invite/{draft.id}/send", data={"expected": "1"}
    )
    assert answer.status_code == 409
    assert "It would be 2 invitations now" in answer.text
    assert the_round(draft.id).state is RoundState.DRAFT


def test_who_was_invited_often_enough_this_week_is_listed_and_asked_later(crowd: dict[str, Person]) -> None:
    for _ in range(2):
        send(a_draft(a_meetup(), platform="x"))
    third, fourth = a_meetup(), a_meetup()
    condition = queries.on_list(Choice(platform="x"), Sight(), {Hand.OUT: [], Hand.ADDED: []})
    assert queries.counts(condition, third.id) == {Fate.CAP: 1}
    draft = a_draft(third)
    assert fates(send(draft)) == {"ada": "invited", "ben": "invited", "cai": "cap", "dee": "invited"}
    eight_days_ago = now() - timedelta(days=8)
    db.session.execute(sa.update(Invitation).values(invited_at=eight_days_ago))
    assert fates(send(a_draft(third, platform="x"))) == {"cai": "invited"}
    assert fourth.id != third.id


def test_the_cap_is_a_setting(crowd: dict[str, Person], app: Flask, settings: Settings) -> None:
    app.config["SETTINGS"] = settings.model_copy(update={"invitations_per_week": 1})
    send(a_draft(a_meetup(), platform="x"))
    condition = queries.on_list(Choice(platform="x"), Sight(), {Hand.OUT: [], Hand.ADDED: []})
    assert queries.counts(condition, a_meetup().id) == {Fate.CAP: 1}
    app.config["SETTINGS"] = settings.model_copy(update={"invitations_per_week": 0})
    assert queries.counts(condition, a_meetup().id) == {Fate.QUEUED: 1}


def test_who_cannot_be_reached_is_told_with_why_and_taken_along(crowd: dict[str, Person], client: Browser) -> None:
    crowd["ada"].mail, crowd["ben"].mail = None, "ben@@nowhere"
    db.session.flush()
    draft = a_draft(a_meetup())
    actions.put(draft=draft, person_id=crowd["fay"].id, hand=Hand.ADDED)
    crowd["fay"].state, crowd["fay"].left_at = PersonState.LEFT, now()
    db.session.commit()
    round_ = send(the_round(draft.id))
    assert fates(round_) == {
        "ada": "no mail", "ben": "unusable", "cai": "invited", "dee": "invited", "fay": "left"
    }  # fmt: skip
    assert invited(round_.meetup) == ["cai", "dee"]
    where = f"/meetups/{draft.meetup_id}/invite/{draft.id}"
    page = client.as_(cast.organiser()).get(where)
    assert page.words("h2", id="who-heading") == ["Tell 3 people another way"]
    lines = client.get(f"{where}?format=csv").text.splitlines()
    assert [line.split(",")[4] for line in lines[1:]] == ["No mail address", "Address unusable", "Has left"]
    assert client.get(f"{where}?format=xlsx").status_code == 200


def test_whoever_leaves_while_it_goes_gets_nothing(crowd: dict[str, Person]) -> None:
    draft = a_draft(a_meetup())
    actions.send(draft=draft, expected=4, sight=Sight(), actor=cast.organiser())
    crowd["ben"].state, crowd["ben"].left_at = PersonState.LEFT, now()
    db.session.commit()
    worker.work_off()
    assert fates(draft) == {"ada": "invited", "ben": "left", "cai": "invited", "dee": "invited"}


def test_nobody_is_invited_to_what_does_not_take_place(crowd: dict[str, Person], client: Browser) -> None:
    meetup = a_meetup()
    draft = a_draft(meetup)
    meetups.cancel(actor=cast.organiser(), meetup=meetup, reason="Snow.")
    db.session.commit()
    with pytest.raises(actions.NotOpen):
        actions.send(draft=the_round(draft.id), expected=4, sight=Sight(), actor=cast.organiser())
    db.session.rollback()
    answer = client.as_(cast.organiser()).post(f"/meetups/{meetup.id}/invite", data={"among": "running"})
    assert answer.location == f"/meetups/{meetup.id}/invite"


def test_a_meetup_that_is_called_off_while_it_goes_ends_the_round(crowd: dict[str, Person]) -> None:
    meetup = a_meetup()
    draft = a_draft(meetup)
    actions.send(draft=draft, expected=4, sight=Sight(), actor=cast.organiser())
    meetups.cancel(actor=cast.organiser(), meetup=meetup, reason="Snow.")
    db.session.commit()
    worker.work_off()
    assert set(fates(draft).values()) == {"withdrawn"}
    assert the_round(draft.id).state is RoundState.STOPPED


def test_what_was_sent_is_in_the_history_without_a_name(crowd: dict[str, Person]) -> None:
    draft = a_draft(a_meetup(), under=crowd["ada"].id)
    send(draft)
    event = db.session.scalars(sa.select(Event).where(Event.name == "meetup.invited")).one()
    assert event.fields["people"] == 3
    assert event.fields["whom"] == "owners and deputies of accounts who report to somebody, or to somebody who does"


# --- Stopping, and once more ------------------------------------------------------------------------------


def test_stopping_withdraws_what_has_not_left_and_lets_them_be_invited_later(
    crowd: dict[str, Person], client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PORTION", 2)
    meetup = a_meetup()
    draft = a_draft(meetup)
    actions.send(draft=draft, expected=4, sight=Sight(), actor=cast.organiser())
    db.session.commit()
    assert worker.send_portion(draft.id) == 2
    its_mail(crowd["ada"]).state = MessageState.SENT
    db.session.commit()
    where = f"/meetups/{meetup.id}/invite/{draft.id}"
    client.as_(cast.organiser()).post(f"{where}/stop")
    assert fates(draft) == {"ada": "invited", "ben": "withdrawn", "cai": "withdrawn", "dee": "withdrawn"}
    assert invited(meetup) == ["ada"]
    assert worker.send_portion(draft.id) is None
    assert client.get(where).heading == "The invitations were stopped"
    assert fates(send(a_draft(meetup))) == {"ada": "already", "ben": "invited", "cai": "invited", "dee": "invited"}


def test_only_what_is_in_doubt_or_failed_is_sent_again_and_by_hand(crowd: dict[str, Person], client: Browser) -> None:
    draft = a_draft(a_meetup(), platform="x")
    send(draft)
    message = its_mail(crowd["cai"])
    number, where = message.message_id, f"/meetups/{draft.meetup_id}/invite/{draft.id}/people/{crowd['cai'].id}/again"
    assert client.as_(cast.organiser()).get(where).status_code == 404
    for state, warned in ((MessageState.UNSURE, True), (MessageState.FAILED, False)):
        db.session.execute(sa.update(Message).where(Message.id == message.id).values(state=state, problem="It broke."))
        db.session.commit()
        assert ("may get it twice" in client.get(where).text) is warned
        client.post(where)
        db.session.expire_all()
        assert (message.state, message.message_id) == (MessageState.WAITING, number)
    client.post(where)
    events = db.session.scalars(sa.select(Event).where(Event.name == "meetup.invited-again").order_by(Event.id)).all()
    assert [event.fields["before"] for event in events] == ["perhaps arrived", "failed"]


def test_standing_words_are_those_of_the_catalogue() -> None:
    assert sentence(Choice(standing=Standing.OFFICIAL.value), names_of(Choice())) == (
        "owners and deputies of official accounts"
    )
