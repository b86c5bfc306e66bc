"""Waiting for another machine: answers and refusals come through, and nobody waits for ever, or for somebody else."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from registry.people.patience import PLACES, TooSlow, in_time


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """Whoever hangs in a test waits for this."""
    event = threading.Event()
    yield event
    event.set()
    time.sleep(0.05)


def test_an_answer_comes_through() -> None:
    assert in_time("directory", lambda _ask: 42) == 42


def test_what_goes_wrong_comes_through() -> None:
    def work(_ask: Callable[[object], None]) -> None:
        raise LookupError("nobody")

    with pytest.raises(LookupError, match="nobody"):
        in_time("directory", work)


def test_a_question_is_answered_in_the_thread_of_who_asked() -> None:
    threads: list[int] = []

    def work(ask: Callable[[str], None]) -> int:
        ask("may they?")
        return threading.get_ident()

    there = in_time("directory", work, lambda _question: threads.append(threading.get_ident()))
    assert threads == [threading.get_ident()]
    assert there != threading.get_ident()


def test_a_refusal_ends_both() -> None:
    ended: list[type[BaseException]] = []

    def work(ask: Callable[[str], None]) -> None:
        try:
            ask("may they?")
        except PermissionError as refusal:
            ended.append(type(refusal))
            raise

    def refuse(_question: str) -> None:
        raise PermissionError

    with pytest.raises(PermissionError):
        in_time("directory", work, refuse)
    assert ended == [PermissionError]


def test_whoever_is_late_is_left_alone_and_may_ask_no_more(over: threading.Event) -> None:
    asked: list[str] = []
    ended = threading.Event()

    def work(ask: Callable[[str], None]) -> None:
        over.wait(5)
        try:
            ask("may they?")
        except TooSlow:
            ended.set()

    began = time.monotonic()
    with pytest.raises(TooSlow):
        in_time("directory", work, asked.append, seconds=0.3)
    assert time.monotonic() - began < 1
    over.set()
    assert ended.wait(5)
    assert asked == []


def test_a_provider_that_is_away_takes_no_place_of_the_directory(over: threading.Event) -> None:
    def hang(_ask: Callable[[object], None]) -> bool:
        return over.wait(5)

    waiting = [threading.Thread(target=in_time, args=("provider", hang)) for _ in range(PLACES["provider"])]
    for one in waiting:
        one.start()
    time.sleep(0.1)
    began = time.monotonic()
    with pytest.raises(TooSlow, match="Too many"):
        in_time("provider", hang, seconds=0.2)
    assert in_time("directory", lambda _ask: True)
    assert time.monotonic() - began < 1
    over.set()
    for one in waiting:
        one.join(5)
