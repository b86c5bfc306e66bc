"""What the worker does with sweeps: read page after page, keep what each links to, note what nobody registered.

A worker that is killed leaves the sweep as it was asked for, and the next begins it anew.
"""

import hashlib
from collections import deque
from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa

from registry.accounts.naming.queries import known
from registry.config import Settings
from registry.db import db, exclusively, now
from registry.discovery import noting
from registry.discovery.models import How
from registry.discovery.sweeping import packing, queries
from registry.discovery.sweeping.apart import Reader
from registry.discovery.sweeping.crawling import Visit, Visitor, crawl, is_allowed
from registry.discovery.sweeping.links import Harvest, Link
from registry.discovery.sweeping.models import FOR_THE_WORKER, MOST_FAULTS, Sweep, SweepFile, SweepLink, SweepState
from registry.discovery.sweeping.reading import NoPage
from registry.logs import log

MOST_ATTEMPTS: Final = 3
Identity = tuple[str, str, str]


def is_anything_to_do() -> bool:
    """Whether a sweep was asked for."""
    return _next() is not None


def _next() -> int | None:
    """The sweep to do, those first that were begun least often."""
    some = sa.select(Sweep.id).where(Sweep.state.in_(FOR_THE_WORKER))
    return db.session.scalar(some.order_by(Sweep.attempts, Sweep.id).limit(1))


def work_off(settings: Settings) -> str:
    """Do the sweeps that were asked for; commits. Empty where another worker does it."""
    with exclusively("sweeps") as free:
        if not free:
            return ""
        done = 0
        while (number := _next()) is not None and _do(number, settings):
            done += 1
    return f"{done} done"


def _do(number: int, settings: Settings) -> bool:
    """Do one sweep; whether to go on with the next."""
    sweep = db.session.get_one(Sweep, number)
    sweep.attempts += 1
    if sweep.attempts > MOST_ATTEMPTS:
        sweep.faults = [f"The worker broke off {MOST_ATTEMPTS} times. Tell your administrator, then sweep again."]
        _end(sweep, SweepState.FAILED)
        return True
    sweep.state, sweep.began_at, sweep.done, sweep.unread, sweep.faults = SweepState.RUNNING, now(), 0, 0, []
    db.session.execute(sa.delete(SweepLink).where(SweepLink.sweep_id == number))
    db.session.commit()
    try:
        with Reader() as reader:
            _Sweeping(sweep, settings, reader).go()
    except Exception as error:
        db.session.rollback()
        log.error("sweep", number=number, exc_info=error)
        return False  # It is begun anew within a minute.
    _end(db.session.get_one(Sweep, number), SweepState.DONE)
    return True


def _end(sweep: Sweep, state: SweepState) -> None:
    sweep.state, sweep.ended_at = state, now()
    db.session.execute(sa.delete(SweepFile).where(SweepFile.sweep_id == sweep.id))
    db.session.commit()


class _Sweeping:
    """One sweep while it is done."""

    def __init__(self, sweep: Sweep, settings: Settings, reader: Reader) -> None:
        self.number, self.site, self.asked_by_id = sweep.id, sweep.site, sweep.asked_by_id
        self.settings, self.reader = settings, reader
        self.visitor = Visitor(reader, delay=settings.sweep_delay_seconds, ports=settings.sweep_ports)
        self.left = settings.sweep_pages
        self.before = queries.identities(sweep.before_id) if sweep.before_id else None
        self.ignored = queries.ignoring()
        self.seen: set[tuple[Identity, str]] = set()
        self.accounts: dict[Identity, int | None] = {}

    def go(self) -> None:
        """Read all pages; each is kept at once, so that the page of the sweep shows how far it is."""
        for name, came in self._visits():
            sweep = db.session.get_one(Sweep, self.number)
            sweep.done += 1
            if isinstance(came, str):
                sweep.unread += 1
                if len(sweep.faults) < MOST_FAULTS:
                    sweep.faults = [*sweep.faults, f"{name[:300]}: {came}"]
            else:
                for link in came.links:
                    self._keep(name, link)
                for hint in came.hints:
                    self._keep(name, hint, is_hint=True)
            db.session.commit()

    def _visits(self) -> Iterator[Visit]:
        if self.site:
            self._expect(self.left)
            yield from crawl(self.site, self.visitor, pages=self.left)
            return
        for number in db.session.scalars(sa.select(SweepFile.id).where(SweepFile.sweep_id == self.number)).all():
            file = db.session.get_one(SweepFile, number)
            name, content = file.name, file.content
            db.session.expunge(file)
            yield from self._of_file(name, content)

    def _of_file(self, name: str, content: bytes) -> Iterator[Visit]:
        """The pages of a file; those that a list or a sitemap names, where they are of a site that may be fetched."""
        try:
            for part in packing.pages(name, content):
                self._expect(1)
                try:
                    harvest = self.reader.read(part.content, name=part.name)
                except NoPage as error:
                    yield part.name, str(error)
                    continue
                yield part.name, harvest
                yield from self._named_in(harvest)
        except NoPage as error:
            yield name, str(error)

    def _named_in(self, harvest: Harvest) -> Iterator[Visit]:
        """The pages that a list or a sitemap names, and those that the sitemaps among them name in turn."""
        waiting, known = deque[str](), set[str]()

        def take(pages: list[str]) -> None:
            new = [one for one in pages if one not in known and is_allowed(one, self.settings.sweep_sites)]
            if new := new[: max(self.left, 0)]:
                self.left -= len(new)
                known.update(new)
                waiting.extend(new)
                self._expect(len(new))

        take(harvest.pages)
        while waiting:
            address, came = self.visitor.visit(waiting.popleft())
            yield address, came
            take([] if isinstance(came, str) else came.pages)

    def _expect(self, more: int) -> None:
        """Say how many pages there will be; at once, as nobody else can write until it is said, and sites are slow."""
        db.session.execute(sa.update(Sweep).where(Sweep.id == self.number).values(total=Sweep.total + more))
        db.session.commit()

    def _keep(self, page: str, link: Link, *, is_hint: bool = False) -> None:
        account = link.account
        identity = (account.platform, account.kind, account.key)
        if (identity, page) in self.seen or self.ignored.has(account):
            return
        self.seen.add((identity, page))
        if identity not in self.accounts:
            same = known(account)
            self.accounts[identity] = same.account.id if same else None
        self._write(page, link, self.accounts[identity], is_hint)
        if self.accounts[identity] is None and not is_hint:
            noting.note(account, how=How.SWEEP, place=page, quote=link.context or link.text)

    def _write(self, page: str, link: Link, account_id: int | None, is_hint: bool) -> None:
        account, before = link.account, self.before
        identity = (account.platform, account.kind, account.key)
        db.session.add(
            SweepLink(
                sweep_id=self.number, platform=account.platform, kind=account.kind, key=account.key, url=account.url,
                handle=account.handle, page=page[:1_000], text=link.text, context=link.context, account_id=account_id,
                page_hash=hashlib.sha256(page.encode("utf-8", "replace")).hexdigest(), is_hint=is_hint,
                is_new=before is not None and identity not in before and not is_hint,
            )
        )  # fmt: skip
