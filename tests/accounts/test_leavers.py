"""Who is written to when an account changes hands, and what becomes of it when its people have left."""

import cast
import sqlalchemy as sa
from flask import Flask

from registry.accounts import actions, news
from registry.accounts.models import Account, Standing, State
from registry.audit import Event
from registry.db import db, now
from registry.outbox import Message
from registry.people.models import Person, PersonState


def leave(person: Person) -> None:
    """Make a leaver of somebody, as the second complete reading without them does."""
    person.state, person.left_at = PersonState.LEFT, now()
    db.session.flush()


def mails() -> list[tuple[str, str]]:
    """Who was written to, and about what."""
    return [(one.to, one.subject) for one in db.session.scalars(sa.select(Message).order_by(Message.id))]


def hand_to(account: Account, actor: Person, **values: object) -> None:
    """Change who answers for an account."""
    actions.change(account=account, values=values, topics=None, actor=actor)


def test_account_whose_people_have_all_left_is_orphaned(app: Flask) -> None:
    owner, deputy, other = cast.a_person(), cast.a_person(), cast.a_person()
    alone = cast.an_account(owner=owner)
    both = cast.an_account(owner=owner, deputy=deputy)
    kept = cast.an_account(owner=owner, deputy=other)
    untouched = cast.an_account(owner=other)
    leave(owner)
    leave(deputy)
    assert actions.orphan_the_left() == 2
    states = {one.id: one.state for one in db.session.scalars(sa.select(Account))}
    assert states == {
        alone.id: State.ORPHANED, both.id: State.ORPHANED, kept.id: State.LIVE, untouched.id: State.LIVE,
    }  # fmt: skip
    told = db.session.scalars(sa.select(Event).where(Event.name == actions.ORPHANED).order_by(Event.id)).all()
    assert [event.subject_id for event in told] == [alone.id, both.id]
    assert actions.orphan_the_left() == 0


def test_somebody_named_by_another_is_written_to_with_the_way_there(app: Flask) -> None:
    comms, former, owner, deputy = (cast.a_person() for _ in range(4))
    account = cast.an_account(owner=former)
    before = len(mails())
    hand_to(account, comms, owner_id=owner.id, deputy_id=deputy.id)
    told = mails()[before:]
    where = f"{account.title} on Facebook"
    assert told == [
        (owner.mail, f"You answer for {where}"),
        (former.mail, f"Somebody else answers for {where}"),
        (deputy.mail, f"You are the deputy for {where}"),
    ]
    texts = [one.text for one in db.session.scalars(sa.select(Message).order_by(Message.id))][before:]
    assert [text.splitlines()[-1] for text in texts] == [f"http://127.0.0.1:5000/accounts/{account.id}"] * 3


def test_who_takes_an_account_over_by_their_own_hand_is_not_written_to(app: Flask) -> None:
    former, owner = cast.a_person(), cast.a_person()
    account = cast.an_account(owner=former)
    before = len(mails())
    hand_to(account, owner, owner_id=owner.id)
    assert [to for to, _ in mails()[before:]] == [former.mail]


def test_nobody_who_is_gone_is_written_to(app: Flask) -> None:
    comms, former, owner, deputy = (cast.a_person() for _ in range(4))
    account = cast.an_account(owner=former)
    leave(former)
    deputy.state = PersonState.DISABLED
    before = len(mails())
    hand_to(account, comms, owner_id=owner.id, deputy_id=deputy.id)
    assert [to for to, _ in mails()[before:]] == [owner.mail]


def test_mover_gets_one_letter_about_all_accounts_but_their_own(app: Flask) -> None:
    mover, other = cast.a_person(), cast.a_person()
    some = [cast.an_account(owner=mover, title=title) for title in ("Aber Library", "Brook Library")]
    own = cast.an_account(owner=mover, standing=Standing.PERSONAL)
    one = cast.an_account(owner=other, title="Castle Library")
    before = len(mails())
    assert news.ask_movers([mover.id, other.id]) == 3
    assert mails()[before:] == [
        (mover.mail, "Still yours? 2 accounts"), (other.mail, "Still yours? Castle Library on Facebook"),
    ]  # fmt: skip
    text = db.session.scalars(sa.select(Message.text).where(Message.subject == "Still yours? 2 accounts")).one()
    assert [f"* {account.title}: http://127.0.0.1:5000/accounts/{account.id}" in text for account in some] == [True] * 2
    assert [account.owner_moved_at is None for account in (*some, own, one)] == [False, False, True, False]
    told = db.session.scalars(sa.select(Event.subject_id).where(Event.name == news.OWNER_MOVED).order_by(Event.id))
    assert told.all() == [*(account.id for account in some), one.id]
    assert news.ask_movers([mover.id, other.id]) == 0


def test_proposal_that_is_mended_without_a_change_tells_so(app: Flask) -> None:
    owner, comms = cast.a_person(), cast.a_person()
    account = cast.an_account(owner=owner, live=False)
    actions.send_back(account=account, owner=owner, reason="Is it still ours?", actor=comms)
    hand_to(account, owner)
    assert account.sent_back_reason == ""
    last = db.session.scalars(sa.select(Event).order_by(Event.id.desc())).first()
    assert last is not None
    assert (last.name, last.actor_name) == (actions.RESUBMITTED, owner.name)
