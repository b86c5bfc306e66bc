"""What a view needs: a name, and who may see it."""

from registry.accounts.catalogue_address import COLUMNS
from registry.fields import Form, choice_field, hidden_field, line_field, ticks_field

SHARED = (("no", "Only me"), ("yes", "All colleagues"))


class ViewForm(Form):
    """A name, and who sees it."""

    asks = hidden_field()
    name = line_field(
        "Name of the view", need="Give the view a name, such as “Libraries to review”.", longest=60,
        hint="It stands above the list, and on the page that its address leads to.",
    )  # fmt: skip
    shared = choice_field(
        "Who can see it?", SHARED, need="Choose who can see the view.", default="no",
        hint="Everybody sees the accounts that they may see; a view shows nobody more.",
    )  # fmt: skip


class ColumnsForm(Form):
    """Which columns to show."""

    asks = hidden_field()
    columns = ticks_field("Columns", [(name, column.label) for name, column in COLUMNS.items()])
