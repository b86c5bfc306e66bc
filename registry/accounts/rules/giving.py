"""Where people give to an organisation or buy from it, as data. The notation is that of `rule`."""

from registry.accounts.rules.parts import NUMBER, WIDE, one_name
from registry.accounts.rules.rule import Example as Is
from registry.accounts.rules.rule import Form
from registry.accounts.rules.rule import Refusal as Not

_PATREON = one_name(
    "patreon",
    "Patreon",
    "www.patreon.com/{name}",
    first=(
        Form("posts|collection|checkout|join/**", post="a post"),
        Form("c|cw|m/{name}/**", "profile"),
        Form("user?u={number}", "profile", url="https://www.patreon.com/user?u={name}"),
    ),
    reserved="posts collection checkout c cw m bePatron portal explore product creators user",
    names_too={"number": NUMBER},
    examples=(
        Is("https://www.patreon.com/BrynmorRadio", "profile brynmorradio", "https://www.patreon.com/BrynmorRadio"),
        Is(
            "https://www.patreon.com/c/brynmorradio/posts",
            "profile brynmorradio",
            "https://www.patreon.com/brynmorradio",
        ),
        Is("https://www.patreon.com/user?u=123456", "profile 123456", "https://www.patreon.com/user?u=123456"),
    ),
    refused=(
        Not("https://www.patreon.com/posts/our-news-123456", "a post"),
        Not("https://patreon.com/login", "a sign-in page"),
    ),
)
_KOFI = one_name(
    "kofi",
    "Ko-fi",
    "ko-fi.com/{name}",
    first=(
        Form("post|i|s/**", post="a post"),
        Form("{name}/shop|posts|commissions|tiers|gallery|goal|polls", "profile"),
    ),
    below="a page",
    reserved="post i s gold manage discover explore",
    examples=(
        Is("https://ko-fi.com/BrynmorRadio", "profile brynmorradio", "https://ko-fi.com/BrynmorRadio"),
        Is("https://www.ko-fi.com/brynmorradio/shop", "profile brynmorradio", "https://ko-fi.com/brynmorradio"),
        Is("ko-fi.com/brynmor_radio", "profile brynmor_radio", "https://ko-fi.com/brynmor_radio"),
    ),
    refused=(Not("https://ko-fi.com/post/Our-news-A1B2", "a post"), Not("https://ko-fi.com/explore", "a search")),
)
_BUY_ME_A_COFFEE = one_name(
    "buymeacoffee",
    "Buy Me a Coffee",
    "buymeacoffee.com/{name}",
    hosts=("buymeacoff.ee",),
    first=(Form("{name}/e|c|p|extras|posts|membership|gallery/*/**", "profile", post="a post"),),
    icon=False,
    examples=(
        Is(
            "https://www.buymeacoffee.com/BrynmorRadio", "profile brynmorradio", "https://buymeacoffee.com/BrynmorRadio"
        ),
        Is("https://buymeacoff.ee/brynmorradio", "profile brynmorradio", "https://buymeacoffee.com/brynmorradio"),
        Is(
            "buymeacoffee.com/brynmor.radio/membership",
            "profile brynmor.radio",
            "https://buymeacoffee.com/brynmor.radio",
        ),
    ),
    refused=(
        Not("https://buymeacoffee.com/brynmorradio/e/12345", "a post", "profile brynmorradio"),
        Not("https://buymeacoffee.com/explore", "a search"),
    ),
)
_JUST_GIVING = one_name(
    "justgiving",
    "JustGiving",
    "www.justgiving.com/{name}",
    shape=WIDE,
    below="a page",
    first=(
        Form("fundraising|page|campaign|crowdfunding|team|donation/**", post="a page for one collection"),
        Form("charity/{name}/**", "profile"),
    ),
    reserved="fundraising page campaign crowdfunding team donation charity start-fundraising donation-web",
    examples=(
        Is(
            "https://www.justgiving.com/BrynmorHospice",
            "profile brynmorhospice",
            "https://www.justgiving.com/BrynmorHospice",
        ),
        Is(
            "https://www.justgiving.com/charity/brynmor-hospice",
            "profile brynmor-hospice",
            "https://www.justgiving.com/brynmor-hospice",
        ),
        Is(
            "justgiving.com/brynmorhospice?utm_source=x",
            "profile brynmorhospice",
            "https://www.justgiving.com/brynmorhospice",
        ),
    ),
    refused=(
        Not("https://www.justgiving.com/fundraising/nia-example", "a page for one collection"),
        Not("https://www.justgiving.com/search?q=x", "a search"),
    ),
)
_ETSY = one_name(
    "etsy",
    "Etsy",
    "www.etsy.com/shop/{name}",
    kind="shop",
    host_path="shop/{sub}",
    first=(
        Form("listing|c|market|search/**", post="an article for sale"),
        Form("xx/shop/{name}/**", "shop"),
        Form("people/{name}/**", "shop", post="a person's page"),
    ),
    reserved="listing c market people featured your",
    examples=(
        Is("https://www.etsy.com/shop/BrynmorMuseum", "shop brynmormuseum", "https://www.etsy.com/shop/BrynmorMuseum"),
        Is(
            "https://www.etsy.com/uk/shop/brynmormuseum?ref=x",
            "shop brynmormuseum",
            "https://www.etsy.com/shop/brynmormuseum",
        ),
        Is("https://brynmormuseum.etsy.com/", "shop brynmormuseum", "https://www.etsy.com/shop/brynmormuseum"),
    ),
    refused=(
        Not("https://www.etsy.com/listing/12345/a-mug", "an article for sale"),
        Not("https://www.etsy.com/search?q=mug", "an article for sale"),
    ),
)
_FIVERR = one_name(
    "fiverr",
    "Fiverr",
    "www.fiverr.com/{name}",
    below="an offer",
    first=(Form("sellers/{name}/**", "profile"), Form("gigs|categories|search|cp/**", post="a search")),
    reserved="gigs categories cp sellers inbox lists hire levels resources studios logo-maker",
    examples=(
        Is("https://www.fiverr.com/NiaExample", "profile niaexample", "https://www.fiverr.com/NiaExample"),
        Is("https://www.fiverr.com/sellers/niaexample", "profile niaexample", "https://www.fiverr.com/niaexample"),
        Is("fiverr.com/nia_example?source=x", "profile nia_example", "https://www.fiverr.com/nia_example"),
    ),
    refused=(
        Not("https://www.fiverr.com/niaexample/draw-a-logo", "an offer", "profile niaexample"),
        Not("https://www.fiverr.com/categories/design", "a search"),
    ),
)
_GUMROAD = one_name(
    "gumroad",
    "Gumroad",
    "gumroad.com/{name}",
    host_path="{sub}",
    first=(
        Form("l|d|a/**", post="an article for sale"),
        Form("{name}/l|p/*/**", "profile", post="an article for sale"),
    ),
    reserved="l d a university features",
    examples=(
        Is("https://BrynmorMuseum.gumroad.com", "profile brynmormuseum", "https://gumroad.com/brynmormuseum"),
        Is("https://gumroad.com/brynmormuseum", "profile brynmormuseum", "https://gumroad.com/brynmormuseum"),
        Is(
            "https://www.gumroad.com/brynmormuseum?sort=x", "profile brynmormuseum", "https://gumroad.com/brynmormuseum"
        ),
    ),
    refused=(
        Not("https://gumroad.com/l/abcde", "an article for sale"),
        Not("https://gumroad.com/discover", "a search"),
    ),
)

SUPPORT_RULES = (
    _PATREON, _KOFI, _BUY_ME_A_COFFEE, _JUST_GIVING, _ETSY, _FIVERR, _GUMROAD,
)  # fmt: skip
