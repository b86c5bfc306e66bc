"""Are the rules what they claim to be? Each carries its own examples, and all of them are tried."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from resolving import identity

import registry
from registry.accounts.platforms import PLATFORMS, RULES, Refused, Resolved, resolve
from registry.accounts.rules.rule import Example, Form, Refusal, Rule, shape_of

EXAMPLES = [(rule, example) for rule in RULES for example in rule.examples]
REFUSALS = [(rule, refusal) for rule in RULES for refusal in rule.refused]
SPRITE = Path(registry.__file__).parents[1] / "static" / "icons" / "platforms.svg"


def faults(rule: Rule) -> list[str]:
    """What a rule breaks of what all rules keep to."""
    found = []
    if len(rule.examples) < 3 or not rule.refused:
        found.append(f"{len(rule.examples)} examples and {len(rule.refused)} refusals")
    needed = {name for form in rule.forms for name in shape_of(form.path).names}
    if needed != set(rule.names):
        found.append(f"names: {sorted(needed ^ set(rule.names))}")
    kinds = {form.kind for form in rule.forms if form.kind}
    if rule.slug != "website" and kinds != set(rule.kinds):
        found.append(f"kinds: {sorted(kinds ^ set(rule.kinds))}")
    shown = {example.account.partition(" ")[0] for example in rule.examples}
    if shown != set(rule.kinds):
        found.append(f"kinds without an example: {sorted(set(rule.kinds) - shown)}")
    return found


@pytest.mark.parametrize("rule", RULES, ids=[rule.slug for rule in RULES])
def test_rule_keeps_to_what_rules_keep_to(rule: Rule) -> None:
    assert faults(rule) == []


def test_that_guard_bites() -> None:
    rule = RULES[0]
    broken = replace(rule, examples=rule.examples[:2], refused=(), forms=(*rule.forms[:1], Form("{other}", "page")))
    assert faults(broken) == [
        "2 examples and 0 refusals",
        "names: ['id', 'other']",
        "kinds: ['id', 'page']",
        "kinds without an example: ['id']",
    ]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=[example.text for _, example in EXAMPLES])
def test_example_of_a_rule_is_the_account_that_it_says(rule: Rule, example: Example) -> None:
    result = resolve(example.text)
    assert isinstance(result, Resolved)
    assert (result.platform, f"{result.kind} {result.key}", result.url) == (rule.slug, example.account, example.url)
    assert identity(resolve(result.url)) == identity(result)


@pytest.mark.parametrize(("rule", "refusal"), REFUSALS, ids=[refusal.text for _, refusal in REFUSALS])
def test_refusal_of_a_rule_has_the_reason_that_it_says(rule: Rule, refusal: Refusal) -> None:
    result = resolve(refusal.text)
    assert isinstance(result, Refused)
    owner = result.owner
    assert (result.reason, f"{owner.kind} {owner.key}" if owner else "") == (refusal.reason, refusal.owner)
    # Short links have hosts of their own, which say nothing of the platform.
    assert result.platform == (
        None if refusal.reason == "a short link" and result.platform is None else result.platform
    )
    assert {result.platform, owner.platform if owner else None} <= {rule.slug, None}
    assert len(result.note) > 40


@pytest.mark.parametrize("rule", RULES, ids=[rule.slug for rule in RULES])
def test_first_example_of_a_rule_is_one_to_show_beside_a_field(rule: Rule) -> None:
    assert identity(resolve(PLATFORMS[rule.slug].example)) == (rule.slug, *rule.examples[0].account.split(" ", 1))


def test_no_host_and_no_name_belongs_to_two_rules() -> None:
    hosts = [host for rule in RULES for host in rule.hosts]
    assert sorted({host for host in hosts if hosts.count(host) > 1}) == []
    names = [name for rule in RULES for name in {_plain(one) for one in (rule.slug, rule.name, *rule.also)}]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def test_hosts_are_written_as_they_are_compared() -> None:
    wrong = [
        host
        for rule in RULES
        for host in (*rule.hosts, *rule.prefixes, *rule.host_words)
        if host != host.lower() or host.startswith("www.") or not host.isascii()
    ]
    assert wrong == []


def test_sprite_has_the_icons_that_platforms_say_they_have() -> None:
    symbols = re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text(encoding="utf-8"))
    assert symbols == [platform.slug for platform in PLATFORMS.values() if platform.icon]


def test_shape_that_nobody_can_read_is_refused() -> None:
    with pytest.raises(ValueError, match=r"not a step of a shape: \{na me\}"):
        shape_of("company/{na me}/**")
