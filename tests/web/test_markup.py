"""Do the tests see what is wrong with a page?"""

import pytest
from markup import faults_of, faults_of_piece, whole

RIGHT = """<!doctype html><html lang="en"><head><title>Bins: Brynmor</title></head><body><h1>Bins</h1>
<p id="when">Tue &amp; Fri<br>Wed <!-- not in May --> too</p><svg aria-hidden="true"><use href="#bin"/></svg>
<table><thead><tr><th>Day</th></tr></thead></table><textarea aria-describedby="when" aria-label="Say">
<p></textarea></body></html>"""


@pytest.mark.parametrize(
    "piece",
    [
        "<p><div></p>", "<ul><li>a<p>b</ul>", "<a href=x>a<a href=y>z</a></a>", "<table><p>x</p></table>",
        "<table>x<tr><td></td></tr></table>", "<p>a</b></p>", "<div>", "<button>a<button>x</button></button>",
        "<form><form></form></form>", "</p>", "<div/>x", "<h1>a<h2>x</h2></h1>", "<b><i>x</b></i>", "<tr><td>x",
        "<p id=a id=b>", "<p>&nosuch;</p>", "<p>&lt x</p>", "<p>a\x00b</p>", '<p title="a"b="c"></p>',
    ],
)  # fmt: skip
def test_what_a_browser_has_to_mend_is_a_fault(piece: str) -> None:
    assert faults_of_piece(piece) != []


@pytest.mark.parametrize(
    ("piece", "fault"),
    [
        ('<p id="a"></p><p id="a"></p>', "the id 'a' is there 2 times"),
        ('<label for="b">B</label>', "label 'B' is for 'b', which is not there"),
        ('<p aria-describedby="c"></p>', "<p aria-describedby> names 'c', which is not there"),
        ('<img src="d">', "<img src='d'> has no alt"),
        ('<p style="color: red"></p>', "<p> is inline or has inline style"),
        ("<script>1</script>", "<script> is inline or has inline style"),
        ('<p onclick="1"></p>', "<p onclick> is inline script"),
        ('<a href="e"></a>', "<a> has no name: {'href': 'e'}"),
    ],
)
def test_what_is_not_right_in_a_piece_is_named(piece: str, fault: str) -> None:
    assert faults_of_piece(piece) == [fault]


def test_a_page_that_is_right_has_no_fault() -> None:
    assert faults_of(RIGHT) == []


def test_what_is_not_right_in_a_page_is_named() -> None:
    assert faults_of(whole("<p>Bins</p>")) == ["the page has 0 h1: []", "the page names no language"]
    assert faults_of(RIGHT.replace("<title>Bins", "<title>Tins")) == [
        "the title ['Tins: Brynmor'] does not start with the h1 'Bins'"
    ]


def test_where_a_page_is_not_built_as_it_is_written_is_told() -> None:
    assert faults_of(RIGHT.replace("</thead>", "")) == [
        "line 3: '</table>' is built as '</thead>': " + RIGHT.split("\n")[2].replace("</thead>", "")
    ]
