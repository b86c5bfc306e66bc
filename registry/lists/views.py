"""The pages of lists of whom to follow: reading, ordering, sharing them."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for

from registry.accounts.forms import ButtonForm
from registry.accounts.models import Account
from registry.accounts.platforms import PLATFORMS
from registry.accounts.seen import seen
from registry.db import db
from registry.lists import actions, queries
from registry.lists.feeds import feed_of
from registry.lists.files import FORMATS, file_of
from registry.lists.forms import AUDIENCE_HINTS, ListForm, MoveForm, WhyForm
from registry.lists.models import Audience, FollowEntry, FollowList
from registry.roles import Role
from registry.web import allow, found, may, viewer

bp = Blueprint("lists", __name__, url_prefix="/lists")


def _may_change(follow_list: FollowList) -> bool:
    """Its maker and comms; what people outside read is for comms alone."""
    return may(Role.COMMS) or (follow_list.maker_id == viewer().id and follow_list.audience is not Audience.EVERYONE)


def _readable(list_slug: str) -> FollowList:
    follow_list = found(queries.by_slug(list_slug))
    mine = may(Role.COMMS) or follow_list.maker_id == viewer().id
    return found(follow_list if mine or follow_list.audience is not Audience.MAKER else None)


def _changeable(list_slug: str) -> FollowList:
    follow_list = found(queries.by_slug(list_slug))
    return found(follow_list if _may_change(follow_list) else None)


def _entries(follow_list: FollowList, *, all_of_them: bool) -> list[queries.Entry]:
    """What is on the list for the person who asks; with ``all_of_them`` what its readers do not see, too."""
    asker = seen() if all_of_them else None
    return queries.entries(follow_list.id, readers=queries.seen_by(follow_list.audience), asker=asker)


@bp.get("")
@allow(Role.STAFF)
def index() -> str:
    """The lists that you may read."""
    return render_template("lists/index.html", lists=queries.for_person(viewer().id, all_of_them=may(Role.COMMS)))


@bp.get("/new")
@allow(Role.STAFF)
def new() -> str:
    """Begin a list."""
    return _form_page(_form(formdata=None, audience=Audience.MAKER.value))


def _form(**given: Any) -> ListForm:
    form = ListForm(**given)
    if not may(Role.COMMS):
        form.keep_inside()
    return form


def _form_page(form: ListForm, follow_list: FollowList | None = None) -> str:
    return render_template(
        "lists/form.html",
        form=form,
        follow_list=follow_list,
        topics=queries.topics(seen()),
        audience_hints=AUDIENCE_HINTS,
    )


@bp.post("/new")
@allow(Role.STAFF)
def create() -> Any:
    """Make it, then put accounts on it."""
    form = _form()
    if not form.validate_on_submit():
        return _form_page(form), 422
    made = actions.make(
        title=form.title.data, topic=form.topic.data, about=form.about.data, audience=Audience(form.audience.data),
        actor=viewer(),
    )  # fmt: skip
    db.session.commit()
    return redirect(url_for("lists.arrange", list_slug=made.slug))


@bp.get("/<list_slug>")
@allow(Role.STAFF)
def page(list_slug: str) -> Any:
    """A list, to read or to take along."""
    follow_list = _readable(list_slug)
    if (form := request.args.get("format")) in FORMATS:
        return file_of(follow_list, _entries(follow_list, all_of_them=False), form)
    may_change = _may_change(follow_list)
    return render_template(
        "lists/list.html", follow_list=follow_list, entries=_entries(follow_list, all_of_them=may_change),
        may_change=may_change, platforms=PLATFORMS, feed_of=feed_of, most=queries.MOST, fewest=queries.FEWEST,
        is_public=current_app.config["SETTINGS"].public and follow_list.audience is Audience.EVERYONE,
    )  # fmt: skip


@bp.get("/<list_slug>/change")
@allow(Role.STAFF)
def change(list_slug: str) -> str:
    """Its words, and who can read it."""
    follow_list = _changeable(list_slug)
    form = _form(
        formdata=None, title=follow_list.title, topic=follow_list.topic, about=follow_list.about,
        audience=follow_list.audience.value,
    )  # fmt: skip
    return _form_page(form, follow_list)


@bp.post("/<list_slug>/change")
@allow(Role.STAFF)
def save(list_slug: str) -> Any:
    """Keep the words."""
    follow_list, form = _changeable(list_slug), _form()
    if not form.validate_on_submit():
        return _form_page(form, follow_list), 422
    values = {"title": form.title.data, "topic": form.topic.data, "about": form.about.data}
    actions.change(follow_list=follow_list, values=values, audience=Audience(form.audience.data), actor=viewer())
    db.session.commit()
    flash("Saved.", "success")
    return redirect(url_for("lists.page", list_slug=list_slug))


@bp.post("/<list_slug>/delete")
@allow(Role.STAFF)
def delete(list_slug: str) -> Any:
    """Delete it. The accounts on it stay what they are."""
    follow_list, form = _changeable(list_slug), ButtonForm()
    if form.validate_on_submit():
        actions.delete(follow_list=follow_list, actor=viewer())
        db.session.commit()
        flash(f"The list “{follow_list.title}” is deleted.", "success")
    return redirect(url_for("lists.index"))


# --- What is on it ----------------------------------------------------------------------------------------


@bp.get("/<list_slug>/accounts")
@allow(Role.STAFF)
def arrange(list_slug: str) -> str:
    """Put accounts on the list, in an order, and take them off."""
    follow_list, q = _changeable(list_slug), request.args.get("q", "").strip()
    on_it = _entries(follow_list, all_of_them=True)
    return render_template(
        "lists/arrange.html", follow_list=follow_list, entries=on_it, q=q, platforms=PLATFORMS, most=queries.MOST,
        fewest=queries.FEWEST, offered=queries.to_add(follow_list, q) if len(on_it) < queries.MOST else [],
    )  # fmt: skip


@bp.get("/<list_slug>/accounts/<int:account_id>")
@allow(Role.STAFF)
def add_page(list_slug: str, account_id: int) -> str:
    """Say why to follow an account, to put it on the list."""
    follow_list = _changeable(list_slug)
    return _why_page(WhyForm(formdata=None), follow_list, found(queries.addable(follow_list, account_id)))


def _why_page(form: WhyForm, follow_list: FollowList, account: Account, entry: FollowEntry | None = None) -> str:
    return render_template(
        "lists/why.html", form=form, follow_list=follow_list, account=account, entry=entry, platforms=PLATFORMS
    )


@bp.post("/<list_slug>/accounts/<int:account_id>")
@allow(Role.STAFF)
def add(list_slug: str, account_id: int) -> Any:
    """Put it at the end of the list."""
    follow_list, form = _changeable(list_slug), WhyForm()
    account = found(queries.addable(follow_list, account_id))
    if not form.validate_on_submit():
        return _why_page(form, follow_list, account), 422
    try:
        entry = actions.add(follow_list=follow_list, account=account, why=form.why.data, actor=viewer())
    except actions.AlreadyOnTheList:
        flash(f"{account.title} is on the list already.", "info")
        return redirect(url_for("lists.arrange", list_slug=list_slug))
    except actions.ListIsFull:
        form.fail(
            form.why, f"There are {queries.MOST} accounts on it. Take one off first: nobody follows more at once."
        )
        return _why_page(form, follow_list, account), 422
    db.session.commit()
    flash(f"{account.title} is on the list.", "success")
    return redirect(url_for("lists.arrange", list_slug=list_slug, _anchor=f"entry-{entry.id}"))


def _entry(follow_list: FollowList, entry_id: int) -> FollowEntry:
    return found(queries.entry(follow_list.id, entry_id))


def _entry_that_shows(follow_list: FollowList, entry_id: int) -> FollowEntry:
    """The entry, where whoever asks may know which account it is."""
    known = {one.id for one in _entries(follow_list, all_of_them=True) if one.known}
    return found(_entry(follow_list, entry_id) if entry_id in known else None)


@bp.get("/<list_slug>/entries/<int:entry_id>")
@allow(Role.STAFF)
def reword_page(list_slug: str, entry_id: int) -> str:
    """Say otherwise why to follow it."""
    follow_list = _changeable(list_slug)
    entry = _entry_that_shows(follow_list, entry_id)
    return _why_page(WhyForm(formdata=None, why=entry.why), follow_list, entry.account, entry)


@bp.post("/<list_slug>/entries/<int:entry_id>")
@allow(Role.STAFF)
def reword(list_slug: str, entry_id: int) -> Any:
    """Keep the sentence."""
    follow_list, form = _changeable(list_slug), WhyForm()
    entry = _entry_that_shows(follow_list, entry_id)
    if not form.validate_on_submit():
        return _why_page(form, follow_list, entry.account, entry), 422
    actions.reword(follow_list=follow_list, entry=entry, why=form.why.data, actor=viewer())
    db.session.commit()
    return redirect(url_for("lists.arrange", list_slug=list_slug, _anchor=f"entry-{entry_id}"))


@bp.post("/<list_slug>/entries/<int:entry_id>/move")
@allow(Role.STAFF)
def move(list_slug: str, entry_id: int) -> Any:
    """One place up or down."""
    follow_list, form = _changeable(list_slug), MoveForm()
    entry = _entry(follow_list, entry_id)
    if form.validate_on_submit() and form.direction.data in ("up", "down"):
        actions.move(follow_list=follow_list, entry=entry, up=form.direction.data == "up", actor=viewer())
        db.session.commit()
    return redirect(url_for("lists.arrange", list_slug=list_slug, _anchor=f"entry-{entry_id}"))


@bp.post("/<list_slug>/entries/<int:entry_id>/take-off")
@allow(Role.STAFF)
def take_off(list_slug: str, entry_id: int) -> Any:
    """Take it off the list."""
    follow_list, form = _changeable(list_slug), ButtonForm()
    entry = _entry(follow_list, entry_id)
    if form.validate_on_submit():
        actions.take_off(follow_list=follow_list, entry=entry, actor=viewer())
        db.session.commit()
        flash("It is off the list.", "success")
    return redirect(url_for("lists.arrange", list_slug=list_slug))
