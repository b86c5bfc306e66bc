"""The page on which a line manager nods, the button that registers whatever one looks at, and signing on the way."""

import json
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.accounts.forms import ButtonForm
from registry.accounts.models import Account, State
from registry.accounts.platforms import PLATFORMS
from registry.accounts.queries import account as account_of
from registry.accounts.queries import visible_to
from registry.accounts.registering import actions, queries
from registry.accounts.registering.forms import RefuseForm
from registry.accounts.registering.models import Nod, NodAnswer
from registry.accounts.seen import seen
from registry.db import db
from registry.guidelines import reading
from registry.guidelines.queries import to_sign
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


# --- The guidelines, as the second step -------------------------------------------------------------------


@bp.get("/<int:account_id>/sign")
@allow(Role.STAFF)
def sign(account_id: int) -> Any:
    """Read and sign what is owed since the account is registered, one after the other; then what comes next."""
    done = redirect(url_for("accounts.registered", account_id=account_id))
    account = _just_registered(account_id)
    owed = to_sign(viewer().id) if account else []
    return _sign_page(account, reading.reading(owed[0]), len(owed)) if account and owed else done


def _just_registered(account_id: int) -> Account | None:
    account = found(account_of(account_id, visible_to(viewer(), viewer().roles)))
    return account if account.state is State.PROPOSED and account.proposed_by_id == viewer().id else None


def _sign_page(account: Account, shown: reading.Reading, left: int) -> str:
    return render_template("accounts/sign.html", account=account, reading=shown, document=shown.document, left=left)


@bp.post("/<int:account_id>/sign")
@allow(Role.STAFF)
def signed(account_id: int) -> Any:
    """Sign the version that was shown, then go on to the next."""
    account, owed = _just_registered(account_id), to_sign(viewer().id)
    document = reading.document_of_form() or (owed[0] if owed else None)
    if account and document and not document.retired_at:  # What was retired meanwhile is owed no more.
        if refused := reading.sign(document):
            return _sign_page(account, refused, len(owed)), refused.status
        db.session.commit()
    return redirect(url_for("registering.sign", account_id=account_id))
