"""Accounts whose addresses stand in people's entries of the directory: sightings, with whose entry it is."""

from typing import Final

from registry.accounts.platforms import Refused, resolve
from registry.db import db, now
from registry.discovery.models import How
from registry.discovery.noting import note
from registry.people import web_addresses

#: Addresses that are looked at in one transaction, which holds up whoever else writes.
AT_ONCE: Final = 200


def take_up() -> int:
    """Note the accounts among the addresses that readings found since, in portions; commits. How many are new.

    An address that is no account, somebody's own web site say, is not kept.
    """
    new = 0
    while some := web_addresses.new_ones(AT_ONCE):
        useless = []
        for address, person in some:
            answer = resolve(address.url)
            account = answer.owner if isinstance(answer, Refused) else answer
            if account is None or account.platform == "website":
                useless.append(address)
                continue
            # By number and not by name, which would outlast them here; whoever looks is shown the name.
            noted = note(account, how=How.DIRECTORY, place=f"the directory entry of person {person.id}")
            address.known_as, address.looked_at = account.url, now()
            new += noted.is_new
        web_addresses.drop(useless)
        db.session.commit()
    return new
