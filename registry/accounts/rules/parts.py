"""What many rules have in common: the usual names, and platforms whose addresses hold one name in one place."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from registry.accounts.rules.addresses import words
from registry.accounts.rules.answers import USUAL_PAGES
from registry.accounts.rules.rule import Form, Kind, Name, Rule

ANY = re.compile(r"(.*)")
NUMBER = Name(re.compile(r"[0-9]{1,25}"), "digits only", stable="whole")
AFTER_DASH = Name(re.compile(r"(?:[^/]*-)?([0-9]{4,25})"), "a name, a dash and a number", stable="whole")
#: The year of an address that begins with a date.
YEAR = Name(re.compile(r"(?:19|20)[0-9]{2}"), "a year")
SAYS = "letters, digits, dashes, underscores and full stops"
USUAL = Name(re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.\-]{0,62}[A-Za-z0-9_\-])?"), SAYS)
#: Letters of any alphabet too, as in names that are made from what people or companies are called.
WIDE = Name(
    re.compile(r"[A-Za-z0-9\u00a1-\U0010ffff][A-Za-z0-9_.,&'’()!+\-\u00a1-\U0010ffff]{0,149}"),
    "letters, digits, dashes, full stops and &",
)
#: What may stand in front of a platform's host: labels as RFC 1123 has them, in lower case.
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
SUBDOMAINS = words("www m") | {""}
LOCALES = re.compile(r"[a-z]{2}(?:-[a-z]{2})?")


def under(host: str, endings: str) -> tuple[str, ...]:
    """The hosts of a platform that has one for each country: `pinterest` under `com co.uk de`."""
    return tuple(f"{host}.{ending}" for ending in endings.split())


def one_name(
    slug: str,
    name: str,
    path: str,
    *,
    kind: str = "profile",
    below: str = "",
    shape: Name = USUAL,
    shown: str = "{name}",
    hosts: tuple[str, ...] = (),
    first: tuple[Form, ...] = (),
    kinds_too: Mapping[str, str] = MappingProxyType({}),
    names_too: Mapping[str, Name] = MappingProxyType({}),
    reserved: str = "",
    **more: Any,
) -> Rule:
    """A platform whose accounts all have one sort of address.

    `path` is the address of an account without its scheme, with a `{name}` in it: `ko-fi.com/{name}`. Further hosts
    show the same. `below` says what stands below an account that is not the account itself ("a page", "a project");
    empty where all of that still is the account. `first` are forms to try before it; `kinds_too` (kind and address)
    and `names_too` are what those need. Whatever else `Rule` takes is handed on.
    """
    host, _, place = path.partition("/")
    typed = place.replace("~{name}", "{name}")
    rest: tuple[Form, ...] = (Form(typed, kind),) if "?" in typed else (Form(f"{typed}/**", kind),)
    if below:
        rest = (Form(typed, kind), Form(f"{typed}/*/**", kind, post=below))
    return Rule(
        slug=slug,
        name=name,
        hosts=(host.removeprefix("www."), *hosts),
        kinds={kind: Kind(f"https://{path}", shown), **{one: Kind(url) for one, url in kinds_too.items()}},
        names={"name": shape, **names_too},
        forms=(*first, *rest),
        reserved=USUAL_PAGES | words(reserved),
        bare=((ANY, place.replace("{name}", "{}")),),
        **{"icon": True, "subdomains": SUBDOMAINS, **more},
    )
