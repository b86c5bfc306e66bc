"""What makes the tests quick and lets them see as much: less rubbish collected, and once a worker what is the same.

That is how statements are compiled, and how addresses of pages are matched and made.
"""

import gc
import threading
from typing import Any, ClassVar

import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Map, Rule, RuleFactory
from werkzeug.routing.matcher import StateMachineMatcher

from registry.db import db

#: Objects that are made before young ones are looked through. Python's own 700 are for small programs: with all that
#: the register and the tests load, a third of the time went into looking through what stays anyway.
MADE = 50_000

_engines: dict[str, sa.Engine] = {}


def collect_seldom() -> None:
    """Look through young objects less often; nothing stays uncollected for long."""
    gc.set_threshold(MADE, 10, 10)


def keep_what_is_loaded() -> None:
    """Leave what is there by now out of every collection."""
    gc.collect()
    gc.freeze()


def keep_compiled(app: Flask) -> None:
    """Let others share what the engine of ``app`` compiles; it has connected, so its dialect knows the server."""
    with app.app_context():
        _engines[db.engine.dialect.name] = db.engine


def share_compiled(app: Flask) -> None:
    """Let the engine of ``app`` use the statements that those of earlier tests have compiled, as a server's would.

    They are kept by dialect, so it gets theirs: all connect in the same way to the same kind of database.
    """
    with app.app_context():
        engine = db.engine
    if first := _engines.get(engine.dialect.name):
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache


def share_addresses() -> None:
    """Let apps with the same routes share what was worked out for the first of them: most of what one takes to make."""
    Flask.url_map_class = KnownAddresses


class KnownAddresses(Map):
    """The addresses of an app, worked out when one is needed, and only if no other app of this worker has the same."""

    _known: ClassVar[dict[tuple[Any, ...], "KnownAddresses"]] = {}
    _one_at_a_time = threading.RLock()

    def __init__(self, *given: Any, **options: Any) -> None:
        self.noted: list[Rule] = []
        self.key: tuple[Any, ...] = ()
        super().__init__(*given, **options)

    def add(self, rulefactory: RuleFactory) -> None:
        """Keep the rules until an address is asked for."""
        self.noted += rulefactory.get_rules(self)
        self._remap = True

    def update(self) -> None:
        """Share what another has worked out, or work it out; once, however many requests are the first."""
        if self._remap:
            with self._one_at_a_time:
                self._work_out()

    def _work_out(self) -> None:
        if not self._remap:
            return
        if self._known.get(self.key) is self:
            del self._known[self.key]  # What is added now is no other app's.
        elif self.key:
            self._matcher, self._rules_by_endpoint = StateMachineMatcher(self.merge_slashes), {}
        self.key = (*self.converters.items(), *map(_in_full, self.noted))
        if first := self._known.get(self.key):
            self._matcher, self._rules_by_endpoint, self._remap = first._matcher, first._rules_by_endpoint, False
            return
        for rule in self.noted:
            if rule.map is None:
                super().add(rule)
        super().update()
        self._known[self.key] = self


def _in_full(rule: Rule) -> tuple[Any, ...]:
    options = {**rule.get_empty_kwargs(), "methods": sorted(rule.methods or ())}
    return type(rule), rule.rule, repr(options)
