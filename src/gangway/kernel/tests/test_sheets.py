import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.kernel.refusal import Invalid
from gangway.kernel.sheets import read_csv

COLUMNS = ("name", "email", "external_id")


def read(body: bytes) -> list[tuple[int, dict[str, str | None], str]]:
    return [(line.number, dict(line.cells), line.problem) for line in read_csv(io.BytesIO(body), COLUMNS)]


@pytest.mark.parametrize(
    "body",
    [
        b"name,email\nAna,ana@x.example\n",
        b"\xef\xbb\xbfName;E-Mail\r\nAna;ana@x.example\r\n".replace(b"E-Mail", b"email"),
        b"NAME\temail\rAna\tana@x.example\r".replace(b"\r", b"\n"),
        b'"name","email"\n"Ana"," ana@x.example "\n\n  \n',
    ],
)
def test_what_spreadsheets_save_is_read(body: bytes) -> None:
    assert read(body) == [(2, {"name": "Ana", "email": "ana@x.example"}, "")]


def test_excels_own_separator_line_counts_as_a_line() -> None:
    assert read(b"sep=;\nname;email\nAna;\n") == [(3, {"name": "Ana", "email": None}, "")]


def test_a_long_line_is_a_problem_of_that_line_only_and_a_short_one_is_none() -> None:
    assert read(b"name,email\nA,b,c\nAna\n") == [
        (2, {}, "The line has 3 cells, the head has 2."),
        (3, {"name": "Ana", "email": None}, ""),
    ]


def test_line_numbers_count_lines_of_the_file_not_rows() -> None:
    assert [number for number, _, _ in read(b'name\n"A\nB"\nC\n')] == [3, 4]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("name,email\nAna,x\nJörg,y\n".encode("latin-1"), "Line 3 is not UTF-8"),
        (b"PK\x03\x04rest", "spreadsheet file"),
        (b"", "empty"),
        (b"name,phone\n", "no column “phone”"),
        (b"name,name\n", "there twice"),
        (b'name\n"Ana\n', "not CSV"),
        (b'name\n"Ana"x\n', "not CSV"),
        (b"name\n" + b"x" * 200_000, "not CSV"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(body: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refusal:
        read(body)
    assert refusal.value.step


def test_nothing_is_read_of_a_file_that_breaks_late() -> None:
    body = b"name\n" + b"Ana\n" * 100_000 + b"J\xf6rg\n"
    with pytest.raises(Invalid, match="Line 100002 "):
        read_csv(io.BytesIO(body), COLUMNS)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        lines = read(b"name,email\n" + body)
    except Invalid:
        return
    assert all(cells or problem for _, cells, problem in lines)


cells = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8).map(str.strip)


@given(st.lists(st.tuples(cells, cells), max_size=5), st.sampled_from(",;\t"))
def test_what_was_written_is_read_back(rows: list[tuple[str, str]], separator: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerows([("name", "email"), *rows])
    read_back = [(found["name"] or "", found["email"] or "") for _, found, _ in read(out.getvalue().encode())]
    assert read_back == [row for row in rows if any(row)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_each_encoding_that_spreadsheets_save_is_read(encoding: str) -> None:
    assert read("name\temail\nJörg Łukasz\tj@x.example\n".encode(encoding)) == [
        (2, {"name": "Jörg Łukasz", "email": "j@x.example"}, "")
    ]


def test_half_a_utf_16_file_is_refused() -> None:
    with pytest.raises(Invalid, match="not UTF-8"):
        read("name\nAna\n".encode("utf-16")[:-1])


def test_a_line_that_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(Invalid, match="more than 1000000 characters"):
        read(b"name,email\n" + b"a," * 600_000)


def test_empty_columns_at_the_end_are_no_columns() -> None:
    assert read(b"name,email,,\nAna,a@x.example,,\n") == [(2, {"name": "Ana", "email": "a@x.example"}, "")]


def listed(text: str) -> list[tuple[int, str | None]]:
    lines = read_csv(io.BytesIO(text.encode()), COLUMNS, {"e_mail": "email"}, bare="email")
    return [(line.number, line.cells.get("email")) for line in lines]


def test_addresses_alone_are_a_list() -> None:
    assert listed("Ana <a@x.example>; b@x.example\n\nc@x.example,d@x.example\n") == [
        (1, "Ana <a@x.example>"),
        (1, "b@x.example"),
        (3, "c@x.example"),
        (3, "d@x.example"),
    ]
    assert listed("Lima, Ana <a@x.example>\n") == [(1, "Lima, Ana <a@x.example>")]
    assert listed("E-Mail\na@x.example\n") == [(2, "a@x.example")], "a head is a head"
