"""Check questions in plain text: somebody who writes guidelines types them as they would in a mail.

A question, below it its answers, the right one marked, then why; an empty line before the next::

    May you tell a resident in public how their case stands?
    [ ] Yes, if they asked in public
    [x] No
    Why: Personal data stays out of public answers.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

MOST: Final = 5
MOST_ANSWERS: Final = 6
LONGEST: Final = 300
EXAMPLE: Final = (
    "May you say in public how somebody’s case stands?\n[ ] Yes, if they ask in public\n[x] No, never\n"
    "Why: What we know of people stays out of public answers."
)
_ANSWER: Final = re.compile(r"[-*]?\s*\[\s*([xX]?)\s*\]\s*(.*)")
_WHY: Final = re.compile(r"why\s*:\s*(.*)", re.IGNORECASE)


class Unclear(Exception):
    """What was typed cannot be taken for questions; the message says what to do."""


def read(typed: str) -> list[dict[str, Any]]:
    """The questions of a text, each with ``question``, ``answers``, ``right`` and ``why``. Raises ``Unclear``."""
    blocks = [block.strip().splitlines() for block in re.split(r"\n[ \t]*\n", typed) if block.strip()]
    if len(blocks) > MOST:
        raise Unclear(f"These are {len(blocks)} questions. Keep the {MOST} that matter most: people have other work.")
    return [_question(number, [line.strip() for line in block]) for number, block in enumerate(blocks, 1)]


def _question(number: int, lines: list[str]) -> dict[str, Any]:
    where = f"Question {number}"
    answers: list[str] = []
    right: list[int] = []
    why = ""
    for line in lines[1:]:
        if told := _ANSWER.fullmatch(line):
            if told[1]:
                right.append(len(answers))
            answers.append(told[2])
        elif reason := _WHY.fullmatch(line):
            why = reason[1]
        else:
            raise Unclear(f"{where}: “{line[:60]}” is no answer. A wrong one begins with [ ], the right one with [x].")
    if _ANSWER.fullmatch(lines[0]) or not 2 <= len(answers) <= MOST_ANSWERS or not all(answers):
        raise Unclear(f"{where} needs a line that asks, and below it two to {MOST_ANSWERS} answers.")
    if len(right) != 1:
        raise Unclear(f"{where} needs one right answer: put an x between its brackets, [x].")
    if len(set(answers)) < len(answers):
        raise Unclear(f"{where} has the same answer twice.")
    if any(len(words) > LONGEST for words in (lines[0], why, *answers)):
        raise Unclear(f"{where}: keep each line to {LONGEST} characters or fewer.")
    return {"question": lines[0], "answers": answers, "right": right[0], "why": why}


def written(questions: Sequence[dict[str, Any]]) -> str:
    """Questions as they are typed; ``read`` gives them back."""
    return "\n\n".join("\n".join(_lines(one)) for one in questions)


def _lines(one: dict[str, Any]) -> list[str]:
    answers = [f"[{'x' if place == one['right'] else ' '}] {words}" for place, words in enumerate(one["answers"])]
    return [one["question"], *answers, *([f"Why: {one['why']}"] if one["why"] else [])]
