"""Fetching: nothing that is not a public website is connected to, and nothing takes more than a page may."""

import gzip
import ipaddress
import os
import socket
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from websites import Site

from registry.discovery.sweeping import fetching
from registry.discovery.sweeping.fetching import NotFetched, fetch

INSIDE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200",
    "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.168.1.1", "192.88.99.1", "168.63.129.16",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::808:808", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1",
    "2001:10::1", "2001:20::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
    "fd12::1", "fe80::1", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
OUTSIDE = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.0",
    "172.32.0.1",
    "2606:4700::1111",
    "2a00:1450:4009::200e",
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert fetching.is_public(ipaddress.ip_address(address)) is False


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_outside_is(address: str) -> None:
    assert fetching.is_public(ipaddress.ip_address(address)) is True


# The tests' own servers are at the first of them.
@pytest.mark.parametrize("address", INSIDE[1:])
def test_a_name_that_leads_inside_is_refused_before_connecting(site: Site, address: str) -> None:
    site.names["inside.example"] = [[address]]
    with pytest.raises(NotFetched, match=r"is not a public website, so it is not fetched\.$"):
        fetch(site.url(name="inside.example"))
    assert site.connected == []


def test_a_name_with_one_address_inside_is_refused_whole(site: Site) -> None:
    site.names["both.example"] = [["127.0.0.1", "10.0.0.1"]]
    with pytest.raises(NotFetched, match=r"is not a public website"):
        fetch(site.url(name="both.example"))
    assert site.connected == []


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/",
        "http://0177.0.0.1/", "http://127.0.0.1./", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://[::1]/",
        "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://localhost/",
        "http://localhost./", "http://LOCALHOST/", "http://metadata/", "http://user@www.dunmore.example/",
        "http://user:word@www.dunmore.example/", "http://www.dunmore.example@127.0.0.1/", "http://www.dunmore.example:22/",
        "http://www.dunmore.example:0/", "http://www.dunmore.example:99999/", "ftp://www.dunmore.example/", "file:///etc/passwd",
        "gopher://www.dunmore.example/", "http:///etc", "http://", "", "http://www.dunmore.example\\@127.0.0.1/",
        "http://127.0.0.1%2e/", "http://a<b>.example/", "http://$(id).example/", "http://-a.example/",
        "http://127.0.0.1\\.dunmore.example/", "http://www.dunmore.example\r\nHost: x/", "http://a..example/", "http://xn--/",
    ],
)  # fmt: skip
def test_a_spelling_that_hides_where_it_leads_is_refused_without_a_look_up(site: Site, address: str) -> None:
    with pytest.raises(NotFetched, match=r"\.$"):
        fetch(address)
    assert (site.looked_up, site.connected) == ([], [])


def test_a_page_comes_with_its_type_and_the_name_of_its_site(site: Site) -> None:
    site.page("/a?b=%C3%A9", "<p>Siân")
    page = fetch(site.url("/a?b=é#top"))
    assert (page.media_type, page.content) == ("text/html; charset=utf-8", "<p>Siân".encode())
    assert site.asked == [("/a?b=%C3%A9", f"www.dunmore.example:{site.port}")]


def test_names_in_other_letters_are_asked_for_in_ascii(site: Site) -> None:
    site.page("/", "<p>")
    fetch(site.url(name="www.dúnmore.example"))
    assert site.looked_up == ["www.xn--dnmore-pya.example"]


def test_what_was_looked_up_first_is_what_is_connected_to(site: Site) -> None:
    site.page("/", "<p>")
    site.names["rebound.example"] = [["127.0.0.1"], ["10.0.0.1"]]
    fetch(site.url(name="rebound.example"))
    assert (site.looked_up, site.connected) == (["rebound.example"], ["127.0.0.1"])


def test_the_next_address_is_tried_where_the_first_does_not_answer(site: Site) -> None:
    site.page("/", "<p>")
    site.names["two.example"] = [["2606:4700::1111", "127.0.0.1"]]
    assert fetch(site.url(name="two.example"), seconds=2).content == b"<p>"
    assert site.connected == ["2606:4700::1111", "127.0.0.1"]


def test_a_redirect_may_be_written_in_any_letters(site: Site) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write("HTTP/1.1 302 Found\r\nLocation: /siân\r\n\r\n".encode())

    site.answers["/"] = answer
    site.page("/si%C3%A2n", "<p>there")
    assert fetch(site.url()).content == b"<p>there"


def test_whoever_asks_may_stop_at_a_redirect(site: Site) -> None:
    def stop(to: str) -> None:
        raise NotFetched(f"Not to {to}.")

    site.redirect("/", "/next")
    with pytest.raises(NotFetched, match=r"^Not to http://www.dunmore.example:\d+/next\.$"):
        fetch(site.url(), follow=stop)
    assert [path for path, _ in site.asked] == ["/"]


def test_a_redirect_is_checked_anew(site: Site) -> None:
    site.names["inside.example"] = [["10.0.0.1"]]
    site.redirect("/", site.url("/secret", name="inside.example"))
    with pytest.raises(NotFetched, match=r"inside.example is not a public website"):
        fetch(site.url())
    assert (site.connected, site.asked) == (["127.0.0.1"], [("/", f"www.dunmore.example:{site.port}")])


def test_a_name_that_leads_inside_at_the_second_look_is_refused_then(site: Site) -> None:
    site.names["rebound.example"] = [["127.0.0.1"], ["169.254.169.254"]]
    site.redirect("/", "/again")
    with pytest.raises(NotFetched, match=r"is not a public website"):
        fetch(site.url(name="rebound.example"))
    assert site.connected == ["127.0.0.1"]


@pytest.mark.parametrize(
    "to", ["http://127.0.0.1/", "http://[::1]/", "file:///etc/passwd", "http://user@a.example/", "http://[/"]
)
def test_a_redirect_to_a_hidden_place_is_refused(site: Site, to: str) -> None:
    site.redirect("/", to)
    with pytest.raises(NotFetched, match=r"\.$"):
        fetch(site.url())
    assert len(site.connected) == 1


def test_three_redirects_are_followed_and_a_fourth_is_not(site: Site) -> None:
    for number in range(4):
        site.redirect(f"/{number}", f"/{number + 1}")
    site.page("/4", "<p>there")
    assert fetch(site.url("/1")).content == b"<p>there"
    with pytest.raises(NotFetched, match=r"more than 3 redirects"):
        fetch(site.url("/0"))


@pytest.mark.parametrize("size", [1_000_000, 1_000_001])
def test_a_megabyte_fits_and_a_byte_more_does_not(site: Site, size: int) -> None:
    site.page("/", b"a" * size)
    if size == 1_000_000:
        assert len(fetch(site.url()).content) == size
    else:
        with pytest.raises(NotFetched, match=r"The page has more than 1 MB."):
            fetch(site.url())


def test_a_packed_page_is_unpacked(site: Site) -> None:
    site.page("/", gzip.compress(b"<p>packed"), Content_Encoding="gzip")
    assert fetch(site.url()).content == b"<p>packed"


def test_a_bomb_is_not_unpacked(site: Site) -> None:
    bomb = gzip.compress(b"a" * 300_000_000, 9)
    site.page("/", bomb, Content_Encoding="gzip")
    before = _memory()
    with pytest.raises(NotFetched, match=r"The page has more than 1 MB."):
        fetch(site.url())
    assert (len(bomb) < 1_000_000, _memory() - before < 50_000) == (True, True)


def _memory() -> int:
    """Kilobytes that this process has."""
    with Path("/proc/self/status").open(encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


@pytest.mark.parametrize(
    ("content", "headers", "says"),
    [
        (b"no gzip", {"Content_Encoding": "gzip"}, "The page is damaged: it cannot be unpacked."),
        (b"a", {"Content_Encoding": "br"}, "The page is packed in a way that was not asked for (br)."),
        (b"a", {"Content_Encoding": "gzip, gzip"}, "The page is packed in a way that was not asked for (gzip, gzip)."),
        (b"a", {"media_type": "application/pdf"}, "This is no page but application/pdf."),
        (b"a", {"media_type": "image/png"}, "This is no page but image/png."),
        (b"a", {"media_type": "\x1b[31mpng"}, "This is no page but ?[31mpng."),
        (b"a", {"Content_Length": "900000000000"}, "The page has more than 1 MB."),
    ],
)
def test_what_is_no_page_ends_in_a_sentence(site: Site, content: bytes, headers: dict[str, str], says: str) -> None:
    site.page("/", content, **headers)
    with pytest.raises(NotFetched) as refused:
        fetch(site.url())
    assert str(refused.value) == says


def test_other_answers_than_a_page_are_told(site: Site) -> None:
    with pytest.raises(NotFetched, match=r"The site answers with 404 instead of a page."):
        fetch(site.url("/none"))


def _drip(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        handler.wfile.write(f"X-{number}: a\r\n".encode())
        handler.wfile.flush()
        time.sleep(0.1)


def _endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b"a")
        handler.wfile.flush()
        time.sleep(0.1)


def _silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(4)


@pytest.mark.parametrize("answer", [_drip, _endless, _silent])
def test_whoever_is_slow_is_left_in_time(site: Site, answer: object) -> None:
    site.answers["/"] = answer  # type: ignore[assignment]
    began = time.monotonic()
    with pytest.raises(NotFetched, match=r"The site took longer than 1 seconds."):
        fetch(site.url(), seconds=1)
    assert time.monotonic() - began < 2


def test_a_look_up_that_hangs_is_left_in_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "look_up", lambda _host, _port: time.sleep(3))
    began = time.monotonic()
    with pytest.raises(NotFetched, match=r"The site took longer"):
        fetch(site.url(), seconds=0.5)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("said", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: " + b"a" * 300_000, b""])
def test_what_speaks_no_http_ends_in_a_sentence(site: Site, said: bytes) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(said)
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)

    site.answers["/"] = answer
    with pytest.raises(NotFetched, match=r"\.$"):
        fetch(site.url(), seconds=2)


def test_no_setting_and_no_variable_opens_the_guard() -> None:
    """In a process of its own, with all that a shell could say, this machine is not fetched from."""
    program = (
        "from registry.discovery.sweeping import fetching as f\n"
        "for name in ('localtest.example', 'www.dunmore.example'):\n"
        "    f.look_up = lambda host, port: ['127.0.0.1']\n"
        "    try: f.fetch('http://' + name)\n"
        "    except f.NotFetched as error: print(error)\n"
    )
    shell = {
        **os.environ,
        "HTTP_PROXY": "http://127.0.0.1:1",
        "ALL_PROXY": "http://127.0.0.1:1",
        "REGISTRY_SWEEP_ALLOW": "1",
    }
    done = subprocess.run([sys.executable, "-c", program], env=shell, capture_output=True, text=True, check=True)
    assert done.stdout.count("is not a public website, so it is not fetched.") == 2
