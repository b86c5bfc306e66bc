"""Counting failed tries to sign in, in the database, so that every process counts the same.

They are counted by the person found, whatever the spelling; by the login; and by the network that asks. The login
counts for everybody, or it would show, by how soon the ninth answer comes, whether somebody has it.
"""

import hashlib
import ipaddress
import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from registry.db import db, now
from registry.people.models import FailedSignIn

COUNTED_FOR: Final = timedelta(minutes=15)
MOST_FAILURES: Final = 8
#: Many people may share an address (a whole office behind one proxy), so it is given more tries.
MOST_FAILURES_OF_ADDRESS: Final = 60
#: Whoever has one address of IPv6 has as a rule its whole /64 (RFC 4291, 2.5.1; RFC 6177).
PREFIX: Final = 64


class TooManyTries(Exception):
    """The person or the network has failed too often in the last quarter of an hour."""


def by_login(login: str) -> str:
    """The counter of what was typed: one for all spellings that a directory would take for the same."""
    plain = unicodedata.normalize("NFKC", login).strip().rpartition("\\")[2].casefold()
    return "login:" + hashlib.sha256(" ".join(plain.split()).encode("utf-8", "replace")).hexdigest()[:32]


def by_person(directory_id: str) -> str:
    """The counter of somebody in the directory."""
    return f"person:{directory_id}"


def by_address(address: str) -> str:
    """The counter of a network address: of IPv6 the /64; an IPv4 address in the clothes of IPv6 is one of IPv4."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "address:unknown"
    if known.version == 4:
        return f"address:{known}"
    if mapped := known.ipv4_mapped:
        return f"address:{mapped}"
    return f"address:{ipaddress.ip_network((known, PREFIX), strict=False)}"


def refuse(*counters: str) -> None:
    """Raise ``TooManyTries`` where one of ``counters`` has had its failures. No transaction stays open."""
    try:
        _check(counters)
    finally:
        db.session.rollback()  # Others write while the directory is asked.


def reserve(*counters: str) -> list[int]:
    """Count a try and commit that; the ids of the rows.

    Raises ``TooManyTries`` where there were enough already. Counted before the password is asked for: guesses sent
    all at once would each find the count as it was. Two cannot do this at once; see ``db._begin_postgresql``.
    """
    _check(counters)
    at = now()
    db.session.execute(sa.delete(FailedSignIn).where(FailedSignIn.at < at - COUNTED_FOR))
    rows = [FailedSignIn(at=at, counted_by=name) for name in counters]
    db.session.add_all(rows)
    db.session.flush()
    ids = [row.id for row in rows]
    db.session.commit()
    return ids


def forget(tries: Sequence[int]) -> None:
    """These were no failures after all; in the caller's transaction."""
    db.session.execute(sa.delete(FailedSignIn).where(FailedSignIn.id.in_(tries)))


def forgive(tries: Sequence[int], *counters: str) -> None:
    """Somebody is in: the tries of just now were none, and the failures before count no more for ``counters``."""
    forget(tries)
    db.session.execute(sa.delete(FailedSignIn).where(FailedSignIn.counted_by.in_(counters)))


def _check(counters: Sequence[str]) -> None:
    failures = sa.select(FailedSignIn.counted_by, sa.func.count()).where(
        FailedSignIn.at > now() - COUNTED_FOR, FailedSignIn.counted_by.in_(counters)
    )
    for name, count in db.session.execute(failures.group_by(FailedSignIn.counted_by)):
        if count >= (MOST_FAILURES_OF_ADDRESS if name.startswith("address:") else MOST_FAILURES):
            raise TooManyTries
