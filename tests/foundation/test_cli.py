"""The command from outside: what it prints and how it ends where something is wrong."""

import shutil
import socket
import sqlite3
import subprocess
from pathlib import Path

import nursery
import pytest
from databases import Databases

pytestmark = pytest.mark.sqlite_only


def registry(folder: Path, *arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ``registry`` with an instance folder of its own."""
    return nursery.registry({"REGISTRY_INSTANCE": str(folder), **variables}, *arguments, stdin=stdin)


@pytest.fixture
def folder(tmp_path: Path, databases: Databases) -> Path:
    """An instance folder with an empty database, as ``registry init`` leaves it."""
    shutil.copyfile(databases.template.removeprefix("sqlite:///"), tmp_path / "registry.sqlite3")
    return tmp_path


def ends_with_one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The one line on standard error, after making sure that there is nothing else."""
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    return line


def test_init_makes_a_database_and_may_be_repeated(tmp_path: Path) -> None:
    for _ in range(2):
        done = registry(tmp_path, "init")
        assert (done.returncode, done.stdout, done.stderr) == (0, "The database is up to date.\n", "")
    assert (tmp_path / "registry.sqlite3").exists()


@pytest.mark.parametrize(
    "command",
    [("sync",), ("export", "people"), ("grant", "nia.okafor", "comms"), ("serve", "--port", "1"), ("worker",),
     ("backup", "copy.sqlite3")],
)  # fmt: skip
def test_a_missing_database_is_made_with_init(tmp_path: Path, command: tuple[str, ...]) -> None:
    assert ends_with_one_line(registry(tmp_path, *command)) == (
        "The database is not up to date. Run `registry init`, then try again."
    )


@pytest.mark.parametrize("command", [("init",), ("export", "people")])
def test_a_newer_database_is_left_alone(folder: Path, command: tuple[str, ...]) -> None:
    connection = sqlite3.connect(folder / "registry.sqlite3")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    assert ends_with_one_line(registry(folder, *command)) == (
        "The database is newer than this program. Install the newer release, or restore a backup."
    )


def test_a_database_server_that_does_not_answer_is_named_with_its_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"postgresql://registry:hush@127.0.0.1:{port}/registry"
    line = ends_with_one_line(registry(tmp_path, "export", "people", REGISTRY_DATABASE_URL=url))
    assert line.startswith("REGISTRY_DATABASE_URL: the database cannot be used: ")
    assert line.endswith("Check the address and that it runs.")
    assert "hush" not in line


def test_a_folder_that_is_not_there_is_said_in_a_line(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/nowhere/registry.sqlite3"
    line = ends_with_one_line(registry(tmp_path, "export", "people", REGISTRY_DATABASE_URL=url))
    assert line.startswith("REGISTRY_DATABASE_URL: the database cannot be used: unable to open database file")


def test_a_file_that_is_no_database_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "registry.sqlite3").write_text("nothing of the kind " * 100, encoding="utf-8")
    line = ends_with_one_line(registry(tmp_path, "export", "people"))
    assert line.startswith("REGISTRY_DATABASE_URL: the database cannot be used: file is not a database")


def test_settings_that_cannot_be_used_are_named_a_line_each(tmp_path: Path) -> None:
    done = registry(tmp_path, "init", REGISTRY_SECRET_KEY="weak", REGISTRY_SYNC_HOUR="24")
    assert done.returncode == 1
    assert sorted(line.split()[0] for line in done.stderr.splitlines()) == ["REGISTRY_SECRET_KEY", "REGISTRY_SYNC_HOUR"]
    assert list(tmp_path.iterdir()) == []


def test_sync_without_a_directory_names_the_setting(folder: Path) -> None:
    assert ends_with_one_line(registry(folder, "sync")) == (
        "REGISTRY_LDAP_URIS: no directory is set. Write ldaps:// and the name of your directory server."
    )


def test_sync_with_a_directory_that_is_down_names_the_setting(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = registry(
        folder, "sync", REGISTRY_LDAP_URIS=f"ldap://127.0.0.1:{port}", REGISTRY_LDAP_BASE_DN="dc=example",
        REGISTRY_LDAP_INSECURE="true",
    )  # fmt: skip
    assert done.returncode == 1
    assert "REGISTRY_LDAP_URIS" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nobody", "comms"), "Nobody with the username 'nobody' works here. Has `registry sync` run?"),
        (
            ("nobody", "king"),
            "There is no role 'king' to grant. Choose one of: organiser, comms, auditor, admin.",
        ),
    ],
)
def test_grant_says_what_is_wrong(folder: Path, arguments: tuple[str, str], said: str) -> None:
    assert ends_with_one_line(registry(folder, "grant", *arguments)) == said


def test_serve_on_a_port_in_use_says_so(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = ends_with_one_line(registry(folder, "serve", "--port", str(port)))
    assert line == (
        f"Cannot listen on 127.0.0.1:{port}: Address already in use. Is it in use? Choose another with --port."
    )


def test_backup_and_restore_bring_back_what_was(folder: Path) -> None:
    assert registry(folder, "backup", str(folder / "copy")).returncode == 0
    assert ends_with_one_line(registry(folder, "backup", str(folder / "copy"))) == (
        f"{folder}/copy exists already: choose a new name, so that no older copy is lost."
    )
    connection = sqlite3.connect(folder / "registry.sqlite3")
    connection.execute("INSERT INTO team (path, name) VALUES ('Later', 'Later')")
    connection.commit()
    connection.close()
    assert registry(folder, "restore", "--yes", str(folder / "copy")).returncode == 0
    connection = sqlite3.connect(folder / "registry.sqlite3")
    assert connection.execute("SELECT count(*) FROM team").fetchone() == (0,)
    connection.close()


def test_restore_refuses_what_is_no_copy(folder: Path) -> None:
    (folder / "copy").write_text("nothing of the kind " * 100, encoding="utf-8")
    assert ends_with_one_line(registry(folder, "restore", "--yes", str(folder / "copy"))) == (
        f"{folder}/copy is no copy of a register."
    )


def test_resolve_answers_line_by_line_without_a_database(tmp_path: Path) -> None:
    done = registry(tmp_path, "resolve", stdin="https://www.facebook.com/DunmoreLibraries\nnothing at all\n")
    first, second = done.stdout.splitlines()
    assert first.split("\t")[:3] == ["facebook", "page", "dunmorelibraries"]
    assert second.split("\t")[:4] == ["", "", "", ""]
    assert (done.returncode, done.stderr, list(tmp_path.iterdir())) == (0, "", [])


def test_resolve_reads_handles_of_the_platform_that_it_is_given(tmp_path: Path) -> None:
    typed = "@DunmoreLibrary\nhttps://x.com/DunmoreLibrary/status/1\nNone\n"
    done = registry(tmp_path, "resolve", "--platform", "Twitter", stdin=typed)
    assert done.stdout.splitlines() == [
        "x\tprofile\tdunmorelibrary\thttps://x.com/DunmoreLibrary\t",
        "\t\t\t\tThis is a post by @DunmoreLibrary on X, not the account itself. Do you want to register "
        "@DunmoreLibrary?",
        "\t\t\t\t“None” says that there is no account. If one is really called that, paste its address.",
    ]
    assert registry(tmp_path, "resolve", "--platform", "ceefax", stdin="").returncode == 2


@pytest.mark.parametrize("what", ["people", "accounts", "signoffs", "events"])
def test_export_of_nothing_is_its_header_and_an_empty_list(folder: Path, what: str) -> None:
    assert len(registry(folder, "export", what).stdout.splitlines()) == 1
    assert registry(folder, "export", what, "--format", "json").stdout == "[\n]\n"
