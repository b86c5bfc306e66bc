"""What kind of directory answers, told from its root entry, and where each kind keeps what we want to know.

The root entry (RFC 4512, 5.1) may be read by anybody who may read anything. What a server does not say of itself is
guessed from nothing: an unknown one is taken for a plain LDAP server, whose attributes are those of the standards.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from registry.config import Flavour, LdapAttributes, LdapSettings
from registry.people.ldap.link import Link, in_brackets

#: The paged results control (RFC 2696), and Active Directory's walk along a chain of groups ([MS-ADTS] 3.1.1.3.4.4.3).
PAGING: Final = "1.2.840.113556.1.4.319"
#: Active Directory's telling of changes, LDAP_SERVER_DIRSYNC_OID ([MS-ADTS] 3.1.1.3.4.1.3).
DIRSYNC: Final = "1.2.840.113556.1.4.841"
#: LDAP_CAP_ACTIVE_DIRECTORY_OID ([MS-ADTS] 3.1.1.3.4.3.1): every domain controller has it, Samba's too.
ACTIVE_DIRECTORY: Final = "1.2.840.113556.1.4.800"
ASKED_FOR: Final = (
    "objectClass", "vendorName", "supportedCapabilities", "supportedControl", "dsServiceName", "highestCommittedUSN",
    "namingContexts",
)  # fmt: skip
#: How people and pages call each kind.
NAMES: Final = {
    Flavour.OPENLDAP: "OpenLDAP",
    Flavour.ACTIVE_DIRECTORY: "Active Directory",
    Flavour.DS389: "389 Directory Server",
    Flavour.GENERIC: "an LDAP server of another kind",
}
#: What a plain LDAP server calls things (RFC 2798, RFC 4519, RFC 4512 3.4, RFC 4530). Of several names, the first that
#: an entry carries counts; those of other products come last, as some servers stand in front of others.
PLAIN: Final = LdapAttributes(
    directory_id=("entryUUID", "objectGUID"), username=("uid", "sAMAccountName"), mail=("mail",),
    name=("displayName", "cn"), given_name=("givenName",), family_name=("sn",),
    phone=("telephoneNumber", "mobile"), title=("title",), location=("physicalDeliveryOfficeName", "l"),
    team=("department", "ou"), manager=("manager",), employee_number=("employeeNumber", "employeeID"),
    disabled=("nsAccountLock", "pwdAccountLockedTime", "userAccountControl"),
    changed=("modifyTimestamp", "whenChanged"),
)  # fmt: skip
OF_FLAVOUR: Final = {
    Flavour.GENERIC: PLAIN,
    # entryCSN is new with each change, where modifyTimestamp stays the same for a second.
    Flavour.OPENLDAP: PLAIN.model_copy(update={"changed": ("entryCSN", "modifyTimestamp")}),
    # nsUniqueId is always there; entryUUID came later and is an option, and an id must not change when it is taken.
    # What is searched for is in its schema: a name that is not makes it look through everybody, or refuse to search.
    Flavour.DS389: PLAIN.model_copy(
        update={
            "directory_id": ("nsUniqueId",), "username": ("uid",), "disabled": ("nsAccountLock",),
            "employee_number": ("employeeNumber",), "changed": ("modifyTimestamp",),
        }
    ),
    Flavour.ACTIVE_DIRECTORY: PLAIN.model_copy(
        update={
            "directory_id": ("objectGUID",), "username": ("sAMAccountName",), "team": ("department",),
            "employee_number": ("employeeID", "employeeNumber"), "disabled": ("userAccountControl",),
            "changed": ("uSNChanged", "whenChanged"),
        }
    ),
}  # fmt: skip
#: Attributes that usually hold web addresses of people: ``labeledURI`` of inetOrgPerson (RFC 2798, RFC 2079).
WEB: Final = ("labeledURI",)
WEB_OF_FLAVOUR: Final = {
    Flavour.ACTIVE_DIRECTORY: ("wWWHomePage", "url"), Flavour.GENERIC: ("labeledURI", "wWWHomePage", "url"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Root:
    """What a directory says of itself."""

    flavour: Flavour
    controls: frozenset[str] = frozenset()
    #: Which of several servers answers, where their change marks are their own (Active Directory); else empty.
    server: str = ""
    #: The highest change number given out so far, where there is one (Active Directory).
    high_usn: str = ""
    bases: tuple[str, ...] = ()

    @property
    def pages(self) -> bool:
        """Whether it says that it gives long answers in pages."""
        return PAGING in self.controls

    @property
    def tells_changes(self) -> bool:
        """Whether it says that it can be asked for changes, whichever of its servers told the earlier ones."""
        return self.flavour is Flavour.ACTIVE_DIRECTORY and DIRSYNC in self.controls


def read_root(link: Link, settings: LdapSettings) -> Root:
    """Ask a directory what it is; ``settings.flavour`` overrules what it says. Raises ``DirectoryError``."""
    told: dict[str, list[str]] = {}
    if link.pages:
        for _, attributes in link.search("", "(objectClass=*)", ASKED_FOR, scope="BASE").entries:
            for name, values in attributes:
                told[name.decode(errors="replace").lower()] = [value.decode(errors="replace") for value in values]
    active = ACTIVE_DIRECTORY in told.get("supportedcapabilities", ())
    return Root(
        flavour=settings.flavour or (Flavour.ACTIVE_DIRECTORY if active else _guess(told)),
        controls=frozenset(told.get("supportedcontrol", ())),
        server=_first(told.get("dsservicename", ())) if active else "",
        high_usn=_first(told.get("highestcommittedusn", ())) if active else "",
        bases=tuple(told.get("namingcontexts", ())),
    )


def _guess(told: dict[str, list[str]]) -> Flavour:
    if "openldaprootdse" in (value.lower() for value in told.get("objectclass", ())):
        return Flavour.OPENLDAP
    vendor = _first(told.get("vendorname", ())).lower()
    return Flavour.DS389 if "389" in vendor or "red hat" in vendor else Flavour.GENERIC


def _first(values: Iterable[str]) -> str:
    return next(iter(values), "")


def people_filter(settings: LdapSettings, flavour: Flavour) -> str:
    """Which entries are people: as the settings say, else everybody but the accounts that a directory is born with."""
    where = in_brackets(settings.people_filter)
    if "people_filter" in settings.model_fields_set:
        return where
    if flavour is Flavour.ACTIVE_DIRECTORY:
        return f"(&{where}(!(isCriticalSystemObject=TRUE)))"  # Administrator, Guest, krbtgt.
    if flavour is Flavour.DS389:
        return f"(|{where}(&(objectClass=nsPerson)(!(employeeType=service))))"  # The class that its own tools give.
    return where


class Chosen(LdapAttributes):
    """Which attributes feed which field, and which hold web addresses."""

    web: tuple[str, ...] = ()


def attributes_of(settings: LdapSettings, flavour: Flavour) -> Chosen:
    """Which attributes feed which field: the flavour's, but for those that the settings name."""
    chosen = {name: names for name, names in settings.attributes if names}
    fields = OF_FLAVOUR[flavour].model_copy(update=chosen)
    usual = WEB_OF_FLAVOUR.get(flavour, WEB)
    web = [one for name in settings.web_attributes for one in (usual if name == "usual" else (name,))]
    return Chosen(**dict(fields), web=tuple(web))
