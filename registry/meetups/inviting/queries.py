"""Reads of rounds of invitations: who is on a list and why, who can be reached, and what became of each."""

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from registry.accounts.models import OPEN, Account, Topic, account_topic
from registry.accounts.platforms import name_of
from registry.accounts.queries import Sight, sight_of
from registry.audit import Somebody
from registry.db import db, now
from registry.meetups.inviting.choosing import Choice, most_a_week
from registry.meetups.inviting.models import NOT_REACHED, Comment, Fate, Hand, Listed, Round, RoundState
from registry.meetups.models import Invitation
from registry.network.models import Interest, Relation
from registry.outbox import UNDER_WAY, Message, MessageState
from registry.people.models import Person, RoleGrant, Team
from registry.people.queries import IN_OFFICE
from registry.roles import Role

A_WEEK: Final = timedelta(days=7)
MOST_OFFERED: Final = 500


def rounds(meetup_id: int) -> Sequence[Round]:
    """The rounds of a meetup, the newest first, each with who began and sent it."""
    people = joinedload(Round.made_by), joinedload(Round.sent_by)
    mine = sa.select(Round).where(Round.meetup_id == meetup_id).options(*people)
    return db.session.scalars(mine.order_by(Round.id.desc())).all()


def round_of(meetup_id: int, round_id: int) -> Round | None:
    """A round of a meetup, with that and the people who had to do with it."""
    people = (joinedload(one) for one in (Round.made_by, Round.looked_by, Round.sent_by, Round.stopped_by))
    return db.session.scalar(
        sa.select(Round)
        .where(Round.id == round_id, Round.meetup_id == meetup_id)
        .options(joinedload(Round.meetup), *people)
    )


def comments(round_id: int) -> Sequence[Comment]:
    """What was said of a draft, in order, each with who said it."""
    said = sa.select(Comment).where(Comment.round_id == round_id).options(joinedload(Comment.person))
    return db.session.scalars(said.order_by(Comment.id)).all()


def sight_for(asker: Somebody, roles: Collection[Role], round_: Round) -> Sight:
    """By which accounts people are found for a list: those that whoever began it sees, and whoever looks at it.

    Comms see all that others see, so they are shown the list of whoever began it.
    """
    if Role.COMMS not in roles or round_.made_by_id in (None, asker.id):
        return sight_of(asker, roles)
    maker = db.session.get_one(Person, round_.made_by_id)
    granted = sa.select(RoleGrant.role).where(RoleGrant.person_id == maker.id)
    return sight_of(maker, db.session.scalars(granted).all())


# --- What there is to choose from -------------------------------------------------------------------------


def places(sight: Sight) -> Sequence[str]:
    """The places of accounts that the asker sees, by name."""
    told = sa.select(Account.place).where(Account.place != "", Account.state.in_(OPEN), sight.condition)
    return db.session.scalars(told.distinct().order_by(Account.place).limit(MOST_OFFERED)).all()


def topics(sight: Sight) -> Sequence[tuple[int, str]]:
    """The id and name of each topic of an account that the asker sees, or of a profile, by name."""
    seen = sa.select(Account.id).where(Account.state.in_(OPEN), sight.condition)
    posted = sa.select(account_topic.c.topic_id).where(account_topic.c.account_id.in_(seen))
    told = sa.select(Interest.topic_id).where(Interest.relation != Relation.ASK)
    some = sa.select(Topic.id, Topic.name).where(Topic.id.in_(sa.union(posted, told)))
    return [(row.id, row.name) for row in db.session.execute(some.order_by(Topic.key).limit(MOST_OFFERED))]


# --- The list of a draft ----------------------------------------------------------------------------------


def by_hand(round_id: int) -> dict[Hand, list[int]]:
    """Who was taken out of a draft and who was added to it, by their ids."""
    found: dict[Hand, list[int]] = {Hand.OUT: [], Hand.ADDED: []}
    rows = sa.select(Listed.hand, Listed.person_id).where(Listed.round_id == round_id, Listed.hand != Hand.CHOSEN)
    for hand, person_id in db.session.execute(rows.order_by(Listed.id)):
        found[hand].append(person_id)
    return found


def on_list(choice: Choice, sight: Sight, hands: dict[Hand, list[int]]) -> sa.ColumnElement[bool]:
    """The condition on ``Person`` that somebody is on the list."""
    chosen = sa.and_(*choice.conditions(sight))
    if hands[Hand.ADDED]:
        chosen = sa.or_(chosen, Person.id.in_(hands[Hand.ADDED]))
    return sa.and_(chosen, Person.id.not_in(hands[Hand.OUT])) if hands[Hand.OUT] else chosen


def reach(meetup_id: int) -> sa.Case[Any]:
    """What becomes of a ``Person`` if they are invited now: ``Fate.QUEUED``, or why nothing goes to them."""
    invited = sa.select(Invitation.person_id).where(Invitation.meetup_id == meetup_id)
    whens = [
        (Person.state.not_in(IN_OFFICE), Fate.LEFT.value),
        (Person.id.in_(invited), Fate.ALREADY.value),
        (sa.func.coalesce(Person.mail, "") == "", Fate.NO_MAIL.value),
    ]
    if cap := most_a_week():
        often = sa.select(Invitation.person_id).where(Invitation.invited_at > now() - A_WEEK)
        asked = often.group_by(Invitation.person_id).having(sa.func.count(Invitation.id) >= cap)
        whens.append((Person.id.in_(asked), Fate.CAP.value))
    return sa.case(*whens, else_=Fate.QUEUED.value)


def counts(listed: sa.ColumnElement[bool], meetup_id: int) -> dict[Fate, int]:
    """How many on a list can be reached (``Fate.QUEUED``), and how many cannot, by why."""
    fate = reach(meetup_id).label("fate")
    rows = db.session.execute(sa.select(fate, sa.func.count(Person.id)).where(listed).group_by(fate))
    told = {Fate(one): number for one, number in rows}
    return {one: told[one] for one in Fate if one in told}


def people(listed: sa.ColumnElement[bool], meetup_id: int, *, limit: int | None, offset: int = 0) -> list[Any]:
    """Those on a list by name, each with their team, as pairs: the person, and what would become of them."""
    some = sa.select(Person, reach(meetup_id)).where(listed).options(joinedload(Person.team))
    rows = db.session.execute(some.order_by(Person.name, Person.id).limit(limit).offset(offset))
    return [(person, Fate(fate)) for person, fate in rows]


def people_by_id(person_ids: Collection[int]) -> Sequence[Person]:
    """Some people by name, each with their team."""
    some = sa.select(Person).where(Person.id.in_(person_ids)).options(joinedload(Person.team))
    return db.session.scalars(some.order_by(Person.name, Person.id)).all()


def somebody(listed: sa.ColumnElement[bool], person_id: int | None) -> Person | None:
    """Somebody of a list, to show what they will read: the one asked for, or the first by name."""
    first = sa.select(Person).where(listed).order_by(Person.name, Person.id).limit(1)
    asked = db.session.scalar(first.where(Person.id == person_id)) if person_id else None
    return asked or db.session.scalar(first)


def why(some: Sequence[Person], choice: Choice, sight: Sight, hands: dict[Hand, list[int]]) -> dict[int, list[str]]:
    """Why each of some people is on the list, in a few words each, by their ids."""
    ids = [one.id for one in some]
    found: dict[int, list[str]] = {one: [] for one in ids}
    for number in set(ids) & set(hands[Hand.ADDED]):
        found[number].append("added by name")
    for column, word in zip(choice.parts(), ("owner", "deputy") if not choice.part else (choice.part,), strict=True):
        rows = db.session.execute(
            sa.select(column, Account.title, Account.platform)
            .where(column.in_(ids), *choice.accounts(sight))
            .order_by(Account.title, Account.id)
        )
        for person_id, title, platform in rows:
            found[person_id].append(f"{word} of {title} ({name_of(platform)})")
    if choice.under:
        boss = aliased(Person)
        bosses = sa.select(Person.id, boss.name).join(boss, boss.id == Person.manager_id).where(Person.id.in_(ids))
        for person_id, name in db.session.execute(bosses):
            found[person_id].append(f"reports to {name}")
    return found


LIST_COLUMNS: Final = ("name", "mail", "team", "why", "can_be_reached")


def list_rows(
    listed: sa.ColumnElement[bool], meetup_id: int, choice: Choice, sight: Sight, hands: dict[Hand, list[int]]
) -> Iterator[tuple[Any, ...]]:
    """The list of a draft, as ``LIST_COLUMNS`` names it."""
    rows = people(listed, meetup_id, limit=None)
    reasons = why([person for person, _ in rows], choice, sight, hands)
    for person, fate in rows:
        team = person.team.path if person.team else ""
        yield person.name, person.mail or "", team, "; ".join(reasons[person.id]), TOLD[fate]


# --- What became of a round -------------------------------------------------------------------------------

#: What a page says of each fate of the list, and of each state of a mail.
TOLD: Final = {
    Fate.QUEUED: "Yes", Fate.INVITED: "Invited", Fate.NO_MAIL: "No mail address", Fate.UNUSABLE: "Address unusable",
    Fate.LEFT: "Has left", Fate.ALREADY: "Invited already", Fate.CAP: "Invited often enough this week",
    Fate.WITHDRAWN: "Withdrawn",
}  # fmt: skip
#: The ways in which a round ends for somebody. The mail's state counts, where there is a mail.
OUTCOMES: Final = {
    "sent": "Sent", "under-way": "On its way", "unsure": "Unsure", "failed": "Failed",
    **{fate.value.replace(" ", "-"): TOLD[fate] for fate in NOT_REACHED},
}  # fmt: skip
#: Those whom the organiser may want to tell another way; whoever was invited already knows.
TO_TELL: Final = ("unsure", "failed", "no-mail", "unusable", "left", "cap", "withdrawn")


def outcome() -> sa.Case[Any]:
    """How a round ended for a ``Listed``, outer-joined to its ``Message``: a key of ``OUTCOMES``."""
    return sa.case(
        (Listed.fate == Fate.QUEUED, "under-way"),
        (Listed.fate != Fate.INVITED, sa.func.replace(sa.cast(Listed.fate, sa.Text), " ", "-")),
        (Message.state.in_(UNDER_WAY), "under-way"),
        (Message.state == MessageState.SENT, "sent"),
        (Message.state == MessageState.UNSURE, "unsure"),
        (Message.state == MessageState.WITHDRAWN, "withdrawn"),
        else_="failed",
    )


def _frozen(round_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return Listed.round_id == round_id, Listed.fate.is_not(None)


def outcomes(round_id: int) -> dict[str, int]:
    """How many ended how, in the order of ``OUTCOMES``."""
    ended = outcome().label("ended")
    rows = sa.select(ended, sa.func.count(Listed.id)).outerjoin(Message, Message.id == Listed.message_id)
    told: dict[str, int] = dict(db.session.execute(rows.where(*_frozen(round_id)).group_by(ended)).all())
    return {name: told[name] for name in OUTCOMES if name in told}


def _told(round_id: int, which: Collection[str]) -> sa.Select[Any]:
    ended = outcome()
    some = sa.select(
        Person.id.label("person_id"), Person.name, Person.mail, Person.phone, Team.path.label("team"),
        ended.label("outcome"), sa.func.coalesce(Message.problem, "").label("problem"),
    ).select_from(Listed).join(Person, Person.id == Listed.person_id)  # fmt: skip
    some = some.outerjoin(Message, Message.id == Listed.message_id).outerjoin(Team, Team.id == Person.team_id)
    return some.where(*_frozen(round_id), ended.in_(which)).order_by(Person.name, Person.id)


def told(round_id: int, which: Collection[str], *, limit: int | None, offset: int = 0) -> Sequence[Any]:
    """Those of a round for whom it ended as ``which`` says: rows of id, name, mail, team, outcome and problem."""
    return db.session.execute(_told(round_id, which).limit(limit).offset(offset)).all()


def told_of(round_id: int, person_id: int, which: Collection[str]) -> Any:
    """The same row of somebody, or ``None``."""
    return db.session.execute(_told(round_id, which).where(Person.id == person_id)).first()


OUTCOME_COLUMNS: Final = ("name", "mail", "phone", "team", "outcome", "why")


def told_rows(round_id: int, which: Collection[str]) -> Iterator[tuple[Any, ...]]:
    """The same, as ``OUTCOME_COLUMNS`` names it."""
    for row in told(round_id, which, limit=None):
        yield row.name, row.mail or "", row.phone or "", row.team or "", OUTCOMES[row.outcome], row.problem


def listed(round_id: int, person_id: int) -> Listed | None:
    """Somebody on the frozen list of a round."""
    return db.session.scalar(sa.select(Listed).where(*_frozen(round_id), Listed.person_id == person_id))


def next_to_send() -> int | None:
    """The round that was sent first and is not ended."""
    sending = sa.select(Round.id).where(Round.state == RoundState.SENDING)
    return db.session.scalar(sending.order_by(Round.sent_at, Round.id).limit(1))
