"""Settings: from where they come, and what is said where they cannot be used."""

import stat
from pathlib import Path

import pytest

from registry.config import FEWEST_SECRET_CHARACTERS, SettingsError, load
from registry.keys import secret_key

STRONG = "0123456789abcdefghijklmnopqrstuvwxyz"


def faults() -> list[str]:
    """Each fault of the settings as they are now: one line a fault."""
    with pytest.raises(SettingsError) as raised:
        load()
    return str(raised.value).splitlines()


@pytest.fixture(autouse=True)
def folder(instance: Path) -> Path:
    """Every test here has an instance folder of its own."""
    return instance


def test_defaults_need_nothing_and_put_the_database_into_the_instance_folder(folder: Path) -> None:
    assert load().database() == f"sqlite:///{folder.resolve() / 'registry.sqlite3'}"


def test_every_fault_is_told_at_once_and_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "REGISTRY_SECRET_KEY": "password",
        "REGISTRY_DATABASE_URL": "mysql://registry@db/registry",
        "REGISTRY_SESSION_HOURS": "many",
        "REGISTRY_SYNC_HOUR": "24",
        "REGISTRY_LDAP_URIS": "ldaps://directory.dunmore.example",
        "REGISTRY_LDAP_PAGE_SIZE": "1",
        "REGISTRY_SMTP_PORT": "70000",
    }.items():
        monkeypatch.setenv(name, value)
    assert sorted(line.split()[0] for line in faults()) == [
        "REGISTRY_DATABASE_URL",
        "REGISTRY_LDAP_PAGE_SIZE",
        "REGISTRY_SECRET_KEY",
        "REGISTRY_SESSION_HOURS",
        "REGISTRY_SMTP_PORT",
        "REGISTRY_SYNC_HOUR",
    ]


def test_a_fault_of_two_settings_together_names_the_one_to_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_LDAP_URIS", "ldaps://directory.dunmore.example")
    assert faults() == [
        "REGISTRY_LDAP_BASE_DN (ldap.base_dn in registry.toml) is empty: say where the people are, for example"
        " dc=example,dc=org."
    ]


def test_the_file_counts_and_the_environment_counts_over_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "registry.toml").write_text(
        'organisation = "Dunmore District Council"\nsync_hour = 3\n[ldap]\nbase_dn = "dc=dunmore,dc=example"\n'
        'uris = ["ldaps://one.dunmore.example", "ldaps://two.dunmore.example"]\n[smtp]\nhost = "mail"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("REGISTRY_SYNC_HOUR", "4")
    monkeypatch.setenv("REGISTRY_SMTP_PORT", "2525")
    settings = load()
    assert (settings.organisation, settings.sync_hour) == ("Dunmore District Council", 4)
    assert settings.ldap.uris == ("ldaps://one.dunmore.example", "ldaps://two.dunmore.example")
    assert (settings.smtp.host, settings.smtp.port) == ("mail", 2525)


def test_several_directories_are_written_with_blanks_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_LDAP_URIS", " ldaps://one.example  ldaps://two.example ")
    monkeypatch.setenv("REGISTRY_LDAP_BASE_DN", "dc=example")
    assert load().ldap.uris == ("ldaps://one.example", "ldaps://two.example")


@pytest.mark.parametrize(
    ("variable", "read"),
    [
        ("REGISTRY_DATABASE_URL", lambda settings: settings.database_url),
        ("REGISTRY_SECRET_KEY", lambda settings: settings.secret_key),
        ("REGISTRY_LDAP_BIND_PASSWORD", lambda settings: settings.ldap.bind_password),
        ("REGISTRY_SMTP_PASSWORD", lambda settings: settings.smtp.password),
        ("REGISTRY_SSO_CLIENT_SECRET", lambda settings: settings.sso.client_secret),
    ],
)
def test_a_secret_may_come_from_a_file_of_its_own(
    variable: str, read: object, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = f"sqlite:///{folder}/x.sqlite3" if "DATABASE" in variable else STRONG
    (folder / "secret").write_text(f"{secret}\n", encoding="utf-8")
    monkeypatch.setenv(f"{variable}_FILE", str(folder / "secret"))
    assert read(load()).get_secret_value() == secret  # type: ignore[operator]


def test_a_secret_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_LDAP_BIND_PASSWORD_FILE", "/nowhere/password")
    assert faults() == [
        "REGISTRY_LDAP_BIND_PASSWORD_FILE: /nowhere/password cannot be read: [Errno 2] No such file or directory:"
        " '/nowhere/password'"
    ]


@pytest.mark.parametrize("weak", ["x" * 64, "abcdefg" * 9, STRONG[: FEWEST_SECRET_CHARACTERS - 1]])
def test_a_weak_secret_key_is_refused_with_the_way_to_make_one(weak: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_SECRET_KEY", weak)
    (fault,) = faults()
    assert fault.startswith("REGISTRY_SECRET_KEY (secret_key in registry.toml) is too weak: ")
    assert "python3 -c" in fault
    assert weak not in fault


def test_a_setting_that_is_none_is_refused_and_its_like_suggested(folder: Path) -> None:
    (folder / "registry.toml").write_text('organization = "Dunmore"\n[ldap]\nbase_nd = "dc=x"\n', encoding="utf-8")
    assert sorted(faults()) == [
        "ldap.base_nd is no setting. Did you mean ldap.base_dn?",
        "organization is no setting. Did you mean organisation?",
    ]


def test_a_variable_that_is_none_in_a_section_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_LDAP_BIND_DM", "cn=reader")
    assert faults() == ["ldap.bind_dm is no setting. Did you mean ldap.bind_dn?"]


def test_a_file_that_is_no_toml_is_named(folder: Path) -> None:
    (folder / "registry.toml").write_text("organisation = Dunmore\n", encoding="utf-8")
    (fault,) = faults()
    assert fault.startswith(f"{folder}/registry.toml cannot be read as TOML: ")


@pytest.mark.parametrize("uri", ["ldap://127.0.0.1:389", "ldap://[::1]:389", "ldap://localhost", "ldap://127.9.9.9"])
def test_plain_ldap_is_allowed_to_this_machine_where_asked_for(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_LDAP_URIS", uri)
    monkeypatch.setenv("REGISTRY_LDAP_BASE_DN", "dc=example")
    monkeypatch.setenv("REGISTRY_LDAP_INSECURE", "true")
    assert load().ldap.uris == (uri,)


@pytest.mark.parametrize("host", ["directory.example", "10.0.0.4", "127.0.0.1.example", "localhost.example"])
def test_plain_ldap_is_refused_to_another_machine_even_where_asked_for(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY_LDAP_URIS", f"ldap://{host}")
    monkeypatch.setenv("REGISTRY_LDAP_BASE_DN", "dc=example")
    monkeypatch.setenv("REGISTRY_LDAP_INSECURE", "true")
    assert faults() == [
        "REGISTRY_LDAP_INSECURE (ldap.insecure in registry.toml) allows plain ldap:// to this machine only, and"
        f" {host} is another: write ldaps://, or set starttls to true."
    ]


def test_plain_ldap_is_refused_where_it_was_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_LDAP_URIS", "ldap://127.0.0.1")
    monkeypatch.setenv("REGISTRY_LDAP_BASE_DN", "dc=example")
    assert faults() == [
        "REGISTRY_LDAP_URIS (ldap.uris in registry.toml) ldap://127.0.0.1 would send passwords unencrypted: write"
        " ldaps://, or set starttls to true."
    ]


@pytest.mark.parametrize("uri", ["directory.example", "https://directory.example", "ldaps://", "ldap:directory"])
def test_an_address_that_is_no_directory_is_refused(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_LDAP_URIS", uri)
    assert faults() == [
        f"REGISTRY_LDAP_URIS (ldap.uris in registry.toml) '{uri}' is no directory address: write ldaps://host or"
        " ldap://host:port."
    ]


def test_settings_do_not_show_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_SECRET_KEY", STRONG)
    monkeypatch.setenv("REGISTRY_LDAP_BIND_PASSWORD", "hush-hush")
    monkeypatch.setenv("REGISTRY_DATABASE_URL", "postgresql://registry:hush-hush@db/registry")
    shown = repr(load())
    assert [secret for secret in (STRONG, "hush-hush") if secret in shown] == []


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().demo = True


def test_a_key_is_made_once_for_its_owner_only(folder: Path) -> None:
    first = secret_key(load())
    assert secret_key(load()) == first == (folder / "secret_key").read_text(encoding="ascii")
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600


def test_a_given_key_leaves_no_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_SECRET_KEY", STRONG)
    assert secret_key(load()) == STRONG
    assert list(folder.iterdir()) == []
