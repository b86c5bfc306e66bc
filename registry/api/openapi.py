"""The description of the API (OpenAPI 3.1): spectree makes it from the views and their models.

What spectree cannot say is said here: that errors are ``application/problem+json``, where this register is, and that
every answer may be an error of those that all share. Its pages that show the description are not used, as they load
scripts from elsewhere.
"""

import copy
from typing import Any, Final

from flask import current_app
from pydantic import ValidationError
from spectree import SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData
from werkzeug.exceptions import HTTPException

from registry.api.schemas import Problem
from registry.outside import PROBLEM

ABOUT: Final = (
    "Which accounts an organisation runs on social media, and who answers for them. Without a token, and where the"
    " register is public, it tells what anybody may see. A token tells more, as far as its scopes go."
)
#: What any question may be answered with instead.
SHARED: Final = {"401": "The token is missing, unknown or over", "429": "Too many questions in a minute"}


class Unfit(HTTPException):
    """A question that cannot be understood; ``faults`` says of each part what is wrong."""

    code = 422

    def __init__(self, faults: list[dict[str, str]]) -> None:
        super().__init__("Something in the question is not as expected.")
        self.faults = faults


def _refuse(_request: Any, _answer: Any, fault: Exception | None, _instance: Any, _adapter: Any) -> None:
    if isinstance(fault, ValidationError):
        raise Unfit([{"parameter": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in fault.errors()])


spec: Final = SpecTree(
    "flask",
    mode="strict",
    title="Social Account Registry",
    description=ABOUT,
    version="1",
    before=_refuse,
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    security_schemes=[SecurityScheme(name="token", data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer"))],
    security=[{"token": []}, {}],
)


def document() -> dict[str, Any]:
    """The description of the API of this register."""
    whole: dict[str, Any] = copy.deepcopy(spec.spec)
    settings = current_app.config["SETTINGS"]
    whole["servers"] = [{"url": settings.address.rstrip("/")}]
    if not settings.public:
        whole["security"] = [{"token": []}]
    for methods in whole["paths"].values():
        for operation in methods.values():
            _say_errors(operation)
    return whole


def _say_errors(operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    if not any(one["in"] == "query" for one in operation["parameters"]):
        answers.pop("422", None)
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, words in SHARED.items():
        answers[status] = {"description": words}
    for status, answer in answers.items():
        if status >= "400":
            answer["content"] = content
