"""What the register knows already of the accounts, people, teams and topics that a spreadsheet names.

A list of ten thousand rows is looked up in some dozens of queries: nothing here asks the database row by row.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa

from registry.accounts.actions import MOST_TOPICS
from registry.accounts.models import Account, Alias, Topic, account_topic, topic_names
from registry.accounts.naming.models import FormerName
from registry.accounts.platforms import Resolved, other_readings
from registry.accounts.queries import Deputy, Owner
from registry.db import db
from registry.people.models import Person, Team
from registry.people.queries import working_here
from registry.people.teams import BETWEEN

#: Both databases take more parameters in a query than this, and gain nothing by it.
CHUNK: Final = 500
#: No username, mail address or name is longer; what is longer need not be looked up.
LONGEST_NAME: Final = 320
_COLUMNS: Final = (
    Account.id, Account.platform, Account.kind, Account.key, Account.platform_id, Account.handle, Account.title,
    Account.other_names, Account.visibility, Account.consented_at, Account.merged_into_id,
    Account.purpose, Account.standing, Account.state, Account.language, Account.team_id, Account.owner_id,
    Account.deputy_id, Account.review_on, Account.approved_at, Account.approved_by_id, Account.closed_at,
    Account.sent_back_reason, Account.owner_moved_at, Account.place, Account.mailbox,
    Owner.username.label("owner_username"),
    Owner.mail.label("owner_mail"), Owner.name.label("owner_name"), Deputy.username.label("deputy_username"),
    Deputy.mail.label("deputy_mail"), Deputy.name.label("deputy_name"), Team.path.label("team_path"),
    Team.name.label("team_name"),
)  # fmt: skip


class SeveralFit(Exception):
    """More than one person or team is called so."""


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """The different ``values`` in lists of at most 500."""
    rest = iter(dict.fromkeys(values))
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


@dataclass(slots=True)
class Accounts:
    """The registered accounts among those that a file names; each a light row with its people and team."""

    by_key: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    by_number: dict[tuple[str, str], Any] = field(default_factory=dict)
    by_former_name: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    by_alias: dict[str, Any] = field(default_factory=dict)

    def same_as(self, resolved: Resolved, typed: str) -> Any | None:
        """The row of the account that an address stands for, by its surest name; see ``naming.queries.known``."""
        names = [(one.platform, one.kind, one.key) for one in (resolved, *other_readings(resolved))]
        number = self.by_number.get((resolved.platform, resolved.platform_id or ""))
        found = self._first(self.by_key, names) or number or self._first(self.by_former_name, names)
        return found or self.by_alias.get(typed) or self.by_alias.get(resolved.url)

    @staticmethod
    def _first(way: Mapping[tuple[str, str, str], Any], names: Iterable[tuple[str, str, str]]) -> Any | None:
        return next((way[name] for name in names if name in way), None)


def accounts(named: Sequence[tuple[Resolved, str]]) -> Accounts:
    """Look up the accounts that ``named`` stand for: each an address understood, and as it was typed."""
    found = Accounts()
    keys, numbers = _names_in([resolved for resolved, _ in named])
    for (platform, kind), wanted in keys.items():
        for row in _rows(Account.key, wanted, Account.platform == platform, Account.kind == kind):
            found.by_key[row.platform, row.kind, row.key] = row
    for platform, wanted in numbers.items():
        for row in _rows(Account.platform_id, wanted, Account.platform == platform):
            found.by_number.setdefault((row.platform, row.platform_id), row)
    _by_former_name(found, keys)
    unknown = [(resolved.url, typed) for resolved, typed in named if not found.same_as(resolved, "")]
    new = [url for urls in unknown for url in urls if url]
    owned_by: dict[int, list[str]] = defaultdict(list)
    for chunk in chunks(new):
        for url, account_id in db.session.execute(sa.select(Alias.url, Alias.account_id).where(Alias.url.in_(chunk))):
            owned_by[account_id].append(url)
    for row in _rows(Account.id, owned_by):
        found.by_alias.update(dict.fromkeys(owned_by[row.id], row))
    _follow_merges(found)
    return found


def _names_in(some: Iterable[Resolved]) -> tuple[dict[tuple[str, str], list[str]], dict[str, list[str]]]:
    """The keys to look for by platform and kind, and the lasting numbers by platform."""
    keys, numbers = defaultdict(list), defaultdict(list)
    for resolved in some:
        for one in (resolved, *other_readings(resolved)):
            keys[one.platform, one.kind].append(one.key)
        if resolved.platform_id:
            numbers[resolved.platform].append(resolved.platform_id)
    return keys, numbers


def _by_former_name(found: Accounts, keys: Mapping[tuple[str, str], Iterable[str]]) -> None:
    """Let names that accounts had before lead to them, where nobody else has such a name now."""
    had: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    for (platform, kind), wanted in keys.items():
        named = sa.select(FormerName.account_id, FormerName.key).where(
            FormerName.platform == platform, FormerName.kind == kind, FormerName.released_on.is_(None)
        )
        for chunk in chunks(wanted):
            for account_id, key in db.session.execute(named.where(FormerName.key.in_(chunk))):
                had[account_id].append((platform, kind, key))
    for row in _rows(Account.id, had):
        for name in had[row.id]:
            found.by_former_name.setdefault(name, row)


def _follow_merges(found: Accounts) -> None:
    """Let what leads to an account that was merged lead to the one that was kept."""
    ways: tuple[dict[Any, Any], ...] = (found.by_key, found.by_number, found.by_former_name, found.by_alias)
    gone = {row.merged_into_id for way in ways for row in way.values() if row.merged_into_id}
    kept = {row.id: row for row in _rows(Account.id, gone)}
    for way in ways:
        way.update({name: kept[row.merged_into_id] for name, row in way.items() if row.merged_into_id})


def _rows(column: Any, values: Iterable[Any], *conditions: sa.ColumnElement[bool]) -> Iterator[Any]:
    for chunk in chunks(values):
        yield from db.session.execute(
            sa.select(*_COLUMNS)
            .outerjoin(Owner, Owner.id == Account.owner_id)
            .outerjoin(Deputy, Deputy.id == Account.deputy_id)
            .outerjoin(Team, Team.id == Account.team_id)
            .where(*conditions, column.in_(chunk))
            .order_by(Account.id)
        )


@dataclass(slots=True)
class People:
    """Who works here, by what a file calls them."""

    by_id: dict[int, Any] = field(default_factory=dict)
    by_username: dict[str, Any] = field(default_factory=dict)
    by_mail: dict[str, Any] = field(default_factory=dict)
    by_name: dict[str, list[Any]] = field(default_factory=dict)

    def called(self, text: str) -> Any | None:
        """The row (``id, team_id, …``) of whoever has this username, mail address or, if no other has, name.

        Raises ``SeveralFit``.
        """
        found = self.by_username.get(text) or self.by_mail.get(text.lower()) or self.by_username.get(text.lower())
        if found:
            return found
        named = self.by_name.get(text, [])
        if len(named) > 1:
            raise SeveralFit
        return named[0] if named else None


def people(texts: Collection[str]) -> People:
    """Look up who works here under ``texts``; where a login was used again, the newest."""
    found, names = People(), [text for text in texts if len(text) <= LONGEST_NAME]
    mails = [text.lower() for text in names if "@" in text]
    for row in _working_here(Person.username, [*names, *(text.lower() for text in names)]):
        found.by_username[row.username] = row
    for row in _working_here(sa.func.lower(Person.mail), mails):
        found.by_mail[row.mail.lower()] = row
    for row in _working_here(Person.name, [text for text in names if text not in found.by_username]):
        found.by_name.setdefault(row.name, []).append(row)
    rows = (
        *found.by_username.values(),
        *found.by_mail.values(),
        *(row for rows in found.by_name.values() for row in rows),
    )
    found.by_id = {row.id: row for row in rows}
    return found


def _working_here(column: Any, values: Iterable[str]) -> Iterator[Any]:
    columns = (Person.id, Person.username, Person.mail, Person.name, Person.team_id)
    for chunk in chunks(values):
        here = working_here().where(column.in_(chunk)).order_by(None).order_by(Person.id)
        yield from db.session.execute(here.with_only_columns(*columns))


def is_called(text: str, *names: str | None) -> bool:
    """Whether ``text`` is one of the names of somebody or something, whatever the case."""
    named = [name for name in names if name]  # None where the account is new, as are most of a first list.
    return bool(named) and text.casefold() in {name.casefold() for name in named}


class Teams:
    """All teams, by path and by name."""

    def __init__(self, wanted: bool) -> None:
        """``wanted`` says whether the file names teams at all."""
        self.paths: dict[int, str] = {}
        self._by_path: dict[str, int] = {}
        self._by_name: dict[str, list[int]] = defaultdict(list)
        for row in db.session.execute(sa.select(Team.id, Team.path, Team.name).order_by(Team.id)) if wanted else ():
            self.paths[row.id] = row.path
            self._by_path[row.path.casefold()] = row.id
            self._by_name[row.name.casefold()].append(row.id)

    def called(self, text: str) -> int | None:
        """The id of the team with this path or, if no other has it, name. Raises ``SeveralFit``."""
        path = BETWEEN.join(part.strip() for part in text.replace("›", "/").replace(">", "/").split("/"))
        if found := self._by_path.get(text.casefold()) or self._by_path.get(path.casefold()):
            return found
        named = self._by_name.get(text.casefold(), [])
        if len(named) > 1:
            raise SeveralFit
        return named[0] if named else None


def topics_in(text: str) -> dict[str, str]:
    """The topics in a cell by their key: each once, at most twelve."""
    found = topic_names(text[:4000].replace(";", ",").replace("|", ",").split(","))
    return dict(islice(found.items(), MOST_TOPICS))


def topics_of(account_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """The topics of accounts: for each its topics' names by their keys."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for chunk in chunks(account_ids):
        rows = sa.select(account_topic.c.account_id, Topic.key, Topic.name).join(
            Topic, Topic.id == account_topic.c.topic_id
        )
        for account_id, key, name in db.session.execute(
            rows.where(account_topic.c.account_id.in_(chunk)).order_by(Topic.key)
        ):
            found[account_id][key] = name
    return found


def topic_ids(names: dict[str, str]) -> dict[str, int]:
    """The ids of topics by their keys; topics that are new are made."""
    found: dict[str, int] = {}
    for chunk in chunks(names):
        rows = db.session.execute(sa.select(Topic.key, Topic.id).where(Topic.key.in_(chunk)))
        found.update({row.key: row.id for row in rows})
    if new := [{"key": key, "name": name} for key, name in names.items() if key not in found]:
        rows = db.session.execute(sa.insert(Topic).returning(Topic.key, Topic.id), new)
        found.update({row.key: row.id for row in rows})
    return found
