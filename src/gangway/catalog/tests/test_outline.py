"""The outline of a folder and what changing it rewrites: only `course.yaml`, and of that only what was changed."""

from pathlib import Path

import pytest

from gangway.catalog.markdown import outline
from gangway.catalog.markdown.read import assembled, read_course
from gangway.catalog.markdown.refusals import CourseUnreadable
from gangway.catalog.markdown.source import HeldSource
from gangway.catalog.rules import SourceFile
from gangway.catalog.tests.samples import CHECK, COURSE, write_course

COMMENTED = """\
# Ours since 2019. Ask Kim before you rename it.
key: first-steps
title: 'First steps'   # as on the slides
lessons:
  - 1-hello.md
  # the long one
  - {file: 2-goodbye.md, key: bye, minutes: 9}
  - 3-more.md
"""


def held(folder: Path) -> HeldSource:
    return HeldSource(read_course(folder).files)


def after(source: HeldSource, changes: outline.Changes) -> HeldSource:
    kept = {path: file for path, file in source.files.items() if path not in changes}
    fresh = {path: SourceFile(path=path, data=data) for path, data in changes.items() if data is not None}
    return HeldSource([*kept.values(), *fresh.values()])


def titles(source: HeldSource) -> list[str]:
    return [lesson.title for lesson in outline.outline_of(source).lessons]


def keys(source: HeldSource) -> list[str]:
    return [lesson.key for lesson in assembled(source).lessons]


@pytest.fixture
def source(tmp_path: Path) -> HeldSource:
    return held(
        write_course(
            tmp_path / "c",
            check=CHECK.replace("goodbye\n", "bye\n"),
            course__yaml=COMMENTED,
            **{"3-more__md": "# More\n\nAnd more."},
        )
    )


def text(source: HeldSource) -> str:
    return source.files["course.yaml"].data.decode()


def test_the_outline_says_what_learners_would_see(source: HeldSource) -> None:
    found = outline.outline_of(source)
    assert [(one.path, one.key, one.title, one.minutes) for one in found.lessons] == [
        ("1-hello.md", "hello", "Hello", None),
        ("2-goodbye.md", "bye", "Goodbye", 9),
        ("3-more.md", "more", "More", None),
    ]
    assert (found.head.title, found.check) == ("First steps", "check.yaml")
    assert found.lesson("none.md") is None


def test_moving_keeps_comments_quotes_and_keys(source: HeldSource) -> None:
    changes = outline.moved(source, "3-more.md", -1)
    assert set(changes) == {"course.yaml"}
    moved = after(source, changes)
    assert keys(moved) == ["hello", "more", "bye"]
    assert "# Ours since 2019. Ask Kim before you rename it." in text(moved)
    assert "title: 'First steps'   # as on the slides" in text(moved)
    assert "{file: 2-goodbye.md, key: bye, minutes: 9}" in text(moved)
    assert text(after(moved, outline.moved(moved, "3-more.md", 1))) == COMMENTED
    assert outline.moved(source, "1-hello.md", -1) == outline.moved(source, "3-more.md", 1) == {}
    assert outline.moved(source, "none.md", 1) == {}


def test_lessons_are_added_at_the_end_under_a_free_name(source: HeldSource) -> None:
    changes, paths = outline.added(source, [("What's new?", "# What's new?\n"), ("What's new?", "# Again\n")])
    assert paths == ("04-what-s-new.md", "05-what-s-new.md")
    grown = after(source, changes)
    assert titles(grown) == ["Hello", "Goodbye", "More", "What's new?", "Again"]
    assert "# the long one" in text(grown)
    taken = after(source, {"04-x.md": b"# Taken"})
    assert outline.added(taken, [("X", "# X")])[1] == ("04-x-2.md",)


def test_removing_takes_the_file_and_its_line_away(source: HeldSource) -> None:
    left = after(source, outline.removed(source, "2-goodbye.md"))
    assert keys(left) == ["hello", "more"]
    assert "2-goodbye.md" not in left.paths


def test_details_stay_with_the_key(source: HeldSource) -> None:
    changes = outline.detailed(source, "1-hello.md", title="No: really", module="Start", minutes=3, name="a/hallo.md")
    renamed = after(source, changes)
    assert "1-hello.md" not in renamed.paths
    assert renamed.files["a/hallo.md"].data == source.files["1-hello.md"].data
    lesson = assembled(renamed).lessons[0]
    assert (lesson.key, lesson.title, lesson.module, lesson.minutes) == ("hello", "No: really", "Start", 3)
    plain = outline.detailed(source, "2-goodbye.md", title="", module="", minutes=None, name="2-goodbye.md")
    assert keys(after(source, plain)) == ["hello", "bye", "more"]
    assert [one.title for one in assembled(after(source, plain)).lessons] == ["Hello", "Goodbye", "More"]


@pytest.mark.parametrize(
    "title", ["yes", "12", "a: b", "# no comment", "“quoted”", '"x"', "null", "[1]", "a, b", " x", "é ñ"]
)
def test_any_words_come_back_as_they_were(source: HeldSource, title: str) -> None:
    values = {"title": title, "summary": f"{title}\n{title}", "minutes": 7, "unlocks": "", "assign": "nobody"}
    draft = assembled(after(source, outline.headed(source, values)))
    assert (draft.title, draft.minutes, draft.unlocks, draft.assign) == (title.strip(), 7, "", "nobody")
    assert draft.summary == f"{title}\n{title}".strip()


def test_taking_a_value_out_leaves_the_rest_as_it_was(source: HeldSource) -> None:
    said = after(source, outline.headed(source, {"summary": "Two lessons."}))
    assert text(after(said, outline.headed(said, {"summary": ""}))) == COMMENTED


def test_a_folder_with_only_a_name_gets_a_course_yaml_that_says_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "our course"
    folder.mkdir()
    long = "word " * 20
    for name in ("1 One.md", "2 Two.md", "a/1 One.md"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f"# {name[:-3]}\n\n{long}")
    (folder / "3 Stub.md").write_text("# Stub\n\nsoon")
    source = held(folder)
    before = assembled(source)
    moved = after(source, outline.moved(source, "2 Two.md", -1))
    assert ".gangway/name" not in moved.paths
    draft = assembled(moved)
    assert (draft.key, draft.title, draft.locale) == (before.key, before.title, before.locale)
    assert [lesson.key for lesson in draft.lessons] == [lesson.key for lesson in reversed(before.lessons)]
    left = after(source, outline.removed(source, "1 One.md"))
    assert titles(left) == ["2 Two"]
    assert "course.yaml" not in left.paths


def test_a_layout_told_beside_the_folder_becomes_a_course_yaml(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "c")
    layout = tmp_path / "layout.yaml"
    layout.write_text(
        "course: {key: laid-out, title: Laid out, licence: CC0}\nlessons: {include: ['[12]*.md']}\n"
        "modules: [{files: '2*', title: Later}]\nresources: [{title: Site, url: 'https://example.org/'}]\n"
    )
    source = HeldSource(read_course(folder, layout=layout, check=folder / "check.yaml").files)
    before = assembled(source)
    moved = after(source, outline.moved(source, "2-goodbye.md", -1))
    draft = assembled(moved)
    assert ".gangway/layout.yaml" not in moved.paths
    assert (draft.key, draft.licence, draft.resources, draft.check) == (
        before.key,
        before.licence,
        before.resources,
        before.check,
    )
    assert [(one.key, one.module) for one in draft.lessons] == [("goodbye", "Later"), ("hello", "")]
    assert draft.key == "laid-out"


def test_a_layout_that_says_more_than_course_yaml_can_is_left_alone(tmp_path: Path) -> None:
    layout = tmp_path / "layout.yaml"
    layout.write_text("course: {key: laid-out, title: Laid out}\nlinks: {pages: ['{path}.md']}\n")
    source = HeldSource(read_course(write_course(tmp_path / "c", check=None), layout=layout).files)
    with pytest.raises(CourseUnreadable, match="where links and languages lead"):
        outline.moved(source, "2-goodbye.md", -1)


def test_a_new_course_can_be_written_in(tmp_path: Path) -> None:
    files = outline.begun(key="new", title="Yes", locale="de", first="Erste Schritte")
    source = HeldSource([SourceFile(path=path, data=data) for path, data in files.items()])
    draft = assembled(source)
    assert (draft.key, draft.title, draft.locale, draft.assign) == ("new", "Yes", "de", "nobody")
    assert [lesson.title for lesson in draft.lessons] == ["Erste Schritte"]


def test_what_cannot_be_read_is_refused_and_not_rewritten(tmp_path: Path) -> None:
    files = [SourceFile(path="course.yaml", data=COURSE.encode() + b"lessons: [twice.md]\n")]
    with pytest.raises(CourseUnreadable, match="twice"):
        outline.headed(HeldSource(files), {"title": "x"})
