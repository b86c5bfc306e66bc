"""Structured logs: one JSON object a line on standard error, and never a secret in it."""

import logging
import sys
import time
import uuid
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

import structlog
from flask import Flask, Response, g, request

#: A value is kept out of the log when its key contains one of these.
SECRET_WORDS = ("password", "secret", "token", "cookie", "authorization", "csrf", "credential")
HIDDEN = "[hidden]"

log = structlog.get_logger("registry")


@lru_cache(maxsize=500)
def speaks_of_secret(key: str) -> bool:
    """Whether the value of ``key`` stays out of the log; the same few keys come with each line."""
    return any(word in key.lower() for word in SECRET_WORDS)


def hide_secrets(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace every value whose key speaks of a secret, however deep it lies."""
    for key, value in line.items():
        if speaks_of_secret(key):
            line[key] = HIDDEN
        elif isinstance(value, MutableMapping):
            line[key] = hide_secrets(_logger, _method, value)
        elif isinstance(value, list | tuple):
            line[key] = [hide_secrets(_logger, _method, one) if isinstance(one, dict) else one for one in value]
    return line


def init_logs(*, to_terminal: bool | None = None) -> None:
    """Set the log's form: readable on a terminal, JSON elsewhere."""
    terminal = sys.stderr.isatty() if to_terminal is None else to_terminal
    form = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if terminal
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide_secrets,
            form,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def init_app(app: Flask) -> None:
    """Log each request once, by its route and not by what was typed into the address."""
    if not structlog.is_configured():
        init_logs()  # A server of its own, such as granian, has not been through the command line.

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        g.request_id = uuid.uuid4().hex[:12]

    @app.after_request
    def end(response: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule else "no route"
        milliseconds = round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1)
        log.info(
            "request",
            method=request.method,
            route=rule,
            status=response.status_code,
            ms=milliseconds,
            request=g.get("request_id"),
        )
        return response
