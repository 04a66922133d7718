"""The publish check: every fault with its file and line, and warnings that do not stop anything."""

from pathlib import Path

import pytest

from gangway.catalog.markdown.examine import examine, silent_pictures
from gangway.catalog.markdown.source import FolderSource, hold
from gangway.catalog.tests.samples import CHECK, COURSE, write_course


def findings(folder: Path, what: str = "blocks") -> list[tuple[str, int | None, str]]:
    return [(one.path, one.line, one.what) for one in getattr(examine(hold(FolderSource(folder))), what)]


def test_a_course_that_can_be_published_has_no_faults(tmp_path: Path) -> None:
    found = examine(hold(FolderSource(write_course(tmp_path / "c"))))
    assert (found.blocks, found.warnings) == ((), ())
    assert found.draft is not None
    assert found.draft.key == "first-steps"


def test_all_faults_are_named_with_file_and_line(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "c", check=CHECK + "  - key: more\n    promt: typo\n")
    (folder / "2-goodbye.md").unlink()
    (folder / "1-hello.md").write_bytes(b"\xff\xfe")
    found = findings(folder)
    assert ("course.yaml", 6, "It names “2-goodbye.md”, which the folder does not have.") in found
    assert [path for path, _, _ in found] == ["1-hello.md", "course.yaml", "check.yaml"]
    assert found[2][1:] == (29, "question 5: “prompt” is missing.")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("course__yaml", "key: [", ("course.yaml", 1, "cannot be read as YAML")),
        ("course__yaml", COURSE + "colour: red\n", ("course.yaml", COURSE.count("\n") + 1, "does not know “colour”")),
        ("check__yaml", "questions: [\n", ("check.yaml", 2, "cannot be read as YAML")),
        (
            "check__yaml",
            CHECK.replace("answer: yes", "answer: perhaps"),
            ("check.yaml", 14, "must be yes or no"),
        ),
        ("check__yaml", "questions:\n  - x\n", ("check.yaml", 2, "question 1: It must be a list")),
        ("check__yaml", "questions: !!seq x\n", ("check.yaml", 1, "cannot be read as YAML")),
        ("check__yaml", CHECK.replace("lesson: hello", "lesson: hallo"), ("check.yaml", 5, "“hallo”")),
        ("check__yaml", CHECK.replace("pass_percent: 60", "pass_percent: 600"), ("check.yaml", 2, "1 to 100")),
    ],
)
def test_a_fault_is_found_where_it_stands(
    tmp_path: Path, name: str, text: str, expected: tuple[str, int | None, str]
) -> None:
    [(path, line, what)] = findings(write_course(tmp_path / "c", **{name: text}))
    assert (path, line) == expected[:2]
    assert expected[2] in what


def test_warnings_do_not_stop_a_course(tmp_path: Path) -> None:
    words = "# Hello\n\nSee.\n\n![](wave.png)\n\n![A wave](none.png) [gone](gone.md)\n"
    folder = write_course(tmp_path / "c", check=None, **{"1-hello__md": words})
    found = examine(hold(FolderSource(folder)))
    assert found.blocks == ()
    assert found.draft is not None
    said = findings(folder, "warnings")
    assert [(path, line) for path, line, what in said if "no words" in what] == [("1-hello.md", 5)]
    assert ("", None, "The course has no knowledge check, so it is finished by reading.") in said
    assert ("1-hello.md", 7, "The link “gone.md” leads nowhere and is shown as plain words.") in said
    assert any("none.png" in what for _, _, what in said)


def test_pictures_without_words_are_found() -> None:
    assert silent_pictures("![](a.png)\n\ntext ![ ](b.png) ![c](c.png)\n\n`![](d.png)`") == [1, 3]
