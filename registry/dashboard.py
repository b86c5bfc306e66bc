"""The home page, the search box, and the frame that every page stands in."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from flask import Blueprint, Response, current_app, g, render_template, request, url_for
from flask_login import current_user
from markupsafe import Markup

from registry import audit, jobs, outbox
from registry.accounts import catalogue_counts, catalogue_rows
from registry.accounts import queries as accounts
from registry.accounts.answering import queries as answering
from registry.accounts.catalogue_address import STANDING_WORDS
from registry.accounts.expectations import queries as expectations
from registry.accounts.importing import queries as imports
from registry.accounts.models import OPEN, OWN_NAME, Account, State
from registry.accounts.naming import queries as naming
from registry.accounts.platforms import PLATFORMS, name_of
from registry.accounts.registering.queries import nods_waiting_for
from registry.accounts.reviewing import queries as reviewing
from registry.discovery import campaigning
from registry.discovery import queries as discovery
from registry.export import download
from registry.footprint import queries as footprint
from registry.guidelines import declining, report
from registry.guidelines import queries as guidelines
from registry.guidelines.writing import WRITERS
from registry.guidelines.writing_queries import waits_for as drafts_waiting_for
from registry.meetups import queries as meetups
from registry.network import queries as network
from registry.network.waiting import waiting_for
from registry.people import queries as people
from registry.people import runs
from registry.roles import Role
from registry.web import EVERYONE, allow, may, paging, viewer

bp = Blueprint("home", __name__)
#: Accounts and people that the search page shows before it leads to the whole list.
SHOWN = 12
#: Rows of each kind that are kept as they were shown.
LINES_KEPT = 2_000
#: Teams that the overview draws.
MOST_TEAMS = 12
#: The states whose accounts the overview counts, but by team: there are those in use.
NOT_CLOSED = tuple(state.value for state in State if state is not State.CLOSED)


#: The parts of the app that an entry of the navigation leads to.
BELOW = {
    "accounts": (
        "accounts", "naming", "consent", "expectations", "reviews", "imports", "answering", "hand_overs", "matters",
        "saved", "bulk", "lists", "footprint", "registering",
    ),
    "network": ("network", "alone", "voices", "helping", "drop_ins", "guests", "subject"),
    "meetups": (
        "meetups", "planning", "series", "speaking", "questions", "cards", "door", "inviting", "invited", "revoking",
    ),
    "discovery": ("discovery", "claims", "campaigns", "coverage"),
    "guidelines": ("guidelines", "writing", "differences", "sign_offs", "duties", "signing", "evidence"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for somebody, with the button that settles it."""

    text: str
    hint: str
    href: str
    button: str


def frame() -> dict[str, Any]:
    """What the layout of every page needs; nothing of it for people who are not signed in."""
    settings = current_app.config["SETTINGS"]
    known: dict[str, Any] = {
        "organisation": settings.organisation, "release": current_app.config["VERSION"], "is_public": settings.public,
    }  # fmt: skip
    if g.get("minimal") or not current_user.is_authenticated:
        return known
    return known | {
        "navigation": _navigation(
            request.endpoint,
            request.blueprint,
            may(Role.COMMS),
            may(Role.COMMS, Role.ADMIN),
            may(Role.AUDITOR, Role.ADMIN),
            request.script_root,
        ),
        "own_page_href": url_for("network.person", person_id=viewer().id),
        "sign_out_href": url_for("people.sign_out"),
        "search_words": request.args.get("q", "") if request.path == "/search" else "",
    }


@lru_cache(maxsize=1_000)
def _navigation(
    endpoint: str | None, blueprint: str | None, discover: bool, overview: bool, history: bool, _start: str
) -> tuple[Place, ...]:  # fmt: skip
    """Where somebody may go from a page; the same for all who may do the same."""
    places = [
        ("Home", "home.page", ""),
        ("Accounts", "accounts.index", "accounts"),
        ("People", "network.index", "network"),
        ("Meetups", "meetups.index", "meetups"),
        ("Guidelines", "guidelines.index", "guidelines"),
    ]
    if discover:
        places.append(("Discover", "discovery.index", "discovery"))
    if overview:
        places.append(("Overview", "home.overview", ""))
    if history:
        places.append(("History", "home.history", ""))
    within_overview = (
        "home.mail", "home.teams", "directory.runs", "directory.run", "tokens.index", "tokens.new", "tokens.create",
    )  # fmt: skip
    found = []
    for label, place, part in places:
        within = within_overview if place == "home.overview" else ()
        here = endpoint in (place, *within) or (part and blueprint in BELOW.get(part, ()))
        found.append(Place(label, url_for(place), bool(here)))
    return tuple(found)


@bp.get("/")
@allow(Role.STAFF)
def page() -> str:
    """What waits for me, what is mine; for comms what waits for them; when the directory was last read."""
    me = viewer().id
    seen = accounts.visible_to(viewer(), viewer().roles)
    mine = accounts.run_by(me, seen)
    alike = naming.pairs_count() if may(Role.COMMS) else 0
    sightings = discovery.new_count() if may(Role.COMMS) else 0
    for_comms = answering.waiting_for_comms() if may(Role.COMMS) else None
    waiting, profile = accounts.waiting_for_comms() if may(Role.COMMS) else [], network.profile(me)
    return render_template(
        "home.html", tasks=[*_tasks(me, mine), *_answering(me), *_peers(me)], for_comms=for_comms, alike=alike,
        sightings=sightings,
        waiting=waiting, mine=mine,
        all_waiting=accounts.waiting_count() if waiting else 0, platforms=PLATFORMS,
        coming=meetups.for_me(me, limit=3),
        profile=profile, good=runs.last_whole_run(),
        peers=network.could_help(
            me, seen, audiences=network.audiences_of(me, viewer().roles, has_profile=profile is not None)
        ),
    )  # fmt: skip


def _tasks(me: int, mine: Any) -> list[Task]:
    tasks = [
        Task(
            f"Read and sign “{document.title}”", "Read to the end, tick the box, done.",
            url_for("guidelines.document", slug=document.slug), "Read and sign",
        )
        for document in guidelines.to_sign(me)
    ]  # fmt: skip
    for run in imports.unanswered(me) if may(Role.COMMS) else ():
        hint = f"It would add {run.added:,} accounts and update {run.updated:,}."
        href = url_for("imports.page", import_id=run.id)
        tasks.append(Task(f"Bring in “{run.file_name}”, or give it up", hint, href, "Look at it"))
    tasks += [*_declines(), *_nods(me), *_claims(me)]
    tasks += _drafts(me) if may(*WRITERS) else ()
    for account in mine:
        href = url_for("accounts.page", account_id=account.id)
        if account.awaits_consent:
            hint = "Comms would like to list it. It is yours: say yes, and who may see it, or no."
            tasks.append(Task(f"May {account.title} be listed?", hint, f"{href}/consent", "Answer"))
            continue
        if account.has_no_address and account.state in OPEN:
            hint = f"{account.handle} belongs to somebody else now. Paste the new address."
            tasks.append(Task(f"Where is {account.title} now?", hint, f"{href}/rename", "Say where"))
        if account.owner_id == me and account.sent_back_reason:
            tasks.append(Task(f"Mend {account.title}", account.sent_back_reason, f"{href}/change", "Mend it"))
        if account.owner_id == me and account.owner_moved_at:
            hint = "Your team or manager has changed. One button says yes, another names who takes over."
            tasks.append(Task(f"Is {account.title} still yours?", hint, href, "Answer"))
        if hint := _left_to(me, account):
            tasks.append(Task(f"Take over {account.title}", hint, href, "Take over"))
        if account.owner_id == me and account.is_overdue:
            tasks.append(Task(f"Is {account.title} still right?", "One button if it is.", href, "Look at it"))
        if account.owner_id == me and (hint := answering.alone(account)):
            tasks.append(Task(f"Name a deputy for {account.title}", hint, f"{href}/change", "Name a deputy"))
    return tasks + list(_standing_tasks(me, any(account.state is State.DORMANT for account in mine)))


def _left_to(me: int, account: Account) -> str:
    """That the owner is gone, for their deputy; empty for others, and where it was in the owner's own name."""
    if account.deputy_id != me or account.state not in OPEN or account.standing in OWN_NAME:
        return ""
    gone = people.away(account.owner.state) if account.owner else ""
    return f"{account.owner.name}, who answers for it, {gone}. You are the deputy." if account.owner and gone else ""


def _declines() -> Iterator[Task]:
    """Colleagues who will not sign, for comms to talk with."""
    if may(Role.COMMS) and (count := declining.open_count()):
        text = "One colleague cannot sign" if count == 1 else f"{count:,} colleagues cannot sign"
        hint = "They said why. Talk with them, then write down what came of it."
        yield Task(text, hint, url_for("signing.declines"), "See why")


def _claims(me: int) -> Iterator[Task]:
    """Accounts that were seen and that may be somebody's."""
    for claim in discovery.claims_waiting_for(me):
        text = f"Is {claim.sighting.handle} on {name_of(claim.sighting.platform)} yours?"
        href = url_for("claims.page", sighting_id=claim.sighting_id)
        yield Task(text, "One press says yes, no, or whose it is.", href, "Answer")
    for asked in campaigning.waiting_for(me):
        href = url_for("asked.mine", campaign_id=asked.campaign_id)
        yield Task("Do you use social media for work?", "One press. Whatever you run is all right.", href, "Answer")


def _nods(me: int) -> Iterator[Task]:
    """New accounts of one's people, to nod at."""
    for nod in nods_waiting_for(me):
        who = nod.account.owner.name if nod.account.owner else "A colleague"
        hint = f"{who} would like to run it. Until {nod.due_on:%-d %B}; then comms decide without you."
        href = url_for("registering.nod", account_id=nod.account_id)
        yield Task(f"Nod at {nod.account.title}", hint, href, "Look at it")


def _drafts(me: int) -> Iterator[Task]:
    """Guidelines to look at for a colleague, and those that one has sent back."""
    for draft in drafts_waiting_for(me):
        href, who = url_for("writing.preview", slug=draft.document.slug), draft.changed_by
        if draft.changed_by_id == me:
            yield Task(f"Mend the draft of “{draft.title}”", draft.sent_back_reason, href, "See what was asked")
        else:
            hint = f"{who.name if who else 'A colleague'} would like a second pair of eyes before it counts."
            yield Task(f"Would you look at “{draft.title}”?", hint, href, "Look at it")


def _standing_tasks(me: int, dormant: bool) -> Iterator[Task]:
    """Accounts that were set dormant, and those whose live words are no longer those of the register."""
    for account in reviewing.sleeping(me) if dormant else []:
        hint = "Nobody said whether it is still right, so it was set dormant. One button wakes it."
        yield Task(f"Is {account.title} in use?", hint, url_for("accounts.page", account_id=account.id), "Look at it")
    for account in expectations.outdated(me, current_app.config["SETTINGS"].organisation):
        hint = "What you put on the live account is not what the register would say today."
        href = url_for("accounts.page", account_id=account.id) + "#paste"
        yield Task(f"New words for {account.title}", hint, href, "See the words")


def _answering(me: int) -> list[Task]:
    """Accounts that somebody is asked to take over, and access to withdraw."""
    tasks = []
    for one in answering.waiting_for(me):
        if one.kind == "accept":
            hint = f"{one.detail} asks you. Nothing changes until you accept."
            href = url_for("hand_overs.page", account_id=one.account_id)
            tasks.append(Task(f"Take {one.title} over?", hint, href, "Answer"))
        else:
            hint = f"Ways in that somebody may still have: {one.detail}."
            href = url_for("answering.withdraw", account_id=one.account_id)
            tasks.append(Task(f"Withdraw access from {one.title}", hint, href, "See the list"))
    return tasks


def _peers(me: int) -> list[Task]:
    """Help that is asked or offered, introductions, drop-ins."""
    start = request.script_root
    return [Task(one.text, one.hint, start + one.path, one.button) for one in waiting_for(me)]


@bp.get("/overview")
@allow(Role.COMMS, Role.ADMIN)
def overview() -> str:
    """How the register stands: accounts, sign-offs, the directory, mail, scheduled work."""
    sight = accounts.sight_of(viewer(), viewer().roles)
    counts = catalogue_counts.counts(accounts.Filters(sight, state=NOT_CLOSED))
    documents = report.by_document()
    return render_template(
        "overview.html", counts=counts, states=NOT_CLOSED, sole=counts.sole, documents=documents, overdue=counts.late,
        **_charts(counts, sight.condition),
        concerned=sum(one.people for _, one in documents), unsigned=sum(one.unsigned for _, one in documents),
        waiting=accounts.waiting_count(sight), mail=outbox.tally(), jobs=jobs.last_runs(), run=runs.last_run(),
        good=runs.last_whole_run(),
    )  # fmt: skip


def _charts(counts: Any, seen: Any) -> dict[str, Any]:
    """What the overview draws: label, count, and where the accounts are."""
    catalogue = partial(url_for, "accounts.index")
    rows = footprint.teams(seen)
    largest = sorted((row for row in rows if row.accounts), key=lambda row: (-row.accounts, row.path))[:MOST_TEAMS]
    return {
        "by_platform": [
            (name_of(slug), count, catalogue(platform=slug, state=NOT_CLOSED))
            for slug, count in sorted(counts.platform.items(), key=lambda one: (-one[1], one[0]))
        ],
        "by_standing": [
            (label, counts.standing.get(standing, 0), catalogue(standing=standing, state=NOT_CLOSED))
            for standing, label in STANDING_WORDS.items()
        ],
        "by_team": [(one.path, one.accounts, catalogue(team=one.team_id, state=OPEN)) for one in largest],
        "months": footprint.months(seen),
        "teams_without": len(footprint.without_accounts(rows)),
        "platforms": footprint.waiting(),
    }


@bp.get("/overview/teams")
@allow(Role.COMMS, Role.ADMIN)
def teams() -> Any:
    """Every team with its people, its accounts and its gaps; or only those without an account."""
    without = request.args.get("without") == "yes"
    rows = footprint.teams(accounts.sight_of(viewer(), viewer().roles).condition)
    if without:
        rows = footprint.without_accounts(rows)
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        told = ([row.path, row.people, row.accounts, row.alone] for row in rows)
        return download("teams", form, ("team", "people", "accounts", "without_deputy"), told)
    return render_template("teams.html", rows=rows, without=without, states=OPEN)


@bp.get("/mail")
@allow(Role.COMMS, Role.ADMIN)
def mail() -> str:
    """The last messages and how far each has come."""
    return render_template("mail.html", messages=outbox.last())


@bp.get("/history")
@allow(Role.AUDITOR, Role.ADMIN)
def history() -> Any:
    """Everything that happened, the newest first."""
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        return download("history", form, audit.EXPORT_COLUMNS, audit.export_rows())
    pages = paging(audit.count_events())
    return render_template("history.html", events=audit.events(limit=pages.size, offset=pages.offset), paging=pages)


@bp.get("/search")
@allow(Role.STAFF)
def search() -> str:
    """Accounts, people and meetups from one box."""
    q = request.args.get("q", "").strip()
    sight = accounts.sight_of(viewer(), viewer().roles)
    found = catalogue_rows.first(accounts.Filters(sight, q), SHOWN + 1) if q else []
    start = request.script_root
    colleagues = [
        _colleague(person_id, name, kind, title or "", team or "", start)
        for person_id, name, kind, title, team in people.found(q, most=SHOWN)
    ]
    return render_template(
        "search.html", q=q, accounts=[_tile(row, start) for row in found[:SHOWN]], more=len(found) > SHOWN,
        people=colleagues, meetups=meetups.found(q, limit=4) if q else (),
    )  # fmt: skip


@lru_cache(maxsize=LINES_KEPT)
def _tile(account: Any, _start: str) -> Markup:
    """An account that was found: what it says follows from the arguments alone, so it cannot grow stale."""
    macros: Any = current_app.jinja_env.get_template("macros/accounts.html").module
    tile: Markup = macros.account_tile(account, PLATFORMS, account.owner or "nobody answers")
    return tile


@lru_cache(maxsize=LINES_KEPT)
def _colleague(person_id: int, name: str, kind: str, title: str, team: str, _start: str) -> Markup:
    """Somebody who was found, in the same way."""
    macros: Any = current_app.jinja_env.get_template("macros/parts.html").module
    note = f"{title}, {team}" if team else title
    person = {"name": name, "kind": kind, "title": title}
    line: Markup = macros.person_line(person, url_for("network.person", person_id=person_id), note=note, size="m")
    return line


@bp.get("/privacy")
@allow(EVERYONE)
def privacy() -> str:
    """What is kept about people, why and how long."""
    return render_template("privacy.html", keep_leavers_days=current_app.config["SETTINGS"].keep_leavers_days)


@bp.get("/accessibility")
@allow(EVERYONE)
def accessibility() -> str:
    """How accessible the register is, and whom to tell where it is not."""
    return render_template("accessibility.html")


@bp.get("/health")
@allow(EVERYONE)
def health() -> Response:
    """For load balancers: the process answers. It asks nothing of the database."""
    return Response("ok\n", mimetype="text/plain")
