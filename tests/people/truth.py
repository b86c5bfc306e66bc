"""A directory that leads a life of its own, and what a register that reads it has to know: the truth of the matter.

``Town`` does to a real server what administrators do, at random or not, and keeps beside it what is true. As with the
overlay that many an OpenLDAP has for it (refint), whoever is somebody's manager stays so under another name.
"""

from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from harbour import Tree
from ldap3.core.exceptions import LDAPOtherResult

#: Lets an administrator say what a server else decides itself (draft-zeilenga-ldap-relax, 4): an entry that was taken
#: away comes back with the id that it had.
RELAX: Final = ("1.3.6.1.4.1.4203.666.5.12", True, None)
DAY: Final = 24  # Hours.


@dataclass(eq=False)
class Place:
    """An organisational unit."""

    name: str
    above: "Place | None"

    @property
    def path(self) -> tuple[str, ...]:
        """The teams that lead to it, from the top down."""
        return (*self.above.path, self.name) if self.above else ()

    def dn(self, base: str) -> str:
        """Its name in the directory."""
        return f"ou={self.name},{self.above.dn(base)}" if self.above else base

    def is_within(self, other: "Place") -> bool:
        """Whether it is the other, or somewhere below it."""
        return self is other or (self.above is not None and self.above.is_within(other))


@dataclass(eq=False)
class Soul:
    """Somebody, with all that the directory says of them."""

    login: str
    name: str
    place: Place
    directory_id: str = ""
    department: str = ""
    manager: "Soul | None" = None
    disabled: bool = False
    here: bool = True
    #: What the register has been able to see: whether they were ever there, how they were last, since when they are
    #: not (in hours of the town), and whether they count as gone.
    known: bool = False
    told: dict[str, Any] = field(default_factory=dict)
    missing_since: float | None = None
    left: bool = False

    @property
    def team(self) -> tuple[str, ...]:
        """The team that their unit and their department make."""
        path = self.place.path
        return path if not self.department or path[-1:] == (self.department,) else (*path, self.department)

    @property
    def state(self) -> str:
        """How the register has to have them."""
        if self.left:
            return "left"
        if self.told["disabled"]:
            return "disabled"
        return "active" if self.missing_since is None else "missing"

    def look(self) -> dict[str, Any]:
        """What anybody who looks at the directory sees of them now."""
        return {
            "username": self.login, "name": self.name, "team": " / ".join(self.team), "disabled": self.disabled,
            "manager": self.manager.directory_id if self.manager else None,
        }  # fmt: skip


class Town:
    """The people of one part of a directory, and everything that may happen to them."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.top = Place("", None)
        self.places = [self.top]
        self.souls: list[Soul] = []
        self._names = count(1)

    def dn(self, soul: Soul) -> str:
        """The name of somebody's entry."""
        return self.tree.dn(soul.login, soul.place.dn(self.tree.base))

    def here(self) -> list[Soul]:
        """Who is in the directory."""
        return [soul for soul in self.souls if soul.here]

    def is_free(self, login: str, place: Place) -> bool:
        """Whether nobody here has this name in the directory."""
        return not any((soul.login, soul.place) == (login, place) for soul in self.here())

    def found(self, name: str, above: Place) -> Place | None:
        """A new unit, where there is none of that name."""
        if any(place.above is above and place.name == name for place in self.places):
            return None
        self.places.append(place := Place(name, above))
        self.tree.unit(place.dn(self.tree.base))
        return place

    def join(self, login: str, place: Place, **more: Any) -> Soul | None:
        """Somebody new, with a name that nobody ever had, where the login is free."""
        if not self.is_free(login, place):
            return None
        soul = Soul(login, f"Somebody {next(self._names)}", place, **more)
        self._add(soul)
        soul.directory_id = self.tree.id_of(self.dn(soul))
        self.souls.append(soul)
        return soul

    def _add(self, soul: Soul, *, again: bool = False) -> None:
        told = {"uid": soul.login, "cn": soul.name, "sn": "Somebody"}
        told |= {"ou": soul.department} if soul.department else {}
        told |= {"manager": self.dn(soul.manager)} if soul.manager else {}
        told |= {"businessCategory": "TRUE"} if soul.disabled else {}
        told |= {"entryUUID": soul.directory_id} if again else {}
        self.tree.link.add(self.dn(soul), "inetOrgPerson", told, controls=[RELAX] if again else None)

    def leave(self, soul: Soul) -> None:
        """Their entry is deleted."""
        self.tree.remove([self.dn(soul)])
        soul.here = False
        for report in self.reports(soul):
            self.give_manager(report, None)

    def come_back(self, soul: Soul) -> None:
        """Their entry is restored with the id that it had, if nobody has their login now."""
        if not soul.here and self.is_free(soul.login, soul.place):
            soul.manager = soul.manager if soul.manager and soul.manager.here and soul.manager is not soul else None
            self._add(soul, again=True)
            soul.here = True

    def recycle(self, soul: Soul) -> Soul:
        """Their entry is deleted, and somebody else is given their login at once."""
        self.leave(soul)
        heir = self.join(soul.login, soul.place, department=soul.department, disabled=soul.disabled)
        assert heir is not None
        return heir

    def rename(self, soul: Soul, login: str, place: Place) -> None:
        """They get another login, or go to another unit, or both."""
        if self.is_free(login, place):
            self.tree.rename(self.dn(soul), f"uid={login}", place.dn(self.tree.base))
            soul.login, soul.place = login, place
            self._keep_managers([soul])

    def swap(self, one: Soul, other: Soul) -> None:
        """Two people exchange their logins and units."""
        had, has = (one.login, one.place), (other.login, other.place)
        self.rename(one, "in.between", one.place)
        self.rename(other, *had)
        self.rename(one, *has)

    def change(
        self, soul: Soul, *, name: str = "", department: str | None = None, disabled: bool | None = None
    ) -> None:
        """The directory says something else of them."""
        if name:
            soul.name = name
            self.tree.change(self.dn(soul), cn=name)
        if department is not None:
            soul.department = department
            self._set(soul, "ou", department)
        if disabled is not None:
            soul.disabled = disabled
            self._set(soul, "businessCategory", "TRUE" if disabled else "")

    def give_manager(self, soul: Soul, manager: Soul | None) -> None:
        """They report to somebody else, or to nobody."""
        soul.manager = manager
        if soul.here:
            self._set(soul, "manager", self.dn(manager) if manager else "")

    def rename_place(self, place: Place, name: str, above: Place) -> None:
        """A unit gets another name, or goes under another unit, with all who are in it."""
        taken = any(one.above is above and one.name == name for one in self.places if one is not place)
        if place is self.top or taken or above.is_within(place) or (place.name, place.above) == (name, above):
            return
        try:
            self.tree.rename(place.dn(self.tree.base), f"ou={name}", above.dn(self.tree.base))
        except LDAPOtherResult:
            return  # Now and then slapd cannot do it ("DN index add failed"), and leaves everything as it was.
        place.name, place.above = name, above
        self._keep_managers([soul for soul in self.here() if soul.place.is_within(place)])

    def reports(self, soul: Soul) -> list[Soul]:
        """Who reports to them."""
        return [one for one in self.here() if one.manager is soul]

    def _keep_managers(self, renamed: list[Soul]) -> None:
        for soul in renamed:
            for report in self.reports(soul):
                self.give_manager(report, soul)

    def _set(self, soul: Soul, name: str, value: str) -> None:
        self.tree.link.modify(self.dn(soul), {name: [("MODIFY_REPLACE", [value] if value else [])]})

    def was_looked_at(self, at: float, *, absences: bool) -> None:
        """Somebody read the directory at this hour; ``absences``: and noted who was not there."""
        for soul in self.souls:
            if soul.here:
                soul.known, soul.told, soul.missing_since, soul.left = True, soul.look(), None, False
            elif soul.known and absences and not soul.left:
                if soul.missing_since is None:
                    soul.missing_since = at
                else:
                    soul.left = at - soul.missing_since >= DAY
