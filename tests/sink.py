"""A mail server that takes everything, in a process of its own; it may hang up once it has a mail, without a word.

    python tests/sink.py FILE [SHARE]

prints its port. Each mail is written to FILE before it is answered. Of those in SHARE (0.1 is one in ten) the sender is
never told: the connection breaks when the whole mail has arrived.
"""

import contextlib
import socketserver
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

LENGTH: Final = 10


def is_dropped(mail: bytes, share: float) -> bool:
    """Whether a mail is one of those that are not answered: the same one each time."""
    return zlib.crc32(mail) % 1000 < share * 1000


class Talk(socketserver.StreamRequestHandler):
    """One connection."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError, BrokenPipeError):
            self.say(b"220 sink")
            while (line := self.rfile.readline()) and self.answer(line.upper()):
                pass

    def answer(self, line: bytes) -> bool:
        """Answer a command; whether to go on."""
        if line.startswith(b"EHLO"):
            self.say(b"250-sink\r\n250 8BITMIME")
        elif line.startswith(b"DATA"):
            self.say(b"354 go on")
            return self.take()
        elif line.startswith(b"QUIT"):
            self.say(b"221 bye")
            return False
        else:
            self.say(b"250 ok")
        return True

    def take(self) -> bool:
        """Take a mail, keep it, and answer, or not."""
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False  # It broke off in the middle: there is no mail.
            lines.append(line[1:] if line.startswith(b".") else line)
        mail = b"".join(lines)
        self.server.keep(mail)  # type: ignore[attr-defined]
        if is_dropped(mail, self.server.share):  # type: ignore[attr-defined]
            return False
        self.say(b"250 kept")
        return True

    def say(self, words: bytes) -> None:
        self.wfile.write(words + b"\r\n")


class Server(socketserver.ThreadingTCPServer):
    """Keeps what arrives."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, file: Path, share: float) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.share, self.lock, self.kept = share, threading.Lock(), file.open("ab", buffering=0)

    def keep(self, mail: bytes) -> None:
        with self.lock:
            self.kept.write(b"%*d\n" % (LENGTH, len(mail)) + mail)


class Sink:
    """Such a server, in a process of its own, while the block lasts."""

    def __init__(self, file: Path, share: float = 0.0) -> None:
        self.file, self.share = file, share

    def __enter__(self) -> "Sink":
        self.file.touch()
        command = [sys.executable, __file__, str(self.file), str(self.share)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdout
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()

    def mails(self) -> Iterator[bytes]:
        """What has arrived, in order."""
        data, place = self.file.read_bytes(), 0
        while place < len(data):
            length = int(data[place : place + LENGTH])
            place += LENGTH + 1
            yield data[place : place + length]
            place += length


def main() -> None:
    """Serve until told to stop."""
    with Server(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
