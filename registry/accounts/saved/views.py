"""Pages that keep a view, change it and lead to it, and the one that chooses the columns."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.accounts import catalogue_facets as facets
from registry.accounts.catalogue_address import COLUMNS, USUAL, args_of, asks_from, columns_from, filters_from
from registry.accounts.queries import sight_of
from registry.accounts.saved import actions, queries
from registry.accounts.saved.forms import ColumnsForm, ViewForm
from registry.accounts.saved.models import SavedView
from registry.db import db
from registry.roles import Role
from registry.web import allow, found, may, viewer

bp = Blueprint("saved", __name__, url_prefix="/accounts")
TAKEN = "You have a view with this name already. Choose another, or change that one."


@bp.get("/views/<int:view_id>")
@allow(Role.STAFF)
def show(view_id: int) -> Any:
    """The address of a view, to share: it leads to the list as it is today."""
    view = _readable(view_id)
    return redirect(f"{url_for('accounts.index')}?{view.asks}{'&' if view.asks else ''}view={view.id}")


@bp.get("/views/new")
@allow(Role.STAFF)
def new() -> str:
    """Give the list that the address asks for a name."""
    return _page(ViewForm(formdata=None, asks=asks_from(request.args), shared="no"))


@bp.post("/views/new")
@allow(Role.STAFF)
def keep() -> Any:
    """Keep it."""
    form = ViewForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        view = actions.keep(name=form.name.data, actor=viewer(), **_values(form))
    except actions.NameTaken:
        form.fail(form.name, TAKEN)
        return _page(form), 422
    db.session.commit()
    shared = "Colleagues find it above the list, and you can send them its address." if view.is_shared else ""
    flash(f"Kept as “{view.name}”. {shared}".strip(), "success")
    return redirect(url_for("saved.show", view_id=view.id))


@bp.get("/views/<int:view_id>/change")
@allow(Role.STAFF)
def change(view_id: int) -> str:
    """Another name, other readers, or the list as the address asks for it now."""
    view = _changeable(view_id)
    asks = asks_from(request.args) or view.asks
    form = ViewForm(formdata=None, asks=asks, name=view.name, shared="yes" if view.is_shared else "no")
    return _page(form, view)


@bp.post("/views/<int:view_id>/change")
@allow(Role.STAFF)
def save(view_id: int) -> Any:
    """Keep the changes."""
    view, form = _changeable(view_id), ViewForm()
    if not form.validate_on_submit():
        return _page(form, view), 422
    try:
        actions.change(view=view, name=form.name.data, actor=viewer(), **_values(form))
    except actions.NameTaken:
        form.fail(form.name, TAKEN)
        return _page(form, view), 422
    db.session.commit()
    flash("Saved.", "success")
    return redirect(url_for("saved.show", view_id=view_id))


@bp.post("/views/<int:view_id>/remove")
@allow(Role.STAFF)
def remove(view_id: int) -> Any:
    """Take the view away; the accounts stay as they are."""
    view = _changeable(view_id)
    name = view.name
    actions.remove(view=view, actor=viewer())
    db.session.commit()
    flash(f"The view “{name}” is gone. The accounts in it are as they were.", "success")
    return redirect(url_for("accounts.index"))


def _readable(view_id: int) -> SavedView:
    view = found(queries.view(view_id))
    return found(view if view.is_shared or view.person_id == viewer().id else None)


def _changeable(view_id: int) -> SavedView:
    """Their own; comms look after all that is shared."""
    view = _readable(view_id)
    return found(view if view.person_id == viewer().id or may(Role.COMMS) else None)


def _values(form: ViewForm) -> dict[str, Any]:
    return {"asks": asks_from(args_of(form.asks.data or "")), "is_shared": form.shared.data == "yes"}


def _page(form: ViewForm, view: SavedView | None = None) -> str:
    args, sight = args_of(form.asks.data or ""), sight_of(viewer(), viewer().roles)
    columns = [COLUMNS[name].label for name in columns_from(args.get("columns", ""))]
    return render_template(
        "accounts/view.html", form=form, view=view, chips=facets.chips(filters_from(args, sight)), columns=columns
    )


# --- Columns ----------------------------------------------------------------------------------------------


@bp.get("/columns")
@allow(Role.STAFF)
def columns() -> str:
    """Which columns the list shows."""
    asked = columns_from(request.args.get("columns", "")) or kept_columns(queries.shown_to(viewer().id)) or USUAL
    return render_template(
        "accounts/columns.html",
        form=ColumnsForm(formdata=None, asks=asks_from(request.args), columns=list(asked)), usual=USUAL,
    )  # fmt: skip


@bp.post("/columns")
@allow(Role.STAFF)
def choose_columns() -> Any:
    """Remember them for this person, and go back to the list."""
    form = ColumnsForm()
    args = args_of(form.asks.data or "")
    args.poplist("columns")
    names = columns_from(",".join(form.columns.data or []))
    actions.choose_columns(columns=() if names == USUAL else names, actor=viewer())
    db.session.commit()
    flash("We will remember these columns for you.", "success")
    return redirect(f"{url_for('accounts.index')}?{asks_from(args)}")


def kept_columns(views: Any) -> tuple[str, ...]:
    """The columns that somebody likes, from what ``shown_to`` gave; none where they have chosen none."""
    mine = [view for view in views if not view.name]
    return columns_from(args_of(mine[0].asks).get("columns", "")) if mine else ()
