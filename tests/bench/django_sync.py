"""The first sync against the usual command of another framework, Django's, with the same server and the same people.

.venv/bin/python tests/bench/django_sync.py --people 10000

Django and ``django-python3-ldap`` are put into a folder of their own, which is gone afterwards; the product never needs
them. Each begins with an empty database that is made beforehand; the seconds are those of the whole command.
"""

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "people"), str(HERE.parent.parent)]

import directory  # noqa: E402
from pairs import tell  # noqa: E402
from slapd import Slapd  # noqa: E402
from sync import ROOMY, registry, surroundings  # noqa: E402

SETTINGS = """\
SECRET_KEY = "not a secret"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django_python3_ldap"]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": "{folder}/django.sqlite3"}}}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LDAP_AUTH_URL = ["{uri}"]
LDAP_AUTH_USE_TLS = False
LDAP_AUTH_SEARCH_BASE = "{suffix}"
LDAP_AUTH_OBJECT_CLASS = "inetOrgPerson"
LDAP_AUTH_USER_FIELDS = {{"username": "uid", "first_name": "givenName", "last_name": "sn", "email": "mail"}}
LDAP_AUTH_USER_LOOKUP_FIELDS = ("username",)
LDAP_AUTH_FORMAT_USERNAME = "other_settings.as_it_is"
LDAP_AUTH_CONNECTION_USERNAME = "cn=reader,{suffix}"
LDAP_AUTH_CONNECTION_PASSWORD = "reader"


def as_it_is(fields):
    return fields["username"]
"""


def main() -> None:
    """Fill a server, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), asked.people, asked.runs)


def measure(folder: Path, people: int, runs: int) -> None:
    """Print the medians of whole commands, their start included, and the ratio."""
    ldif = folder / "people.ldif"
    directory.write(ldif, people)
    server = Slapd(folder / "slapd", directory.SUFFIX, ldif.read_text("utf-8").partition("\n\n")[2], more=ROOMY)
    try:
        ours, theirs = surroundings(folder, server.uri), _other(folder, server.uri)

        def first() -> float:
            for file in folder.glob("instance/registry.sqlite3*"):
                file.unlink()
            registry(ours, "init")
            return _seconds(lambda: registry(ours, "sync"))

        def other() -> float:
            (folder / "django.sqlite3").unlink(missing_ok=True)
            _django(folder, theirs, "migrate", "--verbosity", "0")
            seconds = _seconds(lambda: _django(folder, theirs, "ldap_sync_users", "--verbosity", "0"))
            with sqlite3.connect(folder / "django.sqlite3") as database:
                ((found,),) = database.execute("SELECT count(*) FROM auth_user")
            if found != people:
                sys.exit(f"The other command found {found} people")
            return seconds

        seconds: dict[str, list[float]] = {"first sync": [], "the Django command": []}
        for _ in range(runs):
            seconds["first sync"].append(first())
            seconds["the Django command"].append(other())
        medians = {name: statistics.median(found) for name, found in seconds.items()}
        print(f"{people:,} people, {runs} rounds in turn, medians")
        tell(medians, "first sync")
    finally:
        server.stop()


def _seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def _other(folder: Path, uri: str) -> dict[str, str]:
    venv.create(folder / "other", with_pip=True)
    pip = [str(folder / "other" / "bin" / "pip"), "install", "-q", "Django", "django-python3-ldap"]
    subprocess.run(pip, check=True)
    settings = SETTINGS.format(folder=folder, uri=uri, suffix=directory.SUFFIX)
    (folder / "other_settings.py").write_text(settings, "utf-8")
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "other_settings", "PYTHONPATH": str(folder)}


def _django(folder: Path, environment: dict[str, str], *arguments: str) -> None:
    command = [str(folder / "other" / "bin" / "python"), "-m", "django", *arguments]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
