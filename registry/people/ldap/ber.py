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
        # The lengths are reckoned in place: a call for each would take half of the time.
        if (length := message[1]) < 128:
            at = 2
        elif length == 0x81:
            length, at = message[2], 3
        else:
            length, at = _long(message, 2, length)
        if message[0] != SEQUENCE or at + length != len(message) or message[at] != INTEGER:
            raise MalformedError("these bytes are no LDAP message, or not one and nothing else")
        op = at + 2 + message[at + 1]
        if message[op] != SEARCH_RESULT_ENTRY:
            return None
        return int.from_bytes(message[at + 2 : op], "big", signed=True), _entry(message, op)
    except IndexError:
        raise MalformedError("an LDAP message ends too early") from None


def _entry(message: bytes, op: int) -> RawEntry:
    """The entry whose tag is at ``op``."""
    if (length := message[op + 1]) < 128:
        at = op + 2
    elif length == 0x81:
        length, at = message[op + 2], op + 3
    else:
        length, at = _long(message, op + 2, length)
    end = at + length
    start, stop = _content(message, at, TEXT) if message[at + 1] > 127 else (at + 2, at + 2 + message[at + 1])
    if message[at] != TEXT or end > len(message):
        raise MalformedError("an LDAP entry has another length than it says, or no name")
    if message[stop + 1] == 0x81 and message[stop] == SEQUENCE:
        at, last = stop + 3, stop + 3 + message[stop + 2]
    else:
        at, last = _content(message, stop, SEQUENCE)
    if last != end:
        raise MalformedError("an LDAP entry has another length than it says")
    return message[start:stop], _attributes(message, at, end)


def _attributes(message: bytes, at: int, end: int) -> list[tuple[bytes, list[bytes]]]:
    found = []
    while at < end:
        # Nearly every attribute is short: then each length in it is one byte, and the places can be reckoned at once.
        rest = at + 2 + message[at + 1]
        name_end = at + 4 + message[at + 3]
        if name_end < rest <= end and rest == name_end + 2 + message[name_end + 1] and message[at] == SEQUENCE:
            name, place = message[at + 4 : name_end], name_end + 2
            if place < rest and place + 2 + message[place + 1] == rest and message[place] == TEXT:
                values, place = [message[place + 2 : rest]], rest  # One value, as most have.
            else:
                values = []
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
