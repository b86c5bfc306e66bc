"""The page on which administrators make tokens for programs, and revoke them."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.accounts.forms import ButtonForm
from registry.api import actions, queries
from registry.api.models import Scope
from registry.api.token_forms import SCOPE_HINTS, TokenForm
from registry.db import db, today
from registry.export import download
from registry.roles import Role
from registry.web import allow, found, viewer

bp = Blueprint("tokens", __name__, url_prefix="/api-tokens")
COLUMNS = ("name", "scopes", "made_at", "made_by", "expires_on", "used_at", "revoked_at")


@bp.get("")
@allow(Role.ADMIN)
def index() -> Any:
    """Which programs have a token, what each may read, when it was last used."""
    tokens = queries.tokens()
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        rows = (
            (one.name, one.scopes, one.made_at, one.made_by.name if one.made_by else "", one.expires_on, one.used_at,
             one.revoked_at) for one in tokens
        )  # fmt: skip
        return download("api-tokens", form, COLUMNS, rows)
    return render_template("api/tokens.html", tokens=tokens)


@bp.get("/new")
@allow(Role.ADMIN)
def new() -> str:
    """Make a token."""
    return _form_page(TokenForm(formdata=None, lifetime="365"))


def _form_page(form: TokenForm) -> str:
    return render_template("api/token_new.html", form=form, scope_hints=SCOPE_HINTS)


@bp.post("/new")
@allow(Role.ADMIN)
def create() -> Any:
    """Make it and show it, this once."""
    form = TokenForm()
    if not form.validate_on_submit():
        return _form_page(form), 422
    token, words = actions.make(
        name=form.name.data, scopes=[Scope(word) for word in form.scopes.data or []],
        expires_on=today() + timedelta(days=int(form.lifetime.data)), actor=viewer(),
    )  # fmt: skip
    db.session.commit()
    return render_template("api/token_made.html", token=token, words=words, address=url_for("api.accounts"))


@bp.post("/<int:token_id>/revoke")
@allow(Role.ADMIN)
def revoke(token_id: int) -> Any:
    """Let it open nothing any more."""
    token, form = found(queries.token(token_id)), ButtonForm()
    if form.validate_on_submit():
        actions.revoke(token=token, actor=viewer())
        db.session.commit()
        flash(f"The token “{token.name}” opens nothing any more.", "success")
    return redirect(url_for("tokens.index"))
