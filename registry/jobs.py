"""The scheduled work, on huey: each job is one call into a slice, and doing it twice does no harm."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from flask import Flask

from registry import outbox
from registry.accounts import actions as accounts
from registry.accounts import news
from registry.accounts.answering import hand_overs, withdrawing
from registry.accounts.importing import worker as imports
from registry.accounts.naming import asking, consent
from registry.accounts.registering import actions as registering
from registry.accounts.reviewing import nightly
from registry.accounts.signing import keep_up
from registry.config import LdapSettings, Settings
from registry.db import db, exclusively, hold_back_forms, now
from registry.digest import sending as digest
from registry.discovery import actions as sightings
from registry.discovery import campaigning, from_directory
from registry.discovery.sweeping import worker as sweeps
from registry.guidelines import chasing, renewing, writing
from registry.job_runs import JobRun, clock_leapt, is_time_for
from registry.logs import log
from registry.meetups import rounds
from registry.meetups.inviting import worker as inviting
from registry.network import rounds as peers
from registry.people import guests, sync
from registry.people.directory import DirectoryError
from registry.people.intake import Outcome
from registry.people.models import Way
from registry.people.runs import last_good_run, movers, runs_not_handed_on, take_request, waiting_request

MAIL: Final = "mail"
DIRECTORY: Final = "directory"
CHANGES: Final = "changes"
ASKED: Final = "asked"
GUESTS: Final = "guests"
REVIEWS: Final = "reviews"
IMPORTS: Final = "imports"
HAND_OVERS: Final = "hand-overs"
PROPOSALS: Final = "proposals"
GUIDELINES: Final = "guidelines"
DUTIES: Final = "duties"
SIGNATURES: Final = "signatures"
DIGESTS: Final = "digests"
CAMPAIGNS: Final = "campaigns"
SIGHTINGS: Final = "sightings"
INVITATIONS: Final = "invitations"
SWEEPS: Final = "sweeps"
#: What the overview calls each job.
NAMES: Final = {
    MAIL: "Send waiting mail",
    DIRECTORY: "Read the staff directory",
    CHANGES: "Read what changed in it",
    ASKED: "Read it because somebody asked",
    GUESTS: "Let guests go whose time is over",
    REVIEWS: "Ask whether accounts are still right",
    IMPORTS: "Bring in files of accounts",
    HAND_OVERS: "Remind of hand-overs that wait for an answer",
    PROPOSALS: "Watch the clocks of proposals",
    GUIDELINES: "Publish guidelines whose day has come",
    DUTIES: "See who must sign the guidelines",
    SIGNATURES: "Remind those who have not signed",
    DIGESTS: "Send the digest",
    CAMPAIGNS: "Ask the teams",
    INVITATIONS: "Invite people to meetups",
    SIGHTINGS: "See which accounts that were seen are registered",
    **rounds.NAMES,
    **peers.NAMES,
    SWEEPS: "Look through our pages for accounts",
}
#: The hour in London from which people are asked about their accounts.
ASKING_HOUR: Final = 7
#: The hour in London from which the sign-offs of the day before are counted.
COUNTING_HOUR: Final = 3
#: Every entry is read whole this often: what a directory does not tell as a change is then seen, too.
WHOLE_EVERY: Final = timedelta(days=7)


def send_mail(_settings: Settings) -> str:
    """Deliver what is due; nothing where it is still being done, so that the other jobs need not wait for two."""
    with exclusively("mail") as free:
        if not free:
            return ""
        tally = outbox.deliver()
    return ", ".join(f"{count} {state}" for state, count in tally.items()) or "nothing was due"


def sync_directory(
    settings: LdapSettings, *, way: Way, dry_run: bool = False, accept_leavers: int | None = None,
    progress: sync.Progress = lambda _read, _expected: None,
) -> Outcome:  # fmt: skip
    """Read the directory and hand its news on to the accounts; the arguments, and what it raises, as ``sync.sync``."""
    try:
        return sync.sync(settings, way=way, dry_run=dry_run, accept_leavers=accept_leavers, progress=progress)
    finally:
        if not dry_run:
            hand_on()


def hand_on() -> int:
    """Tell the accounts who has left or moved, and which teams have other names; commits. How many were orphaned.

    News is kept with the run that found it until it is handed on, in one transaction: a process that dies in between
    leaves it for the next.
    """
    with exclusively("hand-on") as free:
        if not free:
            return 0
        hold_back_forms()  # Who registers or signs just now does so before or after, not in the middle of it.
        for run in runs_not_handed_on():
            news.ask_movers(movers(run.id))
            news.index_again(run.renamed_teams)
            run.handed_on_at = now()
        accounts.settle_merges()
        orphaned = accounts.orphan_the_left()
        consent.hide_the_left()
        keep_up()
        withdrawing.spare_the_returned()
        db.session.commit()
        noted = 1
        while noted:  # In small portions, as each holds up whoever else writes.
            noted = withdrawing.note_leavers()
            db.session.commit()
        from_directory.take_up()
        return orphaned


def read_directory(settings: Settings) -> str:
    """The nightly sync; nothing where another one runs."""
    whole = last_good_run(Way.FULL)
    due = whole is None or whole.began_at < now() - WHOLE_EVERY
    return _read(settings, Way.FULL if due else Way.SWEEP)


def read_changes(settings: Settings) -> str:
    """The quick reading in between."""
    return _read(settings, Way.CHANGES)


def _read(settings: Settings, way: Way, accept_leavers: int | None = None) -> str:
    if not settings.ldap.uris:
        return "no directory is set"
    try:
        outcome = sync_directory(settings.ldap, way=way, accept_leavers=accept_leavers)
    except sync.AnotherSyncRuns:
        return ""
    except DirectoryError as error:
        return str(error)
    return outcome.result


def read_as_asked(settings: Settings) -> str:
    """Do the oldest reading that somebody asked for on a page; how it ended, empty where another one runs."""
    request = waiting_request()
    if request is None:
        return ""
    number, way, accepted = request.id, request.way, request.accept_leavers
    db.session.rollback()
    outcome = "failed"
    try:
        outcome = _read(settings, way, accepted)
    finally:
        # Whatever went wrong would go wrong again: nobody wants that every minute.
        db.session.rollback()
        if outcome:
            take_request(number)
            db.session.commit()
    return outcome


def end_guests(_settings: Settings) -> str:
    """Let go of guests whose last day is over, write to sponsors in time; their accounts are orphaned."""
    ended, reminded = guests.end_the_due(), guests.remind_sponsors()
    db.session.commit()
    hand_on()
    return f"{ended} ended, {reminded} sponsors reminded"


def ask_about_accounts(settings: Settings) -> str:
    """The daily round of reviews, in the morning or as soon after as a worker runs; nothing where it was done today."""
    if not is_time_for(REVIEWS, ASKING_HOUR):
        return ""
    return nightly.run(dormant_days=settings.review_dormant_days)


def see_who_must_sign(_settings: Settings) -> str:
    """Each night: who must sign by the rules, whose sign-off is too old, and how many had signed the day before."""
    if not is_time_for(DUTIES, COUNTING_HOUR):
        return ""
    leapt = clock_leapt(DUTIES)
    with exclusively("duties") as free:
        if not free:
            return ""
        hold_back_forms()
        begun = keep_up()
        if leapt:
            db.session.commit()
            return f"{begun} asked to sign; the clock has leapt, so the rest waits for tomorrow"
        renewing.put_times_right()
        again = renewing.ask_again()
        db.session.commit()
        counted = renewing.count_days()
        db.session.commit()
    return f"{begun} asked to sign, {again} asked again, {counted} days counted"


def remind_to_sign(_settings: Settings) -> str:
    """The mails of the morning about sign-offs, as soon as a worker runs; nothing where they were sent today."""
    if not is_time_for(SIGNATURES, ASKING_HOUR):
        return ""
    if clock_leapt(SIGNATURES):
        return "nobody reminded: the clock has leapt, so this waits for tomorrow"
    return chasing.run()


def send_digests(_settings: Settings) -> str:
    """Each morning: the digest to those for whom it is time; nothing where the clock has leapt."""
    if not is_time_for(DIGESTS, ASKING_HOUR):
        return ""
    if clock_leapt(DIGESTS):
        return "nothing sent: the clock has leapt, so this waits for tomorrow"
    sent, skipped = digest.send_due()
    return f"{sent} sent, {skipped} skipped as nothing is new"


def ask_teams(_settings: Settings) -> str:
    """Ask and remind whom campaigns are due to; nothing to note where none goes on, or another worker does it."""
    with exclusively("campaigns") as free:
        asked, reminded = campaigning.work() if free else (0, 0)
    db.session.rollback()
    return f"{asked} asked, {reminded} reminded" if asked or reminded else ""


def settle_sightings(_settings: Settings) -> str:
    """Note which accounts that were seen are registered now, thank whoever told, wait no longer for leavers."""
    with exclusively("sightings") as free:
        if not free:
            return ""
        hold_back_forms()
        settled = sightings.settle_registered()
        sightings.take_back_from_leavers()
        db.session.commit()
    return f"{settled} registered"


def bring_in_files(_settings: Settings) -> str:
    """Do what was asked for with files of accounts."""
    return imports.work_off()


def invite_people(_settings: Settings) -> str:
    """Write to those whom rounds of invitations name."""
    return inviting.work_off()


def remind_of_hand_overs(_settings: Settings) -> str:
    """Write to those who have not answered whether they take an account over; nothing where another worker does it."""
    with exclusively("hand-overs") as free:
        if not free:
            return ""
        reminded, settled = hand_overs.remind()
        db.session.commit()
    return f"{reminded} reminded, {settled} settled"


def watch_proposals(settings: Settings) -> str:
    """Stop waiting for nods that do not come, tell comms what is late, remind whom accounts belong to.

    Nothing where another worker does it.
    """
    with exclusively("proposals") as free:
        if not free:
            return ""
        hold_back_forms()  # A nod, or a yes, that is given just now counts.
        lapsed, late = registering.lapse_the_due(), registering.tell_comms()
        reminded = asking.remind(settings.consent_days)
        db.session.commit()
    return f"{lapsed} nods lapsed, comms told of {late}, {reminded} reminded of their own accounts"


def publish_guidelines(_settings: Settings) -> str:
    """Put in force what was to count from today on; nothing to note on all the days when there is nothing."""
    published = writing.publish_due()
    return f"{published} published" if published else ""


def sweep_pages(settings: Settings) -> str:
    """Look through the pages that somebody asked to have looked through."""
    return sweeps.work_off(settings)


JOBS: Final[dict[str, Callable[[Settings], str]]] = {
    MAIL: send_mail, DIRECTORY: read_directory, CHANGES: read_changes, ASKED: read_as_asked, GUESTS: end_guests,
    REVIEWS: ask_about_accounts,
    IMPORTS: bring_in_files,
    HAND_OVERS: remind_of_hand_overs,
    PROPOSALS: watch_proposals,
    GUIDELINES: publish_guidelines,
    DUTIES: see_who_must_sign,
    SIGNATURES: remind_to_sign,
    DIGESTS: send_digests,
    CAMPAIGNS: ask_teams,
    SIGHTINGS: settle_sightings,
    **rounds.JOBS,
    **peers.JOBS,
    INVITATIONS: invite_people,
    SWEEPS: sweep_pages,
}  # fmt: skip


def run(app: Flask, name: str) -> None:
    """Do one job now and note that it ran."""
    with app.app_context():
        try:
            outcome = JOBS[name](app.config["SETTINGS"])
        except Exception as error:
            db.session.rollback()
            log.error("job", job=name, exc_info=error)
            outcome = f"failed: {type(error).__name__}"
        if not outcome:
            return  # Another worker does it just now, and notes how it ended.
        db.session.merge(JobRun(name=name, ran_at=now(), outcome=outcome))
        db.session.commit()
        log.info("job", job=name, outcome=outcome)


def last_runs() -> list[tuple[str, str, JobRun | None]]:
    """Each job: its name, what the overview calls it, and when it ran last."""
    rows = {row.name: row for row in db.session.scalars(sa.select(JobRun))}
    return [(name, label, rows.get(name)) for name, label in NAMES.items()]
