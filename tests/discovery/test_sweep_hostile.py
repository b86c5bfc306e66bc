"""What is handed in to do harm: pages that no parser gets through, archives that unpack to nothing good."""

import io
import time
import zipfile

import pytest

from registry.discovery.sweeping import packing
from registry.discovery.sweeping.apart import Reader
from registry.discovery.sweeping.reading import NoPage

PAGE = b'<p>Find us <a href="https://x.com/dunmore">on X</a></p>'


def archive(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return target.getvalue()


def names(content: bytes) -> list[str]:
    """The pages of an archive."""
    return [one.name for one in packing.pages("site.zip", content)]


@pytest.mark.parametrize(
    "page",
    [
        b"<div>" * 200_000 + PAGE,
        b"<a " + b" ".join(b"a%d" % number for number in range(150_000)) + b">" + PAGE,
        b"".join(b"<font a=%d>" % number for number in range(40_000)) + b"<p>x</p>" * 100_000,
    ],
    ids=["deep", "attributes", "unclosed"],
)
def test_a_page_that_no_parser_gets_through_is_left_and_the_next_is_read(page: bytes) -> None:
    with Reader(seconds=1) as reader:
        began = time.monotonic()
        with pytest.raises(NoPage, match=r"This page is built so oddly that reading it takes too long."):
            reader.read(page, name="a.html")
        assert time.monotonic() - began < 5
        assert [one.account.key for one in reader.read(PAGE, name="a.html").links] == ["dunmore"]


def test_pages_are_read_apart_as_they_are_here() -> None:
    from registry.discovery.sweeping.reading import read

    with Reader() as reader:
        for number in range(3):
            content = PAGE + b'<a href="/more">m</a> <a href="https://x.com/nia/status/%d">said</a>' % number
            here = read(content, name="a.html", address="https://a.example/", onward=True)
            assert reader.read(content, name="a.html", address="https://a.example/", onward=True) == here
            assert (len(here.links), len(here.hints), here.pages) == (1, 1, ["https://a.example/more"])


def test_what_is_no_page_is_told_apart_too() -> None:
    with Reader() as reader, pytest.raises(NoPage, match=r"This is no page but a document or a picture"):
        reader.read(b"%PDF-1.7 a", name="a")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a.html", "site.zip/a.html"),
        ("/etc/passwd.html", "site.zip/etc/passwd.html"),
        ("../../a.html", "site.zip/a.html"),
        ("C:\\Users\\nia\\a.html", "site.zip/C:/Users/nia/a.html"),
        ("a\u202eb.html", "site.zip/a?b.html"),
    ],
)
def test_a_name_in_an_archive_is_only_a_name(name: str, shown: str) -> None:
    assert names(archive({name: PAGE})) == [shown]


def test_only_pages_are_taken_out_of_an_archive() -> None:
    inner = archive({"deep.html": PAGE})
    files = {"a.html": PAGE, "a.css": b"a", "b.png": b"a", "__MACOSX/a.html": PAGE, ".a.html": PAGE, "inner.zip": inner,
             "hidden.html": inner}  # fmt: skip
    assert names(archive(files)) == ["site.zip/a.html"]


def test_a_bomb_in_an_archive_is_not_unpacked() -> None:
    bomb = archive({"bomb.html": b"a" * 200_000_000, "a.html": PAGE})
    assert (len(bomb) < 1_000_000, names(bomb)) == (True, ["site.zip/a.html"])


def test_an_archive_that_lies_about_sizes_ends_in_a_sentence() -> None:
    made = bytearray(archive({"a.html": b"<p>" + b"ab " * 100_000}))
    where = made.rindex(b"PK\x01\x02")
    made[where + 24 : where + 28] = (2_000).to_bytes(4, "little")
    with pytest.raises(NoPage, match=r"This archive is damaged"):
        names(bytes(made))


@pytest.mark.parametrize("content", [b"PK\x03\x04 no archive", archive({"a.html": PAGE})[:-30]])
def test_a_broken_archive_ends_in_a_sentence(content: bytes) -> None:
    with pytest.raises(NoPage, match=r"This archive is damaged"):
        names(content)


def test_a_protected_archive_ends_in_a_sentence() -> None:
    made = bytearray(archive({"a.html": PAGE}))
    made[made.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(NoPage, match=r"protected by a password"):
        names(bytes(made))


def test_an_archive_of_too_many_pages_ends_in_a_sentence() -> None:
    with pytest.raises(NoPage, match=r"more than 5,000 pages"):
        names(archive({f"{number}.html": b"" for number in range(5_001)}, zipfile.ZIP_STORED))
