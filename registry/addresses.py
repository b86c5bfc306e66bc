"""How addresses of pages are matched and made: whole numbers that every database takes, and a quick start."""

from collections.abc import Callable
from typing import Any, Final

from werkzeug.routing import IntegerConverter
from werkzeug.routing import Rule as WerkzeugRule

LARGEST_ID: Final = 2**31 - 1


class SmallInteger(IntegerConverter):
    """Whole numbers that every database takes."""

    def __init__(self, map: Any) -> None:
        super().__init__(map, min=0, max=LARGEST_ID)


class Rule(WerkzeugRule):
    """A rule that learns how to make its address when it is first asked to.

    Werkzeug compiles two functions for each rule as soon as it is there, which is most of what an app takes to be
    made. Most rules make no address in the life of a command or a test, and none makes all it could.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled = super()._compile_builder
        name = "_build_unknown" if append_unknown else "_build"

        def build(rule: WerkzeugRule, /, **values: Any) -> tuple[str, str]:
            made = compiled(append_unknown).__get__(rule, None)
            setattr(rule, name, made)
            address: tuple[str, str] = made(**values)
            return address

        return build
