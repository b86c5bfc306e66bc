"""Reads the entries of a search answer out of their bytes, as nothing else in a sync costs as much time.

An LDAP message is BER (X.690) with definite lengths (RFC 4511, 5.1): a tag, a length, a content. Only the one kind of
message that comes by the ten thousand is read here, ``SearchResultEntry`` (RFC 4511, 4.5.2); everything else is left
to ldap3. ``tests/people/test_entries.py`` holds this module against ldap3's own reading.
"""

SEQUENCE, SET, INTEGER, TEXT, SEARCH_RESULT_ENTRY = 0x30, 0x31, 0x02, 0x04, 0x64

#: The distinguished name, and each attribute with its values, in the order and spelling of the directory.
RawEntry = tuple[bytes, list[tuple[bytes, list[bytes]]]]


class MalformedError(ValueError):
    """The bytes are no LDAP message."""


def read_entry(message: bytes) -> tuple[int, RawEntry] | None:
    """The message id and the entry of one whole LDAP message; None where it holds something else.

    ``message`` is the message and nothing after it. Raises ``MalformedError`` where an entry's lengths do not fit
    into each other. Controls that follow the entry are passed over.
    """
    try:
        start, end = _content(message, 0, SEQUENCE)
        at, stop = _content(message, start, INTEGER)
        message_id = int.from_bytes(message[at:stop], "big", signed=True)
        if message[stop] != SEARCH_RESULT_ENTRY:
            return None
        at, op_end = _content(message, stop, SEARCH_RESULT_ENTRY)
        if end != len(message) or op_end > end:
            raise MalformedError("an LDAP message has another length than it says")
        at, stop = _content(message, at, TEXT)
        dn = message[at:stop]
        at, end = _content(message, stop, SEQUENCE)
        if end != op_end:
            raise MalformedError("an LDAP entry has another length than it says")
        return message_id, (dn, _attributes(message, at, end))
    except IndexError:
        raise MalformedError("an LDAP message ends too early") from None


def _attributes(message: bytes, at: int, end: int) -> list[tuple[bytes, list[bytes]]]:
    found = []
    while at < end:
        # Nearly every attribute is short: then each length in it is one byte, and the places can be reckoned at once.
        rest = at + 2 + message[at + 1]
        name_end = at + 4 + message[at + 3]
        if name_end < rest <= end and rest == name_end + 2 + message[name_end + 1] and message[at] == SEQUENCE:
            name, place, values = message[at + 4 : name_end], name_end + 2, []
            while place < rest and message[place] == TEXT:
                stop = place + 2 + message[place + 1]
                values.append(message[place + 2 : stop])
                place = stop
            if place == rest and message[at + 2] == TEXT and message[name_end] == SET:
                found.append((name, values))
                at = rest
                continue
        attribute, at = _attribute(message, at, end)
        found.append(attribute)
    return found


def _attribute(message: bytes, at: int, end: int) -> tuple[tuple[bytes, list[bytes]], int]:
    """One attribute whatever its lengths, and where it ends."""
    at, rest = _content(message, at, SEQUENCE)
    start, stop = _content(message, at, TEXT)
    name = message[start:stop]
    at, stop = _content(message, stop, SET)
    if stop != rest or rest > end:
        raise MalformedError("an LDAP attribute has another length than it says")
    values = []
    while at < rest:
        start, at = _content(message, at, TEXT)
        values.append(message[start:at])
    if at != rest:
        raise MalformedError("an LDAP value is longer than its attribute")
    return (name, values), rest


def _content(message: bytes, at: int, tag: int) -> tuple[int, int]:
    """Where the content of the element at ``at`` begins and ends; the element must have this tag."""
    if message[at] != tag:
        raise MalformedError(f"an LDAP message holds tag {message[at]:#x} where {tag:#x} belongs")
    length, start = message[at + 1], at + 2
    if length > 127:
        length, start = _long(message, start, length)
    return start, start + length


def _long(message: bytes, at: int, first: int) -> tuple[int, int]:
    """A length in its long form: the low bits of ``first`` say how many bytes hold it. And where it ends."""
    stop = at + (first & 0x7F)
    if stop > len(message):
        raise MalformedError("an LDAP message ends within a length")
    return int.from_bytes(message[at:stop], "big"), stop
