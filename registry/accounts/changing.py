"""The form that changes an account: what it begins with, what it asks for, and whether somebody was quicker."""

from typing import Any

import sqlalchemy as sa

from registry.accounts.actions import LABELS
from registry.accounts.answering import by_form
from registry.accounts.differing import differences
from registry.accounts.forms import ChangeAccountForm, offer_principles
from registry.accounts.models import Account, Standing, State
from registry.db import db
from registry.fields import stamp_of
from registry.people.models import Person
from registry.web import whole


def begun(account: Account) -> ChangeAccountForm:
    """The form as it is opened. ``account`` is loaded with its people and topics, here and below."""
    form = ChangeAccountForm(
        formdata=None, title=account.title, purpose=account.purpose, standing=account.standing.value,
        owner=_login_of(account.owner), deputy=_login_of(account.deputy), stamp=stamp(account),
        language=account.language, topics=_topics(account), place=account.place, state=account.state.value,
        principle=str(account.principle_id or ""),
    )  # fmt: skip
    offer_principles(form, account.principle_id)
    return form


def sent(account: Account) -> ChangeAccountForm:
    """The form as it comes back."""
    form = ChangeAccountForm()
    offer_principles(form, account.principle_id)
    form.owned = account.owner is not None and account.owner.is_active
    return form


def _login_of(person: Person | None) -> str:
    """The username to begin with; none of somebody who left, as it may belong to a new colleague by now."""
    return person.username if person and person.is_active else ""


def _topics(account: Account) -> str:
    return ", ".join(topic.name for topic in account.topics)


def topics_asked(form: ChangeAccountForm) -> list[str]:
    """The topics, as they were typed."""
    return str(form.topics.data).replace(";", ",").split(",")


def asked(form: ChangeAccountForm, account: Account, taker: Person | None, *, sets_state: bool) -> dict[str, Any]:
    """The values that the form asks for, by column; ``taker`` is who is asked first whether they take it over.

    While they are, the owner stays, and the deputy does where the two would change places: nobody deputises for
    themself, nor loses their ways in for being asked.
    """
    values: dict[str, Any] = {
        "title": form.title.data, "purpose": form.purpose.data, "standing": Standing(form.standing.data),
        "language": form.language.data,
    }  # fmt: skip
    if form.place.raw_data:
        values["place"] = form.place.data
    if form.principle.raw_data:
        values["principle_id"] = whole(form.principle.data)
    owner = form.owner.person
    if taker is None and owner and owner.id != account.owner_id:  # Nobody named: whoever it was, stays on its page.
        values |= {"owner_id": owner.id, "team_id": owner.team_id}
    if taker is None or (taker.id != account.deputy_id and not stays_on(form, account)):
        values["deputy_id"] = form.deputy.person.id if form.deputy.person else None
    chosen = form.state.data
    if sets_state and chosen and chosen != State.PROPOSED and State(chosen) not in by_form.LED:
        values["state"] = State(chosen)
    return values


def stays_on(form: ChangeAccountForm, account: Account) -> bool:
    """Whether the owner was named as the deputy of whoever takes over: they go on posting there, then."""
    return form.deputy.person is not None and form.deputy.person.id == account.owner_id


# --- Somebody was quicker ---------------------------------------------------------------------------------


def hold(account_id: int) -> None:
    """Hold the row before it is read, so that nobody changes it between the look at its stamp and the end."""
    db.session.execute(sa.select(Account.id).where(Account.id == account_id).with_for_update())


def stamp(account: Account) -> str:
    """Sixteen characters that are others as soon as anything has changed of what the form shows."""
    shown = [
        account.title, account.purpose, account.standing, account.state, account.language, account.owner_id,
        account.deputy_id, account.principle_id, account.place, account.sent_back_reason,
        *(topic.key for topic in account.topics),
    ]  # fmt: skip
    return stamp_of(shown)


def is_late(form: ChangeAccountForm, account: Account) -> bool:
    """Whether somebody has changed the account since the form was opened; of a form that does not say, nobody has."""
    return bool(form.stamp.data) and form.stamp.data != stamp(account)


def look_again(form: ChangeAccountForm, account: Account, values: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What the form would replace, to be looked at before it is sent again: each field, what it holds, what it would.

    The fields are called as the history calls them; ``values`` are what ``asked`` returns.
    """
    form.stamp.data = stamp(account)
    told = [(LABELS[one.name], one.before, one.after) for one in differences(account, values)]
    typed = [name.strip() for name in topics_asked(form) if name.strip()]
    if sorted(typed) != sorted(topic.name for topic in account.topics):
        told.append(("the topics", _topics(account) or "nothing", ", ".join(typed) or "nothing"))
    return told
