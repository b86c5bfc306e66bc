"""Platforms for messages as data: servers, channels and numbers, and invitations, which are secrets.

The notation is that of `rule`. Whoever has an invitation to a group can join it, so none is ever kept.
"""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.parts import ANY, SUBDOMAINS
from registry.accounts.rules.rule import Example as Is
from registry.accounts.rules.rule import Form, Kind, Name, Rule
from registry.accounts.rules.rule import Refusal as Not

_PRIVATE = (
    "This is an invitation to a private group: whoever has it can join. We do not keep it, so that it is never "
    "published. Register the group by a page that tells of it, or register the channel."
)
_PHONE = Name(
    re.compile(r"(?:\+| |00)?([1-9][0-9]{6,14})"), "a telephone number with its country, 7 to 15 digits", stable="whole"
)

_DISCORD = Rule(
    slug="discord",
    name="Discord",
    also=("discordserver", "discordinvite"),
    icon=True,
    bio_length=120,  # a server's
    post_length=2_000,
    hosts=("discord.com", "discord.gg", "discordapp.com"),
    subdomains=words("www ptb canary") | {""},
    prefixes={"discord.gg": "invite"},
    note="An invitation to Discord may run out. Please check that it lasts, or give the address that the server chose.",
    kinds={
        "server": Kind("https://discord.gg/{name}"),
        "guild": Kind("https://discord.com/servers/{name}"),
    },
    names={
        "code": Name(re.compile(r"[A-Za-z0-9\-]{2,32}"), "letters, digits and dashes", fold="exact"),
        "guild": Name(re.compile(r"(?:[^/]*-)?([0-9]{15,25})"), "a name, a dash and a long number", stable="whole"),
    },
    forms=(
        Form("invite/invite/{code}/**", "server"),
        Form("invite/{code}", "server"),
        Form("servers/{guild}/**", "guild"),
        Form("channels/**", post="a page that only its members see"),
        Form("users/**", post="a person"),
    ),
    reserved=words("invite servers channels users login"),
    bare=((ANY, "invite/{}"),),
    examples=(
        Is("https://discord.gg/Brynmor", "server Brynmor", "https://discord.gg/Brynmor"),
        Is("https://discord.com/invite/AbC123xyz", "server AbC123xyz", "https://discord.gg/AbC123xyz"),
        Is("http://www.discordapp.com/invite/brynmor", "server brynmor", "https://discord.gg/brynmor"),
        Is(
            "https://discord.com/servers/brynmor-council-123456789012345678",
            "guild 123456789012345678",
            "https://discord.com/servers/123456789012345678",
        ),
    ),
    refused=(
        Not("https://discord.com/channels/123456789012345678/42", "a page that only its members see"),
        Not("https://discord.com/users/123456789012345678", "a person"),
        Not("https://discord.com/login", "a sign-in page"),
        Not("https://support.discord.com/hc/en-us", "some other page"),
    ),
)

_TELEGRAM = Rule(
    slug="telegram",
    name="Telegram",
    also=("telegramchannel", "tg"),
    icon=True,
    bio_length=255,  # a channel's
    post_length=4_096,
    hosts=("t.me", "telegram.me", "telegram.dog", "web.telegram.org"),
    host_path="{sub}",
    prefixes={"web.telegram.org": "web"},
    kinds={
        "channel": Kind("https://t.me/{name}", "@{name}"),
        "id": Kind("https://web.telegram.org/k/#{name}", "number {name}"),
    },
    names={
        "name": Name(
            re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}"), "4 to 32 letters, digits and underscores, the first a letter"
        ),
        "id": Name(re.compile(r"-?[0-9]{5,20}"), "digits", stable="whole"),
        "invite": Name(re.compile(r"\+(?=[0-9]*[A-Za-z_\-]).*"), "an invitation"),
        "phone": Name(re.compile(r"\+[0-9]{7,15}"), "a telephone number"),
    },
    forms=(
        Form("joinchat/**", post="a secret invitation", because=_PRIVATE),
        Form("(phone)", post="somebody's telephone number"),
        Form("(invite)/**", post="a secret invitation", because=_PRIVATE),
        Form("join?invite={invite}", post="a secret invitation", because=_PRIVATE),
        Form("addstickers|addemoji|addtheme|addlist|bg|setlanguage/**", post="a set of stickers or a theme"),
        Form("c/**", post="a message in a private group"),
        Form("resolve?domain={name}", "channel"),
        Form("s/{name}/#/**", "channel", post="a post"),
        Form("s/{name}/**", "channel"),
        Form("web/a|k|z/@{name}/**", "channel"),
        Form("web/a|k|z/{id}", "id", sure=False),
        Form("web/@{name}", "channel"),
        Form("{@name}/#/**", "channel", post="a post"),
        Form("{@name}/**", "channel"),
    ),
    reserved=words(
        "joinchat addstickers addemoji addtheme addlist share proxy socks c iv setlanguage bg boost login confirmphone"
        " invoice contact giftcode m msg s web resolve join faq apps dl blog support tour privacy nft stars settings"
    ),
    bare=((re.compile(r"(\+.*)"), "{}"), (ANY, "{}")),
    examples=(
        Is("https://t.me/BrynmorCouncil", "channel brynmorcouncil", "https://t.me/BrynmorCouncil"),
        Is("https://t.me/s/brynmorcouncil", "channel brynmorcouncil", "https://t.me/brynmorcouncil"),
        Is("https://brynmorcouncil.t.me/", "channel brynmorcouncil", "https://t.me/brynmorcouncil"),
        Is("tg://resolve?domain=brynmorcouncil", "channel brynmorcouncil", "https://t.me/brynmorcouncil"),
        Is("https://web.telegram.org/k/#@brynmorcouncil", "channel brynmorcouncil", "https://t.me/brynmorcouncil"),
        Is("https://web.telegram.org/a/#6891155458", "id 6891155458", "https://web.telegram.org/k/#6891155458"),
    ),
    refused=(
        Not("https://t.me/brynmorcouncil/123", "a post", "channel brynmorcouncil"),
        Not("https://t.me/+AbCdEf123456", "a secret invitation"),
        Not("https://t.me/joinchat/AbCdEf123456", "a secret invitation"),
        Not("https://t.me/+447700900123", "somebody's telephone number"),
        Not("https://t.me/c/1234567/89", "a message in a private group"),
        Not("https://t.me/addstickers/Brynmor", "a set of stickers or a theme"),
        Not("https://t.me/share/url?url=https://example.org", "a button that shares"),
        Not("https://t.me/1abc", "not a name"),
    ),
)

_WHATSAPP = Rule(
    slug="whatsapp",
    name="WhatsApp",
    also=("whatsappchannel", "whatsappbusiness", "wa"),
    icon=True,
    bio_length=139,  # a number's; a channel has more room
    hosts=("whatsapp.com", "wa.me", "chat.whatsapp.com"),
    subdomains=words("www api web m") | {""},
    prefixes={"chat.whatsapp.com": "chat"},
    telephone=True,
    kinds={
        "channel": Kind("https://whatsapp.com/channel/{name}"),
        "number": Kind("https://wa.me/{name}", "+{name}"),
    },
    names={
        "code": Name(re.compile(r"[A-Za-z0-9_\-]{10,64}"), "10 letters and digits or more", fold="exact"),
        "phone": _PHONE,
    },
    forms=(
        Form("chat/**", post="a secret invitation", because=_PRIVATE),
        Form("message|qr/**", short=True),
        Form("channel/{code}/#/**", "channel", post="a message"),
        Form("channel/{code}/**", "channel"),
        Form("send?phone={phone}", "number"),
        Form("c|catalog/{phone}/**", "number"),
        Form("p/*/{phone}/**", "number", post="a product"),
        Form("{phone}", "number"),
    ),
    reserved=words("chat message qr channel send c catalog p"),
    bare=((re.compile(r"((?=[0-9_\-]*[A-Za-z])[0-9A-Za-z_\-]+)"), "channel/{}"), (ANY, "{}")),
    examples=(
        Is(
            "https://whatsapp.com/channel/0029VaBrynmorCouncil1234/",
            "channel 0029VaBrynmorCouncil1234",
            "https://whatsapp.com/channel/0029VaBrynmorCouncil1234",
        ),
        Is(
            "https://www.whatsapp.com/channel/0029VaBrynmorCouncil1234/brynmor",
            "channel 0029VaBrynmorCouncil1234",
            "https://whatsapp.com/channel/0029VaBrynmorCouncil1234",
        ),
        Is("https://wa.me/447700900123?text=Hello", "number 447700900123", "https://wa.me/447700900123"),
        Is("https://api.whatsapp.com/send?phone=+447700900123", "number 447700900123", "https://wa.me/447700900123"),
    ),
    refused=(
        Not("https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv", "a secret invitation"),
        Not("https://wa.me/message/ABCDEFGHIJ", "a short link"),
        Not("https://wa.me/12", "not a name"),
        Not("https://faq.whatsapp.com/", "some other page"),
    ),
)

_SIGNAL = Rule(
    slug="signal",
    name="Signal",
    icon=True,
    hosts=("signal.me", "signal.group"),
    prefixes={"signal.group": "group"},
    telephone=True,
    kinds={
        "number": Kind("https://signal.me/#p/+{name}", "+{name}"),
        "profile": Kind("https://signal.me/#eu/{name}"),
    },
    names={
        "phone": _PHONE,
        "code": Name(re.compile(r"[A-Za-z0-9_\-]{20,100}"), "20 letters and digits or more", fold="exact"),
    },
    forms=(
        Form("group/**", post="a secret invitation", because=_PRIVATE),
        Form("p/{phone}", "number"),
        Form("eu/{code}", "profile"),
    ),
    reserved=words("group p eu"),
    bare=((ANY, "p/{}"),),
    examples=(
        Is("https://signal.me/#p/+447700900123", "number 447700900123", "https://signal.me/#p/+447700900123"),
        Is("signal.me/#p/447700900123", "number 447700900123", "https://signal.me/#p/+447700900123"),
        Is(
            "https://signal.me/#eu/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789",
            "profile AbCdEfGhIjKlMnOpQrStUvWxYz0123456789",
            "https://signal.me/#eu/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789",
        ),
    ),
    refused=(
        Not("https://signal.group/#CjQKIAbCdEf", "a secret invitation"),
        Not("https://signal.me/#p/12", "not a name"),
    ),
)

_WECHAT = Rule(
    slug="wechat",
    name="WeChat",
    also=("weixin", "wechatid", "wechatofficialaccount"),
    icon=True,
    hosts=("open.weixin.qq.com", "mp.weixin.qq.com", "weixin.qq.com", "wechat.com"),
    prefixes={"mp.weixin.qq.com": "mp"},
    kinds={
        "profile": Kind("https://open.weixin.qq.com/qr/code?username={name}"),
        "biz": Kind("https://mp.weixin.qq.com/mp/profile_ext?action=home&__biz={name}"),
    },
    names={
        "name": Name(re.compile(r"[A-Za-z0-9_][A-Za-z0-9_\-]{1,39}"), "letters, digits, dashes and underscores"),
        "biz": Name(re.compile(r"[A-Za-z0-9+/=]{8,40}"), "letters and digits", fold="exact", stable="whole"),
    },
    forms=(
        Form("qr/code?username={name}", "profile"),
        Form("dl/chat/{name}", "profile"),
        Form("mp/mp/profile_ext|homepage?__biz={biz}", "biz"),
        Form("mp/s|mp/**", post="an article"),
        Form("r|g|p/**", short=True),
    ),
    reserved=words("mp r g p"),
    bare=((ANY, "dl/chat/{}"),),
    examples=(
        Is(
            "https://open.weixin.qq.com/qr/code?username=BrynmorCouncil",
            "profile brynmorcouncil",
            "https://open.weixin.qq.com/qr/code?username=BrynmorCouncil",
        ),
        Is(
            "weixin://dl/chat?BrynmorCouncil",
            "profile brynmorcouncil",
            "https://open.weixin.qq.com/qr/code?username=BrynmorCouncil",
        ),
        Is(
            "https://mp.weixin.qq.com/mp/profile_ext?action=home&__biz=MzA3MDM3NjE5NQ==#wechat_redirect",
            "biz MzA3MDM3NjE5NQ==",
            "https://mp.weixin.qq.com/mp/profile_ext?action=home&__biz=MzA3MDM3NjE5NQ==",
        ),
    ),
    refused=(
        Not("https://mp.weixin.qq.com/s/AbCdEf", "an article"),
        Not("https://weixin.qq.com/r/AbCdEf", "a short link"),
        Not("https://open.weixin.qq.com/qr/code", "some other page"),
    ),
)

_LINE = Rule(
    slug="line",
    name="LINE",
    also=("lineofficialaccount",),
    icon=True,
    hosts=("line.me", "page.line.me"),
    subdomains=SUBDOMAINS,
    prefixes={"page.line.me": "page"},
    kinds={"profile": Kind("https://line.me/R/ti/p/@{name}", "@{name}")},
    names={
        "name": Name(re.compile(r"(?:[@~])?([A-Za-z0-9][A-Za-z0-9_.\-]{2,29})"), "letters, digits, dashes and dots")
    },
    forms=(
        Form("r/ti/p/{name}", "profile"),
        Form("ti/p/{name}", "profile"),
        Form("page/{name}/**", "profile"),
        Form("ti/g|g2/**", post="a secret invitation", because=_PRIVATE),
        Form("r/ti/g|g2/**", post="a secret invitation", because=_PRIVATE),
    ),
    reserved=words("r ti page"),
    bare=((ANY, "ti/p/{}"),),
    examples=(
        Is("https://line.me/R/ti/p/@brynmor_city", "profile brynmor_city", "https://line.me/R/ti/p/@brynmor_city"),
        Is("https://line.me/R/ti/p/%40brynmor_city", "profile brynmor_city", "https://line.me/R/ti/p/@brynmor_city"),
        Is(
            "https://page.line.me/brynmor_city?openQrModal=true",
            "profile brynmor_city",
            "https://line.me/R/ti/p/@brynmor_city",
        ),
    ),
    refused=(
        Not("https://line.me/R/ti/g/AbCdEf", "a secret invitation"),
        Not("https://lin.ee/AbCdEf", "a short link"),
        Not("https://line.me/en/", "some other page"),
    ),
)

MESSAGE_RULES = (_WHATSAPP, _TELEGRAM, _DISCORD, _SIGNAL, _WECHAT, _LINE)
