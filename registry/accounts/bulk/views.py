"""Changing many accounts: choose them in the catalogue, say what they shall have, look, and do it."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.accounts import catalogue_rows
from registry.accounts.bulk import actions, queries
from registry.accounts.bulk.forms import SeveralForm
from registry.accounts.bulk.plans import plans
from registry.accounts.catalogue_address import args_of, asks_from, filters_from
from registry.accounts.queries import Sight
from registry.db import db
from registry.people import guests
from registry.roles import Role
from registry.web import allow, found, viewer, whole

bp = Blueprint("bulk", __name__, url_prefix="/accounts/several")


@bp.get("")
@allow(Role.COMMS)
def form() -> Any:
    """The form, for the accounts that were chosen or for all that the list shows."""
    args = args_of(request.args.get("asks", ""))
    if request.args.get("all"):
        ids = list(catalogue_rows.ids(filters_from(args, Sight(comms=True)), most=queries.MOST + 1))
    else:
        ids = list(dict.fromkeys(one for one in map(whole, request.args.getlist("account")) if one is not None))
    stamps = queries.stamps(ids[: queries.MOST])
    if not stamps or len(ids) > queries.MOST:
        return _choose(asks_from(args), too_many=len(ids) > queries.MOST)
    seen = " ".join(f"{number}.{stamps[number]}" for number in ids if number in stamps)
    return _form_page(SeveralForm(formdata=None, seen=seen, asks=asks_from(args)))


def _choose(asks: str, *, too_many: bool = False) -> Any:
    """Back to the list, where no accounts came or more than anybody looks through."""
    many = f"More than {queries.MOST:,} accounts are too many to look through. Narrow the list first."
    flash(many if too_many else "Choose the accounts first: tick the boxes beside them.", "info")
    return redirect(f"{url_for('accounts.index')}?{asks}")


def _form_page(form: SeveralForm) -> str:
    return render_template(
        "accounts/several.html", form=form, accounts=queries.accounts(list(form.stamps)), teams=guests.team_paths()
    )  # fmt: skip


def _wrong(form: SeveralForm) -> Any:
    """What keeps the form from being carried out, as an answer; ``None`` where nothing does."""
    if not form.stamps:
        return _choose(asks_from(args_of(form.asks.data or "")))
    if not form.validate_on_submit():
        return _form_page(form), 422
    if form.wish.is_empty:
        form.fail(form.owner, "Say what should change: fill in one of the fields.")
        return _form_page(form), 422
    return None


@bp.post("")
@allow(Role.COMMS)
def look() -> Any:
    """What would become of each; nothing has happened yet."""
    form = SeveralForm()
    return _wrong(form) or _plan_page(form)


def _plan_page(form: SeveralForm, meanwhile: Sequence[int] = ()) -> str:
    ids = list(form.stamps)
    planned = plans(queries.accounts(ids), form.wish, viewer())
    changing = [one for one in planned if one.differences and not one.refusal]
    stamps = queries.stamps(ids)
    return render_template(
        "accounts/several_plan.html", form=form, meanwhile=set(meanwhile), changing=changing,
        refused=[one for one in planned if one.refusal], same=[one for one in planned if not one.differences],
        seen=" ".join(f"{one.account.id}.{stamps[one.account.id]}" for one in changing),
    )  # fmt: skip


@bp.post("/change")
@allow(Role.COMMS)
def change() -> Any:
    """Do it, unless somebody has changed one of the accounts since."""
    form = SeveralForm()
    if wrong := _wrong(form):
        return wrong
    try:
        done = actions.apply(seen=form.stamps, wish=form.wish, actor=viewer())
    except actions.ChangedMeanwhile as error:
        return _pressed_twice(form) or (_plan_page(form, error.account_ids), 409)
    except actions.NothingToChange:
        flash("Nothing was changed: they are like that already, or cannot be changed so.", "info")
        return redirect(f"{url_for('accounts.index')}?{asks_from(args_of(form.asks.data or ''))}")
    db.session.commit()
    flash(f"{_number(len(done.before))} changed.", "success")
    return redirect(url_for("bulk.done", change_id=done.id))


def _pressed_twice(form: SeveralForm) -> Any:
    """To what the first press of the button did, as an answer; ``None`` where it did not do just this."""
    ids = list(form.stamps)
    done = queries.last_change(viewer().id, ids)
    if done is None or any(one.differences for one in plans(queries.accounts(ids), form.wish, viewer())):
        return None
    return redirect(url_for("bulk.done", change_id=done.id))


def _number(count: int) -> str:
    return f"{count:,} account{'' if count == 1 else 's'}"


@bp.get("/<int:change_id>")
@allow(Role.COMMS)
def done(change_id: int) -> str:
    """What was changed together, with the button that takes it back."""
    change = found(queries.change(change_id))
    accounts = queries.accounts([int(number) for number in change.before])
    return render_template("accounts/several_done.html", change=change, accounts=accounts)


@bp.post("/<int:change_id>/undo")
@allow(Role.COMMS)
def undo(change_id: int) -> Any:
    """Take it back, but for what has changed since."""
    change = found(queries.change(change_id))
    try:
        stay = actions.undo(change=change, actor=viewer())
    except actions.AlreadyUndone:
        flash("This has been taken back already.", "info")
    else:
        db.session.commit()
        flash(_undone(change, stay), "success")
    return redirect(url_for("bulk.done", change_id=change_id))


def _undone(change: Any, stay: list[Any]) -> str:
    back = f"{_number(len(change.before) - len(stay))} as before."
    if not stay:
        return back
    names = ", ".join(one.title for one in stay[:5]) + (" and others" if len(stay) > 5 else "")
    return f"{back} {_number(len(stay))} stayed, as somebody has changed them since, or left: {names}."
