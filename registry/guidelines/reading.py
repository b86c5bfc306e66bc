"""Reading and signing on one page: what it shows, and what becomes of the form at its end."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from markupsafe import Markup
from wtforms import Field
from wtforms.validators import ValidationError

from registry.fields import choice_field
from registry.guidelines import declining, queries, signing
from registry.guidelines.forms import SignForm
from registry.guidelines.models import Decline, Document, SignOff, Version
from registry.guidelines.text import html_of
from registry.people import signin
from registry.web import found, viewer, whole

OVERTAKEN: Final = "A newer version was published while you read. It is shown now: read it, then sign."
QUESTION: Final = "question_"


@dataclass(frozen=True, slots=True)
class Reading:
    """The page of a document for one reader; ``status`` is that of the answer it goes out with."""

    document: Document
    version: Version | None
    form: SignForm
    html: Markup
    #: Their last sign-off that counts, and whether a new one is asked of them.
    signed: SignOff | None
    owed: bool
    #: The versions since the one that they know, the newest first, each with what changed.
    since: Sequence[Version]
    #: The number of that one.
    known: int | None
    decline: Decline | None
    status: int = 200

    @property
    def done(self) -> bool:
        """Whether there is nothing to sign: this version is signed and nobody asks anew, or none is any more."""
        if self.document.retired_at:
            return True
        same = self.signed is not None and self.version is not None and self.signed.version_id == self.version.id
        return same and not self.owed

    @property
    def questions(self) -> list[Field]:
        """The fields of the check questions, in their order."""
        return [field for field in self.form if field.name.startswith(QUESTION)]


class _Rightly:
    """Refuses every answer but one, and says kindly why."""

    def __init__(self, right: int, why: str) -> None:
        self.right, self.why = str(right), why

    def __call__(self, _form: Any, field: Field) -> None:
        if field.data != self.right:
            raise ValidationError(f"Not quite. {self.why} Choose again.".replace("  ", " "))


def form_for(version: Version | None) -> type[SignForm]:
    """The form at the end of a version: its check questions, then the tick."""
    return _form(json.dumps(version.questions)) if version and version.questions else SignForm


@lru_cache(maxsize=64)
def _form(questions: str) -> type[SignForm]:
    fields: dict[str, Any] = {}
    for number, asked in enumerate(json.loads(questions)):
        answers = [(str(place), answer) for place, answer in enumerate(asked["answers"])]
        field: Any = choice_field(asked["question"], answers, need="Choose an answer.")
        field.kwargs["validators"] = [*field.kwargs["validators"], _Rightly(asked["right"], asked.get("why", ""))]
        fields[f"{QUESTION}{number}"] = field
    return type("_SignForm", (SignForm,), fields)


def reading(
    document: Document, form: SignForm | None = None, *, status: int = 200, known: int | None = None
) -> Reading:
    """What ``document`` shows to who is signed in; ``known`` is the number of the version that they have seen last."""
    version = queries.current(document.id)
    form = form or form_for(version)(formdata=None)
    form.version.data = str(version.id) if version else ""
    form.agreed.label.text = signing.WORDING
    signed = queries.last_sign_offs(viewer().id).get(document.id)
    known = known or (signed.version_number if signed else None)
    return Reading(
        document, version, form, html_of(version.text) if version else Markup(),
        signed=signed, owed=any(one.id == document.id for one in queries.owed_by(viewer().id)),
        since=queries.versions_since(document.id, known) if version and known and known < version.number else (),
        known=known, decline=declining.decline_of(document_id=document.id, person_id=viewer().id), status=status,
    )  # fmt: skip


def document_of_form() -> Document | None:
    """The document whose version the form names, where it is one that people can read."""
    shown = queries.version_by_id(whole(SignForm().version.data) or 0)
    return queries.document_of(shown) if shown is not None and shown.published_at is not None else None


def sign(document: Document) -> Reading | None:
    """Sign what the form names, as who is signed in; ``None`` where that is done, else the page to show again.

    Commits nothing. Nothing is signed but the version that was shown, and only while it is the one in force.
    """
    version = queries.current(document.id)
    form = form_for(version)()
    shown = queries.version_by_id(whole(form.version.data) or 0)
    if shown is not None and (version is None or shown.id != version.id):
        return _overtaken(document, version, shown)
    if not form.validate_on_submit():
        return reading(document, form, status=422)
    signing.sign(
        version=found(shown), document=document, current=version, person=signin.me(),
        checked=len(version.questions) if version else 0,
    )  # fmt: skip
    return None


def _overtaken(document: Document, version: Version | None, shown: Version) -> Reading:
    form = form_for(version)(formdata=None)
    form.fail(form.agreed, OVERTAKEN)
    return reading(document, form, status=409, known=shown.number if shown.document_id == document.id else None)
