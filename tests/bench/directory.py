"""A staff directory of any size as LDIF, for measuring: fifteen attributes a person, the same for the same number."""

import random
import uuid
from collections.abc import Iterator
from pathlib import Path

SUFFIX = "dc=example,dc=org"
GIVEN = (
    "Siân",
    "Dafydd",
    "Agnieszka",
    "Łukasz",
    "Ayesha",
    "Imran",
    "Chiamaka",
    "Kwame",
    "Priya",
    "Zoë",
    "Helen",
    "Paul",
)
FAMILY = (
    "Pryce",
    "Bowen",
    "Wójcik",
    "Kowalski",
    "Begum",
    "Khan",
    "Okafor",
    "Mensah",
    "Patel",
    "Núñez",
    "O'Neill",
    "Shaw",
)
PLACES = ("Guildhall", "Civic Centre", "Riverside House", "The Annexe")
PER_TEAM = 12


def people(count: int) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The DN and the attributes of each of ``count`` people; the first of each team leads it."""
    numbers = random.Random(7)
    leader = ""
    for number in range(count):
        given, family = numbers.choice(GIVEN), numbers.choice(FAMILY)
        team = f"Team {number // PER_TEAM}"
        username = f"person{number}"
        dn = f"uid={username},ou=Directorate {number // PER_TEAM % 8},ou=People,{SUFFIX}"
        leader = dn if number % PER_TEAM == 0 else leader
        yield dn, [
            ("objectClass", "inetOrgPerson"), ("uid", username), ("cn", f"{given} {family}"), ("sn", family),
            ("givenName", given), ("displayName", f"{given} {family}"), ("mail", f"{username}@staff.example.org"),
            ("telephoneNumber", f"01632 960{number % 1000:03d}"), ("mobile", f"07700 900{number % 1000:03d}"),
            ("title", f"{team} Officer"), ("ou", team), ("departmentNumber", f"{number // PER_TEAM:06d}"),
            ("employeeNumber", f"{700000 + number}"), ("physicalDeliveryOfficeName", numbers.choice(PLACES)),
            ("manager", leader),
            ("entryUUID", str(uuid.UUID(int=numbers.getrandbits(128), version=4))),
        ]  # fmt: skip


def write(file: Path, count: int) -> None:
    """Write the directory of ``count`` people to ``file``, for slapadd."""
    with file.open("w", encoding="utf-8") as out:
        out.write(f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n\n")
        for unit in ("ou=People", *(f"ou=Directorate {number},ou=People" for number in range(8))):
            name = unit.split(",")[0].partition("=")[2]
            out.write(f"dn: {unit},{SUFFIX}\nobjectClass: organizationalUnit\nou: {name}\n\n")
        for dn, attributes in people(count):
            out.write(f"dn: {dn}\n")
            for name, value in attributes:
                out.write(f"{name}: {value}\n" if value.isascii() else f"{name}:: {_base64(value)}\n")
            out.write("\n")


def _base64(value: str) -> str:
    import base64

    return base64.b64encode(value.encode()).decode()
