"""Where the links and pictures of a course lead; their counts are those of another parser."""

from html.parser import HTMLParser
from pathlib import Path

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.catalog.markdown.links import Leading, Site
from gangway.catalog.markdown.read import front_matter, read_course
from gangway.catalog.markdown.refusals import CourseUnreadable
from gangway.catalog.markdown.render import finish, parse, render
from gangway.catalog.rules import CourseDraft, Leads, ReferenceKind, SourceFile, anchor, picture_type, shown_type
from gangway.catalog.tests import documents as made
from gangway.catalog.tests.samples import COURSE, WAVE, write_course

SVG = b'<?xml version="1.0"?>\n<!-- a drawing --><svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'
EXAMPLES = Path(__file__).parents[4] / "examples"
PACKAGES = next((found for up in Path(__file__).parents if (found := up / "shared/data/courses_md").is_dir()), None)
PAIRS = [("security-101-9lang", "security-101"), ("opensource-guide-11lang", "opensource-guide")]
# Slips of the translators.
NOWHERE = {
    "security-101": [],
    "opensource-guide": [
        "/assets/images/best-practices/celery.png",
        "hhttps://mikemcquaid.com/saying-no/",
        "hhttps://governingopen.com/",
        "hhttps://mikemcquaid.com/saying-no/",
    ],
}
here = pytest.mark.skipif(PACKAGES is None, reason="the sample data is not on this machine")


def folder_of(tmp_path: Path, hello: str, **files: bytes) -> Path:
    """The small course with another first lesson, and files whose names say `__` for a slash and `_` for a dot."""
    folder = write_course(tmp_path / "c", **{"1-hello__md": f"# Hello\n\n{hello}\n"})
    for name, data in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return folder


def hello(draft: CourseDraft) -> str:
    return next(lesson.html for lesson in draft.lessons if lesson.key == "hello")


def test_a_picture_of_the_folder_is_shown_by_what_it_holds(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path,
        '![A wave](pictures/wave.png) <img src="./pictures/w%61ve.png?x=1" alt="Again" width="9"> '
        "![d](/pictures/d.svg)",
        pictures__wave_png=WAVE,
        pictures__d_svg=SVG,
    )
    draft = read_course(folder)
    digest = SourceFile(path="x", data=WAVE).digest
    assert hello(draft).count(f'src="../files/{digest}/wave.png"') == 2
    assert 'alt="A wave"' in hello(draft)
    assert "width" not in hello(draft)
    assert "d.svg" in hello(draft)
    assert draft.shown == {"pictures/wave.png", "pictures/d.svg"}
    assert draft.unresolved == ()


@pytest.mark.parametrize(
    "text, words",
    [
        ("![A wave](wave.png)", "A wave"),
        ("![A wave](https://elsewhere.example/wave.png)", "A wave"),
        ("![A wave](//elsewhere.example/wave.png)", "A wave"),
        ("![A wave](not-one.png)", "A wave"),
        ("![A wave](../../etc/wave.png)", "A wave"),
        ('<img src="wave.png" alt="A wave">', "A wave"),
        ("![Screenshot](wave.png)", ""),
        ('<video src="wave.mp4">A wave</video>', "A wave"),
    ],
)
def test_a_picture_that_cannot_be_shown_becomes_its_caption_and_is_named(tmp_path: Path, text: str, words: str) -> None:
    draft = read_course(folder_of(tmp_path, f"Before. {text} After.", **{"not-one_png": b"<html><svg>"}))
    assert "<img" not in hello(draft)
    assert "<video" not in hello(draft)
    assert " ".join(hello(draft).split()) == f"<p>Before. {words} After.</p>".replace("  ", " ")
    (gap,) = draft.unresolved
    assert (gap.file, gap.target in text) == ("1-hello.md", True)
    assert draft.shown == frozenset()


def test_links_lead_to_lessons_pages_to_keep_and_files(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path,
        "[a](2-goodbye.md) [b](./2-goodbye.md#say-it) [c](card.md) [d](sheet.csv) [e](#then) [f](https://x.example/)\n\n"
        "## Then\n",
        sheet_csv=b"a,b\n",
    )
    (folder / "2-goodbye.md").write_text("# Goodbye\n\n## Say it\n\n<a href='1-hello.md'>back</a>\n")
    draft = read_course(folder)
    html = hello(draft)
    digest = SourceFile(path="x", data=b"a,b\n").digest
    for address in ("../lessons/goodbye", "../lessons/goodbye#s-say-it", "../keep/the-card", "#s-then"):
        assert f'href="{address}"' in html
    assert f'href="../files/{digest}/sheet.csv"' in html
    assert '<h2 id="s-then">' in html
    assert '<h2 id="s-say-it">' in draft.lessons[1].html
    assert 'href="../lessons/hello"' in draft.lessons[1].html
    assert [found.leads for found in draft.references[:6]] == [
        Leads.LESSON,
        Leads.LESSON,
        Leads.FILE,
        Leads.FILE,
        Leads.HERE,
        Leads.OUTWARD,
    ]
    assert draft.shown == {"sheet.csv"}
    assert draft.unresolved == ()


def test_a_link_that_leads_nowhere_is_named_and_shown_as_words(tmp_path: Path) -> None:
    draft = read_course(folder_of(tmp_path, "[a](3-more.md) [b](#nowhere) [c](2-goodbye.md#gone) [d](pictures/)"))
    assert [gap.target for gap in draft.unresolved] == ["3-more.md", "#nowhere", "2-goodbye.md#gone", "pictures/"]
    assert hello(draft).count("href=") == 1
    assert 'href="../lessons/goodbye"' in hello(draft)


def test_no_page_leads_to_a_check_or_to_what_was_told_beside_the_folder(tmp_path: Path) -> None:
    text = "[a](check.yaml) [b](course.yaml) [c](.gangway/name) [d](other/check.md) [e](asked.yaml)"
    folder = folder_of(tmp_path, text, other__check_md=b"# x", asked_yaml=(tmp_path / "none").name.encode())
    (folder / "asked.yaml").write_bytes((folder / "check.yaml").read_bytes())
    (folder / "course.yaml").write_text(COURSE + "check: asked.yaml\n")
    draft = read_course(folder)
    assert draft.shown == frozenset()
    assert len(draft.unresolved) == 5
    assert "href" not in hello(draft)


def test_a_folder_may_link_like_the_site_it_was_made_for(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    (folder / "pages" / "de").mkdir(parents=True)
    (folder / "assets").mkdir()
    (folder / "assets" / "a.png").write_bytes(WAVE)
    (folder / "notes.md").write_text("# Notes")
    (folder / "pages" / "one.md").write_text("# One\n\n[two](../two/#there) [notes](/notes/) ![a](/assets/a.png)\n")
    (folder / "pages" / "two.md").write_text("# Two\n\n## There\n\n[one](../one) [file](one.md)\n")
    layout = tmp_path / "layout.yaml"
    words = 'course: {key: k, title: T}\nlessons: {include: ["pages/*.md"]}\n'
    layout.write_text(words + 'links: {pages: ["pages/{path}.md", "{path}.md"]}\n')
    one, two = read_course(folder, layout=layout).lessons
    assert 'href="../lessons/two#s-there"' in one.html
    assert "/notes.md" in one.html
    assert "/a.png" in one.html
    assert 'href="../lessons/one"' in two.html
    assert two.html.count("href") == 1
    for bad in ('["pages/x.md"]', '["/pages/{path}.md"]', '["{path}/{path}"]'):
        layout.write_text(words + f"links: {{pages: {bad}}}\n")
        with pytest.raises(CourseUnreadable, match="with one"):
            read_course(folder, layout=layout)


def test_markdown_inside_html_is_read_where_the_author_says_so() -> None:
    text = '<aside markdown="1" class="quote">\n  Say **so** [there](https://x.example)\n</aside>\n\nAfter.\n'
    assert "<strong>so</strong>" in render(text).html
    assert 'href="https://x.example"' in render(text).html
    assert "**so**" in render(text.replace(' markdown="1"', "")).html


def test_two_headings_of_one_name_are_two_places() -> None:
    page = parse("## Why?\n\n## Why?\n\n[a](#why) [b](#why-1) [c](#Why)\n")
    html = finish(page, Leading(Site(files={}, lessons={}, places={"x.md": page.places}), "x.md")).html
    assert 'id="s-why"' in html
    assert 'href="#s-why-1"' in html
    assert html.count('href="#s-why"') == 2


@given(st.text(max_size=60))
def test_any_heading_makes_a_place_without_space(text: str) -> None:
    place = anchor(text)
    assert not any(char.isspace() for char in place)
    assert anchor(place) == place.strip() or place != place.lower()


@pytest.mark.parametrize(
    "data, kind",
    [
        (WAVE, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (SVG, "image/svg+xml"),
        (b"\xef\xbb\xbf  <svg>", "image/svg+xml"),
        (b"<html><svg>", None),
        (b"<!--" * 900, None),
        (b"<!--x-->" * 500 + b"<p>", None),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_a_picture_is_what_its_bytes_say(data: bytes, kind: str | None) -> None:
    assert picture_type(data) == kind


@pytest.mark.parametrize(
    "data, kind",
    [
        (made.mp4(), "video/mp4"),
        (made.webm(), "video/webm"),
        (made.webm(b"matroska"), None),
        (made.VTT, "text/vtt; charset=utf-8"),
        (b"\xef\xbb\xbfWEBVTT\n", "text/vtt; charset=utf-8"),
        (b"WEBVTTER", None),
        (made.picture(), "image/png"),
        (b"<script>", None),
    ],
)
def test_what_a_lesson_plays_is_what_its_bytes_say(data: bytes, kind: str | None) -> None:
    assert shown_type(data) == kind


def test_captions_lie_beside_their_video_and_are_captions() -> None:
    files = {"a.mp4": made.mp4(), "a.vtt": made.VTT, "b.mp4": made.mp4(), "b.vtt": b"<script>", "c.mp4": made.mp4()}
    kept = {path: SourceFile(path=path, data=data) for path, data in files.items()}
    leading = Leading(Site(files=kept, lessons={}), "1.md")
    told = [leading.videos[leading.picture(f"{name}.mp4") or ""] for name in "abc"]
    assert told == [f"../files/{kept['a.vtt'].digest}/a.vtt", None, None]
    assert leading.shown == {"a.mp4", "a.vtt", "b.mp4", "c.mp4"}


@given(st.text(st.sampled_from("ab./%2é #?:\\<>\"'"), max_size=20), st.booleans())
def test_no_target_leads_out_of_the_course(target: str, like_a_site: bool) -> None:
    files = {name: SourceFile(path=name, data=WAVE) for name in ("a", "a/b", "b.a")}
    site = Site(files=files, lessons={"b.a": "b"}, addresses=("a/{path}.a", "{path}.a") if like_a_site else ())
    leading = Leading(site, "a/b")
    for address in (leading.link(target), leading.picture(target)):
        assert address is None or address.startswith(("../lessons/b", "../files/", "#s-", "https://"))
    assert leading.shown <= files.keys()
    assert len(leading.references) == 2


class Counting(HTMLParser):
    """The links and pictures of a page that another parser made."""

    def __init__(self) -> None:
        super().__init__()
        self.links, self.pictures = 0, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += tag == "a" and bool(dict(attrs).get("href"))
        self.pictures += tag == "img" and bool(dict(attrs).get("src"))


def counted(texts: list[str]) -> tuple[int, int]:
    counting = Counting()
    for text in texts:
        extensions = ["md_in_html", "tables", "fenced_code", "footnotes", "sane_lists"]
        counting.feed(markdown.markdown(text, extensions=extensions))
    return counting.links, counting.pictures


@here
@pytest.mark.parametrize("package, example", PAIRS)
def test_links_and_pictures_of_the_packages_are_as_many_as_another_parser_finds(package: str, example: str) -> None:
    assert PACKAGES is not None
    draft = read_course(PACKAGES / f"{package}.zip", layout=EXAMPLES / example / "layout.yaml")
    files = {file.path: file.text or "" for file in draft.files}
    read = dict.fromkeys(reference.file for reference in draft.references)
    links, pictures = counted([front_matter(path, files[path])[1] for path in read])
    found = [reference.kind for reference in draft.references]
    assert (found.count(ReferenceKind.LINK), found.count(ReferenceKind.PICTURE)) == (links, pictures)
    assert min(links, pictures) > 20
    nowhere = [gap.target for gap in draft.unresolved if gap.kind is ReferenceKind.LINK]
    assert nowhere == NOWHERE[example]  # all others lead somewhere; the pictures were left out of the packages
