"""What comms do with sweeps: begin one, repeat it, say which links nobody need hear of."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from registry import audit
from registry.accounts.platforms import Refused, resolve
from registry.accounts.rules.addresses import read_host
from registry.audit import Somebody
from registry.config import Settings
from registry.db import db, now
from registry.discovery.actions import decide
from registry.discovery.models import Glimpse, How, Sighting, SightingState
from registry.discovery.sweeping.crawling import is_allowed
from registry.discovery.sweeping.models import IgnoredLink, Sweep, SweepFile, SweepLink, SweepState
from registry.discovery.sweeping.packing import plain_name

BEGUN = audit.declare("sweep.begun", "{actor} had {subject} looked through for accounts", "files")
IGNORED = audit.declare("link.ignored", "{actor} said that links to {subject} need no look: {reason}", "reason")
HEARD_AGAIN = audit.declare("link.heard_again", "{actor} said that links to {subject} are to be told again")
#: Bytes of all files of one sweep.
LARGEST_UPLOAD: Final = 15_000_000
MOST_FILES: Final = 500


class NoSweep(Exception):
    """It cannot be begun; the message says why in a sentence."""


class NotIgnorable(Exception):
    """What was typed is neither an account nor a host; the message says so in a sentence."""


def begin(*, title: str, files: Sequence[tuple[str, bytes]], actor: Somebody) -> Sweep:
    """Have files looked through: name and content of each. Raises ``NoSweep``."""
    size = sum(len(content) for _, content in files)
    if size > LARGEST_UPLOAD:
        raise NoSweep(
            f"These files have {size / 1e6:.0f} MB, and {LARGEST_UPLOAD // 1_000_000} MB fit. Pack them as a ZIP, or"
            " hand them in bit by bit."
        )
    if not files or len(files) > MOST_FILES:
        raise NoSweep(f"Choose between one file and {MOST_FILES}. Pack more than that as a ZIP.")
    sweep = _begun(title=title, site="", files=len(files), actor=actor)
    for name, content in files:
        db.session.add(SweepFile(sweep_id=sweep.id, name=plain_name(name), content=content))
    return sweep


def begin_site(*, site: str, actor: Somebody, settings: Settings) -> Sweep:
    """Have a site of ours walked through. Raises ``NoSweep`` unless the settings name it."""
    if not is_allowed(site, settings.sweep_sites):
        raise NoSweep("This site is not one of those that the settings name.")
    return _begun(title=site, site=site, files=0, actor=actor)


def _begun(*, title: str, site: str, files: int, actor: Somebody) -> Sweep:
    before = db.session.scalar(
        sa.select(sa.func.max(Sweep.id)).where(Sweep.title == title, Sweep.state == SweepState.DONE)
    )
    sweep = Sweep(title=title, site=site, asked_by_id=actor.id, before_id=before, faults=[])
    db.session.add(sweep)
    db.session.flush()
    audit.record(
        BEGUN, actor=actor, subject_kind="sweep", subject_id=sweep.id, subject_name=title, files=files,
    )  # fmt: skip
    return sweep


def ignore(*, what: str, reason: str, actor: Somebody) -> IgnoredLink:
    """Tell no more of links to an account, or to all accounts on a host. Raises ``NotIgnorable``."""
    row = _meant(what)
    row.reason, row.by_id, row.at = reason, actor.id, now()
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        raise NotIgnorable("Links to this are left out already.") from None
    _take_out(row)
    for sighting in _seen_only_by_sweeps(row):
        decide(sighting=sighting, state=SightingState.NOT_OURS, reason=reason, actor=actor)
    audit.record(
        IGNORED, actor=actor, subject_kind="ignored link", subject_id=row.id, subject_name=row.shown, reason=reason
    )
    return row


def _seen_only_by_sweeps(row: IgnoredLink) -> list[Sighting]:
    """The sightings that wait only because our pages link to what is left out: nobody else told of them."""
    others = sa.exists().where(Glimpse.sighting_id == Sighting.id, Glimpse.how != How.SWEEP)
    return _sightings(row, Sighting.state == SightingState.NEW, ~others)


def _sightings(row: IgnoredLink, *conditions: sa.ColumnElement[bool]) -> list[Sighting]:
    return list(db.session.scalars(sa.select(Sighting).where(_is_of(row, Sighting), *conditions).order_by(Sighting.id)))


def _is_of(row: IgnoredLink, table: type[Sighting] | type[SweepLink]) -> sa.ColumnElement[bool]:
    if row.host:
        return sa.or_(*(table.url.startswith(f"https://{start}{row.host}/", autoescape=True) for start in ("", "www.")))
    return sa.and_(table.platform == row.platform, table.kind == row.kind, table.key == row.key)


def _take_out(row: IgnoredLink) -> None:
    """Take what is left out from now on out of what was found, too."""
    gone = _is_of(row, SweepLink)
    db.session.execute(sa.delete(SweepLink).where(gone).execution_options(synchronize_session=False))


def _meant(what: str) -> IgnoredLink:
    answer = resolve(what)
    if "/" not in what and "@" not in what and (host := read_host(what)):
        return IgnoredLink(host=host.removeprefix("www."), shown=host)
    if isinstance(answer, Refused) or answer.platform == "website":
        raise NotIgnorable("Paste the address of an account, or the name of a host like social.example.org.")
    return IgnoredLink(platform=answer.platform, kind=answer.kind, key=answer.key, shown=answer.url)


def hear_again(*, ignored: IgnoredLink, actor: Somebody) -> None:
    """Tell of links to it again; what was not ours because of that is open again."""
    for sighting in _sightings(ignored, Sighting.state == SightingState.NOT_OURS, Sighting.reason == ignored.reason):
        decide(sighting=sighting, state=SightingState.NEW, reason="", actor=actor)
    audit.record(
        HEARD_AGAIN, actor=actor, subject_kind="ignored link", subject_id=ignored.id, subject_name=ignored.shown
    )
    db.session.delete(ignored)
