"""The page on which a line manager nods, and the button that registers whatever page somebody looks at."""

import json
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.accounts.forms import ButtonForm
from registry.accounts.models import Account
from registry.accounts.platforms import PLATFORMS
from registry.accounts.queries import account as account_of
from registry.accounts.registering import actions, queries
from registry.accounts.registering.forms import RefuseForm
from registry.accounts.registering.models import Nod, NodAnswer
from registry.accounts.seen import seen
from registry.db import db
from registry.roles import Role
from registry.web import allow, found, may, viewer

bp = Blueprint("registering", __name__, url_prefix="/accounts")


@bp.get("/bookmark")
@allow(Role.STAFF)
def bookmark() -> str:
    """A bookmark that opens the form with the address of the page somebody looks at."""
    address = f"{url_for('accounts.new', _external=True)}?url="
    code = f"javascript:location.href={json.dumps(address)}+encodeURIComponent(location.href)"
    return render_template("accounts/bookmark.html", code=code, address=address)


def _asked(account_id: int) -> tuple[Nod, Account]:
    """The nod that the signed-in person is asked for, and its account; no page is there for anybody else but comms.

    Comms may hold a proposal back from all but them, and its line manager sees it nevertheless, until it is decided.
    """
    nod = found(queries.nod_of(account_id))
    found(nod if nod.manager_id == viewer().id or may(Role.COMMS) else None)
    return nod, found(account_of(account_id, sa.or_(seen(), queries.NODDED_AT)))


def _own(account_id: int) -> tuple[Nod, Account]:
    """The same, to answer: for the line manager alone."""
    nod, account = _asked(account_id)
    return found(nod if nod.manager_id == viewer().id else None), account


@bp.get("/<int:account_id>/nod")
@allow(Role.STAFF)
def nod(account_id: int) -> str:
    """What one of their people wants to do, and two buttons."""
    return _page(*_asked(account_id), RefuseForm(formdata=None))


def _page(nod: Nod, account: Account, form: RefuseForm) -> str:
    return render_template(
        "accounts/nod.html", nod=nod, account=account, form=form, button=ButtonForm(formdata=None),
        waits=nod.answer is NodAnswer.WAITING and actions.is_open(account), asked=nod.manager_id == viewer().id,
        platform=PLATFORMS[account.platform],
    )  # fmt: skip


@bp.post("/<int:account_id>/nod")
@allow(Role.STAFF)
def say_yes(account_id: int) -> Any:
    """It is all right with them."""
    nod, account = _own(account_id)
    try:
        actions.say_yes(nod=nod, account=account, actor=viewer())
    except actions.Answered:
        flash("This was settled before your answer came. Nothing has changed.", "info")
    else:
        db.session.commit()
        flash(f"Thank you. Comms see your nod when they decide on {account.title}.", "success")
    return redirect(url_for("registering.nod", account_id=account_id))


@bp.post("/<int:account_id>/nod/no")
@allow(Role.STAFF)
def say_no(account_id: int) -> Any:
    """Something worries them."""
    (nod, account), form = _own(account_id), RefuseForm(request.form)
    if not form.validate_on_submit():
        return _page(nod, account, form), 422
    try:
        actions.say_no(nod=nod, account=account, reason=form.reason.data, actor=viewer())
    except actions.Answered:
        flash("This was settled before your answer came. Nothing has changed.", "info")
    else:
        db.session.commit()
        flash("Thank you. Comms and your colleague see what worries you; comms decide.", "success")
    return redirect(url_for("registering.nod", account_id=account_id))
