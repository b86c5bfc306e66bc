"""The register of sign-offs for those who watch, one's own, and the certificate of each."""

from typing import Any

from flask import Blueprint, render_template, request

from registry.db import now
from registry.export import download
from registry.guidelines import declining, register
from registry.guidelines.models import Method
from registry.guidelines.views import WATCHERS
from registry.roles import Role
from registry.web import allow, found, may, paging, viewer, whole

bp = Blueprint("evidence", __name__, url_prefix="/guidelines/register")


@bp.get("")
@allow(*WATCHERS)
def index() -> Any:
    """Every sign-off there is, the newest first."""
    args = request.args
    wanted = register.Wanted(args.get("q", ""), whole(args.get("document")), args.get("method", ""))
    if (form := args.get("format")) in ("csv", "xlsx"):
        return download("sign-offs", form, register.COLUMNS, register.rows(wanted))
    pages = paging(register.count(wanted))
    return render_template(
        "guidelines/register.html", rows=register.page(wanted, limit=pages.size, offset=pages.offset), paging=pages,
        wanted=wanted, documents=register.signed_documents(), methods=list(Method),
    )  # fmt: skip


@bp.get("/mine")
@allow(Role.STAFF)
def mine() -> str:
    """What one has signed oneself, and what one has declined."""
    me = viewer().id
    return render_template("guidelines/mine.html", rows=register.of_one(me), declines=declining.declines_of(me))


@bp.get("/<int:sign_off_id>")
@allow(Role.STAFF)
def certificate(sign_off_id: int) -> str:
    """One sign-off, to print: for the person themselves and for those who watch, nobody else."""
    me = viewer().id
    shown = found(register.certificate(sign_off_id, of=None if may(*WATCHERS) else me))
    own = register.certificate(sign_off_id, of=me) is not None
    return render_template("guidelines/certificate.html", shown=shown, sign_off=shown.sign_off, own=own, told_at=now())
