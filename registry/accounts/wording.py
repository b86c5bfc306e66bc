"""What the name of an account may be, guessed from its handle."""


def title_from(handle: str) -> str:
    """A first guess at an account's name: ``@BrynmorLibraries`` is ``Brynmor Libraries``."""
    name = handle.lstrip("@").partition("@")[0].rpartition("/")[2]
    spaced = [
        f" {one}" if one.isupper() and place and not name[place - 1].isupper() else one
        for place, one in enumerate(name.replace("_", " ").replace("-", " ").replace(".", " "))
    ]
    words = "".join(spaced).split()
    return " ".join(word if any(one.isupper() for one in word) else word.capitalize() for word in words)
