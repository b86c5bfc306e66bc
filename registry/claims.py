"""Which running process has taken something: a mark that says later whether it can still be at work on it.

A process is known by the machine's boot, the room that its number is of (two containers count their processes each for
themselves), its number and the moment at which it began, so that one that was given the same number later is another.
"""

import os
from functools import lru_cache
from pathlib import Path
from secrets import token_hex
from typing import Final

import sqlalchemy as sa

from registry.db import db, is_sqlite

_PROC: Final = Path("/proc")
_BEGAN: Final = 22
#: What this very process is at work on, by the whole mark; a mark of its own that is not here was left by an error.
_at_work: set[str] = set()


def begin() -> str:
    """A mark for one piece of work of this process; see ``end``."""
    mark = f"{epoch()} {_room()} {os.getpid()} {_began(os.getpid())} {token_hex(4)}"
    _at_work.add(mark)
    return mark


def end(mark: str) -> None:
    """Say that this process is not at work on it any more."""
    _at_work.discard(mark)


def is_over(mark: str) -> bool | None:
    """Whether nobody can be at work under ``mark`` any more; ``None`` where that cannot be seen from here."""
    _, room, pid, began, _ = mark.split()
    if not began.isdigit() or room != _room():
        return None
    if int(pid) == os.getpid() and began == _began(os.getpid()):
        return mark not in _at_work
    return _began(int(pid)) != began


def is_of_now(mark: str) -> bool:
    """Whether all that was committed since ``mark`` was made is there still, also what was not waited for."""
    since = mark.split()[0]
    return since == epoch() and since != "-"


def epoch() -> str:
    """What is another one after a power cut: the boot of this machine, or PostgreSQL's start and last recovery.

    SQLite and PostgreSQL both keep what a killed process of ours has committed without waiting for the disk; only when
    the machine, or that server, goes down may it be lost. Where a process of the server alone crashes, it starts anew
    without another start time, and begins its statistics anew; so both are part of it.
    """
    if is_sqlite():
        return _boot()
    started = sa.text("SELECT pg_postmaster_start_time()::text || '/' || stats_reset::text FROM pg_stat_bgwriter")
    return (db.session.scalar(started) or "-").replace(" ", "_")


@lru_cache(maxsize=1)
def _boot() -> str:
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "-"  # Not Linux: what was claimed before is then in doubt.


def _room() -> str:
    try:
        return f"{_boot()}/{(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return "-"


def _began(pid: int) -> str:
    """When a process began, in ticks of the machine; ``-`` where there is none of that number."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "-"
    fields = stat.rpartition(")")[2].split()  # Its name may hold blanks and brackets.
    return "-" if fields[0] in "ZX" else fields[_BEGAN - 3]
