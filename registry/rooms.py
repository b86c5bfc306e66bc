"""The modules whose pages there are, each with its blueprint ``bp``, by the part of the register that they are of."""

from typing import Any


def every() -> list[Any]:
    """All of them; imported here, as ``registry --help`` need not wait for them."""
    from registry import dashboard

    return [dashboard, *_accounts(), *_people(), *_peers(), *_discovery(), *_guidelines(), *_outside()]


def _accounts() -> list[Any]:
    from registry.accounts import views as accounts
    from registry.accounts.answering import hand_over_pages, matter_pages
    from registry.accounts.answering import views as answering
    from registry.accounts.bulk import views as bulk
    from registry.accounts.expectations import closure_pages
    from registry.accounts.expectations import views as expectations
    from registry.accounts.importing import views as imports
    from registry.accounts.naming import consent_pages
    from registry.accounts.naming import views as naming
    from registry.accounts.registering import views as registering
    from registry.accounts.reviewing import views as reviewing
    from registry.accounts.saved import views as saved
    from registry.footprint import views as footprint
    from registry.lists import views as lists

    return [
        accounts, registering, naming, consent_pages, expectations, closure_pages, reviewing, imports, answering,
        hand_over_pages, matter_pages, saved, bulk, footprint, lists,
    ]  # fmt: skip


def _people() -> list[Any]:
    from registry.people import guest_pages, run_pages, subject_pages
    from registry.people import views as people

    return [guest_pages, people, run_pages, subject_pages]


def _peers() -> list[Any]:
    from registry.digest import views as digest
    from registry.meetups import planning_pages, series_pages, speaking_pages
    from registry.meetups import views as meetups
    from registry.meetups.around import card_pages, door_pages, question_pages
    from registry.meetups.by_link import revoking_pages
    from registry.meetups.by_link import views as by_link
    from registry.meetups.calendars import views as calendars
    from registry.meetups.inviting import choosing_pages, sending_pages
    from registry.network import alone_pages, drop_in_pages, help_pages, voice_pages
    from registry.network import views as network

    return [
        network, alone_pages, voice_pages, help_pages, drop_in_pages, meetups, planning_pages, series_pages,
        speaking_pages, question_pages, card_pages, door_pages, choosing_pages, sending_pages, by_link, revoking_pages,
        calendars, digest,
    ]  # fmt: skip


def _discovery() -> list[Any]:
    from registry.discovery import asked_pages, campaign_pages, claim_pages, coverage_pages, text_pages
    from registry.discovery import views as discovery
    from registry.discovery.sweeping import ignoring_pages
    from registry.discovery.sweeping import views as sweeping

    return [
        discovery, claim_pages, campaign_pages, asked_pages, coverage_pages, text_pages, sweeping, ignoring_pages,
    ]  # fmt: skip


def _guidelines() -> list[Any]:
    from registry.accounts.duties import views as duties
    from registry.guidelines import difference_pages, evidence_pages, report_pages, signing_pages, writing_pages
    from registry.guidelines import views as guidelines

    return [guidelines, writing_pages, difference_pages, report_pages, duties, signing_pages, evidence_pages]


def _outside() -> list[Any]:
    from registry.api import token_pages
    from registry.api import views as api
    from registry.public import views as public

    return [public, api, token_pages]
