"""Teams as the directory names them: a path from the top down, each step a team within the one before."""

from collections.abc import Iterable
from itertools import groupby

import sqlalchemy as sa

from registry.db import db
from registry.people.models import Team

BETWEEN = " / "


class Teams:
    """All teams by their path. Without ``write`` none is made."""

    def __init__(self, *, write: bool = True) -> None:
        self._write = write
        self._ids = {row.path: row.id for row in db.session.execute(sa.select(Team.path, Team.id))}
        self._paths = {number: path for path, number in self._ids.items()}

    def make(self, paths: Iterable[tuple[str, ...]]) -> None:
        """Make the teams that are not known yet, with those above them: a statement for each depth."""
        if not self._write:
            return
        wanted = {path[:depth] for path in set(paths) for depth in range(1, len(path) + 1)}
        new = sorted((path for path in wanted if BETWEEN.join(path) not in self._ids), key=len)
        for _, level in groupby(new, key=len):
            rows = [
                {"path": BETWEEN.join(path), "name": path[-1], "parent_id": self.id_of(path[:-1])} for path in level
            ]
            made = db.session.execute(sa.insert(Team).returning(Team.id, Team.path), rows)
            for team_id, path in made:
                self._ids[path], self._paths[team_id] = team_id, path

    def id_of(self, names: tuple[str, ...]) -> int | None:
        """The id of the team that ``names`` lead to from the top; ``None`` where there is none."""
        return self._ids.get(BETWEEN.join(names))

    def path_of(self, team_id: int | None) -> str:
        """The path of a team, in words for people."""
        return self._paths.get(team_id, "no team") if team_id else "no team"
