"""What calendars are told of a meetup."""

from registry.meetups.models import Meetup
from registry.people.models import Person


def request(_meetup: Meetup, _person: Person) -> str:
    """The calendar file that goes with an invitation; empty where there is none."""
    return ""
