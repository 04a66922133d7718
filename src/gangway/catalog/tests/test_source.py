"""Hostile archives are refused in words, and nothing is read or written outside (hostile.md, danger 4)."""

import stat
import zipfile
from pathlib import Path

import pytest

from gangway.catalog.markdown.refusals import SourceRefused
from gangway.catalog.markdown.source import open_source, text_of
from gangway.catalog.rules import MAX_FILES, MAX_TEXT_BYTES


def zipped(path: Path, members: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=zipfile.ZIP_DEFLATED)
    return path


def raw(path: Path, infos: list[tuple[zipfile.ZipInfo, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for info, data in infos:
            archive.writestr(info, data)
    return path


@pytest.mark.parametrize(
    "name",
    ["../out.md", "a/../../out.md", "/etc/out.md", "C:/out.md", "a\\..\\out.md", "./a.md", "a//b.md", "bad\x07.md"],
)
def test_a_path_that_leads_outside_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceRefused, match="leads outside"):
        open_source(zipped(tmp_path / "x.zip", {"a.md": "fine", name: "bad"}))


def test_a_folder_that_leads_outside_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="leads outside"):
        open_source(raw(tmp_path / "x.zip", [(zipfile.ZipInfo("../evil/"), b""), (zipfile.ZipInfo("a.md"), b"fine")]))


def test_a_link_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("lesson.md")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(SourceRefused, match="link or a device"):
        open_source(raw(tmp_path / "x.zip", [(info, b"/etc/passwd")]))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("twin", ["a.md", "A.md"])
def test_a_member_that_stands_twice_is_refused(tmp_path: Path, twin: str) -> None:
    with pytest.raises(SourceRefused, match="twice"):
        open_source(raw(tmp_path / "x.zip", [(zipfile.ZipInfo("a.md"), b"one"), (zipfile.ZipInfo(twin), b"two")]))


def test_a_bomb_is_refused_by_its_directory(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {f"{n}.md": b"\0" * (8 * 1024 * 1024) for n in range(9)})
    assert path.stat().st_size < 200_000
    with pytest.raises(SourceRefused, match="together are larger than 64 MB"):
        open_source(path)


def test_a_bomb_whose_directory_lies_is_cut_off(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a.md": b"x" * (4 * 1024 * 1024)})
    honest = (4 * 1024 * 1024).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(honest, (100).to_bytes(4, "little")))
    with pytest.raises(SourceRefused, match=r"damaged|larger"):
        open_source(path).read("a.md")


def test_a_large_member_is_refused_when_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a.md": b"x" * (MAX_TEXT_BYTES + 1)})
    with pytest.raises(SourceRefused, match="too large for a lesson"):
        open_source(path).read("a.md")


def test_too_many_members_are_refused_before_they_are_parsed(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {f"{'n' * 200}{n}.md": b"" for n in range(MAX_FILES + 3_000)})
    with pytest.raises(SourceRefused, match="more than 5000 files"):
        open_source(path)


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a.md": "secret"})
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(SourceRefused, match="encrypted"):
        open_source(path)


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "course.zip"
    file.write_bytes(b"PK\x05\x06" + b"\0" * 10)
    with pytest.raises(SourceRefused, match="not a zip file"):
        open_source(file)
    with pytest.raises(SourceRefused, match="no folder or file"):
        open_source(tmp_path / "missing")


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a.md": "hello hello hello hello hello hello"})
    data = bytearray(path.read_bytes())
    data[40] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(SourceRefused, match="damaged"):
        open_source(path).read("a.md")


def test_links_in_a_folder_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("mine")
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "a.md").symlink_to(secret)
    with pytest.raises(SourceRefused, match="symbolic link"):
        open_source(folder)


def test_hidden_files_are_passed_over_and_one_outer_folder_is_entered(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"course/a.md": "A", "course/.git/config": "x", "__MACOSX/course/._a.md": "x"})
    opened = open_source(path)
    assert opened.paths == ("a.md",)
    assert text_of(opened, "a.md") == "A"


def test_what_is_not_text_is_refused_and_line_ends_are_one(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a.md": "\ufeffone\r\ntwo", "b.md": b"\xff\xfe", "c.md": "a\x00b"})
    opened = open_source(path)
    assert text_of(opened, "a.md") == "one\ntwo"
    with pytest.raises(SourceRefused, match="not UTF-8"):
        text_of(opened, "b.md")
    with pytest.raises(SourceRefused, match="NUL"):
        text_of(opened, "c.md")
