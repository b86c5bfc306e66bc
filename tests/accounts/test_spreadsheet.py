"""A comms officer brings in her spreadsheets: every row has a fate, and the same file twice changes nothing."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import cast
import pytest
import sqlalchemy as sa
from flask import Flask
from lists import DATA, LIBRARY, Import, counts, everything, fates, reasons, the_account

from registry import audit
from registry.accounts.models import Alias, Standing, State, Visibility
from registry.accounts.naming.models import FormerName
from registry.accounts.naming.queries import How, known
from registry.accounts.platforms import Resolved, resolve
from registry.accounts.spreadsheet import bring_in
from registry.db import db
from registry.guidelines.models import Obligation

# --- What a row becomes -----------------------------------------------------------------------------------


def test_row_with_only_an_address_is_live_official_and_named_after_its_handle(imported: Import) -> None:
    report = imported([["url"], ["http://facebook.com/DunmoreLibraries/?ref=ts"]])
    assert fates(report) == [(2, "added")]
    assert reasons(report) == [""]
    account = the_account()
    assert (account.platform, account.kind, account.key) == ("facebook", "page", "dunmorelibraries")
    assert (account.title, account.standing, account.state) == ("Dunmore Libraries", Standing.OFFICIAL, State.LIVE)
    assert (account.language, account.owner_id, account.purpose) == ("en", None, "")
    assert account.approved_at is not None
    assert account.review_on is not None
    assert [alias.url for alias in account.aliases] == ["http://facebook.com/DunmoreLibraries/?ref=ts"]
    assert account.search_text == "dunmore libraries dunmorelibraries facebook | ||"


def test_row_with_everything_is_kept_as_it_says(imported: Import) -> None:
    owner, deputy = cast.library_officer(), cast.organiser()
    header = [
        "URL",
        "Title",
        "Purpose",
        "Standing",
        "State",
        "Team",
        "Owner",
        "Deputy",
        "Language",
        "Topics",
        "Review on",
    ]
    report = imported(
        [header, [LIBRARY, "Dunmore Libraries", "Books.", "Semi-official", "Dormant", "communities / libraries",
         "NIA.OKAFOR@dunmore.example", "Farida Begum ফরিদা", "Welsh and English",
          "Libraries; reading, LIBRARIES", "2027-03-01"]]
    )  # fmt: skip
    assert [(row.fate.value, row.reason) for row in report.rows] == [("added", "")]
    account = the_account()
    assert (account.title, account.purpose) == ("Dunmore Libraries", "Books.")
    assert (account.standing, account.state) == (Standing.SEMI_OFFICIAL, State.DORMANT)
    assert (account.owner_id, account.deputy_id, account.team_id) == (owner.id, deputy.id, owner.team_id)
    assert (account.language, account.review_on) == ("en cy", date(2027, 3, 1))
    assert [topic.name for topic in account.topics] == ["Libraries", "reading"]
    assert account.aliases == []
    assert "communities" in account.search_text.split()


def test_owner_brings_their_team_and_must_sign(imported: Import) -> None:
    owner = cast.library_officer()
    document = cast.a_document()
    imported([["url", "owner"], [LIBRARY, owner.username]])
    assert the_account().team_id == owner.team_id
    owed = db.session.execute(sa.select(Obligation.document_id, Obligation.person_id)).all()
    assert [tuple(row) for row in owed] == [(document.id, owner.id)]


def test_owner_who_left_leaves_the_account_orphaned(imported: Import) -> None:
    left = cast.leaver()
    report = imported([["url", "owner"], [LIBRARY, left.username]])
    assert [tuple(row) for row in fates(report)] == [(2, "added")]
    assert reasons(report) == [
        "Nobody called “gareth.left” works here, so the owner is left out."
        " Its state is orphaned until somebody answers for it."
    ]
    assert (the_account().owner_id, the_account().state) == (None, State.ORPHANED)


def test_list_imported_before_the_people_finds_its_owners_later(imported: Import) -> None:
    rows = [["url", "owner"], [LIBRARY, "nia.okafor"]]
    imported(rows)
    assert the_account().state is State.ORPHANED
    owner = cast.library_officer()
    report = imported(rows)
    assert reasons(report) == [
        "Changed: the owner (from nobody to Nia Okafor), the team (from nothing to Libraries), the state (from orphaned"
        " to live)."
    ]
    assert (the_account().owner_id, the_account().state) == (owner.id, State.LIVE)
    assert imported(rows).counts() == counts(unchanged=1)


def test_colleagues_of_one_name_are_told_apart_by_username(imported: Import) -> None:
    cast.a_person("sam1", name="Sam Jones")
    second = cast.a_person("sam2", name="Sam Jones")
    by_name = imported([["url", "owner", "state"], [LIBRARY, "Sam Jones", "closed"]])
    assert reasons(by_name) == [
        "Several colleagues are called “Sam Jones”, so the owner is left out. Give the username."
    ]
    assert imported([["url", "owner"], [LIBRARY, "sam2"]]).counts() == counts(updated=1)
    assert imported([["url", "owner"], [LIBRARY, "Sam Jones"]]).counts() == counts(unchanged=1)
    assert the_account().owner_id == second.id


def test_one_person_cannot_be_owner_and_deputy(imported: Import) -> None:
    cast.library_officer()
    rows = [["url", "owner", "deputy"], [LIBRARY, "nia.okafor", "Nia Okafor"]]
    assert reasons(imported(rows)) == ["The deputy must be somebody else than the owner, so there is none yet."]
    assert the_account().deputy_id is None
    assert imported(rows).counts() == counts(unchanged=1)


def test_team_is_found_by_its_name_where_only_one_has_it(imported: Import) -> None:
    officer = cast.library_officer()
    cast.a_person("x1", team=("Health", "Outreach"))
    cast.a_person("x2", team=("Communities", "Outreach"))
    report = imported(
        [["url", "agency"], ["x.com/one", "libraries"], ["x.com/two", "Outreach"], ["x.com/three", "Moon base"],
         ["x.com/four", "Communities>Outreach"]]
    )  # fmt: skip
    assert reasons(report) == [
        "",
        "Several teams are called “Outreach”, so the team is left out. Give the whole path.",
        "There is no team “Moon base” in the directory, so the team is left out.",
        "",
    ]
    assert the_account(key="one").team_id == officer.team_id
    assert the_account(key="two").team_id is None
    team = the_account(key="four").team
    assert team is not None
    assert team.path == "Communities / Outreach"


@pytest.mark.parametrize(
    ("word", "state", "approved", "closed"),
    [
        ("proposed", State.PROPOSED, False, False),
        ("LIVE", State.LIVE, True, False),
        ("inactive", State.DORMANT, True, False),
        ("lost", State.LOST, True, False),
        ("Closed", State.CLOSED, True, True),
    ],
)
def test_state_sets_its_dates(imported: Import, word: str, state: State, approved: bool, closed: bool) -> None:
    imported([["url", "state"], [LIBRARY, word]])
    account = the_account()
    assert (account.state, account.approved_at is not None, account.closed_at is not None) == (state, approved, closed)


def test_unknown_words_are_refused_with_those_that_are_known(imported: Import) -> None:
    report = imported(
        [["url", "standing", "state"], ["x.com/one", "royal", ""], ["x.com/two", "", "resting"], ["x.com/one", "", ""]]
    )
    assert [(row.row, row.fate.value, row.reason) for row in report.rows] == [
        (2, "refused", "“royal” is not a standing. Use official, semi-official, personal-with-role or partner."),
        (3, "refused", "“resting” is not a state. Use proposed, live, dormant, orphaned, lost or closed."),
        (4, "added", ""),
    ]


def test_account_in_somebodys_own_name_waits_unseen_until_they_agree(imported: Import) -> None:
    cast.library_officer()
    rows = [
        ["url", "standing", "owner", "state"], [LIBRARY, "Personal, with a role", "nia.okafor", "live"],
        ["x.com/nobodys", "personal", "gareth.left", ""],
    ]  # fmt: skip
    assert reasons(imported(rows)) == [
        "It is in somebody’s own name: they are asked. Until they agree, only comms see it.",
        "It is in somebody’s own name, and only they can say whether it may be listed. Give the username of its owner.",
    ]
    account = the_account()
    assert (account.standing, account.state, account.visibility, account.consented_at) == (
        Standing.PERSONAL, State.PROPOSED, Visibility.COMMS, None,
    )  # fmt: skip
    assert imported(rows).counts() == counts(unchanged=1, refused=1)


def test_list_makes_no_account_somebodys_own_and_gives_theirs_to_nobody_else(imported: Import) -> None:
    cast.an_account(LIBRARY)
    own = cast.an_account("https://x.com/nia", standing=Standing.PERSONAL)
    cast.stranger()
    report = imported(
        [["url", "standing", "owner"], [LIBRARY, "personal", ""], ["https://x.com/nia", "", "oluwaseun.ade"]]
    )
    assert [(row.fate.value, row.reason) for row in report.rows] == [
        ("unchanged", "Only the person whose account it is can say whether it is in their own name; ask them."),
        ("unchanged", "The account is in somebody’s own name, so its owner stays."),
    ]
    assert the_account(key="nia").owner_id == own.owner_id


# --- Which account a row means ----------------------------------------------------------------------------


def test_handles_are_read_with_their_platform(imported: Import) -> None:
    report = imported(
        [["Network", "Username"], ["Twitter", "@DunmoreCouncil"], ["X (formerly Twitter)", "dunmorecouncil"],
         ["youtubeHandle", "dunmore"], ["linkedin", "company/dunmore"], ["linkedin", "Dunmore"],
         ["ceefax", "dunmore"], ["teletext", "dunmore.council"], ["", "dunmore"], ["", "dunmore.council"], ["", ""],
         ["", "https://www.threads.com/@dunmore"], ["twitter", ""]]
    )  # fmt: skip
    unknown = "Give the whole address to keep it as a website, or correct the name of the platform."
    assert [(row.row, row.fate.value, row.reason) for row in report.rows] == [
        (2, "added", ""),
        (3, "duplicate", "The same account as row 2, which counts."),
        (4, "added", ""),
        (5, "added", ""),
        (6, "duplicate", "The same account as row 5, which counts."),
        (7, "refused", f"The register does not know handles on “ceefax”. {unknown}"),
        (8, "refused", f"The register does not know handles on “teletext”. {unknown}"),
        (9, "refused", "“dunmore” could be on many platforms. Choose the platform as well, or paste the whole address"
         " of the account."),
        (10, "refused", "“dunmore.council” could be on many platforms. Add a column that names the platform."),
        (12, "added", ""),
        (13, "refused", "This row has neither an address nor a handle."),
    ]  # fmt: skip


def test_platform_decides_for_a_server_of_our_own(imported: Import) -> None:
    report = imported([["url", "platform"], ["https://photos.example/dunmore", "Pixelfed"]])
    assert fates(report) == [(2, "added")]
    assert (the_account().platform, the_account().key) == ("pixelfed", "dunmore@photos.example")


def test_address_on_a_server_of_our_own_is_known_without_its_platform(imported: Import) -> None:
    addresses = ["https://photos.dunmore.example/archives", "https://video.dunmore.example/c/meetings"]
    imported([["url", "platform"], [addresses[0], "Pixelfed"], [addresses[1], "PeerTube"]])
    report = imported([["url"], *([one] for one in addresses), ["https://photos.dunmore.example/other"]])
    assert fates(report) == [(2, "unchanged"), (3, "unchanged"), (4, "added")]


def test_address_wins_over_the_handle_and_the_platform(imported: Import) -> None:
    report = imported(
        [
            ["url", "handle", "platform"],
            [LIBRARY, "@somebody", "instagram"],
            ["https://pin.example/d", "d", "ceefax"],
        ]
    )
    assert reasons(report) == [
        "You chose Instagram, but this address belongs to Facebook, so we put it under Facebook.",
        "The platform “ceefax” is not known here: by its address it is under Website or blog.",
    ]
    assert the_account(platform="facebook").key == "dunmorelibraries"
    assert the_account(platform="website").key == "pin.example/d"


def test_registered_account_is_found_by_its_lasting_number_and_its_aliases(imported: Import) -> None:
    account = cast.an_account("https://www.facebook.com/people/Dunmore-Baths/100085131802111/", title="Dunmore Baths")
    db.session.add(Alias(account_id=account.id, url="https://baths.example/facebook", seen_at=account.proposed_at))
    report = imported(
        [
            ["url"], ["https://www.facebook.com/Dunmore-Baths-100085131802111"], ["https://baths.example/facebook"],
            ["https://baths.example/facebook?utm_source=mail"],
        ]
    )  # fmt: skip
    assert [(row.fate.value, row.reason) for row in report.rows] == [
        ("unchanged", ""),
        ("duplicate", "The same account as row 2, which counts."),
        ("duplicate", "The same account as row 3, which counts."),
    ]


def test_lasting_number_counts_before_a_name_that_somebody_else_had(imported: Import) -> None:
    baths = cast.an_account("https://www.facebook.com/people/Dunmore-Baths/100085131802111/", title="Dunmore Baths")
    other = cast.an_account("https://www.facebook.com/dunmorepools", title="Dunmore Pools")
    key = "100085131802112"
    baths.platform_id = "100085131802112"
    db.session.add(
        FormerName(
            account_id=other.id, platform="facebook", kind=baths.kind, key=key, url=f"https://www.facebook.com/{key}",
            handle=key, since_on=date(2026, 1, 1), until_on=date(2026, 2, 1),
        )
    )  # fmt: skip
    address = f"https://www.facebook.com/people/Dunmore-Baths/{key}/"
    imported([["url", "title"], [address, "The baths"]])
    assert (baths.title, other.title) == ("The baths", "Dunmore Pools")
    resolved = resolve(address)
    assert isinstance(resolved, Resolved)
    same = known(resolved)
    assert same is not None
    assert (same.account.id, same.how) == (baths.id, How.NUMBER)


def test_deputy_whom_a_file_names_as_the_owner_is_the_deputy_no_more_and_the_report_says_so(imported: Import) -> None:
    account = cast.an_account(LIBRARY, deputy=cast.organiser())
    report = imported([["url", "owner"], [LIBRARY, cast.organiser().username]])
    assert fates(report) == [(2, "updated")]
    assert reasons(report)[0].endswith(". Its deputy owns it from now on, so it has none.")
    assert (account.owner_id, account.deputy_id) == (cast.organiser().id, None)


# --- Registered accounts ----------------------------------------------------------------------------------


def test_only_what_is_given_changes_and_the_history_tells_it(imported: Import) -> None:
    account = cast.an_account(LIBRARY, title="Dunmore Library", purpose="Books.", deputy=cast.organiser())
    officer = cast.a_person("new.owner", name="Ifor Newydd", team=("Communities", "Archives"))
    report = imported(
        [
            ["url", "title", "purpose", "owner", "topics", "state"],
            [LIBRARY, "Dunmore Libraries", "", "new.owner", "Reading", ""],
        ]
    )
    assert reasons(report) == [
        "Changed: the name (from Dunmore Library to Dunmore Libraries), the owner (from Nia Okafor to Ifor Newydd), the"
        " team (from Libraries to Archives), the topics (from nothing to Reading)."
    ]
    changed = the_account()
    assert (changed.title, changed.purpose, changed.owner_id) == ("Dunmore Libraries", "Books.", officer.id)
    assert (changed.team_id, changed.deputy_id, changed.state) == (officer.team_id, cast.organiser().id, State.LIVE)
    assert [topic.name for topic in changed.topics] == ["Reading"]
    assert {"reading", "archives", "libraries"} <= set(changed.search_text.split())
    told = [
        (event.sentence, event.fields["before"], event.fields["after"])
        for event in audit.history("account", account.id, 4)
    ]
    assert told == [
        ("The register changed the topics of Dunmore Libraries", "nothing", "Reading"),
        ("The register changed the team of Dunmore Libraries", "Libraries", "Archives"),
        ("The register changed the owner of Dunmore Libraries", "Nia Okafor", "Ifor Newydd"),
        ("The register changed the name of Dunmore Libraries", "Dunmore Library", "Dunmore Libraries"),
    ]
    assert audit.broken(audit.Event) == []


def test_state_of_a_registered_account_brings_its_dates(imported: Import) -> None:
    cast.an_account(LIBRARY, live=False)
    assert the_account().approved_at is None
    imported([["url", "state"], [LIBRARY, "live"]])
    live = the_account()
    assert (live.state, live.approved_at is not None, live.review_on is not None) == (State.LIVE, True, True)
    imported([["url", "state"], [LIBRARY, "closed"]])
    assert the_account().closed_at is not None
    imported([["url", "state"], [LIBRARY, "live"]])
    assert the_account().closed_at is None


def test_one_event_tells_of_the_whole_import(imported: Import) -> None:
    imported([["url"], ["x.com/one"], ["x.com/two"], ["x.com/ONE"], ["x.com/search?q=1"]], name="list.csv")
    (event,) = db.session.scalars(sa.select(audit.Event)).all()
    assert event.sentence == (
        "The register imported list.csv: 2 accounts added, 0 updated, 0 unchanged, 1 named twice, 1 refused"
    )


@pytest.mark.parametrize(
    ("name", "first", "again"),
    [
        ("list-us-federal-2014.csv", counts(added=16, duplicate=1), counts(unchanged=16, duplicate=1)),
        (
            "list-public-bodies.csv",
            counts(added=26, duplicate=3, refused=1),
            counts(unchanged=26, duplicate=3, refused=1),
        ),
    ],
)
def test_real_list_imported_twice_changes_nothing(
    app: Flask, name: str, first: dict[str, int], again: dict[str, int]
) -> None:
    assert bring_in(DATA / name, columns={}, actor=None).counts() == first
    before = everything()
    assert bring_in(DATA / name, columns={}, actor=None).counts() == again
    assert everything() == before


def test_dry_run_leaves_nothing(imported: Import) -> None:
    db.session.commit()
    before = everything()
    assert imported([["url", "topics"], [LIBRARY, "Reading"]]).counts() == counts(added=1)
    db.session.rollback()
    assert everything() == before


def test_queries_do_not_grow_with_the_rows(
    imported: Import, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    def rows(first: int, number: int) -> list[list[str]]:
        people = [cast.a_person(f"p{one}", team=(f"Team {one}",)) for one in range(first, first + number)]
        return [
            ["url", "owner", "team", "topics"],
            *(
                [f"x.com/a{first}_{one}", person.username, f"Team {first}", f"T{first}{one}"]
                for one, person in enumerate(people)
            ),
        ]

    def count(content: list[list[str]]) -> int:
        with count_queries() as queries_run:
            imported(content)
        # Evidence is added row by row, each sealed to the one before.
        return sum(not query.startswith("INSERT INTO event") for query in queries_run)

    few, many = rows(0, 3), rows(100, 40)
    assert count(few) == count(many)
    renamed = [[[*content[0], "title"], *([*row, "New name"] for row in content[1:])] for content in (few, many)]
    assert count(renamed[0]) == count(renamed[1])
