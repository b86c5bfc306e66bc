"""Inviting: choose whom, look at the list, and write what the mail says."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.routing import RequestRedirect

from registry.accounts.queries import Sight, sight_of
from registry.db import db
from registry.export import download
from registry.guidelines import queries as guidelines
from registry.meetups import queries as meetups
from registry.meetups.inviting import actions, letters, queries
from registry.meetups.inviting.choosing import Choice, names_of, sentence
from registry.meetups.inviting.forms import AddForm, WhoForm, WordsForm
from registry.meetups.inviting.models import Hand, Round, RoundState
from registry.meetups.models import Meetup
from registry.meetups.views import ORGANISERS
from registry.people import guests
from registry.people import queries as people
from registry.people.models import Person, Team
from registry.web import allow, found, paging, viewer, whole

bp = Blueprint("inviting", __name__, url_prefix="/meetups/<int:meetup_id>/invite")
NOT_NOW: Final = "This round has gone on: a colleague was quicker, or you pressed the button twice. Nothing was done."


def draft_of(meetup_id: int, round_id: int) -> Round:
    """The round that an address names."""
    return found(queries.round_of(meetup_id, round_id))


def the_draft(meetup_id: int, round_id: int) -> Round:
    """The same, where it is a draft still; else to the page that tells how far it is."""
    draft = draft_of(meetup_id, round_id)
    if draft.state is not RoundState.DRAFT:
        gone_on = RequestRedirect(url_for("invited.page", meetup_id=meetup_id, round_id=round_id))
        gone_on.code = 302
        raise gone_on
    return draft


def sight_for(draft: Round) -> Sight:
    """By which accounts the signed-in person is shown people."""
    return queries.sight_for(viewer(), viewer().roles, draft)


def whom_of(draft: Round, sight: Sight) -> dict[str, Any]:
    """What the pages of a draft tell of its list: in words, and how many can be reached."""
    choice, hands = Choice.of(draft.choice), queries.by_hand(draft.id)
    listed = queries.on_list(choice, sight, hands)
    counts = queries.counts(listed, draft.meetup_id)
    return {
        "choice": choice, "hands": hands, "listed": listed, "counts": counts, "total": sum(counts.values()),
        "sentence": sentence(choice, names_of(choice)), "told": queries.TOLD,
    }  # fmt: skip


# --- Whom -------------------------------------------------------------------------------------------------


@bp.get("")
@allow(*ORGANISERS)
def index(meetup_id: int) -> str:
    """The rounds so far, and a new one."""
    return _index_page(found(meetups.meetup(meetup_id)), _who_form(Choice()))


def _index_page(meetup: Meetup, form: WhoForm) -> str:
    return render_template(
        "meetups/inviting/index.html", meetup=meetup, form=form, rounds=queries.rounds(meetup.id),
        teams=guests.team_paths(),
    )  # fmt: skip


def _offered(form: WhoForm, sight: Sight) -> WhoForm:
    form.offer(places=queries.places(sight), topics=queries.topics(sight), documents=guidelines.documents())
    return form


def _who_form(choice: Choice, sight: Sight | None = None, draft: Round | None = None) -> WhoForm:
    form = _offered(WhoForm(formdata=None), sight or sight_of(viewer(), viewer().roles))
    team = db.session.get(Team, choice.team) if choice.team else None
    under = db.session.get(Person, choice.under) if choice.under else None
    form.fill(choice, team=team.path if team else "", under=under.username if under else "")
    form.draft.data = str(draft.id) if draft else ""
    return form


@bp.post("")
@allow(*ORGANISERS)
def begin(meetup_id: int) -> Any:
    """Begin a draft with what was chosen."""
    meetup, form = found(meetups.meetup(meetup_id)), _offered(WhoForm(), sight_of(viewer(), viewer().roles))
    if not form.validate_on_submit():
        return _index_page(meetup, form), 422
    if not meetup.is_open:
        flash("This meetup is over, or does not take place: nobody can be invited any more.", "info")
        return redirect(url_for("inviting.index", meetup_id=meetup_id))
    draft = actions.begin(meetup=meetup, choice=form.choice, actor=viewer())
    db.session.commit()
    return redirect(url_for("inviting.who", meetup_id=meetup_id, round_id=draft.id))


@bp.post("/count")
@allow(*ORGANISERS)
def count(meetup_id: int) -> Any:
    """How many people what is chosen just now would be, for the page that asks as somebody chooses; nothing is kept."""
    meetup, form = found(meetups.meetup(meetup_id)), WhoForm()
    draft = queries.round_of(meetup.id, whole(form.draft.data) or 0)
    sight = sight_for(draft) if draft else sight_of(viewer(), viewer().roles)
    if not _offered(form, sight).validate_on_submit():
        return render_template("meetups/inviting/count.html", form=form)
    hands = queries.by_hand(draft.id) if draft else {Hand.OUT: [], Hand.ADDED: []}
    counts = queries.counts(queries.on_list(form.choice, sight, hands), meetup.id)
    return render_template(
        "meetups/inviting/count.html", form=form, counts=counts, total=sum(counts.values()), told=queries.TOLD,
        sentence=sentence(form.choice, names_of(form.choice)),
    )  # fmt: skip


@bp.get("/<int:round_id>/who")
@allow(*ORGANISERS)
def who(meetup_id: int, round_id: int) -> Any:
    """The list of a draft, with why each is on it; other people can be chosen, taken out and added."""
    draft = the_draft(meetup_id, round_id)
    sight = sight_for(draft)
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        whom = whom_of(draft, sight)
        rows = queries.list_rows(whom["listed"], meetup_id, whom["choice"], sight, whom["hands"])
        return download(f"invite-{round_id}", form, queries.LIST_COLUMNS, rows)
    return _who_page(draft, sight, _who_form(Choice.of(draft.choice), sight, draft), AddForm(formdata=None))


def _who_page(draft: Round, sight: Sight, form: WhoForm, add: AddForm) -> str:
    whom = whom_of(draft, sight)
    pages = paging(whom["total"])
    rows = queries.people(whom["listed"], draft.meetup_id, limit=pages.size, offset=pages.offset)
    return render_template(
        "meetups/inviting/who.html", draft=draft, meetup=draft.meetup, form=form, add=add, paging=pages, rows=rows,
        why=queries.why([person for person, _ in rows], whom["choice"], sight, whom["hands"]),
        out=queries.people_by_id(whom["hands"][Hand.OUT]), teams=guests.team_paths(), **whom,
    )  # fmt: skip


@bp.post("/<int:round_id>/who")
@allow(*ORGANISERS)
def choose(meetup_id: int, round_id: int) -> Any:
    """Choose other people; who was taken out or added by hand stays so."""
    draft = the_draft(meetup_id, round_id)
    sight = sight_for(draft)
    form = _offered(WhoForm(), sight)
    if not form.validate_on_submit():
        return _who_page(draft, sight, form, AddForm(formdata=None)), 422
    actions.choose(draft=draft, choice=form.choice)
    db.session.commit()
    return redirect(url_for("inviting.who", meetup_id=meetup_id, round_id=round_id))


@bp.post("/<int:round_id>/people")
@allow(*ORGANISERS)
def add(meetup_id: int, round_id: int) -> Any:
    """Add somebody by name."""
    draft, form = the_draft(meetup_id, round_id), AddForm()
    sight = sight_for(draft)
    if not form.validate_on_submit():
        return _who_page(draft, sight, _who_form(Choice.of(draft.choice), sight, draft), form), 422
    person = found(form.person.person)
    actions.put(draft=draft, person_id=person.id, hand=Hand.ADDED)
    db.session.commit()
    flash(f"{person.name} is on the list.", "success")
    return redirect(url_for("inviting.who", meetup_id=meetup_id, round_id=round_id))


@bp.post("/<int:round_id>/people/<int:person_id>/out")
@allow(*ORGANISERS)
def take_out(meetup_id: int, round_id: int, person_id: int) -> Any:
    """Take somebody out by hand."""
    return _put(meetup_id, round_id, person_id, Hand.OUT)


@bp.post("/<int:round_id>/people/<int:person_id>/back")
@allow(*ORGANISERS)
def put_back(meetup_id: int, round_id: int, person_id: int) -> Any:
    """Leave it to the choice again whether somebody is on the list."""
    return _put(meetup_id, round_id, person_id, Hand.CHOSEN)


def _put(meetup_id: int, round_id: int, person_id: int, hand: Hand) -> Any:
    draft, person = the_draft(meetup_id, round_id), found(people.person(person_id))
    actions.put(draft=draft, person_id=person.id, hand=hand)
    db.session.commit()
    page = whole(request.args.get("page"))
    where = url_for("inviting.who", meetup_id=meetup_id, round_id=round_id, page=page if page and page > 1 else None)
    return redirect(f"{where}#list")


# --- What it says -----------------------------------------------------------------------------------------


@bp.get("/<int:round_id>/words")
@allow(*ORGANISERS)
def words(meetup_id: int, round_id: int) -> str:
    """What the mail says, and how it looks to somebody on the list."""
    draft = the_draft(meetup_id, round_id)
    return _words_page(draft, WordsForm(formdata=None, subject=draft.subject, text=draft.text))


def _words_page(draft: Round, form: WordsForm) -> str:
    whom = whom_of(draft, sight_for(draft))
    rows = queries.people(whom["listed"], draft.meetup_id, limit=MOST_READERS)
    return render_template(
        "meetups/inviting/words.html", draft=draft, meetup=draft.meetup, form=form, readers=[one for one, _ in rows],
        **read_by(draft, whom["listed"], form.subject.data or "", form.text.data or ""),
    )  # fmt: skip


#: People whom the page offers as readers of a preview.
MOST_READERS: Final = 300


def read_by(draft: Round, listed: Any, subject: str, text: str) -> dict[str, Any]:
    """The mail as somebody on the list will read it: whom the address names, or the first."""
    reader = queries.somebody(listed, whole(request.values.get("reader")))
    if reader is None:
        return {"reader": None}
    return {
        "reader": reader, "as_subject": letters.filled(subject, draft.meetup, reader),
        "as_text": letters.text_of(text, draft.meetup, reader, letters.OWN_LINK),
    }  # fmt: skip


@bp.post("/<int:round_id>/words/shown")
@allow(*ORGANISERS)
def shown(meetup_id: int, round_id: int) -> str:
    """The mail as it is typed just now, for the page that asks as somebody types; nothing is kept."""
    draft, form = the_draft(meetup_id, round_id), WordsForm()
    form.validate()
    whom = whom_of(draft, sight_for(draft))
    told = read_by(draft, whom["listed"], form.subject.data or "", form.text.data or "")
    return render_template("meetups/inviting/shown.html", **told)


@bp.post("/<int:round_id>/words")
@allow(*ORGANISERS)
def write(meetup_id: int, round_id: int) -> Any:
    """Keep what it says; or only show it to somebody else."""
    draft, form = the_draft(meetup_id, round_id), WordsForm()
    if not form.validate_on_submit():
        return _words_page(draft, form), 422
    if "look" in request.form:
        return _words_page(draft, form)
    actions.write(draft=draft, subject=form.subject.data, text=form.text.data)
    db.session.commit()
    return redirect(url_for("invited.page", meetup_id=meetup_id, round_id=round_id))
