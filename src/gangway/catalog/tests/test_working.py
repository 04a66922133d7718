"""Working copies: begun, changed by two people, caught up, discarded, published."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.world import MONDAY, OPERATOR, World

from gangway.catalog.actions import (
    ChangedMeanwhile,
    FolderUnfit,
    KeyChanged,
    KeyTaken,
    NewerVersion,
    begin_working_copy,
    catch_up,
    change_files,
    discard_working_copy,
    import_course,
    new_working_copy,
    publish_working_copy,
)
from gangway.catalog.markdown.read import read_course, read_held
from gangway.catalog.markdown.refusals import FolderNotKept
from gangway.catalog.markdown.source import HeldSource
from gangway.catalog.markdown.write import files_of
from gangway.catalog.models import CourseVersion, WorkingCopy, WorkingFile
from gangway.catalog.queries import (
    course_folder,
    open_copies,
    working_bytes,
    working_copy,
    working_files,
    working_texts,
)
from gangway.catalog.queries.working import WorkingCopyRow
from gangway.catalog.rules import CourseDraft, FileChange
from gangway.catalog.tests.samples import small_course, write_course
from gangway.kernel.models import AuditEntry
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes

pytestmark = pytest.mark.django_db
KEY = "first-steps"
LATER = MONDAY + timedelta(hours=1)
PICTURE = b"\x89PNG\0\0"


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    folder = write_course(tmp_path / "course")
    (folder / "wave.png").write_bytes(PICTURE)
    with scopes.one(world.host):
        import_course(draft=read_course(folder), actor=OPERATOR, now=MONDAY)
        begin_working_copy(key=KEY, actor=world.dee.actor, now=MONDAY)
    return folder


def copy(world: World) -> WorkingCopyRow:
    return working_copy(KEY, owner_id=world.host)


def read(world: World) -> CourseDraft:
    return read_held(HeldSource(working_files(copy(world))))


def change(world: World, path: str, data: bytes | None, seen: str | None = None) -> None:
    with scopes.one(world.host):
        change_files(key=KEY, changes=[FileChange(path=path, data=data, seen=seen)], actor=world.dee.actor, now=LATER)


def publish(world: World) -> int:
    draft = read(world)
    with scopes.one(world.host):
        return publish_working_copy(key=KEY, draft=draft, actor=world.dee.actor, now=LATER).n


def kept(world: World, n: int | None = None) -> dict[str, bytes]:
    return dict(files_of(course_folder(KEY, n, owner_id=world.host)))


def verbs() -> list[str]:
    found = AuditEntry.objects.filter(object_type="working_copy").order_by("at", "id")
    return [entry.verb.removeprefix("catalog.working_copy.") for entry in found]


def test_a_working_copy_is_the_folder_and_begun_once(world: World, folder: Path) -> None:
    first = copy(world)
    with scopes.one(world.host):
        assert begin_working_copy(key=KEY, actor=OPERATOR, now=LATER) == first.id
    assert dict(working_bytes(first)) == {file.name: file.read_bytes() for file in folder.iterdir()}
    assert "wave.png" not in working_texts(first)
    assert (first.base_n, first.newest_n, first.is_behind, first.differing) == (1, 1, False, frozenset())
    assert verbs() == ["begin"]


def test_what_was_not_touched_is_published_byte_for_byte(world: World, folder: Path) -> None:
    before = kept(world)
    change(world, "1-hello.md", b"# Hello\r\n\r\nSay hello now.")
    change(world, "2-goodbye.md", None)
    change(world, "course.yaml", before["course.yaml"].replace(b", 2-goodbye.md", b""))
    change(world, "check.yaml", None)
    change(world, "notes/new.txt", b"A note.")
    assert copy(world).differing == {"1-hello.md", "2-goodbye.md", "course.yaml", "check.yaml", "notes/new.txt"}
    assert kept(world) == before, "a version never changes"
    assert publish(world) == 2
    after = kept(world)
    assert after == {
        **{path: before[path] for path in ("card.md", "wave.png")},
        "1-hello.md": b"# Hello\r\n\r\nSay hello now.",
        "course.yaml": before["course.yaml"].replace(b", 2-goodbye.md", b""),
        "notes/new.txt": b"A note.",
    }
    assert kept(world, 1) == before
    assert not WorkingCopy.objects.exists()
    assert not WorkingFile.objects.exists()
    assert verbs() == ["begin", *["change"] * 5, "publish"]


def test_a_file_that_is_as_it_was_is_no_change(world: World, folder: Path) -> None:
    before = kept(world)["1-hello.md"]
    change(world, "1-hello.md", b"# Hello\n\nOther.")
    assert set(copy(world).changed) == {"1-hello.md"}
    change(world, "1-hello.md", before)
    assert not copy(world).changed
    change(world, "1-hello.md", before)
    assert verbs() == ["begin", "change", "change"], "what changes nothing is not told"


def test_the_second_of_two_people_is_told_who_was_first_and_nothing_is_lost(world: World, folder: Path) -> None:
    seen = copy(world).files["1-hello.md"].digest
    change(world, "1-hello.md", b"# Hello\n\nDee's words.", seen)
    with pytest.raises(ChangedMeanwhile) as refused:
        change(world, "1-hello.md", b"# Hello\n\nSomebody else's.", seen)
    assert str(refused.value) == "“1-hello.md” was changed by Dee Diaz after you had opened it."
    assert refused.value.values["at"] == LATER
    assert working_bytes(copy(world), ("1-hello.md",)) == {"1-hello.md": b"# Hello\n\nDee's words."}
    with pytest.raises(ChangedMeanwhile):
        change(world, "1-hello.md", b"new", "")  # somebody adds a file that is there already


def test_one_bad_file_among_several_changes_none(world: World, folder: Path) -> None:
    changes = [FileChange(path="3-more.md", data=b"# More"), FileChange(path="../../etc/passwd", data=b"x")]
    with scopes.one(world.host), pytest.raises(FolderUnfit, match="leads outside"):
        change_files(key=KEY, changes=changes, actor=world.dee.actor, now=LATER)
    with pytest.raises(FolderUnfit, match="twice"):
        change(world, "1-HELLO.md", b"x")
    with pytest.raises(Invalid, match="needs a name"):
        change(world, "", b"x")
    assert not copy(world).changed


def test_a_newer_version_stops_publishing_until_it_was_brought_in(world: World, folder: Path) -> None:
    change(world, "1-hello.md", b"# Hello\n\nMine.")
    change(world, "card.md", b"# Card\n\nMine.")
    (folder / "1-hello.md").write_bytes(b"# Hello\n\nTheirs.")
    (folder / "2-goodbye.md").write_bytes(b"# Goodbye\n\nTheirs.")
    with scopes.one(world.host):
        import_course(draft=read_course(folder), actor=OPERATOR, now=LATER)
    with pytest.raises(NewerVersion, match="Version 2 was made after"):
        publish(world)
    assert (copy(world).base_n, copy(world).newest_n, copy(world).clashes) == (1, 2, ("1-hello.md",))
    assert set(copy(world).changed) == {"1-hello.md", "card.md"}
    with scopes.one(world.host):
        catch_up(key=KEY, actor=world.dee.actor, now=LATER)
        catch_up(key=KEY, actor=world.dee.actor, now=LATER)
    assert (copy(world).base_n, copy(world).clashes) == (2, ())
    assert publish(world) == 3
    assert kept(world)["1-hello.md"] == b"# Hello\n\nMine."
    assert kept(world)["2-goodbye.md"] == b"# Goodbye\n\nTheirs."
    assert kept(world, 2)["1-hello.md"] == b"# Hello\n\nTheirs."
    assert verbs() == ["begin", "change", "change", "catch_up", "publish"]


def test_what_both_changed_to_the_same_does_not_clash_and_is_no_change_afterwards(world: World, folder: Path) -> None:
    change(world, "1-hello.md", b"# Hello\n\nThe same.")
    (folder / "1-hello.md").write_bytes(b"# Hello\n\nThe same.")
    with scopes.one(world.host):
        import_course(draft=read_course(folder), actor=OPERATOR, now=LATER)
    assert copy(world).clashes == ()
    with scopes.one(world.host):
        catch_up(key=KEY, actor=world.dee.actor, now=LATER)
    assert not copy(world).changed


def test_what_was_read_before_somebody_changed_it_is_not_published(world: World, folder: Path) -> None:
    draft = read(world)
    change(world, "1-hello.md", b"# Hello\n\nToo late to be read.")
    with scopes.one(world.host), pytest.raises(ChangedMeanwhile):
        publish_working_copy(key=KEY, draft=draft, actor=world.dee.actor, now=LATER)
    assert CourseVersion.objects.count() == 1


def test_a_key_never_changes(world: World, folder: Path) -> None:
    change(world, "course.yaml", kept(world)["course.yaml"].replace(b"first-steps", b"other"))
    with pytest.raises(KeyChanged, match="calls the course “other”"):
        publish(world)


def test_discarding_leaves_the_versions_and_no_files(world: World, folder: Path) -> None:
    change(world, "1-hello.md", b"gone")
    with scopes.one(world.host):
        discard_working_copy(key=KEY, actor=world.dee.actor, now=LATER)
    assert not WorkingCopy.objects.exists()
    assert not WorkingFile.objects.exists()
    with pytest.raises(NotFound):
        copy(world)
    for act in (discard_working_copy, catch_up):
        with scopes.one(world.host), pytest.raises(NotFound):
            act(key=KEY, actor=world.dee.actor, now=LATER)
    with scopes.one(world.host), pytest.raises(NotFound):
        publish_working_copy(key=KEY, draft=read_course(folder), actor=OPERATOR, now=LATER)
    assert verbs() == ["begin", "change", "discard"]


def test_a_new_course_is_a_working_copy_over_nothing(world: World, folder: Path) -> None:
    files = {file.name: file.read_bytes() for file in folder.iterdir()}
    files["course.yaml"] = files["course.yaml"].replace(b"first-steps", b"second")
    with scopes.one(world.host):
        new_working_copy(key="second", files=files, actor=world.dee.actor, now=LATER)
        for taken in ("second", KEY):
            with pytest.raises(KeyTaken):
                new_working_copy(key=taken, files=files, actor=world.dee.actor, now=LATER)
        with pytest.raises(Invalid):
            new_working_copy(key="No key!", files=files, actor=world.dee.actor, now=LATER)
    assert [row.key for row in open_copies(owner_id=world.host)] == ["second", KEY]
    row = working_copy("second", owner_id=world.host)
    assert (row.base_n, row.newest_n) == (None, None)
    draft = read_held(HeldSource(working_files(row)))
    with scopes.one(world.host):
        done = publish_working_copy(key="second", draft=draft, actor=world.dee.actor, now=LATER)
    assert (done.n, done.outcome, done.state) == (1, "new", "published")
    assert [row.key for row in open_copies(owner_id=world.host)] == [KEY]


def test_another_owner_neither_sees_nor_touches_it(world: World, folder: Path) -> None:
    with scopes.one(world.nordwind):
        for act in (begin_working_copy, discard_working_copy, catch_up):
            with pytest.raises(NotFound):
                act(key=KEY, actor=world.ben.actor, now=LATER)
        with pytest.raises(NotFound):
            change_files(key=KEY, changes=[], actor=world.ben.actor, now=LATER)
    with pytest.raises(NotFound):
        working_copy(KEY, owner_id=world.nordwind)
    assert open_copies(owner_id=world.nordwind) == ()


def test_a_version_without_files_cannot_be_edited(world: World, tmp_path: Path) -> None:
    bare = replace(small_course(tmp_path / "bare", key="bare"), files=())
    with scopes.one(world.host):
        import_course(draft=bare, actor=OPERATOR, now=MONDAY)
        with pytest.raises(FolderNotKept):
            begin_working_copy(key="bare", actor=OPERATOR, now=MONDAY)
    assert not WorkingCopy.objects.exists()
