"""Accounts that people outside must not learn of, for the tests of what they are told."""

#: Where each account of ``hidden`` is, by what keeps it from people outside.
HIDDEN = {
    "proposed": "https://x.com/dmproposed",
    "closed": "https://x.com/dmclosed",
    "dormant": "https://x.com/dmdormant",
    "orphaned": "https://x.com/dmorphaned",
    "lost": "https://x.com/dmlost",
    "for comms": "https://x.com/dmcomms",
    "for colleagues": "https://x.com/dmcolleagues",
    "personal, for colleagues": "https://x.com/niacolleague",
    "personal, without consent": "https://x.com/nianoconsent",
    "personal, of a leaver": "https://x.com/hiddenleaver",
    "taken out": "https://x.com/niatakenout",
    "handle is somebody else’s": "https://x.com/dmhandletaken",
    "merged": "https://x.com/dmmerged",
}
