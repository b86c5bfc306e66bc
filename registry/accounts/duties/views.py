"""Who must sign a document: comms look at whom the rules would name before they keep them."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from registry.accounts.duties import actions, queries
from registry.accounts.duties.forms import RulesForm
from registry.accounts.duties.queries import Numbers, Told
from registry.db import db
from registry.guidelines.models import Document
from registry.guidelines.queries import current, document
from registry.guidelines.writing import WRITERS
from registry.web import allow, found, viewer

bp = Blueprint("duties", __name__, url_prefix="/guidelines")


@bp.get("/<slug>/who")
@allow(*WRITERS)
def edit(slug: str) -> str:
    """The rules of today, and room for one more."""
    shown = found(document(slug))
    rules, form = queries.rules(shown.id), RulesForm(formdata=None)
    form.offer(rules)
    form.fill(shown, rules)
    return _page(shown, form, rules)


@bp.post("/<slug>/who")
@allow(*WRITERS)
def keep(slug: str) -> Any:
    """Show how many people that is; keep it where that was shown already."""
    shown = found(document(slug))
    rules, form = queries.rules(shown.id), RulesForm()
    form.offer(rules)
    meanwhile = form.catch_up(shown, rules)
    if not form.validate_on_submit():
        return _page(shown, form, rules, meanwhile=meanwhile), 422
    stamp = queries.stamp(shown, form.wish)
    if meanwhile or form.seen.data != stamp:
        numbers = queries.numbers(shown, form.wish)
        form.seen.data = stamp
        return _page(shown, form, rules, numbers, meanwhile)
    numbers = actions.set_rules(document=shown, wish=form.wish, actor=viewer())
    db.session.commit()
    flash(f"Kept. {numbers.people:,} must sign “{shown.title}”.{_asked(shown, numbers)}", "success")
    return redirect(url_for("duties.edit", slug=slug))


def _asked(shown: Document, numbers: Numbers) -> str:
    if shown.retired_at:
        return " Nobody is asked while they are retired."
    if current(shown.id) is None:
        return " They are asked when it is published."
    return f" {numbers.new:,} are new, and are written to in the morning." if numbers.new else ""


def _page(
    shown: Document, form: RulesForm, rules: list[Told], numbers: Numbers | None = None, meanwhile: Sequence[str] = ()
) -> str:
    return render_template(
        "guidelines/who.html", document=shown, form=form, rules=rules, numbers=numbers, in_force=current(shown.id),
        meanwhile=meanwhile,
    )  # fmt: skip
