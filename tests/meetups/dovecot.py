"""A real IMAP server of a test's own: Dovecot over TLS, with one mailbox that is reached by a password."""

import imaplib
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PASSWORD = "quiet-please"
USER = "meetups@dunmore.example"
CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
ssl = required
ssl_cert = <{certificate}
ssl_key = <{certificate}
mail_location = maildir:{folder}/mail/%n
mail_max_userip_connections = 50
default_process_limit = 20
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/home
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


class Dovecot:
    """The server, and what is put into its mailbox."""

    def __init__(self, port: int, certificate: Path) -> None:
        self.port = port
        self.certificate = certificate

    @property
    def address(self) -> str:
        """What the setting ``reply_mailbox`` names."""
        return f"imaps://{USER.replace('@', '%40')}@localhost:{self.port}/Answers"

    @contextmanager
    def connection(self) -> Iterator[imaplib.IMAP4_SSL]:
        """A connection of the mail server's own people."""
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        with imaplib.IMAP4_SSL("localhost", self.port, ssl_context=trusted, timeout=20) as connection:
            connection.login(USER, PASSWORD)
            yield connection

    def deliver(self, *mails: bytes, folder: str = "Answers") -> None:
        """Put mails into a folder."""
        with self.connection() as connection:
            connection.create(folder)
            for mail in mails:
                crlf = mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
                status, said = connection.append(folder, "", "", crlf)
                assert status == "OK", said

    def state(self) -> list[bytes]:
        """The flags of every mail."""
        with self.connection() as connection:
            connection.select("Answers", readonly=True)
            return [one for one in connection.fetch("1:*", "(FLAGS)")[1] if isinstance(one, bytes)]

    def empty(self) -> None:
        """Take the folder away."""
        with self.connection() as connection:
            connection.delete("Answers")


def missing() -> str:
    """What keeps the server from running here; empty where nothing does."""
    if shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        return "dovecot-imapd is not installed"
    return "" if os.getuid() == 0 else "Dovecot needs root to change to its users"


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """The server, started once a worker."""
    if reason := missing():
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="dovecot"))
    folder.chmod(0o755)  # Its users are not those of the tests, whose own folders they cannot enter.
    for name in ("mail", "home"):
        (folder / name).mkdir(mode=0o777)
        (folder / name).chmod(0o777)
    certificate = folder / "localhost.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost", "-keyout", str(folder / "key"), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    with certificate.open("a") as file:
        file.write((folder / "key").read_text())
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    written = folder / "dovecot.conf"
    written.write_text(CONFIGURATION.format(folder=folder, certificate=certificate, port=port, password=PASSWORD))
    process = subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", str(written)])
    try:
        _wait_for(port, process, folder / "log")
        yield Dovecot(port, certificate)
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + 20
    while time.monotonic() < ends and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"Dovecot did not start: {log.read_text() if log.exists() else ''}")
