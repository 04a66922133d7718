"""What a file of a course may be called, how it is kept, and how many there may be."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.catalog.rules import (
    OWN_FILES,
    FileKind,
    SourceFile,
    file_faults,
    is_hidden,
    leads_outside,
    path_clashes,
    sources,
)

OUTSIDE = ["", "/etc/x", "../x", "a/../../x", "a//x", "./x", "a\\..\\x", "C:/x", "C:x", "bad\x07", "\ud800", "a/.."]
TOO_LONG = ["x" * 256, "ü" * 128, "/".join(["folder"] * 70)]


def file(path: str, data: bytes = b"x") -> SourceFile:
    return SourceFile(path=path, data=data)


@given(st.binary() | st.text().map(str.encode))
def test_a_text_gives_its_bytes_again_and_all_else_is_kept_as_bytes(data: bytes) -> None:
    kept = file("a", data)
    assert (kept.kind is FileKind.TEXT) == (kept.text is not None)
    if kept.text is not None:
        assert kept.text.encode() == data
        assert "\0" not in kept.text


def test_a_mark_and_line_ends_are_part_of_the_text() -> None:
    data = "\ufeffone\r\ntwo\rthree\n".encode()
    kept = file("a.md", data)
    assert kept.text is not None
    assert kept.text.encode() == data
    assert data.decode("utf-8-sig").encode() != data  # what a usual reader would have kept


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a\0b", b"x" * (sources.MAX_TEXT_BYTES + 1)])
def test_what_is_no_text_or_too_long_for_one_is_an_asset(data: bytes) -> None:
    assert file("a", data).kind is FileKind.ASSET


@pytest.mark.parametrize("path", OUTSIDE + TOO_LONG)
def test_a_path_that_leads_outside_or_is_too_long_is_known(path: str) -> None:
    assert leads_outside(path)
    assert "leads outside, or cannot be" in file_faults([file(path)])[0]


@given(st.lists(st.sampled_from(["..", ".", "", "a", "b c", "é", "…", "C:", "x\\y", "\n"]), max_size=6).map("/".join))
def test_every_other_path_stays_inside(path: str) -> None:
    if not leads_outside(path):
        assert os.path.normpath(f"/root/{path}") == f"/root/{path}"


def test_tools_files_are_hidden_and_what_was_told_beside_a_folder_is_not() -> None:
    for path in (".git/config", "a/.DS_Store", "__MACOSX/a", "node_modules/x.js", ".gangway/other", "b/.gangway/name"):
        assert is_hidden(path)
        assert file_faults([file(path)]) == [f"“{path}” is hidden."]
    assert not any(is_hidden(path) for path in [*OWN_FILES, "a.b", "a/b.c"])


@pytest.mark.parametrize(
    "paths, words",
    [
        (["a.md", "A.md"], "twice (as “a.md”)"),
        (["\u00e9", "e\u0301"], "twice"),
        (["a", "a/b"], "“a” is a file and a folder."),
        (["A/b/c", "a/B"], "“a/B” is a file and a folder."),
    ],
)
def test_paths_that_cannot_stand_in_one_folder_are_named(paths: list[str], words: str) -> None:
    (fault,) = path_clashes(paths)
    assert words in fault
    assert path_clashes([*reversed(paths)])


def test_the_limits_are_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    assert file_faults([file("a"), file("b/a"), file("b/c")]) == []
    monkeypatch.setattr(sources, "MAX_FILES", 1)
    monkeypatch.setattr(sources, "MAX_FILE_BYTES", 1)
    monkeypatch.setattr(sources, "MAX_SOURCE_BYTES", 2)
    assert file_faults([file("a", b"xx"), file("b")]) == [
        "“a” is larger than 0 MB.",
        "There are more than 1 files.",
        "All files together are larger than 0 MB.",
    ]
