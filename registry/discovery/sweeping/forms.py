"""What is asked of whoever has pages looked through, or leaves a link out."""

from flask_wtf.file import FileRequired, MultipleFileField

from registry.discovery.sweeping.actions import LARGEST_UPLOAD
from registry.fields import Form, line_field


class FilesForm(Form):
    """Saved pages, a list or a sitemap."""

    title = line_field(
        "What are these pages?", need="Give these pages a name.", longest=200,
        hint="“Website”, say. Under the same name next time, you see what is new since.",
    )  # fmt: skip
    files = MultipleFileField(
        "Choose the files", validators=[FileRequired("Choose the files that you want to have looked through.")],
        description="Saved web pages, a ZIP of them, a sitemap, or a list of addresses; at most"
        f" {LARGEST_UPLOAD // 1_000_000} MB.",
        render_kw={"accept": ".html,.htm,.xhtml,.zip,.md,.txt,.csv,.xml", "multiple": True},
    )  # fmt: skip


class IgnoreForm(Form):
    """A link that nobody need hear of."""

    what = line_field(
        "Which links shall be left out?", need="Paste the address of an account, or type a host.", longest=1_000,
        hint="The address of an account, or a host like social.example.org for all accounts on it.",
        spellcheck="false", autocomplete="off",
    )  # fmt: skip
    reason = line_field("Why?", need="Say why, for whoever asks next year.", longest=300)
