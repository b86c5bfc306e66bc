"""The pages of guests, of who they have become in the directory, and of people whose directory id changed."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from registry.db import db, exclusively, today
from registry.people import guests, merging, queries
from registry.people.guest_forms import KIND_HINTS, GuestForm, LastDayForm, MergeForm
from registry.people.models import Guest, GuestKind, Person, PersonKind
from registry.people.signin import me
from registry.roles import Role
from registry.web import allow, day, found, paging, viewer

bp = Blueprint("guests", __name__)
KEEPERS = (Role.COMMS, Role.ADMIN)
BUSY = "The directory is being read just now. Try again when it has been: that takes a few minutes."


@bp.get("/guests")
@allow(*KEEPERS)
def index() -> str:
    """Everybody who is here but not in the directory, those who need a decision first."""
    pages = paging(guests.count())
    shown = guests.current(limit=pages.size, offset=pages.offset)
    near = today() + guests.NOTICE
    return render_template("people/guests.html", guests=shown, paging=pages, here=queries.IN_OFFICE, near=near)


@bp.get("/guests/new")
@allow(*KEEPERS)
def new() -> str:
    """Ask about somebody who is not in the directory."""
    return _new_page(GuestForm(formdata=None, sponsor=viewer().username))


def _new_page(form: GuestForm, same: Any = ()) -> str:
    return render_template(
        "people/guest_new.html", form=form, same=same, kind_hints=KIND_HINTS, teams=guests.team_paths(), Kind=PersonKind
    )


@bp.post("/guests/new")
@allow(*KEEPERS)
def create() -> Any:
    """Add them, unless they are somebody who works here already."""
    form, same = GuestForm(), []
    if form.validate_on_submit() and not (same := _same_name(form)):
        try:
            made = guests.add(**_values(form), actor=viewer())
        except (guests.WrongLastDay, guests.WrongSponsor) as error:
            form.fail(form.ends_on if isinstance(error, guests.WrongLastDay) else form.sponsor, str(error))
        except guests.AlreadyHere as error:
            same = list(error.people)
            form.fail(form.mail, f"{same[0].name} has this address and works here already.")
        else:
            db.session.commit()
            flash(f"{made.name} is added, until {day(form.ends_on.day)}.", "success")
            return redirect(url_for("network.person", person_id=made.id))
    return _new_page(form, same), 422


def _same_name(form: GuestForm) -> list[Person]:
    """People of the same name, where nobody has said yet that this is somebody else."""
    same = [] if form.another.data or guests.of_that_mail(form.mail.data) else guests.of_that_name(form.name.data)
    if same:
        form.fail(form.another, "Somebody of this name is known already. Look at them first; if it is another, say so.")
    return list(same)


def _values(form: GuestForm) -> dict[str, Any]:
    return {
        "name": form.name.data, "mail": form.mail.data, "title": form.title.data, "team": form.team.team,
        "kind": GuestKind(form.kind.data), "sponsor": form.sponsor.person, "ends_on": form.ends_on.day,
    }  # fmt: skip


@bp.get("/guests/<int:guest_id>")
@allow(*KEEPERS)
def guest(guest_id: int) -> Any:
    """One guest: a new last day or sponsor, or the end; or that they are in the directory now."""
    if (shown := guests.guest(guest_id)) is None:
        return _gone(guest_id)
    form = LastDayForm(formdata=None, ends_on=shown.ends_on.isoformat(), sponsor=shown.sponsor.username)
    return _guest_page(shown, form)


def _gone(guest_id: int) -> Any:
    """Lead from somebody who is no guest any more to who they are now."""
    kept_id = found(merging.survivor_of(guest_id))
    flash("This guest is somebody of the directory now: this is their page.", "info")
    return redirect(url_for("network.person", person_id=kept_id))


def _guest_page(shown: Guest, form: LastDayForm) -> str:
    person = shown.person
    same = [one for one in guests.of_that_name(person.name) if one.kind is PersonKind.DIRECTORY]
    return render_template(
        "people/guest.html", guest=shown, person=person, form=form, here=person.state in queries.IN_OFFICE, same=same
    )


@bp.post("/guests/<int:guest_id>")
@allow(*KEEPERS)
def extend(guest_id: int) -> Any:
    """Another last day, or another sponsor."""
    if (shown := guests.guest(guest_id)) is None:
        return _gone(guest_id)
    form = LastDayForm()
    if form.validate_on_submit() and form.ends_on.day and form.sponsor.person:
        try:
            guests.extend(guest=shown, ends_on=form.ends_on.day, sponsor=form.sponsor.person, actor=viewer())
        except guests.WrongLastDay as error:
            form.fail(form.ends_on, str(error))
        except guests.WrongSponsor as error:
            form.fail(form.sponsor, str(error))
        else:
            flash(f"{shown.person.name} is with you until {day(shown.ends_on)}.", "success")
            db.session.commit()
            return redirect(url_for("guests.index"))
    return _guest_page(shown, form), 422


@bp.post("/guests/<int:guest_id>/end")
@allow(*KEEPERS)
def end(guest_id: int) -> Any:
    """Let a guest go today."""
    if (shown := guests.guest(guest_id)) is None:
        return _gone(guest_id)
    name = shown.person.name
    if guests.end(guest=shown, actor=viewer()):
        flash(f"{name} has left. They are signed out; see their page for what they ran.", "success")
    else:
        flash(f"{name} had left already.", "info")
    db.session.commit()
    return redirect(url_for("guests.index"))


# --- A guest who is in the directory now ------------------------------------------------------------------


@bp.get("/guests/<int:guest_id>/merge")
@allow(*KEEPERS)
def choose(guest_id: int) -> Any:
    """Ask who they are in the directory."""
    if (shown := guests.guest(guest_id)) is None:
        return _gone(guest_id)
    return _choose_page(shown.person, MergeForm(formdata=None))


def _choose_page(person: Person, form: MergeForm) -> str:
    known = [*guests.of_that_mail(person.mail or ""), *guests.of_that_name(person.name)]
    same = list({one.id: one for one in known if one.kind is PersonKind.DIRECTORY}.values())
    return render_template("people/merge_choose.html", person=person, form=form, same=same)


@bp.post("/guests/<int:guest_id>/merge")
@allow(*KEEPERS)
def chosen(guest_id: int) -> Any:
    """Go on to the page that shows both."""
    if (shown := guests.guest(guest_id)) is None:
        return _gone(guest_id)
    form = MergeForm()
    if form.validate_on_submit() and (kept := form.colleague.person):
        if reason := merging.why_not(shown.person, kept):
            form.fail(form.colleague, reason)
        else:
            return redirect(url_for("guests.compare", guest_id=guest_id, kept_id=kept.id))
    return _choose_page(shown.person, form), 422


@bp.get("/guests/<int:guest_id>/merge/<int:kept_id>")
@allow(*KEEPERS)
def compare(guest_id: int, kept_id: int) -> Any:
    """Both side by side, and what would move from the guest."""
    if (shown := guests.guest(guest_id)) is None:
        return _gone(guest_id)
    kept = found(queries.person(kept_id))
    return render_template(
        "people/merge.html", gone=shown.person, guest=shown, kept=kept, reason=merging.why_not(shown.person, kept),
        moving=merging.belongings(guest_id), theirs=dict(merging.belongings(kept_id)),
    )  # fmt: skip


@bp.post("/guests/<int:guest_id>/merge/<int:kept_id>")
@allow(*KEEPERS)
def merge(guest_id: int, kept_id: int) -> Any:
    """Merge them: there is no way back."""
    gone, kept = found(queries.person(guest_id)), found(queries.person(kept_id))
    name = gone.name
    try:
        merging.merge_guest(gone=gone, kept=kept, actor=me())
    except merging.CannotMerge as error:
        flash(str(error), "error")
    else:
        db.session.commit()
        flash(f"{name} is {kept.name} from now on. What was the guest’s is here.", "success")
    return redirect(url_for("network.person", person_id=kept_id))


# --- Somebody whose directory id changed ------------------------------------------------------------------


@bp.get("/people/same")
@allow(*KEEPERS)
def same() -> str:
    """People whom the directory no longer shows, beside somebody new with the same employee number."""
    pairs = merging.relinkable()
    pages = paging(len(pairs))
    return render_template(
        "people/merge_same.html", pairs=pairs[pages.offset : pages.offset + pages.size], paging=pages,
        sure=sum(pair.sure for pair in pairs),
    )  # fmt: skip


@bp.post("/people/same/<int:old_id>/<int:new_id>")
@allow(*KEEPERS)
def relink(old_id: int, new_id: int) -> Any:
    """Let the row that accounts point at be the person whom the directory shows now."""
    old, new = found(queries.person(old_id)), found(queries.person(new_id))
    with exclusively("sync") as free:
        try:
            if not free:
                raise merging.CannotMerge(BUSY)
            merging.relink(old=old, new=new, actor=me())
        except merging.CannotMerge as error:
            flash(str(error), "error")
        else:
            db.session.commit()
            flash(f"{old.name} is linked to the directory again. What was theirs is theirs.", "success")
    return redirect(url_for("guests.same"))
