"""Addresses that only lead to another one: short links, redirectors, mail scanners, sign-in pages, archives.

A redirector that carries the real address in itself is read, never followed: nothing here asks the network. A short
link says nothing without its server, so whoever pasted it is asked to open it.
"""

from functools import lru_cache
from urllib.parse import unquote

from registry.accounts.rules.addresses import Address, is_within, parameter, words

SHORT_LINKS = words(
    "t.co bit.ly fb.me on.fb.me fb.watch vm.tiktok.com vt.tiktok.com pin.it g.page maps.app.goo.gl goo.gl"
    " lnkd.in ow.ly buff.ly tinyurl.com is.gd dlvr.it ift.tt rebrand.ly cutt.ly shorturl.at trib.al j.mp"
    " wp.me db.tt go.usa.gov 1.usa.gov spr.ly hubs.ly hubs.la hubs.li tmblr.co flic.kr redd.it v.redd.it dai.ly"
    " snd.sc on.soundcloud.com spotify.link spoti.fi eepurl.com lnks.gd aka.ms msft.it share.google search.app"
    " g.co apple.co a.co amzn.to amzn.eu t.ly rb.gy tiny.cc bit.do b.link bl.ink s.id qrco.de qr.link smarturl.it"
    " lnk.to nyti.ms u.wechat.com lin.ee vk.cc flip.it po.st su.pr tr.im snip.ly ht.ly dld.bz 4sq.com dsc.gg"
    " shor.by wa.link youtube.page.link kutt.it zurl.co urlz.fr shorturl.gg soo.gd v.gd x.gd surl.li clck.ru"
    " pst.cr crwd.fr goo.su urldefense.us bityl.co tinyurl.mobi linktw.in"
    " protect-eu.mimecast.com protect-us.mimecast.com protect-uk.mimecast.com protect-au.mimecast.com"
)
# (host or dot-suffix, first path segment or "" for any, parameter that holds the real address)
REDIRECTORS = (
    ("facebook.com", "l.php", "u"),
    ("l.messenger.com", "l.php", "u"),
    ("l.instagram.com", "", "u"),
    ("l.threads.net", "", "u"),
    ("l.threads.com", "", "u"),
    ("l.wl.co", "l", "u"),
    ("out.reddit.com", "", "url"),
    ("safelinks.protection.outlook.com", "", "url"),
    ("linkprotect.cudasvc.com", "url", "a"),
    ("google.com", "url", "q"),
    ("google.com", "url", "url"),
    ("google.co.uk", "url", "q"),
    ("google.co.uk", "url", "url"),
    ("youtube.com", "redirect", "q"),
    ("linkedin.com", "redir", "url"),
    ("linkedin.com", "safety", "url"),
    ("vk.com", "away.php", "to"),
    ("steamcommunity.com", "linkfilter", "u"),
    ("t.umblr.com", "redirect", "z"),
    ("slack-redir.net", "link", "url"),
    ("duckduckgo.com", "l", "uddg"),
)
# Pages that ask people to sign in first, with the address that they came for.
SIGN_INS = (
    ("facebook.com", "login", "next"),
    ("facebook.com", "login.php", "next"),
    ("instagram.com", "accounts", "next"),
    ("threads.net", "login", "next"),
    ("threads.com", "login", "next"),
    ("x.com", "i", "redirect_after_login"),
    ("twitter.com", "login", "redirect_after_login"),
    ("twitter.com", "i", "redirect_after_login"),
    ("linkedin.com", "authwall", "sessionRedirect"),
    ("linkedin.com", "uas", "session_redirect"),
    ("linkedin.com", "login", "session_redirect"),
    ("tiktok.com", "login", "redirect_url"),
    ("consent.youtube.com", "m", "continue"),
    ("consent.google.com", "m", "continue"),
    ("accounts.google.com", "ServiceLogin", "continue"),
    ("youtube.com", "signin", "next"),
)
_ARCHIVE = "web.archive.org"
# Mail scanners that write the real address into the path, or in a spelling of their own.
_SCANNERS = ("urldefense.com", "urldefense.proofpoint.com", "secure-web.cisco.com")


def may_lead_elsewhere(address: Address) -> bool:
    """Whether it is worth asking the others here: what they look for is in a parameter, but for a few hosts."""
    return address.query != "" or address.host == _ARCHIVE or address.host in _SCANNERS


@lru_cache(maxsize=4_096)
def _carriers_of(host: str) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """The (first path segment, parameter) pairs of a host's redirectors, and of its sign-in pages."""
    redirectors, sign_ins = (
        tuple((page, name) for domain, page, name in table if is_within(host, domain))
        for table in (REDIRECTORS, SIGN_INS)
    )
    return redirectors, sign_ins


def redirect_target(address: Address) -> str:
    """The address that a known redirector or mail scanner carries, "" where this is none. Nothing is fetched."""
    if address.host in _SCANNERS:
        return _scanned(address)
    return _carried(address, _carriers_of(address.host)[0])


def behind_a_gate(address: Address) -> tuple[str, str]:
    """What stands before the real address (a sign-in page, an archived copy), and that address; twice "" if nothing."""
    if address.host == _ARCHIVE:
        if len(address.segments) < 3 or address.segments[0] != "web":
            return "", ""
        return "an archived copy", "/".join(address.segments[2:]) + (f"?{address.query}" if address.query else "")
    target = _carried(address, _carriers_of(address.host)[1])
    if target.startswith("/"):
        target = address.host + target
    return ("a sign-in page", target) if target else ("", "")


def _carried(address: Address, carriers: tuple[tuple[str, str], ...]) -> str:
    if not (carriers and address.query):
        return ""
    first = address.segments[0] if address.segments else ""
    for page, name in carriers:
        if page in ("", first) and (target := parameter(address.query, name)):
            return target
    return ""


def _scanned(address: Address) -> str:
    """The address inside one of a mail scanner: `/v3/__ADDRESS__;...`, `/v2/url?u=https-3A__...`, `/CODE/ADDRESS`."""
    segments = address.segments
    if address.host == "secure-web.cisco.com":
        return segments[1] if len(segments) == 2 else ""
    if segments[:1] == ("v3",):
        return "/".join(segments[1:]).partition("__")[2].rpartition("__;")[0]
    return unquote(parameter(address.query, "u").replace("-", "%").replace("_", "/"))
