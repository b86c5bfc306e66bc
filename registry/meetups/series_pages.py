"""Series of meetups: beginning one, what comes of it, who led and who came, ending it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.db import db
from registry.export import download
from registry.meetups import actions, leading, planning, queries
from registry.meetups.forms import KIND_HINTS, SeriesChangeForm, SeriesForm
from registry.meetups.models import LAST, Series
from registry.meetups.views import ORGANISERS
from registry.people import queries as people
from registry.roles import Role
from registry.web import allow, found, viewer

bp = Blueprint("series", __name__, url_prefix="/meetups/series")
COLUMNS = ("day", "title", "led_by", "came", "said_they_would")


@bp.get("/new")
@allow(*ORGANISERS)
def new() -> Any:
    """Begin a series."""
    return _form_page(SeriesForm(formdata=None, minutes=60, nth="1", weekday="3", every_months="2"))


def _form_page(form: SeriesForm) -> Any:
    page = render_template("meetups/series_form.html", form=form, kind_hints=KIND_HINTS)
    return (page, 422) if form.errors else page


@bp.post("/new")
@allow(*ORGANISERS)
def create() -> Any:
    """Keep it, and plan what comes of it in the next half year."""
    form = SeriesForm()
    valid = form.validate_on_submit()
    leaders, unknown = _leaders(form.leaders.data)
    if unknown:
        form.fail(form.leaders, f"Nobody here has the username {', '.join(unknown)}.")
    if not valid or unknown:
        return _form_page(form)
    series = form.series
    made = actions.begin_series(actor=viewer(), series=series, leaders=leaders)
    leading.tell_turns(made, actor=viewer())
    db.session.commit()
    flash(f"The series is begun, and {len(made)} meetups of it are planned. More follow by themselves.", "success")
    return redirect(url_for("series.page", series_id=series.id))


def _leaders(typed: str) -> tuple[list[int], list[str]]:
    """The ids of those who were named, once each, in their order, and the usernames that nobody here has."""
    names = list(dict.fromkeys(name.strip() for name in typed.replace(";", ",").split(",") if name.strip()))
    known = {name: person.id for name in names if (person := people.by_login(name))}
    return list(dict.fromkeys(known.values())), [name for name in names if name not in known]


@bp.get("/<int:series_id>")
@allow(Role.STAFF)
def page(series_id: int) -> Any:
    """A series: its rule, what is planned, who leads, and how many came."""
    series = found(queries.series(series_id))
    been = queries.attendance(series_id)
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        rows = (
            (one.begins_at, one.title, one.leader.name if one.leader else "", came, said) for one, came, said in been
        )
        return download(f"series-{series_id}", form, COLUMNS, rows)
    return render_template(
        "meetups/series.html", series=series, rule=planning.rule_in_words(series), coming=queries.of_series(series_id),
        been=been, LAST=LAST,
    )  # fmt: skip


def _change_page(series: Series, form: SeriesChangeForm) -> Any:
    page = render_template("meetups/series_form.html", form=form, series=series, kind_hints=KIND_HINTS)
    return (page, 422) if form.errors else page


@bp.get("/<int:series_id>/change")
@allow(*ORGANISERS)
def change(series_id: int) -> Any:
    """Say otherwise what comes of a series from now on, and who leads."""
    series = found(queries.series(series_id))
    return _change_page(found(None if series.ended_at else series), SeriesChangeForm.showing(series))


@bp.post("/<int:series_id>/change")
@allow(*ORGANISERS)
def save(series_id: int) -> Any:
    """Keep it. What is planned stays as it is."""
    series, form = found(queries.series(series_id)), SeriesChangeForm()
    if series.ended_at:
        flash("The series has ended meanwhile, so nothing was changed.", "error")
        return redirect(url_for("series.page", series_id=series_id))
    valid = form.validate_on_submit()
    leaders, unknown = _leaders(form.leaders.data)
    if unknown:
        form.fail(form.leaders, f"Nobody here has the username {', '.join(unknown)}.")
    if not valid or unknown:
        return _change_page(series, form)
    actions.change_series(actor=viewer(), series=series, what=form.changes, leaders=leaders)
    db.session.commit()
    flash("Saved, for what is planned from now on.", "success")
    return redirect(url_for("series.page", series_id=series_id))


@bp.post("/<int:series_id>/end")
@allow(*ORGANISERS)
def end(series_id: int) -> Any:
    """No more comes of it. What is planned stays until it is called off, one by one."""
    series: Series = found(queries.series(series_id))
    if series.ended_at is None:
        actions.end_series(actor=viewer(), series=series)
        db.session.commit()
    flash("The series has ended. What is planned of it still takes place.", "success")
    return redirect(url_for("series.page", series_id=series_id))
