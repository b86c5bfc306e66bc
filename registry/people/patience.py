"""Waiting for another machine, but not for ever: a name server or a server that trickles has no time limit of its own.

What is waited for runs in a thread of its own, which is left alone when the time is over. Only a few may wait at
once, so that an outage never takes every thread that serves pages.
"""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

#: Seconds: what waits for another machine has answered the browser within five.
MOST: Final = 4.2
#: How many may wait at once in one process, for whom, and how many seconds the next waits for a place. Each has
#: places of its own: whoever waits for one that is away does not keep others from one that is there.
PLACES: Final = {"directory": 4, "provider": 2}
QUEUE: Final = 1.0

Told = TypeVar("Told")
Question = TypeVar("Question")
_places = {name: threading.BoundedSemaphore(count) for name, count in PLACES.items()}


class TooSlow(Exception):
    """No answer in time."""


def in_time(
    whom: str,
    work: Callable[[Callable[[Question], None]], Told],
    consult: Callable[[Question], None] = lambda _question: None,
    *,
    seconds: float = MOST,
) -> Told:
    """What ``work``, which asks ``whom`` of ``PLACES``, gives or raises within ``seconds``.

    It runs in another thread and must not touch the database. It is handed a function that runs ``consult``
    in the caller's thread, and raises there and here what ``consult`` raises. Raises ``TooSlow``.
    """
    ends = time.monotonic() + seconds
    place = _places[whom]
    if not place.acquire(timeout=min(QUEUE, seconds)):
        raise TooSlow("Too many are waiting for an answer already.")
    said: SimpleQueue[tuple[str, Any]] = SimpleQueue()
    answers: SimpleQueue[BaseException | None] = SimpleQueue()
    threading.Thread(target=_run, args=(work, place, said, answers), daemon=True).start()
    while True:
        try:
            what, value = said.get(timeout=max(0.0, ends - time.monotonic()))
        except Empty:
            answers.put(TooSlow())  # Whoever asks from now on is told to stop.
            raise TooSlow(f"No answer within {seconds:g} seconds.") from None
        if what == "done":
            return value  # type: ignore[no-any-return]
        if what == "raised":
            raise value
        answers.put(_outcome(consult, value))


def _run(
    work: Callable[[Callable[[Any], None]], Any],
    place: threading.Semaphore,
    said: "SimpleQueue[tuple[str, Any]]",
    answers: "SimpleQueue[BaseException | None]",
) -> None:
    def ask(question: Any) -> None:
        said.put(("asks", question))
        if refusal := answers.get():
            raise refusal

    try:
        told = ("done", work(ask))
    except BaseException as error:  # Whatever it is, it is for the caller.
        told = ("raised", error)
    finally:
        place.release()
    said.put(told)


def _outcome(consult: Callable[[Any], None], question: Any) -> BaseException | None:
    try:
        consult(question)
    except Exception as refusal:
        return refusal
    return None
