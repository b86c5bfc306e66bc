"""The catalogue page: the address becomes filters, the filters become rows, facets, chips and files."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from flask import current_app, render_template, request, url_for
from markupsafe import Markup

from registry import audit
from registry.accounts import catalogue_facets as beside
from registry.accounts import catalogue_rows
from registry.accounts.catalogue_address import (
    COLUMNS,
    FILE_BEGINS,
    LANGUAGE_WORDS,
    SIGNED_WORDS,
    STANDING_WORDS,
    USUAL,
    args_of,
    asks_from,
    columns_from,
    filters_from,
)
from registry.accounts.catalogue_counts import Counts, counts
from registry.accounts.catalogue_rows import SORTS
from registry.accounts.platforms import PLATFORMS
from registry.accounts.queries import Filters, sight_of
from registry.accounts.saved import queries as saved
from registry.accounts.saved.views import kept_columns
from registry.db import today
from registry.export import download
from registry.roles import Role
from registry.web import Paging, Sort, may, paging, sort_from, viewer, whole

#: Views that stand above the list; more are folded away.
VIEWS_SHOWN: Final = 5
#: Where the rows go in what stands around them.
ROWS_HERE: Final = "<!--rows-->"
#: Where all of that goes in the page. What people type cannot say it, as it is escaped.
RESULTS_HERE: Final = Markup("<!--results-->")
#: Rows that are kept as they were shown, a kilobyte each: those of eighty pages.
LINES_KEPT: Final = 4_000


def page() -> Any:
    """The catalogue as a page, or as the file that the address asks for: exactly what is shown, on all its pages."""
    sight = sight_of(viewer(), viewer().roles)
    filters, sort = filters_from(request.args, sight), sort_from(tuple(SORTS))
    views = saved.shown_to(viewer().id)
    columns = columns_from(request.args.get("columns", "")) or kept_columns(views) or USUAL
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        return _file(filters, sort, columns, form)
    counted = counts(filters)
    if counted.many:
        sort = Sort("title", False)
    pages = paging(counted.total)
    more = tuple(name for name in catalogue_rows.MORE if any(name in COLUMNS[one].fields for one in columns))
    rows = catalogue_rows.page(
        filters, counted, sort=sort.key, descending=sort.descending, limit=pages.last - pages.offset,
        offset=pages.offset, more=more,
    )  # fmt: skip
    before, after = _frame(filters, counted, pages, sort, columns, views)
    results = [before, *_lines(rows, columns, more, sort.key), after]
    if "HX-Request" in request.headers:
        return b"".join(results)
    view = _view(views)
    text = render_template(
        "accounts/index.html", results=RESULTS_HERE, q=filters.q, view_name=view.name if view else "", kept=_kept()
    )
    # Put together as bytes: most of the page is kept from before, and is encoded no more than once.
    above, _, below = text.partition(RESULTS_HERE)
    return b"".join([above.encode(), *results, below.encode()])


def _kept() -> list[tuple[str, str]]:
    """What the search box takes along."""
    asked = [pair for pair in args_of(asks_from(request.args)).items(multi=True) if pair[0] != "q"]
    return asked + [("view", view) for view in request.args.getlist("view")[:1]]


def _frame(
    filters: Filters, counted: Counts, pages: Paging, sort: Sort, columns: tuple[str, ...], views: Sequence[Any]
) -> tuple[bytes, bytes]:
    """What stands around the rows: facets, chips, views, headings, pages; made once for all who see the same.

    It is kept until something happens, as the numbers in it are; the rows themselves are read each time.
    """
    mine, changes = tuple(tuple(view) for view in views if view.name), may(Role.COMMS)
    key = ("frame", request.script_root, request.full_path, filters, columns, mine, viewer().id, changes, today())

    def made() -> tuple[bytes, bytes]:
        text = render_template(
            "accounts/results.html", rows=ROWS_HERE, filters=filters, paging=pages, sort=sort, counted=counted,
            columns=columns, column_words=COLUMNS, orders=[] if counted.many else _orders(sort, columns),
            facets=beside.facets(filters, counted), chips=beside.chips(filters), changes_many=changes,
            asks=asks_from(request.args), **_views(views),
        )  # fmt: skip
        before, _, after = text.partition(ROWS_HERE)
        return before.encode(), after.encode()

    return audit.remembered(key, made)


def _lines(rows: Sequence[Any], columns: tuple[str, ...], more: tuple[str, ...], sort: str) -> list[bytes]:
    """The rows as they stand in the table; fifty of them are most of the work of this page, so each is made once."""
    picks, start = may(Role.COMMS), request.script_root
    ids = [row[0] for row in rows]
    topics = catalogue_rows.topics_of(ids) if "topics" in columns and ids else {}
    signed = catalogue_rows.sign_offs_of(ids) if "signed" in columns and ids else {}
    # As tuples, since those are compared with what is kept far sooner than rows are.
    return [
        _line(tuple(row), more, tuple(topics.get(row[0], ())), signed.get(row[0], ""), columns, sort, picks, start)
        for row in rows
    ]


@lru_cache(maxsize=LINES_KEPT)
def _line(
    row: tuple[Any, ...], more: tuple[str, ...], topics: tuple[str, ...], signed: str, columns: tuple[str, ...],
    sort: str, picks: bool, _start: str,
) -> bytes:  # fmt: skip
    """One row: what it says follows from the arguments alone, so it cannot grow stale."""
    words = {
        "platforms": PLATFORMS, "standing": STANDING_WORDS, "language": LANGUAGE_WORDS, "signed": SIGNED_WORDS,
        "columns": COLUMNS, "accounts": url_for("accounts.index") + "/", "people": url_for("network.index") + "/",
    }  # fmt: skip
    told = dict(zip(catalogue_rows.USUAL + more, row, strict=True))
    made: Markup = current_app.jinja_env.get_template("accounts/row.html").module.line(  # type: ignore[attr-defined]
        told, topics, signed, columns, sort, picks, words
    )
    return made.encode()


def _orders(sort: Sort, columns: tuple[str, ...]) -> list[tuple[str, str, bool]]:
    """Ways to order the list where there is no room for the headings of a table: words, address, whether it is now."""
    keys = {"title": "Name"} | {COLUMNS[name].sort: COLUMNS[name].label for name in columns if COLUMNS[name].sort}
    return [(label, sort.href(key), key == sort.key) for key, label in keys.items()]


def _view(views: Sequence[Any]) -> Any | None:
    """The view that the address came from."""
    chosen = whole(request.args.get("view"))
    return next((view for view in views if view.name and view.id == chosen), None) if chosen else None


def _views(views: Sequence[Any]) -> dict[str, Any]:
    """The views to choose from, and what may be done with the chosen one."""
    named, view = [one for one in views if one.name], _view(views)
    changes = view is not None and (view.person_id == viewer().id or (view.is_shared and may(Role.COMMS)))
    return {"views": named, "views_shown": VIEWS_SHOWN, "view": view, "may_change_view": changes}


def _file(filters: Filters, sort: Sort, columns: tuple[str, ...], form: str) -> Any:
    names = [*FILE_BEGINS, *(name for column in columns for name in COLUMNS[column].fields)]
    everything = catalogue_rows.everything(filters, sort=sort.key, descending=sort.descending)
    return download("accounts", form, names, _cells(everything, names))


def _cells(everything: Iterator[Sequence[Any]], names: list[str]) -> Iterator[list[Any]]:
    """The cells of a file; what is in tables of their own is read for many rows at a time."""
    for rows in everything:
        ids = [row.id for row in rows]
        topics = catalogue_rows.topics_of(ids) if "topics" in names else {}
        signed = catalogue_rows.sign_offs_of(ids) if "signed" in names else {}
        for row in rows:
            more = {"topics": ", ".join(topics.get(row.id, ())), "signed": signed.get(row.id, "")}
            yield [more[name] if name in more else getattr(row, name) for name in names]
