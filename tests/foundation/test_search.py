"""Search: however a name is spelled or typed, on either database."""

import cast
import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from registry import search
from registry.db import db
from registry.people.models import Person

PEOPLE = (
    "Paweł Łukasiewicz",
    "Søren Ægir",
    "Síle O’Neill",
    "Sheila O'Neill",
    "Anne-Marie Weiß",
    "ফরিদা বেগম",
    "Olúwaṣeun Adé",
)


@pytest.fixture
def people(app: Flask) -> None:
    """Colleagues whose names are spelled in many ways."""
    for number, name in enumerate(PEOPLE):
        cast.a_person(f"login{number}", name=name, title="")
    db.session.commit()


def found(query: str, *, first: bool = False) -> set[str]:
    """The names that ``query`` finds."""
    condition = (search.first_matches if first else search.matches)(Person, query)
    return set() if condition is None else set(db.session.scalars(sa.select(Person.name).where(condition)))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("Paweł", {"Paweł Łukasiewicz"}),
        ("pawel lukasiewicz", {"Paweł Łukasiewicz"}),
        ("ŁUKASIEWICZ", {"Paweł Łukasiewicz"}),
        ("lu", {"Paweł Łukasiewicz"}),
        ("luk pa", {"Paweł Łukasiewicz"}),
        ("Søren", {"Søren Ægir"}),
        ("soren aegir", {"Søren Ægir"}),
        ("O'Neill", {"Síle O’Neill", "Sheila O'Neill"}),
        ("O’Neill", {"Síle O’Neill", "Sheila O'Neill"}),
        ("oneill", {"Síle O’Neill", "Sheila O'Neill"}),
        ("neill", {"Síle O’Neill", "Sheila O'Neill"}),
        ("sile", {"Síle O’Neill"}),
        ("marie", {"Anne-Marie Weiß"}),
        ("anne-marie", {"Anne-Marie Weiß"}),
        ("annemarie weiss", {"Anne-Marie Weiß"}),
        ("ফরিদা", {"ফরিদা বেগম"}),
        ("ফরি", {"ফরিদা বেগম"}),
        ("বেগম", {"ফরিদা বেগম"}),
        ("oluwaseun", {"Olúwaṣeun Adé"}),
        ("Ọlúwáṣẹ́un", {"Olúwaṣeun Adé"}),
        ("pawel soren", set()),
        ("awel", set()),
    ],
)
def test_a_name_is_found_however_it_is_typed(people: None, query: str, names: set[str]) -> None:
    assert found(query) == names
    assert found(query, first=True) == names


@pytest.mark.parametrize("query", ["", " ", "'", '"', "*", "-- ;", "()", "\u200f", "\x00"])
def test_what_holds_no_word_narrows_nothing(app: Flask, query: str) -> None:
    assert search.matches(Person, query) is None


@pytest.mark.parametrize(
    "query",
    ['" OR 1', "a AND b", "NEAR(a b)", "name:x", "a*b", "x') --", "a & ! b | c", "<->", "\\", "%_", "{{7*7}}",
     "a" * 10_000, "zz " * 10_000, "\ud83d", "🦊", "a\x00b", "\u202eabc", "ﷺ" * 300],
)  # fmt: skip
def test_nothing_that_is_typed_breaks_the_search(people: None, query: str) -> None:
    assert found(query) == set()
    assert found(query, first=True) == set()


def test_the_index_follows_what_changes(people: None) -> None:
    person = db.session.scalars(sa.select(Person).where(Person.name == "Søren Ægir")).one()
    person.search_text = search.fold("Saga Lund")
    db.session.commit()
    assert (found("soren"), found("saga")) == (set(), {"Søren Ægir"})
    db.session.delete(person)
    db.session.commit()
    assert found("saga") == set()


@given(st.text())
def test_folding_is_settled_after_once(text: str) -> None:
    assert search.fold(search.fold(text)) == search.fold(text)


@given(st.text())
def test_every_word_that_is_typed_begins_a_word_that_is_kept(text: str) -> None:
    kept = search.fold(text).split()
    assert [word for word in search.words(text) if not any(one.startswith(word) for one in kept)] == []


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("harbour", [0, 1, 2]), ("har", [0, 1, 2]), ("quay", [2, 8, 9]), ("ha qu", [2, 8, 9]), ("master", [11]),
        ("nobody", []), ("harbour nobody", []), ("mole", [0, 1, 9]), ("pier", [0, 1, 3]),
    ],
)  # fmt: skip
def test_what_is_typed_finds_the_first_by_id_wherever_they_are(
    app: Flask, monkeypatch: pytest.MonkeyPatch, query: str, numbers: list[int]
) -> None:  # fmt: skip
    monkeypatch.setattr(search, "CAP", 3)
    monkeypatch.setattr(search, "MOST", 5)
    monkeypatch.setattr(search, "SAMPLE", 2)  # Both of these two must have what is looked for in the first five.
    words = ["Quay" if number in (2, 8, 9, 10) else "Master" if number == 11 else "Pier" for number in range(12)]
    words = [f"{word} Mole" if number in (0, 1, 9) else word for number, word in enumerate(words)]
    people = [cast.a_person(f"p{number}", name="Nia", title=f"Harbour {word}") for number, word in enumerate(words)]
    people[0].phone = "1"  # On PostgreSQL it lies behind the others from now on.
    db.session.commit()
    told = search.typed(query)
    assert told is not None
    ids = db.session.scalars(sa.select(search.first_typed(Person).c[0]), told).all()
    assert sorted(ids) == [people[number].id for number in numbers]
    assert db.session.scalars(
        sa.select(Person.id).where(search.first_matches(Person, query)).order_by(Person.id)
    ).all() == sorted(ids)
