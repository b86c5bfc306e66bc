"""Whose an account may be: colleagues whom a handle and the words around it point to, each with reasons and a score.

It only suggests. The search index gives a few hundred people whose names, team or place could be meant; what is held
against a handle is worked out for these alone, so a large directory takes hardly longer than a small one.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from math import sqrt
from typing import Any, Final, cast

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import joinedload

from registry import audit, search
from registry.accounts.models import Account, Visibility
from registry.db import db, is_sqlite
from registry.discovery.clues import EMPTY, MOST_WORDS, Clues, clues_of, stem
from registry.discovery.likeness import (
    COMMON,
    Called,
    likeness,
    singles,
    spellings,
)  # fmt: skip
from registry.people.models import Person, PersonKind, Team
from registry.people.queries import IN_OFFICE
from registry.people.web_addresses import WebAddress

#: Nobody is suggested whose score is lower.
LEAST: Final = 0.34
#: People of one search who are looked at, of those with one name only, and of a team.
MOST_OF_ONE_NAME: Final = 2_000
MOST_OF_TEAMS: Final = 150
#: A word that more teams, accounts or people have says nothing.
TELLING: Final = 25
MOST_HITS: Final = 60
#: How much a word in the purpose of an account tells, where one in its name tells all.
IN_PURPOSE: Final = 0.35

#: What a reason adds: the share of the doubt that it takes away.
NAMED: Final = 0.75
MAIL: Final = 0.9
IN_ENTRY: Final = 0.95
OF_TEAM: Final = 0.3
LOOKS_AFTER: Final = 0.3
OF_JOB: Final = 0.35
OF_PLACE: Final = 0.3
WORKS_HERE: Final = 0.25
#: From what on work agrees with a name, and what that makes of the name.
AGREES: Final = 0.1
BOTH: Final = 1.9
#: What is left of a score without a name or the organisation in it.
ANYBODYS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A colleague whose account it may be, how sure that is (0 to 1), and why."""

    person: Person
    score: float
    reasons: tuple[str, ...]


@dataclass(slots=True)
class _Teams:
    """The teams that are meant, how surely (0 to 1) and why; who looks after accounts about the same."""

    reasons: dict[int, tuple[float, str]] = field(default_factory=dict)
    owners: dict[int, tuple[float, str]] = field(default_factory=dict)

    def add(self, team_id: int, share: float, reason: str) -> None:
        """Keep the stronger of two reasons."""
        if share > self.reasons.get(team_id, (0.0, ""))[0]:
            self.reasons[team_id] = share, reason


def suggestions_for(*, handle: str, words: str = "", url: str = "", limit: int = 5) -> list[Suggestion]:
    """Whose the account with this handle may be, the likeliest first; nobody where nothing speaks for anybody.

    ``words`` is what stands around it: a bio, the sentence of whoever saw it; ``url`` its address as the resolver
    gives it, which the directory may have for somebody. For comms only: it tells who looks after accounts that others
    may not see.
    """
    clues = clues_of(handle, words, current_app.config["SETTINGS"].organisation)
    clues.by_directory = _by_directory(url)
    teams = _teams(clues)
    candidates = _candidates(clues, teams)
    scored = _scored(clues, teams, candidates)
    best = sorted((one for one in scored if one[0] >= LEAST), key=lambda one: (-one[0], one[1]))[:limit]
    wanted = sa.select(Person).where(Person.id.in_([one[1] for one in best])).options(joinedload(Person.team))
    people = {person.id: person for person in db.session.scalars(wanted)} if best else {}
    return [Suggestion(people[person_id], round(score, 2), reasons) for score, person_id, reasons in best]


# --- Teams ----------------------------------------------------------------------------------------------------


def _teams(clues: Clues) -> _Teams:
    """The teams that the words name, or whose accounts are about the same."""
    found = _Teams()
    index = audit.remembered("words of teams", _words_of_teams)
    for one, word in clues.stems.items():
        meant = index.get(one, ())
        numbered = [team_id for team_id, numbers in meant if numbers and numbers <= clues.numbers]
        unnumbered = [team_id for team_id, numbers in meant if not numbers]
        for team_id in numbered or (unnumbered if len(unnumbered) <= TELLING else ()):
            found.add(team_id, clues.weights[one], f"Their team, {{team}}, is about “{word}”")
    for account, share in _accounts_about(clues):
        if account.team_id:
            found.add(account.team_id, share, f"Their team, {{team}}, has {account.title}")
        for person_id in {account.owner_id, account.deputy_id} - {None}:
            found.owners.setdefault(person_id, (share, f"They look after {account.title}"))
    return found


def _words_of_teams() -> dict[str, list[tuple[int, frozenset[str]]]]:
    """By the stem of each word that says something: the teams with it in their name, and the numbers in that."""
    index: dict[str, list[tuple[int, frozenset[str]]]] = {}
    for team_id, name in db.session.execute(sa.select(Team.id, Team.name).order_by(Team.id)):
        words = search.parts_of(search.plain(name))
        numbers = frozenset(word for word in words if word.isdigit())
        for one in {stem(word) for word in words if len(word) > 3 and (numbers or word not in EMPTY)} - COMMON:
            index.setdefault(one, []).append((team_id, numbers))
    return index


def _accounts_about(clues: Clues) -> list[tuple[Any, float]]:
    """Accounts with the words in what they say of themselves, and how much that tells (0 to 1); those first that say
    most. A word in the name of an account tells more than one in its purpose, and one that many have nothing."""
    told: dict[Any, float] = {}
    for one in list(clues.stems)[:MOST_WORDS]:
        rows = db.session.execute(_accounts(is_sqlite()), {"asked": search.asked(one), "word": f" {one}"}).all()
        if len(rows) > TELLING:
            continue
        rare = clues.weights[one] * (1 - (len(rows) - 1) / TELLING)
        for row in rows:
            named = any(word.startswith(one) for word in search.fold(row.title, row.handle).split())
            told[row] = told.get(row, 0.0) + rare * (1.0 if named else IN_PURPOSE)
    ordered = sorted(told.items(), key=lambda pair: (-pair[1], pair[0].id))
    return [(row, min(1.0, share)) for row, share in ordered[:TELLING]]


@lru_cache(maxsize=2)
def _accounts(sqlite: bool) -> sa.Select[Any]:
    hits = search.first_hits(Account, MOST_HITS)
    wanted: Any = sa.select(
        Account.id, Account.title, Account.handle, Account.team_id, Account.owner_id, Account.deputy_id
    ).join(hits, hits.c[0] == Account.id)
    # Not those whose people have the word in their names: the index covers both.
    where = sa.func.instr if sqlite else sa.func.strpos
    own = where(sa.literal(" ").op("||")(Account.search_text), sa.bindparam("word", type_=sa.Text)) > 0
    return cast(sa.Select[Any], wanted.where(Account.visibility != Visibility.NOBODY, own).limit(TELLING + 1))


def _by_directory(url: str) -> frozenset[int]:
    if not url:
        return frozenset()
    return frozenset(db.session.scalars(sa.select(WebAddress.person_id).where(WebAddress.known_as == url).limit(9)))


# --- Who comes into question ----------------------------------------------------------------------------------

_COLUMNS: Final = (
    Person.id, Person.name, Person.given_name, Person.family_name, Person.username, Person.mail, Person.title,
    Person.location, Person.team_id,
)  # fmt: skip


def _here() -> tuple[sa.ColumnElement[bool], ...]:
    return Person.state.in_(IN_OFFICE), Person.kind != PersonKind.EMERGENCY


@lru_cache(maxsize=4)
def _people(_sqlite: bool, most: int) -> sa.Select[Any]:
    hits = search.first_hits(Person, most)
    found: Any = sa.select(*_COLUMNS).join(hits, hits.c[0] == Person.id)
    return cast(sa.Select[Any], found.where(*_here()))


@lru_cache(maxsize=2)
def _people_with_initial(_sqlite: bool) -> sa.Select[Any]:
    """Of the people with a word those whose names begin with a letter, in the columns as they are."""
    letters: Any = sa.bindparam("letters", expanding=True)
    first = [sa.func.lower(sa.func.substr(column, 1, 1)).in_(letters) for column in (Person.given_name, Person.name)]
    return _people(_sqlite, MOST_OF_ONE_NAME).where(sa.or_(*first)).limit(search.CAP)


def _candidates(clues: Clues, teams: _Teams) -> dict[int, Any]:
    """Everybody whose names, team or place could be meant."""
    found: dict[int, Any] = {}

    def add(rows: Iterable[Any]) -> None:
        found.update((row.id, row) for row in rows)

    sqlite = is_sqlite()
    names = [*spellings(clues.handle), *clues.pairs]
    if asked := search.any_of(names):
        add(db.session.execute(_people(sqlite, search.CAP), {"asked": asked}))
    add(_with_one_name(clues, sqlite))
    if clues.mails:
        add(db.session.execute(sa.select(*_COLUMNS).where(*_here(), Person.mail.in_(clues.mails))))
    for word in list(clues.stems.values())[:MOST_WORDS]:
        rows = db.session.execute(_people(sqlite, TELLING + 1), {"asked": search.any_of([(word,)])}).all()
        add(rows if len(rows) <= TELLING else ())
    if clues.by_directory:
        add(db.session.execute(sa.select(*_COLUMNS).where(*_here(), Person.id.in_(clues.by_directory))))
    if teams.reasons or teams.owners:
        of_teams = sa.or_(Person.team_id.in_(list(teams.reasons)[:8]), Person.id.in_(teams.owners))
        add(db.session.execute(sa.select(*_COLUMNS).where(*_here(), of_teams).order_by(Person.id).limit(MOST_OF_TEAMS)))
    return found


def _with_one_name(clues: Clues, sqlite: bool) -> list[Any]:
    """People with one of their names in the handle; where many have it, only those whose initial fits."""
    core, found = clues.handle.core, list[Any]()
    letters = sorted({core[:1], core[-1:], core[:1].upper(), core[-1:].upper()} - {""})
    for word in singles(clues.handle)[:8]:
        asked = search.any_of([(word,)])
        rows = db.session.execute(_people(sqlite, TELLING + 1), {"asked": asked}).all()
        if len(rows) > TELLING and word not in COMMON:
            found += db.session.execute(_people_with_initial(sqlite), {"asked": asked, "letters": letters}).all()
        found += rows
    return found


# --- What speaks for each ---------------------------------------------------------------------------------------


def _scored(clues: Clues, teams: _Teams, candidates: dict[int, Any]) -> list[tuple[float, int, tuple[str, ...]]]:
    by_name = {row.id: _by_name(clues, row) for row in candidates.values()}
    alike = Counter(found for found in by_name.values() if found[0])
    names = _names_of_teams(teams)
    jobs = Counter(word for row in candidates.values() for word in _telling(row.title or ""))
    places = Counter(word for row in candidates.values() for word in _telling(row.location or ""))
    scored = []
    for row in candidates.values():
        share, reason = by_name[row.id]
        share = _of_many(share, alike[share, reason])
        work = _by_work(clues, teams, names, (jobs, places), row)
        if share and any(weight >= AGREES for weight, _ in work):
            share = min(share * BOTH, max(share, NAMED))  # Many are called Nia, and few of those grit roads.
        reasons = [(share, reason), *work] if share else work
        if reasons and clues.names_us:
            reasons.append((WORKS_HERE, "The handle or the words name the organisation"))
        score = together(weight for weight, _ in reasons)
        if not share and not clues.names_us:
            score *= ANYBODYS  # Other places have libraries, too.
        scored.append((score, row.id, tuple(why for _, why in reasons)))
    return scored


def rarely(many: float) -> float:
    """How much a word still tells that so many of those have who come into question."""
    return min(1.0, max(0.3, 1 / sqrt(many)))


def together(weights: Iterable[float]) -> float:
    """What several reasons come to, each of which takes its share of the doubt away."""
    doubt = 1.0
    for weight in weights:
        doubt *= 1 - weight
    return 1 - doubt


def _names_of_teams(teams: _Teams) -> dict[int, str]:
    if not teams.reasons:
        return {}
    rows = db.session.execute(sa.select(Team.id, Team.name).where(Team.id.in_(list(teams.reasons))))
    return {team_id: name for team_id, name in rows}


def _of_many(score: float, alike: int) -> float:
    """A name that several colleagues have points to each of them less."""
    return score if alike < 2 else score * max(0.3, 1 / sqrt(alike))


def _by_name(clues: Clues, row: Any) -> tuple[float, str]:
    """What the directory and the names say, the strongest of it."""
    if row.id in clues.by_directory:
        return IN_ENTRY, "Their entry in the directory has this address"
    if row.mail and any(row.mail.lower() == mail.lower() for mail in clues.mails):
        return MAIL, "The words give their mail address"
    one = Called(row.id, row.name, row.given_name, row.family_name, row.username, row.mail or "")
    found = likeness(clues.handle, one)
    if clues.pairs and found[0] < NAMED:
        families = set(one.families)
        if any(given in one.givens and family in families for given, family in clues.pairs):
            return NAMED, "The words give their name"
    return found


def _by_work(
    clues: Clues, teams: _Teams, names: dict[int, str], common: tuple[Counter[str], Counter[str]], row: Any
) -> list[tuple[float, str]]:
    """What team, accounts, job and place say; ``common`` is how many have a word in their job, and in their place."""
    (jobs, places), found = common, []
    if told := teams.reasons.get(row.team_id):
        found.append((OF_TEAM * told[0], told[1].format(team=names.get(row.team_id, ""))))
    if told := teams.owners.get(row.id):
        found.append((LOOKS_AFTER * told[0], told[1]))
    shared = [word for word in _telling(row.title or "") if word in clues.stems]
    if shared:
        weight = together(OF_JOB * clues.weights[word] * rarely(jobs[word]) for word in shared)
        found.append((weight, f"Their job, {row.title}, is in the handle or the words"))
    shared = [word for word in _telling(row.location or "") if word in clues.stems]
    if shared:
        weight = together(OF_PLACE * clues.weights[word] * rarely(places[word] / 2) for word in shared)
        found.append((weight, f"Their place, {row.location}, is in the handle or the words"))
    return found


@lru_cache(maxsize=8_192)
def _telling(text: str) -> tuple[str, ...]:
    """The stems of the words of a job or a place that say something."""
    words = search.parts_of(search.plain(text))
    return tuple(dict.fromkeys(stem(word) for word in words if len(word) > 3 and word not in EMPTY | COMMON))
