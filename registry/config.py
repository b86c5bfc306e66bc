"""The settings, read once and never changed: every fault is told at once, in words that name the mend.

Sources, the later over the earlier: the defaults here, ``instance/registry.toml``, ``REGISTRY_*`` in the
environment, and for secrets ``REGISTRY_*_FILE`` (a file that holds nothing but the secret).
"""

import difflib
import enum
import ipaddress
import os
import re
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
#: Where ``templates/`` and ``static/`` are: beside the package in a checkout, inside it in a wheel.
ROOT = CHECKOUT if (CHECKOUT / "templates" / "layout.html").exists() else HERE

SECRETS = (
    "database_url", "secret_key", "ldap_bind_password", "smtp_password", "sso_client_secret", "reply_mailbox_password",
)  # fmt: skip
SECTIONS = ("ldap", "smtp", "sso")
FEWEST_SECRET_CHARACTERS = 32
FEWEST_DISTINCT_CHARACTERS = 8

RoleName = Literal["organiser", "comms", "auditor", "admin"]


class SettingsError(Exception):
    """The settings cannot be used; ``str()`` is one line a fault, each with its mend."""


class Flavour(enum.StrEnum):
    """The kinds of directory server that name and count things in their own way."""

    OPENLDAP = "openldap"
    ACTIVE_DIRECTORY = "active-directory"
    DS389 = "389ds"
    GENERIC = "generic"


class LdapAttributes(BaseModel):
    """Which directory attributes feed which field of a person; the first that an entry carries counts.

    What is left empty is as the kind of server has it; see people/ldap/flavours.py.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    directory_id: tuple[str, ...] = ()
    username: tuple[str, ...] = ()
    mail: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    given_name: tuple[str, ...] = ()
    family_name: tuple[str, ...] = ()
    phone: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    location: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    manager: tuple[str, ...] = ()
    employee_number: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


class LdapSettings(BaseModel):
    """How the directory is reached and read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    uris: tuple[str, ...] = Field((), description="One or more addresses of the directory, tried in order.")
    base_dn: str = Field("", description="Where in the directory the people are.")
    bind_dn: str = Field("", description="The read-only account that the register signs in with.")
    bind_password: SecretStr = Field(SecretStr(""), description="Its password.")
    ca_file: Path | None = Field(
        None, description="Certificates that the directory's own must come from; empty for the system's."
    )
    starttls: bool = Field(False, description="Encrypt an `ldap://` connection before anything is sent.")
    insecure: bool = Field(False, description="Allow plain `ldap://`, to this machine's own address only.")
    flavour: Flavour | None = Field(
        None, description="`openldap`, `active-directory`, `389ds` or `generic`; empty to ask the directory itself."
    )
    people_filter: str = Field(
        # Computers are left out of Active Directory's branch alone: a server that does not know their class would
        # find nobody by a filter that denies it.
        "(&(|(objectClass=inetOrgPerson)(&(objectClass=user)(!(objectClass=computer))))(!(employeeType=service)))",
        description="Which entries are people.",
    )
    containers: tuple[str, ...] = Field(
        ("people", "users", "staff", "employees", "accounts"),
        description="Organisational units that only hold people and are no teams.",
    )
    attributes: LdapAttributes = LdapAttributes()
    web_attributes: tuple[str, ...] = Field(
        (),
        description="Attributes with web addresses of people, whose accounts become sightings; `usual`: those that are"
        " usual in your kind of directory. Empty: none is read.",
    )
    role_groups: dict[RoleName, tuple[str, ...]] = Field(
        {}, description="For each role, the groups (their DNs) whose members hold it."
    )
    page_size: int = Field(1000, ge=10, le=10_000, description="Entries asked for at a time.")
    timeout: int = Field(5, ge=1, le=60, description="Seconds to wait for the directory.")

    @field_validator("flavour", mode="before")
    @classmethod
    def is_asked_for(cls, value: object) -> object:
        return value or None

    @field_validator("uris", "web_attributes", mode="before")
    @classmethod
    def split(cls, value: object) -> object:
        return tuple(value.split()) if isinstance(value, str) else value

    @field_validator("web_attributes")
    @classmethod
    def are_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:  # A directory answers nothing to a name that it does not know, and nobody would hear of it.
            if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*|\d+(\.\d+)+", name):
                raise ValueError(f"{name!r} is no name of an attribute: write names with blanks between, or usual")
        return names

    @model_validator(mode="after")
    def protects_passwords(self) -> "LdapSettings":
        for uri in self.uris:
            self._check_address(uri)
        if self.uris and not self.base_dn:
            raise ValueError("base_dn|is empty: say where the people are, for example dc=example,dc=org")
        if self.ca_file and not self.ca_file.is_file():
            raise ValueError(f"ca_file|{self.ca_file} is not there: give the path of a PEM file")
        return self

    def _check_address(self, uri: str) -> None:
        parts = urlsplit(uri)
        if parts.scheme == "ldif":
            return  # A file on this machine, for demonstrations; nothing is sent anywhere.
        if parts.scheme not in ("ldap", "ldaps") or not parts.hostname:
            raise ValueError(f"uris|{uri!r} is no directory address: write ldaps://host or ldap://host:port")
        if parts.scheme == "ldaps" or self.starttls:
            return
        if not self.insecure:
            raise ValueError(f"uris|{uri} would send passwords unencrypted: write ldaps://, or set starttls to true")
        if not is_loopback(parts.hostname):
            raise ValueError(
                f"insecure|allows plain ldap:// to this machine only, and {parts.hostname} is another:"
                " write ldaps://, or set starttls to true"
            )


class SmtpSettings(BaseModel):
    """How mail leaves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field("", description="The mail server; empty keeps every message waiting in the outbox.")
    port: int = Field(25, ge=1, le=65535, description="Its port.")
    starttls: bool = Field(False, description="Encrypt the connection before mail is sent.")
    username: str = Field("", description="The account to send with, where the server asks for one.")
    password: SecretStr = Field(SecretStr(""), description="Its password.")
    sender: str = Field("registry@localhost", description="The address that mail comes from.")


class SsoSettings(BaseModel):
    """How people sign in through an OpenID Connect provider, where the organisation has one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field("", description="The provider's issuer address; empty for no single sign-on.")
    client_id: str = Field("", description="What the provider calls the register.")
    client_secret: SecretStr = Field(SecretStr(""), description="The secret it gave the register, if any.")
    id_claim: str = Field("", description="Which claim of an ID token holds the directory id; empty where none does.")
    match_mail: bool = Field(True, description="Whether a mail address that the provider has verified tells who it is.")
    label: str = Field("Sign in with your work account", description="The words on the button.")
    ca_file: Path | None = Field(
        None, description="Certificates that the provider's own must come from; empty for the system's."
    )
    insecure: bool = Field(False, description="Allow a plain `http://` provider, at this machine's own address only.")

    @model_validator(mode="after")
    def protects_tokens(self) -> "SsoSettings":
        if not self.issuer:
            return self
        check_web_address("issuer", self.issuer, insecure=self.insecure)
        if not self.client_id:
            raise ValueError("client_id|is empty: give the name under which the provider knows the register")
        if not self.id_claim and not self.match_mail:
            raise ValueError("id_claim|is empty and match_mail is false, so nobody could be found: set one of them")
        if self.ca_file and not self.ca_file.is_file():
            raise ValueError(f"ca_file|{self.ca_file} is not there: give the path of a PEM file")
        return self


def check_web_address(field: str, address: str, *, insecure: bool) -> None:
    """Raise ``ValueError`` unless ``address`` is https, or where ``insecure`` http to this machine's loopback."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https") or parts.username or parts.query or parts.fragment:
        raise ValueError(f"{field}|{address!r} is no web address: write https:// and the name of the host")
    if parts.scheme == "https" or (insecure and is_loopback(host)):
        return
    raise ValueError(f"{field}|{address} would send secrets unencrypted: write https://")


class TomlFile(PydanticBaseSettingsSource):
    """``registry.toml`` in the instance folder."""

    def get_field_value(self, _field: Any, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False  # Nobody asks field by field: the file answers for all of them at once.

    def __call__(self) -> dict[str, Any]:
        path = instance_folder() / "registry.toml"
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise SettingsError(f"{path} cannot be read as TOML: {error}") from None


class Environment(EnvSettingsSource):
    """``REGISTRY_*``, and the secrets from the files that ``REGISTRY_*_FILE`` names."""

    def __call__(self) -> dict[str, Any]:
        values = super().__call__()
        for name in SECRETS:
            name_of_file = f"REGISTRY_{name.upper()}_FILE"
            section, _, key = name.partition("_")
            part = values.setdefault(section, {}) if section in SECTIONS else values
            key = key if section in SECTIONS else name
            part.pop(f"{key}_file", None)
            if path := os.environ.get(name_of_file):
                try:
                    part[key] = Path(path).read_text(encoding="utf-8").strip()
                except (OSError, UnicodeDecodeError) as error:
                    raise SettingsError(f"{name_of_file}: {path} cannot be read: {error}") from None
        return values


class Settings(BaseSettings):
    """All that the register can be told from outside."""

    model_config = SettingsConfigDict(
        env_prefix="REGISTRY_", env_nested_delimiter="_", env_nested_max_split=1, enable_decoding=False, frozen=True,
        extra="forbid", validate_default=True,
    )  # fmt: skip

    instance: Path = Field(
        default_factory=lambda: instance_folder(), description="The folder for everything made at run time."
    )
    database_url: SecretStr = Field(
        SecretStr(""), description="The database; empty for `registry.sqlite3` in the instance folder."
    )
    secret_key: SecretStr = Field(
        SecretStr(""), description="Signs the sessions; empty for one made at the first start."
    )
    organisation: str = Field("Your organisation", description="Its name, as on every page.")
    address: str = Field("http://127.0.0.1:5000", description="Where people reach the register; used in mail.")
    https: bool = Field(False, description="True where people reach it over https: cookies are then kept to it.")
    trusted_proxies: int = Field(0, ge=0, le=5, description="How many proxies of your own stand in front of it.")
    session_hours: int = Field(12, ge=1, le=72, description="Hours until somebody must sign in again.")
    session_idle_minutes: int = Field(
        120, ge=5, le=4320, description="Minutes without a page after which somebody must sign in again."
    )
    sync_hour: int = Field(2, ge=0, le=23, description="The hour (London) of the nightly directory sync.")
    nod_days: int = Field(
        3, ge=0, le=60, description="Working days in which a line manager may nod at a new account; 0 asks none."
    )
    approval_days: int = Field(
        5, ge=1, le=60, description="Working days in which comms promise to decide on a new account."
    )
    consent_days: int = Field(
        5, ge=0, le=60,
        description="Working days until somebody is reminded that their own account waits for their word; 0 for never.",
    )  # fmt: skip
    keep_leavers_days: int = Field(
        730, ge=0, le=36_500, description="Days after which somebody who has left may be forgotten."
    )
    sync_changes_minutes: int = Field(
        60, ge=0, le=1440, description="Minutes between looks at what changed in the directory; 0 for the night only."
    )
    bank_holidays: Literal["england-and-wales", "scotland", "northern-ireland"] = Field(
        "england-and-wales", description="Whose bank holidays are days off."
    )
    review_dormant_days: int = Field(
        60, ge=0, le=3650,
        description="Days after comms heard that nobody answers for an account until it is set dormant; 0 for never.",
    )  # fmt: skip
    invitations_per_week: int = Field(2, ge=0, le=100, description="Invitations to meetups that one may get in a week.")
    sweep_sites: tuple[str, ...] = Field((), description="Sites of your own that may be walked through for accounts.")
    sweep_delay_seconds: float = Field(2.0, ge=0.5, le=60, description="Seconds between two pages of a site.")
    sweep_pages: int = Field(200, ge=1, le=10_000, description="Pages of a site that are looked at in one sweep.")
    sweep_ports: tuple[int, ...] = Field((80, 443), description="Ports from which pages are fetched.")
    public: bool = Field(False, description="Whether anybody may check an account and see those for everyone.")
    public_contact: str = Field("", description="Who is told of a suspected fake: a mail or a web address.")
    public_per_minute: int = Field(120, ge=1, description="Requests a minute from one network, without signing in.")
    token_per_minute: int = Field(600, ge=1, description="Requests a minute of a program with a token.")
    reply_address: str = Field("", description="The address that calendars answer to; empty for the sender.")
    reply_mailbox: str = Field("", description="Where they arrive: an mbox file, or `imaps://user@host/folder`.")
    reply_mailbox_password: SecretStr = Field(SecretStr(""), description="The password of that mailbox.")
    demo: bool = Field(False, description="Shows sample people to sign in as. Never on a real register.")
    ldap: LdapSettings = LdapSettings()
    smtp: SmtpSettings = SmtpSettings()
    sso: SsoSettings = SsoSettings()

    @field_validator("sweep_sites", "sweep_ports", mode="before")
    @classmethod
    def split(cls, value: object) -> object:
        return tuple(value.split()) if isinstance(value, str) else value

    @field_validator("secret_key")
    @classmethod
    def is_strong(cls, value: SecretStr) -> SecretStr:
        secret = value.get_secret_value()
        weak = len(secret) < FEWEST_SECRET_CHARACTERS or len(set(secret)) < FEWEST_DISTINCT_CHARACTERS
        if secret and weak:
            raise ValueError(
                f"is too weak: give at least {FEWEST_SECRET_CHARACTERS} random characters, for example from"
                " `python3 -c 'import secrets; print(secrets.token_hex(32))'`"
            )
        return value

    @field_validator("database_url")
    @classmethod
    def is_known_database(cls, value: SecretStr) -> SecretStr:
        scheme = value.get_secret_value().partition("://")[0]
        if scheme not in ("", "sqlite", "postgresql", "postgresql+psycopg"):
            raise ValueError("names an unknown database: write sqlite:///FILE or postgresql://USER@HOST/NAME")
        return value

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_usual: Any, **_unused: Any,
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        return init_settings, Environment(settings_cls), TomlFile(settings_cls)

    def database(self) -> str:
        """The database address in SQLAlchemy's spelling."""
        url = self.database_url.get_secret_value()
        if not url:
            return f"sqlite:///{self.instance.resolve() / 'registry.sqlite3'}"
        return url.replace("postgresql://", "postgresql+psycopg://", 1)


def instance_folder() -> Path:
    """``REGISTRY_INSTANCE``, or ``instance/`` in a checkout, or in the working folder for a wheel."""
    if folder := os.environ.get("REGISTRY_INSTANCE"):
        return Path(folder)
    return (ROOT if ROOT == CHECKOUT else Path.cwd()) / "instance"


def load(**overrides: Any) -> Settings:
    """Read the settings.

    ``overrides`` are fields that go before every source. Raises ``SettingsError`` with every fault found.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError("\n".join(_in_words(fault) for fault in error.errors())) from None


def is_loopback(host: str) -> bool:
    """Whether ``host`` (a name or an address) is this machine's own loopback address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def variable(name: str) -> str:
    """The environment variable of a dotted setting: ``ldap.bind_dn`` is ``REGISTRY_LDAP_BIND_DN``."""
    return "REGISTRY_" + name.replace(".", "_").upper()


def _in_words(fault: Any) -> str:
    path = [str(part) for part in fault["loc"]]
    message = str(fault["ctx"]["error"]) if "error" in fault.get("ctx", {}) else fault["msg"]
    field, bar, rest = message.partition("|")
    if bar:
        path, message = [*path, field], rest
    name = ".".join(path)
    if fault["type"] == "extra_forbidden":
        known = list(Settings.model_fields) + [f"ldap.{key}" for key in LdapSettings.model_fields]
        known += [f"smtp.{key}" for key in SmtpSettings.model_fields]
        known += [f"sso.{key}" for key in SsoSettings.model_fields]
        near = difflib.get_close_matches(name, known, 1)
        return f"{name} is no setting." + (f" Did you mean {near[0]}?" if near else "")
    return f"{variable(name)} ({name} in registry.toml) {message[0].lower() + message[1:]}."
