"""Bringing in a list, for the tests of it."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from lists import Import

from registry.accounts.spreadsheet import Report, bring_in, parse_map


@pytest.fixture
def imported(app: Flask, tmp_path: Path) -> Import:
    """Import rows: the first is the header. Or a text, or bytes, as they are."""

    def run(content: Any, *pairs: str, name: str = "accounts.csv") -> Report:
        file = tmp_path / name
        if isinstance(content, list):
            text = io.StringIO(newline="")
            csv.writer(text).writerows(content)
            content = text.getvalue()
        file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        return bring_in(file, columns=parse_map(pairs), actor=None)

    return run
