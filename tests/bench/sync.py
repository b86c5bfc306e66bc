"""Each way to read a directory against ldapsearch reading the same attributes to nowhere; peak memory.

.venv/bin/python tests/bench/sync.py --people 10000
.venv/bin/python tests/bench/sync.py --people 100000 --runs 3
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "people"), str(HERE.parent.parent)]

import directory  # noqa: E402
from pairs import in_turn, tell  # noqa: E402
from slapd import Slapd  # noqa: E402

from registry.config import LdapSettings  # noqa: E402

ATTRIBUTES = (
    "entryUUID", "uid", "mail", "displayName", "cn", "givenName", "sn", "telephoneNumber", "mobile", "title",
    "physicalDeliveryOfficeName", "ou", "manager", "employeeNumber", "modifyTimestamp",
)  # fmt: skip
#: A hundred thousand entries do not fit into what slapd sets aside by itself.
ROOMY = "maxsize 8589934592"
REGISTRY = HERE.parent.parent / ".venv" / "bin" / "registry"


def main() -> None:
    """Fill a server, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), asked.people, asked.runs)


def measure(folder: Path, people: int, runs: int) -> None:
    """Print the medians, the ratios and the peaks."""
    ldif = folder / "people.ldif"
    directory.write(ldif, people)
    server = Slapd(folder / "slapd", directory.SUFFIX, ldif.read_text("utf-8").partition("\n\n")[2], more=ROOMY)
    try:
        environment = surroundings(folder, server.uri)
        names = ("first", "sweep", "changes", "whole")
        seconds: dict[str, list[float]] = {name: [] for name in names}
        peaks: dict[str, list[int]] = {name: [] for name in names}

        def fresh() -> None:
            for file in folder.glob("instance/registry.sqlite3*"):
                file.unlink()
            registry(environment, "init")
            _sync(environment, seconds["first"], peaks["first"])

        def again(name: str, *arguments: str) -> Callable[[], None]:
            return lambda: _sync(environment, seconds[name], peaks[name], *arguments)

        ways = {
            "_first": fresh, "_sweep": again("sweep"), "_changes": again("changes", "--changes"),
            "_whole": again("whole", "--full"),
        }  # fmt: skip
        reference = in_turn(runs, {"ldapsearch to nowhere": lambda: _ldapsearch(server), **ways})[
            "ldapsearch to nowhere"
        ]
        inside = {
            "ldapsearch to nowhere": reference,
            "first sync": _median(seconds["first"]),
            "second, everybody by change mark": _median(seconds["sweep"]),
            "second, what changed": _median(seconds["changes"]),
            "second, every entry whole": _median(seconds["whole"]),
        }
        print(f"{people:,} people, {runs} rounds in turn, medians (the sync's own seconds)")
        tell(inside, "ldapsearch to nowhere")
        for name, found in peaks.items():
            print(f"  peak memory of the {name} sync: {max(found) / 1024:.0f} MB")
    finally:
        server.stop()


def _median(values: list[float]) -> float:
    import statistics

    return statistics.median(values[1:])  # The first round is not counted.


def surroundings(folder: Path, uri: str) -> dict[str, str]:
    (folder / "instance").mkdir(exist_ok=True)
    return {
        **os.environ,
        "REGISTRY_INSTANCE": str(folder / "instance"),
        "REGISTRY_LDAP_URIS": uri,
        "REGISTRY_LDAP_BASE_DN": directory.SUFFIX,
        "REGISTRY_LDAP_BIND_DN": f"cn=reader,{directory.SUFFIX}",
        "REGISTRY_LDAP_BIND_PASSWORD": "reader",
        "REGISTRY_LDAP_INSECURE": "true",
    }


def _ldapsearch(server: Slapd) -> None:
    subprocess.run(
        ["ldapsearch", "-x", "-H", server.uri, "-D", f"cn=reader,{directory.SUFFIX}", "-w", "reader", "-b",
         directory.SUFFIX, "-E", "pr=1000/noprompt", LdapSettings().people_filter, *ATTRIBUTES],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def registry(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([str(REGISTRY), *arguments], env=environment, check=True, capture_output=True, text=True)
    return done.stdout


def _sync(environment: dict[str, str], seconds: list[float], peaks: list[int], *arguments: str) -> None:
    command = [str(REGISTRY), "sync", "--json", *arguments]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    peak = [0]
    watch = threading.Thread(target=lambda: peak.append(_watched(process)))
    watch.start()
    told, _ = process.communicate()
    watch.join()
    outcome = json.loads(told)
    if outcome["result"] != "complete":
        sys.exit(f"The sync was {outcome['result']}: {outcome['reason']}")
    seconds.append(outcome["seconds"])
    peaks.append(max(peak))


def _watched(process: "subprocess.Popen[str]") -> int:
    """The peak memory of a process in kB, asked for while it lives: its usage afterwards counts its parent's too."""
    peak = 0
    while process.poll() is None:
        with contextlib.suppress(OSError, IndexError):
            peak = int(Path(f"/proc/{process.pid}/status").read_text().partition("VmHWM:")[2].split()[0])
        time.sleep(0.05)
    return peak


if __name__ == "__main__":
    main()
