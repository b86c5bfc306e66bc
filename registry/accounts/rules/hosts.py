"""Which platform a host belongs to, and what it means there."""

from dataclasses import dataclass
from functools import lru_cache

from registry.accounts.rules.addresses import without_www
from registry.accounts.rules.detours import SHORT_LINKS
from registry.accounts.rules.families import FAMILIES
from registry.accounts.rules.rule import Rule

_BY_HOST = {host: rule for _, rules in FAMILIES for rule in rules for host in rule.hosts}
_BY_WORD = {word: rule for _, rules in FAMILIES for rule in rules for word in rule.host_words}


@dataclass(frozen=True, slots=True)
class Place:
    """What a host means to the rules."""

    rule: Rule | None
    short: bool = False  # it has nothing but short links
    foreign: bool = False  # it belongs to the platform and shows no accounts
    prefix: tuple[str, ...] = ()  # what would stand before the path on the platform's main host


@lru_cache(maxsize=4_096)
def place_of(host: str) -> Place:
    """The rule of a host, by exact name, by dot-suffix or by what the server calls itself; never by a substring."""
    plain = without_www(host)
    rule, subdomain = _find_rule(plain)
    if plain in SHORT_LINKS or rule is None:
        return Place(rule, plain in SHORT_LINKS)
    if plain in rule.prefixes:
        return Place(rule, prefix=tuple(rule.prefixes[plain].split("/")))
    if rule.federated or _shows_accounts(rule, subdomain):
        return Place(rule)
    if rule.host_path:
        path = rule.host_path.format(host=plain, sub=subdomain)
        return Place(rule, prefix=tuple(path.split("/")))
    return Place(None if rule.others_are_sites else rule, foreign=not rule.others_are_sites)


def _find_rule(host: str) -> tuple[Rule | None, str]:
    rest = host
    while rest:
        if rule := _BY_HOST.get(rest):
            return rule, host[: -len(rest) - 1] if rest != host else ""
        rest = rest.partition(".")[2]
    for label in host.split(".")[:-1]:
        if rule := _BY_WORD.get(label):
            return rule, ""
    return None, ""


def _shows_accounts(rule: Rule, subdomain: str) -> bool:
    # A "w" too many or too few is a slip, and leads to the same place or nowhere.
    if subdomain.strip("w") == "" and len(subdomain) < 5 and not rule.host_path:
        return True
    return subdomain in rule.subdomains or (rule.locales is not None and rule.locales.fullmatch(subdomain) is not None)
