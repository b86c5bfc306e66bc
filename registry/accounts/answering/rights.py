"""Who may do what about who answers: the account's people, comms, and those who only look."""

from collections.abc import Collection
from dataclasses import dataclass

from registry.accounts.models import Account, Standing
from registry.accounts.queries import FOR_COLLEAGUES
from registry.roles import Role
from registry.web import Viewer


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody is to one account."""

    owner: bool
    deputy: bool
    contributor: bool
    comms: bool
    #: Whether whoever answers for it works here.
    owner_here: bool
    #: Whether comms hold it for now.
    held: bool
    #: Whether colleagues may know that it is in the register.
    open: bool
    #: Administrators and auditors see how it is got at, where they may know of it, and change nothing.
    looks: bool
    #: Somebody's own account: how they get into it is theirs alone.
    personal: bool

    @property
    def runs(self) -> bool:
        """Whether they are one of its people."""
        return self.owner or self.deputy or self.contributor

    @property
    def sees(self) -> bool:
        """Whether they may see its page; whoever is asked to take over what is kept to comms does not, yet."""
        return self.open or self.runs or self.comms

    @property
    def keeps(self) -> bool:
        """Whether they may say who posts there, how it is got at, and tick what is withdrawn."""
        return self.owner or self.deputy or self.comms

    @property
    def gives(self) -> bool:
        """Whether they may offer it to somebody else, or close it: what comms have taken from its owner, comms give."""
        return (self.owner and not self.held) or self.comms or self.takes

    @property
    def takes(self) -> bool:
        """Whether they may take it over with one button: the deputy, where the owner is gone."""
        return self.deputy and not self.owner_here

    @property
    def sees_access(self) -> bool:
        """Whether they may see how it is got at."""
        return not self.personal and (self.runs or self.comms or self.looks)

    @property
    def keeps_access(self) -> bool:
        """Whether they may say how it is got at."""
        return self.keeps and not self.personal


def rights_of(viewer: Viewer, account: Account, contributors: Collection[int], *, held: bool) -> Rights:
    """What ``viewer`` is to ``account``, whose owner is loaded.

    ``contributors`` are the ids of those who post there; ``held``: whether it is in the custody of comms.
    """
    roles, is_open = viewer.roles, account.visibility in FOR_COLLEAGUES
    return Rights(
        owner=account.owner_id == viewer.id, deputy=account.deputy_id == viewer.id,
        contributor=viewer.id in contributors, comms=Role.COMMS in roles, held=held,
        owner_here=account.owner is not None and account.owner.is_active,
        looks=is_open and bool(roles & {Role.ADMIN, Role.AUDITOR}), open=is_open,
        personal=account.standing is Standing.PERSONAL,
    )  # fmt: skip
