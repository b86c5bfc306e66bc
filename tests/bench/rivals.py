"""The catalogue against what an engineer would put up in an hour: Django's admin list, and a table of Datasette.

    .venv/bin/python tests/bench/rivals.py 2>/dev/null

The same 50,000 accounts from one SQLite file, 50 to a page, by title; processor time a request in one process, each
through its own test client, in turn, medians. Django shows owner and team and three filters, with nothing counted for
them; Datasette once with the facets that the catalogue counts among others, and once without any. Both are put into a
folder that is thrown away. The register's log of each request is part of what it spends.
"""

import asyncio
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

import pages  # noqa: E402
from pairs import in_turn, tell  # noqa: E402

from registry import create_app  # noqa: E402

PACKAGES = ("django==5.2.19", "datasette==0.65.5")
TABLE = "/registry/account?_size=50&_sort=title"
FACETS = "&_facet=platform&_facet=state&_facet=standing"
TIMES = 4


def main() -> None:
    """Fill a register, put the others beside it, and measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(folder / "packages"), *PACKAGES]
        subprocess.run(command, check=True)
        sys.path.append(str(folder / "packages"))
        pages.prepare(folder / "register", 20_000, 50_000)
        file = folder / "register" / "registry.sqlite3"
        ways = {"catalogue": ours(folder / "register"), "Django's admin": django(file), **datasette(file)}
        taken = in_turn(5, {name: repeated(way) for name, way in ways.items()}, time.process_time)
        print("50,000 accounts, SQLite, 5 rounds in turn, medians of processor time a request")
        tell({name: seconds / TIMES for name, seconds in taken.items()}, "catalogue")
    sys.stdout.flush()
    os._exit(0)  # Datasette's threads would keep it.


def repeated(way: Callable[[], bytes]) -> Callable[[], object]:
    """The same some times over, after a look that it really shows the accounts."""
    shown = way()
    assert b"50,000" in shown or b"50000" in shown, shown[:500]
    return lambda: [way() for _ in range(TIMES)]


def ours(folder: Path) -> Callable[[], bytes]:
    """A page of the catalogue for a comms officer."""
    client = create_app(pages.settings(folder)).test_client()
    name, _, value = pages.cookie_of(folder).partition(";")[0].partition("=")
    client.set_cookie(name, value)
    return lambda: client.get("/accounts").data


def django(file: Path) -> Callable[[], bytes]:
    """A page of Django's admin for the same table, for a superuser."""
    shutil.copyfile(file, own := file.with_name("django.sqlite3"))
    parts = [f"django.contrib.{name}" for name in ("admin", "auth", "contenttypes", "sessions", "messages")]
    middle = [
        "django.middleware.security.SecurityMiddleware", "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]  # fmt: skip
    processors = [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]  # fmt: skip
    templates = {
        "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
        "OPTIONS": {"context_processors": processors},
    }  # fmt: skip
    part: Any = importlib.import_module
    part("django.conf").settings.configure(
        SECRET_KEY="x" * 50, ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], INSTALLED_APPS=parts, MIDDLEWARE=middle,
        TEMPLATES=[templates], DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(own)}},
    )  # fmt: skip
    part("django").setup()
    models, admin = part("django.db.models"), part("django.contrib.admin")

    def table(name: str, /, **columns: Any) -> Any:
        meta = type("Meta", (), {"managed": False, "db_table": name, "app_label": "auth"})
        return type(name.title(), (models.Model,), {"__module__": __name__, "Meta": meta, **columns})

    def other(name: str) -> Any:
        column = "name" if name == "person" else "path"
        to = table(name, **{column: models.TextField(), "__str__": lambda row: getattr(row, column)})
        return models.ForeignKey(to, models.DO_NOTHING, related_name="+")

    texts = {name: models.TextField() for name in ("platform", "handle", "title", "standing", "state")}
    account = table("account", **texts, review_on=models.DateField(), owner=other("person"), team=other("team"))
    shown = {
        "list_display": ("title", "handle", "owner", "team", "state", "review_on"), "list_per_page": 50,
        "list_select_related": ("owner", "team"), "list_filter": ("platform", "state", "standing"),
        "ordering": ("title", "id"),
    }  # fmt: skip
    admin.site.register(account, type("Shown", (admin.ModelAdmin,), shown))
    globals()["urlpatterns"] = [part("django.urls").path("admin/", admin.site.urls)]
    part("django.core.management").call_command("migrate", verbosity=0)
    client = part("django.test").Client()
    client.force_login(part("django.contrib.auth.models").User.objects.create_superuser("x", "x@x.example", "x"))
    return lambda: bytes(client.get("/admin/auth/account/").content)


def datasette(file: Path) -> dict[str, Callable[[], bytes]]:
    """A page of Datasette's table, tuned: no threads, nothing guessed about facets; with facets and without."""
    loop = asyncio.new_event_loop()
    tuned = {"num_sql_threads": 0, "suggest_facets": False, "facet_time_limit_ms": 1000}
    client = importlib.import_module("datasette.app").Datasette([str(file)], settings=tuned).client

    def page(address: str) -> Callable[[], bytes]:
        return lambda: bytes(loop.run_until_complete(client.get(address)).content)

    return {"Datasette, three facets": page(TABLE + FACETS), "Datasette, no facets": page(TABLE)}


if __name__ == "__main__":
    main()
