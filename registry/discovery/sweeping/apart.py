"""Reading pages in a process of its own, which may take only so much time and memory.

A page can be written so that any HTML parser takes minutes over it (fifty thousand elements inside each other), and
nobody can tell by looking. So pages of which we do not know who wrote them are read elsewhere; where that takes too
long the process ends and the next page begins a new one. What comes back is JSON: a broken process cannot do harm here.
"""

import json
import os
import select
import struct
import subprocess
import sys
import time
from dataclasses import asdict
from typing import Any, BinaryIO, Final

from registry.accounts.platforms import Resolved
from registry.discovery.sweeping.links import Harvest, Link, Where
from registry.discovery.sweeping.reading import NoPage, read

#: Seconds for one page. One of 100 KB takes a hundredth of one.
LONGEST: Final = 5.0
#: Bytes of memory that the process may take.
MOST_MEMORY: Final = 1 << 30
_SIZE: Final = struct.Struct(">I")
_ODD: Final = "This page is built so oddly that reading it takes too long."


class Reader:
    """Reads pages apart; used in a `with`, and by one thread."""

    def __init__(self, seconds: float = LONGEST) -> None:
        self.seconds = seconds
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def read(
        self, content: bytes, *, name: str = "", media_type: str = "", address: str = "", onward: bool = False
    ) -> Harvest:
        """The account links of a page, as ``reading.read`` finds them. Raises ``NoPage``."""
        asked = json.dumps({"name": name, "media_type": media_type, "address": address, "onward": onward}).encode()
        process = self._started()
        try:
            _send(process.stdin, asked)
            _send(process.stdin, content)
            answer = self._answer(process)
        except (OSError, ValueError):
            self.end()
            raise NoPage(_ODD) from None
        if "no_page" in answer:
            raise NoPage(str(answer["no_page"]))
        return _harvest(answer)

    def _started(self) -> "subprocess.Popen[bytes]":
        if self.process is None or self.process.poll() is not None:
            self.end()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "registry.discovery.sweeping.apart"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            # Starting takes its time, and is no fault of the page.
            _read_exactly(self.process.stdout, 1, time.monotonic() + 30)
        return self.process

    def _answer(self, process: "subprocess.Popen[bytes]") -> dict[str, Any]:
        deadline = time.monotonic() + self.seconds
        (size,) = _SIZE.unpack(_read_exactly(process.stdout, _SIZE.size, deadline))
        answer = json.loads(_read_exactly(process.stdout, size, deadline))
        if not isinstance(answer, dict):
            raise ValueError("not an answer")
        return answer

    def end(self) -> None:
        """End the process, whatever it does just now."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


def _send(stream: Any, content: bytes) -> None:
    stream.write(_SIZE.pack(len(content)) + content)
    stream.flush()


def _read_exactly(stream: Any, size: int, deadline: float) -> bytes:
    """So many bytes from a pipe. Raises ``TimeoutError``, or ``ValueError`` where the process has ended."""
    got = bytearray()
    while len(got) < size:
        if not select.select([stream], [], [], max(deadline - time.monotonic(), 0))[0]:
            raise TimeoutError
        piece = os.read(stream.fileno(), min(size - len(got), 1 << 20))
        if not piece:
            raise ValueError("the process has ended")
        got += piece
    return bytes(got)


def _harvest(answer: dict[str, Any]) -> Harvest:
    def link(one: dict[str, Any]) -> Link:
        return Link(Resolved(**one["account"]), str(one["text"]), Where(one["where"]), str(one["context"]))

    return Harvest(list(map(link, answer["links"])), list(map(link, answer["hints"])), list(map(str, answer["pages"])))


def main() -> None:
    """What the process does: read page after page from standard input until there are no more."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    source, target = sys.stdin.buffer, sys.stdout.buffer
    target.write(b".")
    target.flush()
    while (asked := _next(source)) is not None and (content := _next(source)) is not None:
        try:
            answer = asdict(read(content, **json.loads(asked)))
        except NoPage as error:
            answer = {"no_page": str(error)}
        except (MemoryError, RecursionError):
            answer = {"no_page": _ODD}
        _send(target, json.dumps(answer).encode())


def _next(source: BinaryIO) -> bytes | None:
    size = source.read(_SIZE.size)
    return source.read(_SIZE.unpack(size)[0]) if len(size) == _SIZE.size else None


if __name__ == "__main__":
    main()
