"""`registry sweep`: a list of account links, from files and from web addresses, without a database."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from websites import Site

from registry.cli import main

PAGES = Path(__file__).parent.parent / "data" / "pages"


def sweep(*arguments: object) -> Result:
    """Run it in a folder in which there is nothing."""
    return CliRunner().invoke(main, ["sweep", *map(str, arguments)])


def test_it_prints_one_json_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_INSTANCE", str(tmp_path / "none"))
    path = tmp_path / "a.html"
    path.write_text('<a href="https://twitter.com/Dunmore">Dunmore <b>on X</b></a><a href="https://x.com/share">s</a>')
    result = sweep(path, "--json")
    assert json.loads(result.stdout) == [
        {"platform": "x", "kind": "profile", "key": "dunmore", "url": "https://x.com/Dunmore", "page": str(path),
         "text": "Dunmore on X"},
    ]  # fmt: skip
    assert (result.exit_code, result.stderr, (tmp_path / "none").exists()) == (0, "", False)


def test_all_the_real_pages_give_all_their_accounts() -> None:
    result = sweep(PAGES / "tna-footer.html", *sorted(PAGES.glob("digitalgov*")), "--json")
    assert (result.exit_code, len(json.loads(result.stdout))) == (0, 68)


def test_without_json_it_prints_a_line_each(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("[a\tb](https://x.com/dunmore)")
    assert sweep(tmp_path).stdout == f"x\tprofile\tdunmore\thttps://x.com/dunmore\t{tmp_path}/a.md\ta b\n"


def test_an_archive_is_looked_into(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("sub/a.html", '<a href="https://x.com/dunmore">X</a>')
    (tmp_path / "a.zip").write_bytes(target.getvalue())
    (row,) = json.loads(sweep(tmp_path / "a.zip", "--json").stdout)
    assert row["page"] == f"{tmp_path}/a.zip/sub/a.html"


def test_a_web_page_is_fetched(site: Site) -> None:
    site.page("/contact", '<a href="//x.com/dunmore">X</a>')
    site.redirect("/", "/contact")
    (row,) = json.loads(sweep(site.url(), "--json").stdout)
    assert (row["key"], row["page"]) == ("dunmore", site.url())


def test_what_cannot_be_read_is_told_and_the_rest_is_printed(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<a href="https://x.com/dunmore">X</a>')
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7")
    result = sweep("http://127.0.0.1/", tmp_path / "b.pdf", tmp_path / "none", tmp_path / "a.html")
    assert (result.exit_code, result.stdout.count("\n")) == (1, 1)
    assert result.stderr.splitlines() == [
        "http://127.0.0.1/: This address is made of numbers. Give the name of the site.",
        f"{tmp_path}/b.pdf: This is no page but a document or a picture. Save the page as HTML, then take that file.",
        f"{tmp_path}/none: cannot be read: No such file or directory.",
    ]
