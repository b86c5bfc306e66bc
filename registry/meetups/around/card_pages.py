"""Cards of what worked: to read, to thank for, to write."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.accounts.forms import ButtonForm
from registry.accounts.models import Account
from registry.accounts.platforms import PLATFORMS, Resolved, resolve
from registry.accounts.queries import same_as
from registry.accounts.seen import seen
from registry.db import db
from registry.export import download
from registry.meetups import queries as meetups
from registry.meetups.around import cards, queries
from registry.meetups.around.forms import CardForm
from registry.meetups.around.models import Card
from registry.meetups.views import ORGANISERS
from registry.roles import Role
from registry.web import allow, found, may, paging, viewer, whole

bp = Blueprint("cards", __name__, url_prefix="/meetups/cards")
COLUMNS = ("what", "for_whom", "result", "how", "campaign", "account", "by", "on", "thanks")


def _accounts(cards_shown: Sequence[Card]) -> dict[int, Account]:
    """The accounts of cards, those that whoever looks may see, by their id."""
    return queries.accounts({one.account_id for one in cards_shown if one.account_id}, seen())


def _account(card: Card) -> Account | None:
    return _accounts([card]).get(card.account_id or 0)


@bp.get("")
@allow(Role.STAFF)
def index() -> Any:
    """What worked, to search and to take along."""
    query = request.args.get("q", "")
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        every = queries.cards(query, limit=None)
        thanks, accounts = queries.thanks([one.id for one in every]), _accounts(every)
        rows = (_row(one, accounts.get(one.account_id or 0), thanks.get(one.id, 0)) for one in every)
        return download("cards", form, COLUMNS, rows)
    pages = paging(queries.cards_count(query), size=20)
    shown = queries.cards(query, limit=pages.size, offset=pages.offset)
    return render_template(
        "meetups/cards.html", cards=shown, paging=pages, query=query, thanks=queries.thanks([one.id for one in shown]),
        accounts=_accounts(shown), platforms=PLATFORMS,
    )  # fmt: skip


def _row(card: Card, account: Account | None, thanks: int) -> tuple[Any, ...]:
    return (
        card.title, card.for_whom, card.result, card.how, card.campaign, account.url if account else "",
        card.made_by.name if card.made_by else "", card.made_at, thanks,
    )  # fmt: skip


@bp.get("/new")
@allow(Role.STAFF)
def new() -> Any:
    """Tell what worked."""
    return _form_page(CardForm(formdata=None))


def _form_page(form: CardForm, card: Card | None = None) -> Any:
    number = card.meetup_id if card else whole(request.args.get("meetup"))
    meetup = meetups.meetup(number) if number else None
    page = render_template("meetups/card_form.html", form=form, card=card, meetup=meetup)
    return (page, 422) if form.errors else page


def _told(form: CardForm, meetup_id: int | None, unseen_id: int | None = None) -> cards.Told | None:
    """What was entered; ``None`` where something is wrong, which is then said beside its field.

    ``unseen_id`` is that of the account that is named and that whoever enters it may not see: it stays where they name
    no other.
    """
    account = None
    valid = form.validate_on_submit()
    if valid and form.account.data:
        resolved = resolve(form.account.data)
        known = same_as(resolved) if isinstance(resolved, Resolved) else None
        account = queries.accounts({known.id}, seen()).get(known.id) if known else None
        if account is None:
            form.fail(form.account, "This is no account in the register. Register it first, or leave this empty.")
            return None
    if not valid:
        return None
    return cards.Told(
        title=form.title.data, how=form.how.data, for_whom=form.for_whom.data, result=form.result.data,
        campaign=form.campaign.data, account_id=account.id if account else unseen_id, meetup_id=meetup_id,
    )  # fmt: skip


@bp.post("/new")
@allow(Role.STAFF)
def create() -> Any:
    """Keep it."""
    form, number = CardForm(), whole(request.args.get("meetup"))
    meetup = meetups.meetup(number) if number else None
    what = _told(form, meetup.id if meetup else None)
    if what is None:
        return _form_page(form)
    card = cards.make(person=viewer(), what=what)
    db.session.commit()
    flash("Thank you! Colleagues find it here, and in the digest.", "success")
    return redirect(url_for("cards.page", card_id=card.id))


@bp.get("/<int:card_id>")
@allow(Role.STAFF)
def page(card_id: int) -> str:
    """What somebody did, for whom, and what came of it."""
    card = found(queries.card(card_id))
    return render_template(
        "meetups/card.html", card=card, account=_account(card), platforms=PLATFORMS,
        mine=card.made_by_id == viewer().id,
        thanks=queries.thanks([card_id]).get(card_id, 0), thanked=queries.thanked(card_id, viewer().id),
        may_change=_may_change(card),
    )  # fmt: skip


def _may_change(card: Card) -> bool:
    return card.made_by_id == viewer().id or may(*ORGANISERS)


def _changeable(card_id: int) -> Card:
    card = found(queries.card(card_id))
    return found(card if _may_change(card) else None)


@bp.get("/<int:card_id>/change")
@allow(Role.STAFF)
def change(card_id: int) -> Any:
    """Say it otherwise."""
    card = _changeable(card_id)
    account = _account(card)
    form = CardForm(
        formdata=None, title=card.title, how=card.how, for_whom=card.for_whom, result=card.result,
        campaign=card.campaign, account=account.url if account else "",
    )  # fmt: skip
    return _form_page(form, card)


@bp.post("/<int:card_id>/change")
@allow(Role.STAFF)
def save(card_id: int) -> Any:
    """Keep the change."""
    card, form = _changeable(card_id), CardForm()
    what = _told(form, card.meetup_id, None if _account(card) else card.account_id)
    if what is None:
        return _form_page(form, card)
    cards.change(card=card, actor=viewer(), what=what)
    db.session.commit()
    flash("Saved.", "success")
    return redirect(url_for("cards.page", card_id=card_id))


@bp.post("/<int:card_id>/remove")
@allow(Role.STAFF)
def remove(card_id: int) -> Any:
    """Take it away."""
    card = _changeable(card_id)
    if ButtonForm().validate_on_submit():
        cards.remove(card=card, actor=viewer())
        db.session.commit()
        flash("The card is gone.", "success")
    return redirect(url_for("cards.index"))


@bp.post("/<int:card_id>/thank")
@allow(Role.STAFF)
def thank(card_id: int) -> Any:
    """Say thank you."""
    card = found(queries.card(card_id))
    if ButtonForm().validate_on_submit() and cards.thank(card=card, person=viewer()):
        db.session.commit()
        flash("They see that it helped.", "success")
    return redirect(url_for("cards.page", card_id=card_id))
