"""The catalogue: what is asked for is what is shown, counted and exported, in an order that does not move."""

import csv
import io
import itertools
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import cast
import openpyxl
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask, url_for
from markup import words

from registry.accounts import actions
from registry.accounts.catalogue_rows import SORTS
from registry.accounts.models import OPEN, OWN_NAME, Account, Standing, State
from registry.audit import Event
from registry.db import db, now, today
from registry.people.models import Person, Team
from registry.web import href_with

PLATFORMS = ("x", "facebook", "instagram", "youtube", "mastodon")
NUMBER = 131


@pytest.fixture
def register(app: Flask) -> list[Account]:
    """131 accounts of every kind, many with the same title, owner, team, state and day of review."""
    owners = [None, *(cast.play(part) for part in cast.EVERYBODY)]
    made = []
    for number, platform in zip(range(NUMBER), itertools.cycle(PLATFORMS), strict=False):
        owner, deputy = owners[number % 9], owners[(number // 9) % 9]
        account = Account(
            platform=platform, kind="profile", key=f"key{number}", url=f"https://{platform}.example/key{number}",
            handle=f"@key{number}", title=f"Title {number % 4}", purpose="Café" if number % 7 == 0 else "News",
            standing=list(Standing)[number % 4], state=list(State)[number % 6], owner_id=owner.id if owner else None,
            deputy_id=deputy.id if deputy and deputy is not owner else None, team_id=owner.team_id if owner else None,
            proposed_at=now() - timedelta(hours=number % 5), place=("", "Dunmore", "Aber")[number % 3],
            consented_at=now(), review_on=None if number % 3 else today(),
        )  # fmt: skip
        account.search_text = actions.search_text(account, team="", topics=())
        made.append(account)
    db.session.add_all(made)
    # What is counted is counted afresh after an event.
    actions.audit.record("account.approved", actor=None, subject_kind="account", subject_id=1, subject_name="All")
    db.session.commit()
    return made


def ask(client: Browser, **query: Any) -> Answer:
    """The catalogue, asked as its links ask."""
    answer: Answer = client.get("/accounts?" + urlencode(query, doseq=True))
    return answer


def handles(page: Answer) -> list[str]:
    """The accounts of a page, in order, by handle."""
    rows = [
        cell
        for row in page.all("tr")
        for cell in row.iter("span")
        if "reg-account__handle" in (cell.get("class") or "")
    ]
    return [words(cell) for cell in rows if words(cell).startswith("@")]


def total(page: Answer) -> int:
    """How many accounts the page says there are."""
    (told,) = page.words("h2", class_="reg-bar__count")
    return int(told.split()[0].replace(",", ""))


def everything(client: Browser, **query: Any) -> list[str]:
    """The accounts of all pages, in order, by handle."""
    first = ask(client, **query)
    pages = max(1, -(-total(first) // 50))
    found = [handles(first), *(handles(ask(client, **query, page=number)) for number in range(2, pages + 1))]
    assert [len(page) for page in found[:-1]] == [50] * (pages - 1)
    return [handle for page in found for handle in page]


def exported(client: Browser, form: str, **query: Any) -> list[list[str]]:
    """The rows of the file, without its heading."""
    body = ask(client, **query, format=form)
    if form == "csv":
        return list(csv.reader(io.StringIO(body.get_data().decode("utf-8-sig"))))[1:]
    sheet = openpyxl.load_workbook(io.BytesIO(body.get_data()), read_only=True).active
    assert sheet is not None
    return [[str(cell.value or "") for cell in row] for row in list(sheet.rows)[1:]]


def nobody_else(account: Account) -> bool:
    """Whether an account has no deputy, or one who is gone."""
    return account.deputy_id is None or not db.session.get_one(Person, account.deputy_id).is_active


FILTERS: dict[str, Any] = {
    "platform": lambda account: account.platform == "x",
    "standing": lambda account: account.standing is Standing.OFFICIAL,
    "state": lambda account: account.state is State.LIVE,
    "sole": lambda account: (
        nobody_else(account)
        and account.owner_id is not None
        and account.state in OPEN
        and account.standing not in OWN_NAME
    ),
    "q": lambda account: account.purpose == "Café",
}
ASKED = {"platform": "x", "standing": "official", "state": "live", "sole": "yes", "q": "CAFE"}


def test_filters_alone_and_together_give_what_they_say(client: Browser, register: list[Account]) -> None:
    signed_in = client.as_(cast.stranger())
    for names in (names for number in range(6) for names in itertools.combinations(FILTERS, number)):
        query = {name: ASKED[name] for name in names}
        wanted = {account.handle for account in register if all(FILTERS[name](account) for name in names)}
        found = everything(signed_in, **query)
        assert (len(found), set(found)) == (len(wanted), wanted), names


def test_owner_and_team_narrow_too(client: Browser, register: list[Account]) -> None:
    nia = cast.library_officer()
    nia_id, team_id = nia.id, nia.team_id
    signed_in = client.as_(cast.stranger())
    mine = {account.handle for account in register if nia_id in (account.owner_id, account.deputy_id)}
    assert set(everything(signed_in, owner=nia_id)) == mine
    teams = {account.handle for account in register if account.team_id == team_id}
    assert set(everything(signed_in, team=team_id)) == teams
    assert set(everything(signed_in, team=team_id, owner=nia_id)) == teams & mine


def test_several_choices_of_one_facet_add_up(client: Browser, register: list[Account]) -> None:
    signed_in = client.as_(cast.stranger())
    wanted = {account.handle for account in register if account.platform in ("x", "youtube")}
    assert set(everything(signed_in, platform=["x", "youtube"])) == wanted


@pytest.mark.parametrize("query", [{}, {"q": "cafe"}, {"platform": "x"}, {"state": ["live", "closed"], "sole": "yes"}])
def test_count_beside_each_choice_is_what_its_link_leads_to(
    client: Browser, register: list[Account], query: dict[str, Any]
) -> None:
    signed_in = client.as_(cast.stranger())
    looked_at = 0
    for facet in ask(signed_in, **query).all("section", class_="reg-facet"):
        if words(next(facet.iter("h3"))).lower() in query:
            continue  # Where something is chosen already, a link adds to it.
        for option in facet.iter("li"):
            (link,) = option.iter("a")
            if link.get("aria-current"):
                continue  # It leads back.
            (told,) = [
                words(part).split()[0] for part in option.iter("span") if part.get("class") == "reg-facet__count"
            ]
            assert total(signed_in.get(str(link.get("href")))) == int(told.replace(",", "")), words(link)
            looked_at += 1
    assert looked_at > 5


def test_every_order_shows_each_account_once_over_all_pages(client: Browser, register: list[Account]) -> None:
    signed_in = client.as_(cast.stranger())
    people = {person.id: person.name for person in db.session.scalars(sa.select(Person))}
    teams = {team.id: team.path for team in db.session.scalars(sa.select(Team))}
    values: dict[str, Any] = {
        "title": lambda one: one.title, "owner": lambda one: people.get(one.owner_id),
        "team": lambda one: teams.get(one.team_id),
        "platform": lambda one: one.platform, "state": lambda one: one.state.value,
        "review": lambda one: one.review_on and one.review_on.isoformat(),
        "place": lambda one: one.place or None, "registered": lambda one: one.proposed_at,
    }  # fmt: skip
    assert values.keys() == SORTS.keys()
    for sign, key in itertools.product(("", "-"), SORTS):
        found = everything(signed_in, sort=sign + key)
        assert (len(found), len(set(found))) == (NUMBER, NUMBER), sign + key
        by_handle = {account.handle: values[key](account) for account in register}
        shown = [by_handle[handle] for handle in found]
        there = [value for value in shown if value is not None]
        assert there == sorted(there, reverse=sign == "-"), sign + key
        assert shown[: len(there)] == there  # What is empty comes last either way.


def test_file_holds_exactly_what_is_shown(client: Browser, register: list[Account]) -> None:
    signed_in = client.as_(cast.stranger())
    for query in (
        {},
        {"sort": "-owner"},
        {"platform": ["x", "facebook"], "sort": "review"},
        {"q": "cafe"},
        {"q": "nothing"},
    ):
        shown = everything(signed_in, **query)
        for form in ("csv", "xlsx"):
            rows = exported(signed_in, form, **query)
            assert [row[2].removeprefix("'") for row in rows] == shown, (query, form)
    assert {row[2] for row in exported(signed_in, "csv")} == {f"'@key{number}" for number in range(NUMBER)}
    assert {row[2] for row in exported(signed_in, "xlsx")} == {f"@key{number}" for number in range(NUMBER)}


def test_file_is_safe_to_open_in_a_spreadsheet(client: Browser) -> None:
    nasty = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("https://evil.example","x")', "  =1", 'a"b,c\nd']
    for title in nasty:
        cast.an_account(title=title, purpose=title)
    signed_in = client.as_(cast.library_officer())
    rows = exported(signed_in, "csv")
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert len(rows) == len(nasty)
    book = openpyxl.load_workbook(io.BytesIO(ask(signed_in, format="xlsx").get_data()))
    assert book.active is not None
    assert {cell.data_type for row in book.active.rows for cell in row} <= {"s", "n", "inlineStr"}
    assert sorted(row[0].value for row in list(book.active.rows)[1:]) == sorted(nasty)


def test_words_find_accents_and_the_owners_name(client: Browser) -> None:
    cast.an_account("https://x.com/LlyfrgellCaffi", title="Llyfrgell y Caffi", purpose="Digwyddiadau yn Nhŷ’r Dref")
    cast.an_account(
        "https://x.com/ward7", title="Ward 7", purpose="O’Brien’s", owner=cast.a_person("łucja", name="Łucja Żak")
    )
    cast.an_account("https://x.com/quiet", title="Quiet", purpose="=@*%_\"'", owner=cast.stranger())
    signed_in = client.as_(cast.library_officer())
    for q, found in {
        "NHY": ["@LlyfrgellCaffi"], "lucja": ["@ward7"], "ZAK ward": ["@ward7"], "Łucja Ż": ["@ward7"],
        "oluwaseun": ["@quiet"], "adé quiet": ["@quiet"], "llyfr caff": ["@LlyfrgellCaffi"], "nobody": [],
        "ward llyfr": [], "@ward7": ["@ward7"], "obrien": ["@ward7"], "o'brien": ["@ward7"],
        "x": ["@LlyfrgellCaffi", "@quiet", "@ward7"],
    }.items():  # fmt: skip
        assert sorted(handles(ask(signed_in, q=q))) == found, q


@pytest.mark.parametrize(
    "q", ['"', "'", "*", "%", "_", "AND", "OR NOT", "NEAR(a b)", "a:b", "(", "^", "-", "🚢", "\x00", "a" * 5000,
     "{{7*7}}", "'; DROP TABLE account;--", "\\", "&", "|", "!", "<->", ":*", "বেগ"]
)  # fmt: skip
def test_odd_words_are_words(client: Browser, q: str) -> None:
    cast.an_account()
    assert ask(client.as_(cast.library_officer()), q=q).status_code == 200


@pytest.mark.parametrize(
    "query",
    [{"page": "0"}, {"page": "99"}, {"page": "-1"}, {"page": "x"}, {"page": "9" * 30}, {"sort": "password"},
     {"sort": "--title"},
     {"team": "x"}, {"team": "9" * 30}, {"owner": "-1"}, {"platform": "nothing"}, {"state": "LIVE"}, {"format": "pdf"}],
)  # fmt: skip
def test_address_that_asks_for_nonsense_shows_the_list(client: Browser, query: dict[str, str]) -> None:
    cast.an_account("https://x.com/DunmoreLibrary")
    page = ask(client.as_(cast.library_officer()), **query)
    assert page.status_code == 200
    if "team" not in query:
        assert handles(page) == ["@DunmoreLibrary"]


def test_chip_takes_its_own_filter_away(client: Browser, register: list[Account]) -> None:
    signed_in = client.as_(cast.stranger())
    query = {
        "q": "cafe",
        "platform": "x",
        "state": "live",
        "standing": "official",
        "sole": "yes",
        "owner": str(cast.ward_sister().id),
    }
    chips = ask(signed_in, **query).all("a", class_="reg-chip")
    assert len(chips) == len(query)
    left = []
    for chip in chips:
        request = signed_in.get(str(chip.get("href"))).request
        (gone,) = query.keys() - request.args.keys()
        left.append(gone)
        assert {name: value for name, value in query.items() if name != gone} == request.args.to_dict()
    assert sorted(left) == sorted(query)


def test_links_stay_below_where_the_register_is_mounted(app: Flask) -> None:
    with app.test_request_context("/accounts?q=x", base_url="https://dunmore.example/register"):
        assert href_with(page=2) == f"{url_for('accounts.index')}?q=x&page=2" == "/register/accounts?q=x&page=2"


def test_catalogue_records_nothing(client: Browser, register: list[Account]) -> None:
    before = db.session.scalar(sa.select(sa.func.count(Event.id)))
    for form in ("csv", "xlsx", ""):
        ask(client.as_(cast.stranger()), format=form)
    assert db.session.scalar(sa.select(sa.func.count(Event.id))) == before
