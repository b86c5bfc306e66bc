"""Processes that are forked from one that has all modules loaded, so that starting and killing many takes no time."""

import contextlib
import os
import signal
import subprocess
import sys
import time


class Nurse:
    """Has a script fork a process for each line that it reads; the script prints the child and how it ended."""

    def __init__(self, script: str, *arguments: str) -> None:
        self._nurse = subprocess.Popen(
            [sys.executable, "-c", script, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def tell(self, line: str) -> None:
        """Have it begin."""
        assert self._nurse.stdin
        self._nurse.stdin.write(line + "\n")
        self._nurse.stdin.flush()

    def number(self) -> int:
        """The next number that the script prints."""
        assert self._nurse.stdout
        return int(self._nurse.stdout.readline())

    def run_one(self, line: str, *, kill_after: float | None = None) -> int:
        """Begin, and wait for the end: the exit code, -9 where it was killed some seconds after it began."""
        self.tell(line)
        child = self.number()
        if kill_after is not None:
            with contextlib.suppress(ProcessLookupError):  # It has ended by then.
                handle = os.pidfd_open(child)  # Numbers of processes are used again; a handle is of this one only.
                try:
                    time.sleep(kill_after)
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                finally:
                    os.close(handle)
        return self.number()

    def close(self) -> None:
        """End the process that the others are forked from."""
        assert self._nurse.stdin
        assert self._nurse.stdout
        self._nurse.stdin.close()
        self._nurse.wait(20)
        self._nurse.stdout.close()
