"""What is asked about a text that comms look through for accounts."""

from contextlib import closing
from typing import Any

from registry.accounts.platforms import OFFERED
from registry.fields import Form, pick_field, shown, text_field

#: Characters that may be pasted, and bytes of a file.
LONGEST_PASTE = 200_000
LARGEST_FILE = 2_000_000


class LookForm(Form):
    """A text, pasted or in a file, and where bare names in it belong."""

    text = text_field(
        "Text", longest=LONGEST_PASTE, rows=10,
        hint="A staff newsletter, an export of bios, a list of followers with its heading.",
    )  # fmt: skip
    platform = pick_field(
        "Names without a platform are on",
        [("", "Leave them open"), *((one.slug, one.name) for group in OFFERED.values() for one in group)],
    )

    def words(self, file: Any) -> str:
        """The text to look through, of the file where there is one; empty, with what to do instead, where none is."""
        if file is not None and file.filename:
            with closing(file):
                content = file.read(LARGEST_FILE + 1)
            if len(content) > LARGEST_FILE:
                self.fail(self.text, "This file is larger than 2 MB. Take out the columns and parts without accounts.")
                return ""
            return _decoded(self, content)
        if not self.text.data:
            self.fail(self.text, "Paste a text, or choose a file.")
        return self.text.data


def _decoded(form: LookForm, content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\0" in content:
        form.fail(form.text, "This is no text. Save a workbook as CSV, or a document as plain text, and choose that.")
        return ""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def picks(form: Any, most: int) -> list[tuple[str, str, int | None]]:
    """What was ticked on the page of a text: address, the words around it, and the person to ask where there is one.

    Whom somebody chose to ask is asked, and so the account kept, though its own box may not be ticked.
    """
    found = []
    chosen = [name.removeprefix("ask-") for name, value in form.items() if name.startswith("ask-") and value]
    for number in list(dict.fromkeys((*form.getlist("keep"), *chosen)))[:most]:
        asked = form.get(f"ask-{number}", "")
        person_id = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
        url, words = (shown(form.get(f"{name}-{number}", "")) for name in ("url", "words"))
        found.append((url[:2_000], words[:280], person_id))
    return found
