"""What is asked of whoever brings in a file of accounts."""

from typing import Final

from wtforms import FieldList

from registry.accounts.importing.actions import LARGEST_UPLOAD
from registry.accounts.importing.columns import FIELDS, MOST_ROWS
from registry.fields import Form, file_field, line_field, pick_field

#: What a page calls the fields of an account.
FIELD_WORDS: Final = {
    "url": "Address of the account", "platform": "Platform", "handle": "Handle", "title": "Name",
    "purpose": "What it is for", "standing": "Standing", "state": "State", "team": "Team", "owner": "Owner",
    "deputy": "Deputy", "language": "Language", "topics": "Topics", "place": "Place", "mailbox": "Team mailbox",
    "review_on": "Next review",
}  # fmt: skip
CHOICES: Final = [("", "Leave it out"), *((field, FIELD_WORDS[field]) for field in FIELDS)]


class UploadForm(Form):
    """The file."""

    file = file_field(
        "Choose the file", need="Choose the CSV or Excel file that you want to bring in.",
        hint=f"CSV or Excel (XLSX), at most {LARGEST_UPLOAD // 1_000_000} MB and {MOST_ROWS:,} rows, with the names of"
        " the columns in one of the first rows.",
        accept=".csv,.xlsx,.xlsm,.txt,.tsv",
    )  # fmt: skip


class ColumnsForm(Form):
    """What each column of the file is."""

    columns = FieldList(pick_field("Column", CHOICES))


class ConfirmForm(Form):
    """Yes, and where a file closes many accounts how many those are."""

    closing = line_field(
        "How many accounts shall be closed?", inputmode="numeric", autocomplete="off",
        hint="Repeat the number above, so that nobody closes accounts unseen.",
    )  # fmt: skip
