"""Teams as the directory names them: a path from the top down, each step a team within the one before.

A team keeps its row, and with it its accounts, when it gets another name. An organisational unit is known again by
its id. A team that is only a word in people's entries has none: it was renamed if all of its people, three at least,
are found in one new team the same day.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from registry import audit
from registry.db import db
from registry.people import absence
from registry.people.directory import Unit
from registry.people.models import Person, RunLine, Team, Turn

BETWEEN = " / "
#: People who go together to a new team, so that it is taken for the old one with another name.
ENOUGH: Final = 3

RENAMED: Final = audit.declare("team.renamed", "The team {subject} is now called {after}", "after")
MOVED: Final = audit.declare("person.moved", "{subject} moved from {before} to {after}", "before", "after")


class Teams:
    """All teams by their path. Without ``write`` nothing is made or renamed but in this object."""

    def __init__(self, *, write: bool = True) -> None:
        self._write = write
        rows = db.session.execute(sa.select(Team.path, Team.id, Team.directory_id)).all()
        self._ids = {row.path: row.id for row in rows}
        self._paths = {number: path for path, number in self._ids.items()}
        self._units = {row.directory_id: row.id for row in rows if row.directory_id}
        self._unit_at: dict[str, str] = {}  # The id of the unit at a path.
        self._before: dict[int, str] = {}  # The paths that renamed teams had.
        self.renamed: list[int] = []

    def follow(self, units: Sequence[Unit]) -> bool:
        """Rename the teams whose units have another name or place now; returns whether any has.

        A unit that is new gets the team at its place, now or when that is made.
        """
        ordered = sorted(units, key=lambda unit: (len(unit[1]), unit))
        self._unit_at = {BETWEEN.join(names): directory_id for directory_id, names in ordered}
        elsewhere = False
        for directory_id, names in ordered:
            path, team_id = BETWEEN.join(names), self._units.get(directory_id)
            if team_id is None or self._paths[team_id] == path:
                self._bind(path)
                continue
            elsewhere = True
            if (holder := self._ids.get(path)) is not None and not self._step_aside(holder, path):
                self._unbind(directory_id)
                self._bind(path)
                continue
            self.make([names[:-1]])
            self._rename(team_id, names)
        return elsewhere

    def _bind(self, path: str) -> None:
        """Have the team at a path belong to the unit that is there, whatever was there before."""
        directory_id, team_id = self._unit_at[path], self._ids.get(path)
        if team_id is None or self._units.get(directory_id) is not None:
            return
        for other in [unit for unit, number in self._units.items() if number == team_id]:
            self._unbind(other)
        self._units[directory_id] = team_id
        if self._write:
            _set(team_id, directory_id=directory_id)

    def _unbind(self, directory_id: str) -> None:
        if (team_id := self._units.pop(directory_id, None)) is not None and self._write:
            _set(team_id, directory_id=None)

    def _step_aside(self, team_id: int, path: str) -> bool:
        """Make room at a path where the unit of the team there is elsewhere now too: it gets its new path in turn."""
        there = {number for unit, number in self._units.items() if unit in self._unit_at.values()}
        if team_id not in there or self._units.get(self._unit_at[path]) == team_id:
            return False
        self._put(team_id, f"{BETWEEN}{team_id}")  # No team has no name, so nobody else is there.
        return True

    def _rename(self, team_id: int, names: tuple[str, ...]) -> None:
        """Give a team another path, and with it those within it."""
        after = BETWEEN.join(names)
        self._put(team_id, after)
        before = self._before[team_id]
        if self._write:
            _set(team_id, name=names[-1], parent_id=self.id_of(names[:-1]))
            audit.record(RENAMED, actor=None, subject_kind="team", subject_id=team_id, subject_name=before, after=after)

    def _put(self, team_id: int, after: str) -> None:
        before = self._paths[team_id]
        within = [path for path in self._ids if path == before or path.startswith(before + BETWEEN)]
        for path in within:
            number, new = self._ids.pop(path), after + path[len(before) :]
            self._before.setdefault(number, path)
            self._ids[new], self._paths[number] = number, new
            if self._write:
                _set(number, path=new)
            self.renamed.append(number)

    def make(self, paths: Iterable[tuple[str, ...]]) -> None:
        """Make the teams that are not known yet, with those above them: a statement for each depth."""
        if not self._write:
            return
        wanted = {path[:depth] for path in set(paths) for depth in range(1, len(path) + 1)}
        new = sorted((path for path in wanted if BETWEEN.join(path) not in self._ids), key=len)
        for _, level in groupby(new, key=len):
            rows = [self._row(path) for path in level]
            made = db.session.execute(sa.insert(Team).returning(Team.id, Team.path), rows)
            for team_id, path in made:
                self._ids[path], self._paths[team_id] = team_id, path

    def _row(self, names: tuple[str, ...]) -> dict[str, Any]:
        path = BETWEEN.join(names)
        unit = self._unit_at.get(path)
        # A unit that could not be followed, as its new place was taken, still belongs to its old team.
        free = unit if unit not in self._units else None
        return {"path": path, "name": names[-1], "parent_id": self.id_of(names[:-1]), "directory_id": free}

    def id_of(self, names: tuple[str, ...]) -> int | None:
        """The id of the team that ``names`` lead to from the top; ``None`` where there is none."""
        return self._ids.get(BETWEEN.join(names))

    def path_of(self, team_id: int | None) -> str:
        """The path of a team, in words for people."""
        return self._paths.get(team_id, "no team") if team_id else "no team"

    def follow_movers(self, run_ids: Sequence[int], *, now: int) -> int:
        """Take teams all of whose people went to one new team for renamed.

        ``run_ids`` are the runs that noted the movers. Returns how many of those that run ``now`` noted had not moved.
        """
        stayed = 0
        for new_id, old_id in _same_teams(run_ids):
            names = tuple(self._paths[new_id].split(BETWEEN))
            self._fold_into(new_id, old_id)
            self._rename(old_id, names)
            moved = sa.and_(RunLine.run_id.in_(run_ids), RunLine.turn == Turn.MOVED, RunLine.from_team_id == old_id)
            stayed += db.session.scalar(sa.select(sa.func.count()).where(moved, RunLine.run_id == now)) or 0
            db.session.execute(sa.delete(RunLine).where(moved))
        return stayed

    def _fold_into(self, new_id: int, old_id: int) -> None:
        """Put the old row in the place of a new one."""
        for model, column in ((Person, Person.team_id), (Team, Team.parent_id)):
            db.session.execute(sa.update(model).where(column == new_id).values({column.key: old_id}))
        db.session.execute(sa.delete(Team).where(Team.id == new_id))
        self._ids.pop(self._paths.pop(new_id))

    def tell_moves(self, run_ids: Sequence[int]) -> None:
        """Record an event of everybody who went from one team to another in these runs."""
        lines = (
            sa.select(Person.id, Person.name, Person.team_id, RunLine.from_team_id)
            .join(RunLine, RunLine.person_id == Person.id)
            .where(RunLine.run_id.in_(run_ids), RunLine.turn == Turn.MOVED)
            .order_by(RunLine.id)
        )
        for rows in absence.chunks(db.session.execute(lines).all()):
            audit.append(
                [
                    absence.event(
                        MOVED, row.id, row.name, before=self.path_of(row.from_team_id), after=self.path_of(row.team_id)
                    )
                    for row in rows
                ]
            )


def _set(team_id: int, **values: Any) -> None:
    db.session.execute(sa.update(Team).where(Team.id == team_id).values(values))


def _same_teams(run_ids: Sequence[int]) -> list[tuple[int, int]]:
    """The teams, new and old, that are one and the same: all of the old one's people went to the new one.

    A team is new if whoever is in it has joined or come to it in these runs, and all who came are from one team.
    """
    lines = sa.select(RunLine).where(RunLine.run_id.in_(run_ids)).subquery()
    arrived = sa.select(lines.c.person_id).where(lines.c.turn.in_((Turn.MOVED, Turn.JOINED)))
    came = (
        sa.select(Person.team_id, lines.c.from_team_id, sa.func.count().label("movers"))
        .join(lines, lines.c.person_id == Person.id)
        .where(lines.c.turn == Turn.MOVED, Person.state.in_(absence.HERE))
        .group_by(Person.team_id, lines.c.from_team_id)
        .order_by(Person.team_id)
    )
    found = db.session.execute(came).all()
    origins = Counter(row.team_id for row in found)
    here = sa.select(Person.id).where(Person.state.in_(absence.HERE))
    return [
        (row.team_id, row.from_team_id)
        for row in found
        if None not in (row.team_id, row.from_team_id)
        and origins[row.team_id] == 1
        and row.movers >= ENOUGH
        and not db.session.scalar(sa.select(sa.exists(here.where(Person.team_id == row.from_team_id))))
        and not db.session.scalar(
            sa.select(sa.exists(here.where(Person.team_id == row.team_id, Person.id.not_in(arrived))))
        )
    ]
