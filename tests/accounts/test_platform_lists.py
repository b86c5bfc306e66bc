"""Does the resolver understand addresses and handles as public bodies publish them and as people typed them?"""

import pytest
from resolving import accounts_in, plain, rows

from registry.accounts.platforms import Resolved, resolve

PLATFORM_OF_LIST = {"twitter": "x", "youtubeHandle": "youtube"}


@pytest.mark.parametrize("row", rows("addresses-us-government.tsv"), ids=lambda row: row["input"])
def test_address_from_government_pages_is_told_right(row: dict[str, str]) -> None:
    result = resolve(row["input"])
    found = [
        plain(account.platform, account.handle) for account in accounts_in(result) if account.platform != "website"
    ]
    assert found == ([plain(row["platform"], row["handle"])] if row["handle"] else [])
    social = isinstance(result, Resolved) and result.platform != "website"
    assert social == (row["is_profile"] != "no") or row["is_profile"] == "sub"


@pytest.mark.parametrize("row", rows("addresses-govuk.tsv"), ids=lambda row: row["href"])
def test_social_link_of_a_gov_uk_organisation_is_an_account(row: dict[str, str]) -> None:
    result = resolve(row["href"])
    assert isinstance(result, Resolved)
    service = {"twitter": "x", "blog": "website"}.get(row["service_type"], row["service_type"])
    assert result.platform == service
    if service != "website":
        assert result.key == row["href"].partition("?")[0].rstrip("/").rpartition("/")[2].lstrip("@").lower() or (
            result.key == result.platform_id
        )


@pytest.mark.parametrize("row", rows("handles-public-bodies.tsv"), ids=lambda row: row["typed"])
def test_identifier_of_a_public_body_is_understood(row: dict[str, str]) -> None:
    platform = PLATFORM_OF_LIST.get(row["platform"], row["platform"])
    result = resolve(row["typed"], platform)
    accounts = [(account.platform, account.handle.lstrip("@")) for account in accounts_in(result)]
    assert accounts == ([] if row["expected"] == "REJECT" else [(platform, row["expected"])])


@pytest.mark.parametrize("row", rows("profiles-of-many-sites.tsv"), ids=lambda row: row["url"])
def test_profile_on_one_of_many_sites_is_taken_for_what_it_is(row: dict[str, str]) -> None:
    result = resolve(row["url"])
    assert isinstance(result, Resolved)
    assert result.platform == row["platform"]
    if row["platform"] != "website":
        names = {result.key, result.key.partition("@")[0], result.key.partition(".")[0], result.key.rpartition("/")[2]}
        assert row["handle"].lower() in {name.lower() for name in names}
