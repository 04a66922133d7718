"""A course is its folder: import, export and import again give the same files, byte for byte."""

import os
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from django.db import Error, models, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gangway.catalog.actions import CourseIncomplete, Imported, import_course
from gangway.catalog.markdown.read import read_course
from gangway.catalog.markdown.refusals import FolderNotKept, SourceRefused, TargetRefused
from gangway.catalog.markdown.write import files_of, write_folder, write_source
from gangway.catalog.models import Asset, Course, CourseVersion, QuestionText, SourceText, VersionFile
from gangway.catalog.queries import course_folder
from gangway.catalog.rules import CourseDraft, SourceFile, is_hidden, leads_outside, path_clashes
from gangway.catalog.tests.samples import write_course
from gangway.catalog.tests.test_actions import ME, NOW, host
from gangway.catalog.tests.test_source_rules import OUTSIDE
from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.refusal import NotFound
from gangway.partners.queries import PartnerRow, find_partner

pytestmark = pytest.mark.django_db
assert host  # the fixture of whoever asks for it by name
EXAMPLES = Path(__file__).parents[4] / "examples"
TABLES: tuple[type[models.Model], ...] = (CourseVersion, SourceText, Asset, VersionFile, AuditEntry, OutboxEvent)


def load(source: Path, layout: Path | None = None, check: Path | None = None) -> tuple[CourseDraft, Imported]:
    draft = read_course(source, layout=layout, check=check)
    return draft, import_course(draft=draft, actor=ME, now=NOW)


def export(key: str, target: Path, owner: PartnerRow, n: int | None = None) -> Path:
    write_source(target, files_of(course_folder(key, n, owner_id=owner.id)))
    return target


def in_folder(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def in_zip(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}


def rows() -> list[int]:
    return [table._default_manager.count() for table in TABLES]


def assert_goes_round(source: Path, wanted: Mapping[str, bytes], draft: CourseDraft, owner: PartnerRow) -> None:
    """Both ways out give the wanted files, and the way in from both changes nothing."""
    with TemporaryDirectory() as anywhere:
        folder = export(draft.key, Path(anywhere) / "folder", owner)
        archive = export(draft.key, Path(anywhere) / "course.zip", owner)
        assert in_folder(folder) == in_zip(archive) == wanted
        before = rows()
        for again in (folder, archive):
            read, done = load(again)
            assert read == draft
            assert read.files == draft.files
            assert done.outcome == "unchanged"
        assert rows() == before


def test_a_folder_goes_round(host: PartnerRow, tmp_path: Path) -> None:
    folder = write_course(tmp_path / "course")
    (folder / "1-hello.md").write_bytes("\ufeff# Hello\r\n\r\nSay hello *first*.\r\n".encode())
    (folder / "pictures").mkdir()
    (folder / "pictures" / "wave.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\xff")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("not the author's")
    draft, done = load(folder)
    assert done.outcome == "new"
    wanted = {path: data for path, data in in_folder(folder).items() if not path.startswith(".git/")}
    assert len(wanted) == 6
    assert_goes_round(folder, wanted, draft, host)
    assert (SourceText.objects.count(), Asset.objects.count()) == (5, 1)


def test_what_was_told_beside_a_folder_comes_along(host: PartnerRow, tmp_path: Path) -> None:
    folder = write_course(tmp_path / "course", check="questions: []")
    (folder / "course.yaml").write_text("left: alone")
    layout, check = tmp_path / "my-layout.yaml", tmp_path / "my-check.md"
    layout.write_text("course: {key: laid-out, title: Laid out}\nlessons: {include: ['[0-9]*.md']}\n")
    check.write_text("## Is it so?\n\n- [x] Yes\n- [ ] No\n")
    draft, _ = load(folder, layout, check)
    told = {".gangway/layout.yaml": layout.read_bytes(), ".gangway/check.md": check.read_bytes()}
    assert_goes_round(folder, in_folder(folder) | told, draft, host)

    other = tmp_path / "other.yaml"
    other.write_text("questions: [{kind: true_false, prompt: It is so, answer: yes}]\n")
    exported = export("laid-out", tmp_path / "out", host)
    draft, done = load(exported, check=other)
    assert done.outcome == "changed"
    assert [file.path for file in draft.files if file.path.startswith(".")] == [
        ".gangway/check.yaml",
        ".gangway/layout.yaml",
    ]


def test_a_folder_that_says_nothing_keeps_its_name(host: PartnerRow, tmp_path: Path) -> None:
    words = "This lesson says a good dozen words about how one begins with a partner. "
    folder = tmp_path / "Büro & Co"
    (folder / "docs").mkdir(parents=True)
    (folder / "docs" / "01 Start.md").write_text(words)
    (folder / "docs" / "02 Quiz.md").write_text("Too short.")
    draft, _ = load(folder)
    assert (draft.title, draft.left_out) == ("Büro & Co", ("docs/02 Quiz.md",))
    assert_goes_round(folder, in_folder(folder) | {".gangway/name": "Büro & Co".encode()}, draft, host)


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=12)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
TEXTS = st.text(st.sampled_from("aé\u05d0漢🙂 \t\r\n\ufeff\u2028#*_`[]")).map(str.encode)
DATA = st.binary(max_size=64) | TEXTS | st.just(b"") | st.just("\ufeff\r\n".encode())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(more=st.dictionaries(PATHS, DATA, max_size=8), lessons=st.lists(TEXTS, min_size=1, max_size=4))
def test_any_folder_goes_round(host: PartnerRow, more: dict[str, bytes], lessons: list[bytes]) -> None:
    taken = [f"{n}-lesson.md" for n in range(len(lessons))] + ["course.yaml"]
    names = [path for path in more if not leads_outside(path) and not is_hidden(path)]
    names = [path for path in names if not path.endswith((".md", ".markdown")) and path not in taken]
    names = [path for path in names if not path_clashes([*taken, *names])] or ["one more"]
    with TemporaryDirectory() as anywhere, transaction.atomic():
        root = Path(anywhere) / "course"
        wanted = {path: more.get(path, b"\0") for path in names}
        wanted |= {f"{n}-lesson.md": data for n, data in enumerate(lessons)}
        wanted |= {"course.yaml": b"\xef\xbb\xbfkey: made\r\ntitle: Made\r\n"}
        for path, data in wanted.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        draft, done = load(root)
        assert done.outcome == "new"
        assert_goes_round(root, wanted, draft, host)
        transaction.set_rollback(True)


PROMPTS = st.text("aé\u05d0漢🙂 *_![]()", min_size=1, max_size=8).map(lambda text: f"x{text.strip()}")


@st.composite
def translated_checks(draw: st.DrawFn) -> dict[str, bytes]:
    """A check of some questions, and what of it is there in some languages: whole, in part, or with slips."""
    kinds = draw(st.lists(st.sampled_from(["single", "true_false", "short_text"]), min_size=1, max_size=3))
    own = [_question(f"q{n}", kind, draw(PROMPTS), draw(PROMPTS), marked=True) for n, kind in enumerate(kinds)]
    files = {"check.yaml": _dumped({"questions": own})}
    for locale in draw(st.sets(st.sampled_from(["de", "ar", "pt-BR", "zh_Hant"]))):
        names = draw(st.lists(st.sampled_from([f"q{n}" for n in range(4)]), unique=True))
        kind_of = {f"q{n}": kind for n, kind in enumerate(kinds)} | {"q3": "single"}
        words = [
            _question(key, draw(st.sampled_from([kind_of.get(key, "single"), "single"])), draw(PROMPTS), draw(PROMPTS))
            for key in names
        ]
        told = {"title": draw(PROMPTS)} if draw(st.booleans()) else {}
        files[f"locales/{locale}/check.yaml"] = _dumped({**told, "questions": words})
    return files


def _question(key: str, kind: str, prompt: str, text: str, *, marked: bool = False) -> dict[str, object]:
    said: dict[str, object] = {"key": key, "prompt": prompt, **({"kind": kind} if marked else {})}
    if kind == "single":
        said["choices"] = [{"text": text, **({"correct": True} if marked else {})}, {"text": f"{text}, no"}]
    elif kind == "short_text":
        said["accepted"] = [text]
    elif marked:
        said["answer"] = True
    return said


def _dumped(value: object) -> bytes:
    return yaml.safe_dump(value, allow_unicode=True).encode()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(files=translated_checks(), told=st.booleans())
def test_any_translated_check_goes_round(host: PartnerRow, files: dict[str, bytes], told: bool) -> None:
    """In the folder, or told beside it on the command line."""
    with TemporaryDirectory() as anywhere, transaction.atomic():
        root, beside = Path(anywhere) / "course", Path(anywhere) / "beside"
        own = {"course.yaml": b"key: made\ntitle: Made\n", "1-lesson.md": b"# One\n"}
        for folder, texts in [(root, own), (beside if told else root, files)]:
            for path, data in texts.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(data)
        draft, done = load(root, check=beside / "check.yaml" if told else None)
        assert done.outcome == "new"
        assert draft.check is not None
        used = sum(len(question.translations) for question in draft.check.questions)
        assert QuestionText.objects.count() == used
        assert used + len(draft.check.slips) == sum(data.count(b"prompt:") for data in list(files.values())[1:])
        assert_goes_round(
            root, own | {f".gangway/{path}" if told else path: data for path, data in files.items()}, draft, host
        )
        transaction.set_rollback(True)


PACKAGES = next((found for up in Path(__file__).parents if (found := up / "shared/data/courses_md").is_dir()), None)


@pytest.mark.skipif(PACKAGES is None, reason="the sample data is not on this machine")
@pytest.mark.parametrize(
    "package, example, files",
    [("security-101-9lang", "security-101", 298), ("opensource-guide-11lang", "opensource-guide", 145)],
)
def test_the_sample_packages_go_round(host: PartnerRow, package: str, example: str, files: int) -> None:
    assert PACKAGES is not None
    source, layout = PACKAGES / f"{package}.zip", EXAMPLES / example / "layout.yaml"
    draft, done = load(source, layout)
    assert done.outcome == "new"
    wanted = in_zip(source)
    assert len(wanted) == files
    assert_goes_round(source, wanted | {".gangway/layout.yaml": layout.read_bytes()}, draft, host)


def test_another_file_is_another_version_and_the_old_one_keeps_its_own(host: PartnerRow, tmp_path: Path) -> None:
    folder = write_course(tmp_path / "course")
    (folder / "wave.png").write_bytes(b"\x89old")
    first, _ = load(folder)
    (folder / "wave.png").write_bytes(b"\x89new")
    second, done = load(folder)
    assert (done.outcome, done.n, done.state) == ("files", 2, "published")
    assert first == second  # nothing changed for learners
    hashes = CourseVersion.objects.values_list("content_hash", flat=True)
    assert len(set(hashes)) == 1
    assert in_folder(export("first-steps", tmp_path / "one", host, n=1))["wave.png"] == b"\x89old"
    assert in_folder(export("first-steps", tmp_path / "two", host))["wave.png"] == b"\x89new"
    assert (SourceText.objects.count(), Asset.objects.count(), VersionFile.objects.count()) == (5, 2, 12)
    (folder / "wave.png").unlink()
    assert load(folder)[1].outcome == "files"


def test_two_courses_share_equal_files(host: PartnerRow, tmp_path: Path) -> None:
    draft, _ = load(write_course(tmp_path / "course"))
    import_course(draft=replace(draft, key="second"), actor=ME, now=NOW)
    assert (SourceText.objects.count(), VersionFile.objects.count()) == (5, 10)


@pytest.mark.parametrize("path", [*OUTSIDE, ".git/hooks/post-checkout", ".bashrc"])
def test_a_hostile_path_is_neither_kept_nor_written(host: PartnerRow, tmp_path: Path, path: str) -> None:
    draft = read_course(write_course(tmp_path / "course"))
    hostile = replace(draft, files=(*draft.files, SourceFile(path=path, data=b"bad")))
    with pytest.raises(CourseIncomplete):
        import_course(draft=hostile, actor=ME, now=NOW)
    assert not Course.objects.exists()
    (tmp_path / "a").mkdir()
    with pytest.raises(TargetRefused):
        write_folder(tmp_path / "a" / "b", [(path, b"bad")])
    assert not any(file.read_bytes() == b"bad" for file in tmp_path.rglob("*") if file.is_file())


def test_a_careless_writer_would_have_gone_outside(tmp_path: Path) -> None:
    root = tmp_path / "a" / "b"
    root.mkdir(parents=True)
    (root / "../x").write_bytes(b"bad")
    assert (tmp_path / "a" / "x").exists()


def test_a_zip_that_is_a_file_and_its_folder_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.md", "one")
        archive.writestr("a.md/b.md", "two")
    with pytest.raises(SourceRefused, match="a file and a folder"):
        read_course(tmp_path / "x.zip")


def test_links_and_odd_names_in_a_folder_are_refused(tmp_path: Path) -> None:
    folder, elsewhere = write_course(tmp_path / "course"), tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "layout.yaml").write_text("secret")
    (folder / ".gangway").symlink_to(elsewhere)
    draft = read_course(folder)
    assert not any(b"secret" in file.data for file in draft.files)
    (folder / ".gangway").unlink()
    (folder / "more").symlink_to(elsewhere)
    with pytest.raises(SourceRefused, match="symbolic link"):
        read_course(folder)
    (folder / "more").unlink()
    (folder / "back\\slash").write_text("x")
    with pytest.raises(SourceRefused, match="leads outside"):
        read_course(folder)


def test_nothing_is_written_over(host: PartnerRow, tmp_path: Path) -> None:
    load(write_course(tmp_path / "course"))
    full, link, zipped = tmp_path / "full", tmp_path / "link", tmp_path / "there.zip"
    full.mkdir()
    (full / "mine").write_text("mine")
    link.symlink_to(full)
    zipped.write_text("mine")
    for target in (full, link, zipped, full / "mine"):
        with pytest.raises(TargetRefused, match="Something is there already"):
            export("first-steps", target, host)
    with pytest.raises(TargetRefused, match=r"mine/below”: It cannot be written .(Not a directory|File exists)"):
        export("first-steps", full / "mine" / "below", host)
    assert in_folder(full) == {"mine": b"mine"}
    assert zipped.read_text() == "mine"
    (tmp_path / "empty").mkdir()
    assert len(in_folder(export("first-steps", tmp_path / "empty", host))) == 5
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_zip_is_the_same_whenever_it_is_made(host: PartnerRow, tmp_path: Path) -> None:
    load(write_course(tmp_path / "course"))
    one, two = export("first-steps", tmp_path / "1.zip", host), export("first-steps", tmp_path / "2.ZIP", host)
    os.utime(one)
    assert one.read_bytes() == two.read_bytes()


def test_what_there_is_not_is_not_found(host: PartnerRow, tmp_path: Path) -> None:
    draft, _ = load(write_course(tmp_path / "course"))
    for key, n, owner in (
        ("other", None, host),
        ("first-steps", 2, host),
        ("first-steps", 1, find_partner("nordwind")),
    ):
        with pytest.raises(NotFound):
            course_folder(key, n, owner_id=owner.id)
    import_course(draft=replace(draft, key="bare", files=()), actor=ME, now=NOW)
    with pytest.raises(FolderNotKept, match="version 1 of “bare”"):
        export("bare", tmp_path / "out", host)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kept", [SourceText, Asset, VersionFile])
def test_the_database_refuses_to_change_a_kept_file(host: PartnerRow, tmp_path: Path, kept: type[models.Model]) -> None:
    folder = write_course(tmp_path / "course")
    (folder / "wave.png").write_bytes(b"\x89")
    load(folder)
    column = "digest" if kept is VersionFile else "sha256"
    with pytest.raises(Error), transaction.atomic():
        kept._default_manager.update(**{column: "0" * 64})
    with pytest.raises(Error), transaction.atomic():
        kept._default_manager.all().delete()
