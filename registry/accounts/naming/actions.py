"""An account gets another name on its platform, or somebody else gets its name."""

from collections.abc import Callable
from datetime import date
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from registry import audit
from registry.accounts import letters
from registry.accounts.actions import AlreadyRegistered, add_alias, index
from registry.accounts.answering import actions as answering
from registry.accounts.answering.models import Closing, NameFate
from registry.accounts.models import NO_ADDRESS, Account, Alias, State
from registry.accounts.naming.models import FormerName, ToldApart
from registry.accounts.naming.queries import former_names, known
from registry.accounts.naming.skeletons import skeleton
from registry.accounts.platforms import Resolved, resolve
from registry.audit import Somebody
from registry.db import day_of, db, now, today
from registry.people.models import Person

RENAMED: Final = audit.declare("account.renamed", "{subject} is {after} now, said {actor}; it was {before}", "before",
                               "after")  # fmt: skip
HANDLE_TAKEN: Final = audit.declare(
    "account.handle-taken", "{handle}, which was {subject}, belongs to somebody else since {since}, said {actor}",
    "handle", "since",
)  # fmt: skip
TOLD_APART: Final = audit.declare("account.told-apart", "{actor} said that {subject} and {other} are two", "other")

#: Why an account is closed or lost, where nobody says more.
TAKEN: Final = "Somebody else has its handle."


class SameName(Exception):
    """The account has this name already."""


class AnotherPlatform(Exception):
    """The address is on another platform: an account does not move, it ends here and another begins there."""


class AnotherAccount(Exception):
    """The platform's own number says that this is another account."""


class NoSuchName(Exception):
    """The name leads nowhere any more: a colleague was quicker."""


def rename(*, account: Account, resolved: Resolved, typed: str, actor: Somebody) -> None:
    """Give an account its new name; the old one stays as a former name that leads to it.

    Raises ``SameName``, ``AnotherPlatform``, ``AnotherAccount``, and ``AlreadyRegistered`` where the new name leads to
    another account.
    """
    _must_fit(account, resolved)
    same = known(resolved, typed)
    if same is not None and same.account.id != account.id:
        raise AlreadyRegistered(same.account)
    before = account.handle
    try:
        with db.session.begin_nested():
            _take_name(account, resolved)
    except IntegrityError:
        quicker = known(resolved, typed)  # A file that was brought in this very moment.
        raise AlreadyRegistered(quicker.account if quicker else account) from None
    if typed != resolved.url and isinstance(resolve(typed), Resolved):
        add_alias(account, typed)
    index_names(account)
    _record(RENAMED, account, actor, before=before, after=account.handle)
    _tell(account, actor, lambda person: letters.renamed(account, person, before=before, by=actor.name))


def _must_fit(account: Account, resolved: Resolved) -> None:
    if (account.platform, account.kind, account.key) == (resolved.platform, resolved.kind, resolved.key):
        raise SameName
    if account.platform != resolved.platform:
        raise AnotherPlatform
    if account.platform_id and resolved.platform_id and account.platform_id != resolved.platform_id:
        raise AnotherAccount


def _take_name(account: Account, resolved: Resolved) -> None:
    """Let an account bear its new name; the one that it had is remembered, and the new one is former no more."""
    if not account.has_no_address:
        _remember_name(account)
    ours = sa.and_(FormerName.platform == resolved.platform, FormerName.kind == resolved.kind,
                   FormerName.key == resolved.key, FormerName.released_on.is_(None))  # fmt: skip
    db.session.execute(sa.delete(FormerName).where(FormerName.account_id == account.id, ours))
    _free_from_merged(account, resolved)
    account.kind, account.key, account.url, account.handle = (
        resolved.kind, resolved.key, resolved.url, resolved.handle,
    )  # fmt: skip
    account.platform_id = resolved.platform_id or account.platform_id
    account.skeleton = skeleton(resolved.platform, resolved.key)


def _free_from_merged(account: Account, resolved: Resolved) -> None:
    """Let what was merged into an account go without its name: the account bears it itself from now on."""
    holds = (Account.platform == resolved.platform, Account.kind == resolved.kind, Account.key == resolved.key)
    for gone in db.session.scalars(sa.select(Account).where(*holds, Account.merged_into_id == account.id)):
        gone.key, gone.url = f"{NO_ADDRESS}{gone.id}", ""
    db.session.flush()


def _remember_name(account: Account, *, until: date | None = None, released: bool = False) -> None:
    """Keep the name that an account has, as one that it had."""
    last = db.session.scalar(sa.select(sa.func.max(FormerName.until_on)).where(FormerName.account_id == account.id))
    until = until or today()
    db.session.add(
        FormerName(
            account_id=account.id, platform=account.platform, kind=account.kind, key=account.key, url=account.url,
            handle=account.handle, since_on=min(last or day_of(account.proposed_at), until), until_on=until,
            released_on=until if released else None,
        )
    )  # fmt: skip
    db.session.flush()


def handle_taken(*, account: Account, since: date, state: State | None, actor: Somebody) -> None:
    """Somebody else has the handle of an account now: from today it leads here no more, and they may register it.

    ``state``: lost or closed where that is what became of the account; with ``None`` its people are asked for its
    new address. Raises ``NoSuchName`` where it has no name already, and ``NotPossible``.
    """
    if account.has_no_address:
        raise NoSuchName
    _end(account, state, actor)
    _remember_name(account, until=since, released=True)
    _forget_addresses(account.id, account.platform, account.kind, account.key)
    handle = account.handle
    account.key, account.url, account.skeleton = f"{NO_ADDRESS}{account.id}", "", ""
    index_names(account)
    _record(HANDLE_TAKEN, account, actor, handle=handle, since=f"{since.day} {since:%B %Y}")
    if state is None:
        _tell(account, actor, lambda person: letters.where_now(account, person, by=actor.name))


def _end(account: Account, state: State | None, actor: Somebody) -> None:
    """What became of an account without its handle, with all that follows as if somebody had said just that."""
    if state is State.CLOSED:
        told = db.session.get(Closing, account.id) if account.state is State.CLOSED else None
        reason = told.reason if told else TAKEN
        answering.close(account=account, reason=reason, name=NameFate.RELEASED, actor=actor)
    elif state is State.LOST and account.state is not State.LOST:  # What was tried is kept where it is lost already.
        answering.report_lost(account=account, tried=TAKEN, actor=actor)


def release(*, account: Account, former: FormerName, since: date, actor: Somebody) -> None:
    """Somebody else has a name that the account had before: it leads here no more.

    Raises ``NoSuchName`` where it does not anyway.
    """
    if former.account_id != account.id or former.released_on is not None:
        raise NoSuchName
    former.released_on = max(since, former.until_on)
    _forget_addresses(account.id, former.platform, former.kind, former.key)
    index_names(account)
    _record(HANDLE_TAKEN, account, actor, handle=former.handle, since=f"{since.day} {since:%B %Y}")


def _forget_addresses(account_id: int, platform: str, kind: str, key: str) -> None:
    """Take those addresses from an account that lead to a name which somebody else has now."""
    for alias in db.session.scalars(sa.select(Alias).where(Alias.account_id == account_id)):
        leads_to = resolve(alias.url)
        named = isinstance(leads_to, Resolved) and (leads_to.platform, leads_to.kind, leads_to.key)
        if named == (platform, kind, key):
            db.session.delete(alias)
    db.session.flush()


def tell_apart(*, one: Account, other: Account, actor: Somebody) -> bool:
    """Remember that two accounts which look alike are two; ``False`` where that is known."""
    first, second = sorted((one.id, other.id))
    if first == second or db.session.get(ToldApart, (first, second)) is not None:
        return False
    db.session.add(ToldApart(one_id=first, other_id=second, told_at=now(), told_by_id=actor.id))
    for this, that in ((one, other), (other, one)):
        # Whoever reads the history of the one may not be meant to know of the other.
        _record(TOLD_APART, this, actor, other=that.title if _as_open(that, this) else "another account")
    return True


def _as_open(that: Account, this: Account) -> bool:
    """Whether all who see ``this`` may see ``that``, as far as nobody is looked at."""
    return that.visibility.openness >= this.visibility.openness


def index_names(account: Account) -> None:
    """Make an account found by its names of before and of what was merged into it, too."""
    db.session.flush()
    names = [name.handle for name in former_names(account.id) if name.released_on is None]
    names += db.session.scalars(sa.select(Account.handle).where(Account.merged_into_id == account.id)).all()
    account.other_names = " ".join(dict.fromkeys(name for name in names if name != account.handle))
    index(account)


def _tell(account: Account, actor: Somebody, letter: Callable[[Person], object]) -> None:
    """Send a letter to the owner and the deputy, but to whoever did it."""
    for person_id in {account.owner_id, account.deputy_id} - {None, actor.id}:
        if person := db.session.get(Person, person_id):
            letter(person)


def _record(name: str, account: Account, actor: Somebody, **fields: str) -> None:
    audit.record(name, actor=actor, subject_kind="account", subject_id=account.id, subject_name=account.title, **fields)
