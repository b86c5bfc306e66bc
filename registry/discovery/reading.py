"""Finds accounts in a text: a sentence that somebody pasted, a newsletter, an export of bios, a list of followers.

Nothing here asks the network or the database, and nothing is kept. What counts as a mention follows X's own cases
(twitter-text), but for the names of the fediverse, `@name@server`, which are accounts here.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from registry.accounts.platforms import PLATFORMS, Refused, Resolved, find_platform, resolve
from registry.accounts.rules.addresses import words as some

#: Characters of a text that are read; a newsletter of fifty pages has 150,000.
LONGEST_TEXT: Final = 1_000_000
#: Accounts that one text may tell of.
MOST: Final = 5_000
#: Characters of the words around an account.
LONGEST_WORDS: Final = 280
#: Characters of a sentence that are looked at together.
LONGEST_SENTENCE: Final = 1_000
#: Characters between an account and the word that says where it is.
FARTHEST: Final = 120

#: What people call a platform in passing, as regular expressions; the longer ones first.
SPOKEN: Final = {
    "x": r"(?:re)?tweet(?:s|ed|ing|er|ers)?|twitter|trydar(?:iad|odd)?|(?-i:X)",
    "instagram": r"instagram|insta|(?-i:IG)|reels?",
    "facebook": r"facebook|(?-i:FB|fb)|gweplyfr",
    "tiktok": r"tik ?tok(?:s|ing|er)?",
    "youtube": r"you ?tube|(?-i:YT)",
    "linkedin": r"linked ?in",
    "bluesky": r"blue ?sky|bsky|skeet(?:s|ed|ing)?",
    "threads": r"(?-i:Threads)|(?<=on )threads",
    "mastodon": r"mastodon|toot(?:s|ed|ing)?",
    "snapchat": r"snapchat",
    "pinterest": r"pinterest",
    "flickr": r"flickr",
    "twitch": r"twitch",
    "reddit": r"reddit",
    "vimeo": r"vimeo",
    "soundcloud": r"soundcloud",
    "telegram": r"telegram",
}
#: What the column of a list is called that holds names of accounts, or their addresses.
COLUMNS: Final = some(
    "handle username user account accounts accountname screenname twitterhandle name@ url link profile profileurl"
    " profilelink address userurl page username@ instagramhandle handleorurl socialmedia"
)
PLATFORM_COLUMNS: Final = frozenset(("platform", "network", "site", "channel", "service"))

_SPOKEN = re.compile(
    "|".join(rf"(?P<{slug}>(?<![\w@/.'’-])(?:{words})(?![\w@/]|[.'’-]\w))" for slug, words in SPOKEN.items()),
    re.IGNORECASE,
)
# Between platforms that share one name: "X, Facebook and Instagram: @brynmor".
_JOINED = re.compile(r"\s*(?:,|/|&|\+|\band\b|\ba\b|\bor\b)+\s*(?:\band\s+|\ba\s+|on\s+)?", re.IGNORECASE)
_LEADS_ON = re.compile(r"[\s(\[\-–—:]*(?:on|over on|via|is|ar)?\s*$", re.IGNORECASE)

_HOST = r"(?:[\w](?:[\w-]{0,61}[\w])?\.){1,8}[^\W\d_]{2,24}"
_TOKEN = re.compile(
    rf"""
    (?P<url>(?<![\w@#$])https?://[^\s<>"“”«»]{{1,2000}})
    |(?P<mail>(?<![\w@.+%-])[\w.+%-]{{1,64}}@{_HOST}(?![\w@]))
    |(?P<fediverse>(?<![\w@#$%&*!/.+~-])@[\w](?:[\w.-]{{0,100}}[\w])?@{_HOST}(?![\w@]))
    |(?P<page>(?<![\w@#$./-])(?:www\.)?{_HOST}(?::\d+)?(?:/[^\s<>"“”«»]{{0,2000}})?)
    |(?P<name>(?:(?<![A-Za-z0-9_!@＠\#$%&*/.+~-])|(?<=\brt)|(?<=\brt:)|(?<=\s\.)|(?<=^\.))[@＠]
        [A-Za-z0-9_](?:[A-Za-z0-9_.-]{{0,100}}[A-Za-z0-9_])?+(?![@＠À-ɏ]|://))
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_AT_THE_END = ".,;:!?…'’*_~|"
_SENTENCE = re.compile(r"[.!?…](?=\s+[^\W\d_a-z@])|[\r\n]+|[•|;](?=\s)")
_PAIRS = {")": "(", "]": "[", "}": "{"}
#: Ends of file names, which look like hosts.
_FILES = some("pdf doc docx xls xlsx csv txt jpg jpeg png gif zip bz gz ppt pptx htm html php exe mp4 json")


@dataclass(frozen=True, slots=True)
class Mention:
    """An account in a text: which one, as it was typed, and the words around it."""

    account: Resolved
    words: str
    typed: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a text tells: accounts, each once, and names of which nothing says where they are."""

    accounts: tuple[Mention, ...]
    #: Name and the words around it; whoever pasted the text can say the platform and have it read again.
    left_open: tuple[tuple[str, str], ...]


def accounts_in(text: str, platform: str = "") -> list[Mention]:
    """The accounts that ``text`` tells of, each once, in its order; ``platform`` is where bare names belong."""
    return list(read(text, platform).accounts)


def read(text: str, platform: str = "") -> Reading:
    """Read a text, or a table with a heading for handles or addresses. Never raises.

    ``platform`` is the slug or name of where a name belongs of which the text itself does not say it. Web sites and
    mail addresses are no accounts; a post is read as the account behind it.
    """
    text = text[:LONGEST_TEXT].replace("\0", "")
    found: dict[tuple[str, str, str], Mention] = {}
    left_open: dict[str, str] = {}
    for typed, answers, words in _of_table(text, platform) or _of_prose(text, platform):
        for account in answers:
            found.setdefault((account.platform, account.kind, account.key), Mention(account, words, typed))
        if not answers:
            left_open.setdefault(typed, words)
        if len(found) + len(left_open) >= MOST:
            break
    return Reading(tuple(found.values()), tuple(left_open.items()))


#: What was typed, the accounts that it means (none: nobody can say), the words around it.
_Read = Iterator[tuple[str, list[Resolved], str]]


# --- Tables -------------------------------------------------------------------------------------------------


def _of_table(text: str, platform: str) -> _Read | None:
    """What the rows of a table tell, where the first line is a heading that names a column of accounts."""
    lines = text.lstrip("\ufeff\r\n \t").splitlines()
    if len(lines) < 2:
        return None
    mark = max("\t;,", key=lines[0].count)
    heads = ["".join(one for one in cell.casefold() if one.isalnum() or one == "@") for cell in lines[0].split(mark)]
    heads = [head.strip('"') for head in heads]
    at = [number for number, head in enumerate(heads) if head in COLUMNS]
    if not at:
        return None
    return _of_rows(csv.reader(lines[1:], delimiter=mark), at, _place(heads, PLATFORM_COLUMNS), platform)


def _place(heads: list[str], names: frozenset[str]) -> int:
    return next((number for number, head in enumerate(heads) if head in names), -1)


def _of_rows(rows: Iterator[list[str]], at: list[int], where: int, platform: str) -> _Read:
    try:
        for row in rows:
            told = row[where].strip() if 0 <= where < len(row) else ""
            belongs = told if told and find_platform(told) else platform
            cells = [row[number].strip() for number in at if number < len(row) and row[number].strip()]
            others = (cell.strip() for number, cell in enumerate(row) if number != where)
            words = _short(", ".join(cell for cell in others if cell and cell not in cells))
            for cell in cells:
                if answer := _taken(cell, belongs):
                    yield cell, [answer], words
                    break
            else:
                if cells and not belongs and not _is_mail(cells[0]):
                    yield cells[0], [], words
            for typed, answers, _ in _of_prose(words, belongs):
                if answers:
                    yield typed, answers, words
    except csv.Error:
        return  # A cell of more than 128 KB, or one that never ends: what came before it counts.


# --- Sentences ----------------------------------------------------------------------------------------------


def _of_prose(text: str, platform: str) -> _Read:
    for sentence in _sentences(text):
        if "@" in sentence or "." in sentence or "＠" in sentence:
            yield from _of_sentence(sentence, platform)


def _sentences(text: str) -> Iterator[str]:
    """The sentences and lines of a text; what never ends is cut, as everything in a sentence is held against it."""
    begin = 0
    for end in [*(match.end() for match in _SENTENCE.finditer(text)), len(text)]:
        while end - begin > LONGEST_SENTENCE:
            cut = text.rfind(" ", begin, begin + LONGEST_SENTENCE) + 1 or begin + LONGEST_SENTENCE
            yield text[begin:cut]
            begin = cut
        yield text[begin:end]
        begin = end


def _of_sentence(sentence: str, platform: str) -> _Read:
    tokens = list(_TOKEN.finditer(sentence))
    spoken = _spoken(sentence, tokens) if any(token["name"] for token in tokens) else []
    for token in tokens:
        words = _around(sentence, *token.span())
        if token["name"]:
            name = token["name"].replace("＠", "@").rstrip("-.")
            answers = _placed(name, _near(spoken, token, sentence) or [platform])
            if answers or not (platform or _near(spoken, token, sentence)):
                yield name, answers, words
        elif token["fediverse"]:
            if answer := _taken(token["fediverse"], ""):
                yield token["fediverse"], [answer], words
        elif not token["mail"]:
            typed = _trimmed(token.group())
            if answer := _address(typed, whole=bool(token["url"])):
                yield typed, [answer], words


def _placed(name: str, platforms: list[str]) -> list[Resolved]:
    """The accounts of a bare name on each of some platforms; of `@brynmor.Come along` only what can be a name."""
    found = [answer for platform in platforms if (answer := _taken(name, platform))]
    shorter = re.split(r"[.-]", name)[0]
    if not found and shorter != name:
        found = [answer for platform in platforms if platform and (answer := _taken(shorter, platform))]
    return found


def _taken(typed: str, platform: str) -> Resolved | None:
    """The account that something typed means; the one behind a post, too, but no web site."""
    answer = resolve(typed, platform or None)
    account = answer.owner if isinstance(answer, Refused) else answer
    return account if account and account.platform != "website" else None


def _address(typed: str, *, whole: bool) -> Resolved | None:
    """The account at an address; a host alone counts only where its platform is known for that."""
    host, _, path = re.sub(r"^https?://", "", typed, flags=re.IGNORECASE).partition("/")
    if not whole and host.rpartition(".")[2].lower() in _FILES:
        return None
    account = _taken(typed, "")
    # Where only the shape of the path speaks for a server of the fediverse, it must be one that others hardly use.
    if account and account.note.startswith("We think") and not path.startswith("@"):
        return None
    return account


def _is_mail(typed: str) -> bool:
    token = _TOKEN.match(typed)
    return bool(token and token["mail"])


def _trimmed(typed: str) -> str:
    """An address without the punctuation of the sentence that it stands in."""
    while typed:
        last = typed[-1]
        if last not in _AT_THE_END and (last not in _PAIRS or typed.count(_PAIRS[last]) >= typed.count(last)):
            break
        typed = typed[:-1]
    return re.sub(r"['’]s$", "", typed)


# --- Which platform a bare name belongs to ------------------------------------------------------------------


@dataclass(slots=True)
class _Spoken:
    """Platforms that are named together, and where."""

    slugs: list[str]
    start: int
    end: int


def _spoken(sentence: str, tokens: list[re.Match[str]]) -> list[_Spoken]:
    masked = sentence
    for token in tokens:
        masked = f"{masked[: token.start()]}{'@' * (token.end() - token.start())}{masked[token.end() :]}"
    found: list[_Spoken] = []
    for match in _SPOKEN.finditer(masked):
        slug = match.lastgroup or ""
        if found and _JOINED.fullmatch(masked, found[-1].end, match.start()):
            found[-1].slugs.append(slug)
            found[-1].end = match.end()
        else:
            found.append(_Spoken([slug], match.start(), match.end()))
    return found


def _near(spoken: list[_Spoken], token: re.Match[str], sentence: str) -> list[str]:
    """The platforms whose names stand nearest to a mention: "@a on X" rather than "on X and @a"."""
    best, nearest = [], FARTHEST
    for one in spoken:
        if one.end <= token.start():
            gap = token.start() - one.end
        else:
            between = sentence[token.end() : one.start]
            gap = 0 if _LEADS_ON.fullmatch(between) and len(between) < 12 else one.start - token.end()
        if gap < nearest:
            best, nearest = one.slugs, gap
    return [slug for slug in dict.fromkeys(best) if slug in PLATFORMS]


def _around(sentence: str, start: int, end: int) -> str:
    """The sentence of a mention, or as much of it as is worth showing."""
    if len(sentence) <= LONGEST_WORDS:
        return " ".join(sentence.split())
    room = (LONGEST_WORDS - min(end - start, LONGEST_WORDS)) // 2
    return _short(sentence[max(0, start - room) : end + room])


def _short(words: str) -> str:
    return " ".join(words.split())[:LONGEST_WORDS]
