"""What is different between two versions, and the exact text of one as a file."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from registry.guidelines import queries, questions, writing_queries
from registry.guidelines.differences import compare, counted
from registry.guidelines.models import Version
from registry.guidelines.writing import WRITERS
from registry.roles import Role
from registry.web import allow, found, may, whole

bp = Blueprint("differences", __name__, url_prefix="/guidelines")


@bp.get("/<slug>/compare")
@allow(Role.STAFF)
def page(slug: str) -> str:
    """Two versions, one beside the other: what was added, what was removed; those who write compare the draft too."""
    shown = found(queries.document(slug))
    every = [*filter(None, [writing_queries.drafts().get(shown.id) if may(*WRITERS) else None]),
             *queries.versions(shown.id)]  # fmt: skip
    after = found(_numbered(every, request.args.get("to")) or (every[0] if every else None))
    earlier = next((one for one in every if one.number < after.number), after)
    before = _numbered(every, request.args.get("from")) or earlier
    if before.number > after.number:
        before, after = after, before
    stretches = compare(before.whole, after.whole)
    return render_template(
        "guidelines/compare.html", document=shown, versions=every, before=before, after=after, stretches=stretches,
        counts=counted(stretches),
        between=[one for one in every if before.number < one.number <= after.number],
        questions=compare(*(questions.written(one.questions).replace("\n", "\n\n") for one in (before, after))),
        words=[(label, stretches) for label, stretches in _of_document(before, after) if stretches],
    )  # fmt: skip


def _numbered(every: list[Version], asked: str | None) -> Version | None:
    return next((one for one in every if one.number == whole(asked)), None)


def _of_document(before: Version, after: Version) -> list[tuple[str, Any]]:
    return [("Title", compare(before.title, after.title)), ("About", compare(before.about, after.about))]


@bp.get("/<slug>/versions/<int:number>/text")
@allow(Role.STAFF)
def text(slug: str, number: int) -> Response:
    """The exact text of a version, to the byte: the SHA-256 of the file is the one that was signed."""
    shown = found(queries.document(slug))
    one = found(queries.version(shown.id, number))
    name = f"{shown.slug}-version-{one.number}.md"
    return Response(
        one.whole.encode(), content_type="text/markdown; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip
