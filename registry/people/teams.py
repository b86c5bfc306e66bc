"""Teams as the directory names them: a path from the top down, each step a team within the one before."""

import sqlalchemy as sa

from registry.db import db
from registry.people.models import Team

BETWEEN = " / "


class Teams:
    """All teams by their path; those not yet known are made when asked for, unless ``write`` is false."""

    def __init__(self, *, write: bool = True) -> None:
        self._write = write
        self._ids = {row.path: row.id for row in db.session.execute(sa.select(Team.path, Team.id))}
        self._paths = {number: path for path, number in self._ids.items()}

    def id_of(self, names: tuple[str, ...]) -> int | None:
        """The id of the team that ``names`` lead to from the top; ``None`` for no names, or where none may be made."""
        if not names:
            return None
        path = BETWEEN.join(names)
        if path not in self._ids and self._write:
            self._make(path, names)
        return self._ids.get(path)

    def path_of(self, team_id: int | None) -> str:
        """The path of a team, in words for people."""
        return self._paths.get(team_id, "no team") if team_id else "no team"

    def _make(self, path: str, names: tuple[str, ...]) -> None:
        team = Team(path=path, name=names[-1], parent_id=self.id_of(names[:-1]))
        db.session.add(team)
        db.session.flush()
        self._ids[path], self._paths[team.id] = team.id, path
