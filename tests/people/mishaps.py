"""What can go wrong between the register and a directory, for ``proxy.Proxy`` to make: a list to choose from."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from proxy import DONE, ENTRY, EXTENDED, Mishap, Search, Talk, element, op_of, whole

Act = Callable[[Talk], bool | None]
#: Result codes of RFC 4511, appendix A: operationsError, timeLimitExceeded, sizeLimitExceeded, adminLimitExceeded,
#: busy, unavailable, other.
CODES: Final = (1, 3, 4, 11, 51, 52, 80)
#: Entries that pass before it happens.
PLACES: Final = (0, 1, 500, 1200)


def after(entries: int, strike: Act) -> Act:
    """Let so many entries of the whole reading by, then strike; False where there are not so many."""

    def act(talk: Talk) -> bool:
        if not entries:
            strike(talk)
            return True
        answer = talk.ask()
        for message in answer:
            talk.give(message)
            talk.proxy.entries += op_of(message) == ENTRY
            if talk.proxy.entries == entries:
                break
        else:
            talk.flush()
            return False
        strike(talk)
        for _ in answer:
            pass  # What the directory says besides is not heard.
        return True

    return act


def cut_short(talk: Talk) -> None:
    """Half of a message, and the end of the connection."""
    talk.raw(element(0x30, talk.message_id, element(ENTRY, bytes(60)))[:30])
    talk.close()


def ended(code: int, *, cookie: bytes | None = b"", referral: str = "") -> Act:
    """The answer ends with a result code."""
    return lambda talk: talk.end(code, cookie=cookie, referral=referral)


def notice(talk: Talk) -> None:
    """The notice of disconnection (RFC 4511, 4.4.1), and the end of the connection."""
    oid = element(0x8A, b"1.3.6.1.4.1.1466.20036")
    talk.raw(element(0x30, whole(0), element(EXTENDED, whole(52, 0x0A), element(0x04), element(0x04), oid)))
    talk.close()


def nonsense(talk: Talk) -> None:
    """An entry whose lengths do not fit into each other."""
    talk.raw(element(0x30, talk.message_id, element(ENTRY, element(0x04, b"uid=x"), b"\x30\x7f\x04\x01a")))
    talk.end(0)


def web_page(talk: Talk) -> None:
    """Another protocol altogether."""
    talk.raw(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    talk.close()


def half(*, odd: int, times: int = 1) -> Act:
    """Every other entry only, each so many times, and success."""

    def act(talk: Talk) -> None:
        for message in talk.ask():
            talk.proxy.turns += 1
            if op_of(message) == ENTRY:
                for _ in range(times * (talk.proxy.turns % 2 == odd)):
                    talk.give(message)
            else:
                talk.give(message)
        talk.flush()

    return act


def twice(talk: Talk) -> None:
    """Each entry two times over, one after the other."""
    for message in talk.ask():
        talk.give(message)
        if op_of(message) == ENTRY:
            talk.give(message)
    talk.flush()


def page_twice(talk: Talk) -> None:
    """All entries of a page, and then all of them again."""
    entries = []
    for message in talk.ask():
        if op_of(message) == DONE:
            for entry in entries:
                talk.give(entry)
        entries.append(message)
        talk.give(message)
    talk.flush()


def circles(talk: Talk) -> None:
    """The first page for ever, each time with the same cookie."""
    for message in talk.ask(cookie=b""):
        if op_of(message) == DONE:
            talk.end(0, cookie=b"round again")
        else:
            talk.give(message)


def empty_pages(talk: Talk) -> None:
    """Pages with nobody on them for ever, each with a cookie of its own."""
    talk.proxy.turns += 1
    talk.end(0, cookie=b"page %d" % talk.proxy.turns)


def same_cookie(talk: Talk) -> None:
    """Always the same cookie, which leads on all the same: odd, but right."""
    for message in talk.ask(cookie=talk.proxy.cookie if talk.search.cookie else b""):
        if op_of(message) == DONE and (cookie := talk.cookie_of(message)):
            talk.proxy.cookie = cookie
            talk.end(0, cookie=b"the one cookie")
        else:
            talk.give(message)
    talk.flush()


def no_control(talk: Talk) -> None:
    """A page of the reading, without a word on whether it is the last."""
    for message in talk.ask():
        if op_of(message) == DONE:
            talk.end(0, cookie=None)
        else:
            talk.give(message)


def no_cookie(talk: Talk) -> None:
    """A page of the reading, said to be the last."""
    for message in talk.ask():
        if op_of(message) == DONE:
            talk.end(0)
        else:
            talk.give(message)


def referring(uri: str, *, instead: bool) -> Act:
    """References to another host among the entries, or in place of every other one."""

    def act(talk: Talk) -> None:
        for message in talk.ask():
            talk.proxy.turns += 1
            if op_of(message) == ENTRY and talk.proxy.turns % 2:
                talk.refer(uri)
                if instead:
                    continue
            talk.give(message)
        talk.flush()

    return act


def bind_ended(code: int, referral: str = "") -> Act:
    """The directory answers the register's own signing in with a code."""
    return lambda talk: talk.end(code, referral=referral, tag=0x61)


def nothing(_talk: Talk) -> None:
    """For what happens by itself."""


def of_groups_only(search: Search) -> bool:
    """Whether a search is about groups."""
    return "member" in search.attributes or search.scope == 1


def of_units_only(search: Search) -> bool:
    """Whether a search is about organisational units."""
    return search.scope == 2 and not search.of_people


def of_one_only(search: Search) -> bool:
    """Whether a search is for the entry of one person."""
    return search.scope == 0 and search.base.startswith("uid=")


def of_readings(elsewhere: str) -> Iterator[Mishap]:
    """What goes wrong while people are read. ``elsewhere`` is the address of another host, for referrals."""
    for entries in PLACES:
        when = f"after {entries} entries"
        for code in CODES:
            yield Mishap(f"code {code} {when}", after(entries, ended(code)))
            yield Mishap(f"code {code} with a cookie {when}", after(entries, ended(code, cookie=b"more")))
        yield Mishap(f"code 10 {when}", after(entries, ended(10, referral=elsewhere)))
        yield Mishap(f"code 32 {when}", after(entries, ended(32)))
        yield Mishap(f"code 53 without paging control {when}", after(entries, ended(53, cookie=None)))
        yield Mishap(f"reset {when}", after(entries, Talk.reset))
        yield Mishap(f"closed {when}", after(entries, Talk.close))
        yield Mishap(f"closed within a message {when}", after(entries, cut_short))
        yield Mishap(f"hung {when}", after(entries, Talk.hang))
        yield Mishap(f"notice of disconnection {when}", after(entries, notice))
        yield Mishap(f"nonsense {when}", after(entries, nonsense))
        yield Mishap(f"a web page {when}", after(entries, web_page))
        yield Mishap(f"success {when}", after(entries, ended(0)), ends="held")
        yield Mishap(f"success without paging control {when}", after(entries, ended(0, cookie=None)), ends="")
    for page in (0, 1):
        yield Mishap(f"page {page}: paging refused", ended(12, cookie=None), skip=page)
    yield Mishap("success with nothing", ended(0), ends="held")
    yield Mishap("success with nothing, no control", ended(0, cookie=None), ends="held")
    yield Mishap("success with the odd half", half(odd=1), ends="held")
    yield Mishap("success with the even half", half(odd=0), ends="held")
    yield Mishap("success with half, each twice", half(odd=1, times=2), ends="held")
    yield Mishap("the cookie is lost", no_cookie, ends="held")
    yield Mishap("the paging control is lost", no_control, ends="")
    yield Mishap("the cookie goes in circles", circles)
    yield Mishap("empty pages without end", empty_pages)
    yield Mishap("empty pages without end after the first", empty_pages, skip=1)
    yield Mishap("references in place of half", referring(elsewhere, instead=True), ends="")


def of_connections() -> Iterator[Mishap]:
    """What goes wrong before anything is read."""
    yield Mishap("refused", nothing, at="connect", refuses=True)
    yield Mishap("reset at once", Talk.reset, at="connect")
    yield Mishap("closed at once", Talk.close, at="connect")
    yield Mishap("a web page at once", web_page, at="connect")
    yield Mishap("reset at the bind", Talk.reset, at="bind")
    yield Mishap("closed at the bind", Talk.close, at="bind")
    for code in (*CODES, 10, 49, 53):
        yield Mishap(
            f"code {code} at the bind", bind_ended(code, "ldap://127.0.0.2:1/" if code == 10 else ""), at="bind"
        )


def harmless(elsewhere: str) -> Iterator[Mishap]:
    """What looks odd, and still tells of everybody."""
    yield Mishap("entries twice", twice, ends="complete")
    yield Mishap("pages twice", page_twice, ends="complete")
    yield Mishap("the same cookie every time", same_cookie, ends="complete")
    yield Mishap("references among the entries", referring(elsewhere, instead=False), ends="")


def _in_passing(what: str, meant: Callable[[Search], bool], skips: tuple[int, ...]) -> Iterator[Mishap]:
    for skip in skips:
        some = Mishap(f"{what} {skip}: ", nothing, meant=meant, skip=skip, ends="")
        for code in (*CODES, 12, 53):
            yield replace(some, name=f"{some.name}code {code}", act=ended(code))
        yield replace(some, name=f"{some.name}reset", act=Talk.reset)
        yield replace(some, name=f"{some.name}closed within a message", act=cut_short)
        yield replace(some, name=f"{some.name}a web page", act=web_page)
        yield replace(some, name=f"{some.name}hung", act=Talk.hang)


def of_groups() -> Iterator[Mishap]:
    """What goes wrong while the groups that give roles are read; nobody's role may go by it."""
    return _in_passing("groups", of_groups_only, (0, 1, 2))


def of_units() -> Iterator[Mishap]:
    """What goes wrong while the organisational units are read."""
    yield from _in_passing("units", of_units_only, (0,))
    yield Mishap("units: success with nothing", ended(0), meant=of_units_only, ends="")
    yield Mishap("units: success with half", half(odd=1), meant=of_units_only, ends="")
    yield Mishap("units: twice", twice, meant=of_units_only, ends="")


def of_single_entries() -> Iterator[Mishap]:
    """What goes wrong while single entries are read whole, because their change marks differ."""
    yield from _in_passing("one entry", of_one_only, (0, 7))
    for code in (0, 32):
        yield Mishap(f"one entry: code {code} and nothing", ended(code, cookie=None), meant=of_one_only, ends="")
    yield Mishap("one entry: twice", twice, meant=of_one_only, ends="")
