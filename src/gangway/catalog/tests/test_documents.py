"""What people have already, as files of a course."""

import io
from pathlib import Path

import pytest
from PIL import Image

from gangway.catalog.documents.embeds import Embed, find_embed, with_links
from gangway.catalog.documents.folder import Folder, folder_of
from gangway.catalog.documents.refusals import DocumentRefused
from gangway.catalog.documents.words import escaped, titled
from gangway.catalog.markdown.read import read_course
from gangway.catalog.markdown.render import plain, render
from gangway.catalog.tests import documents as made
from gangway.catalog.tests import hostile_documents as hostile


def course(*uploads: tuple[str, bytes]) -> Folder:
    return folder_of(uploads, key="from-documents", title="From documents", locale="en")


def text(folder: Folder, path: str) -> str:
    return folder.files[path].decode()


def test_a_word_document_is_parted_at_its_headings_of_level_one() -> None:
    body = (
        made.paragraph("The guide", "Title")
        + made.paragraph("Before you call", "Heading1")
        + made.paragraph("Look &lt;twice&gt; at *the* desk.")
        + made.paragraph("Where", "Heading2")
        + made.shown("rPicture")
        + made.paragraph("After the call", "Heading1")
        + made.linked("rLink", "the site")
    )
    relations = made.relation("rPicture", "image", "media/a.png") + made.relation(
        "rLink", "hyperlink", "https://example.org/a", outside=True
    )
    folder = course(("guide.docx", made.word(body, relations, more={"word/media/a.png": made.picture()})))
    first, second = text(folder, "01-before-you-call.md"), text(folder, "02-after-the-call.md")
    assert first.startswith("# Before you call\n")
    assert "## Where" in first
    (shown,) = [path for path in folder.files if path.startswith("pictures/")]
    assert f"![The desk]({shown})" in first
    assert "Look <twice> at *the* desk." in plain(render(first).html).replace("&lt;", "<").replace("&gt;", ">")
    assert "[the site](https://example.org/a)" in second
    assert folder.left_out == ()


def test_quotes_and_lists_within_lists_stay_so_where_only_their_styles_say_it() -> None:
    body = (
        made.numbered("Ask")
        + made.paragraph("what hurts", "ListBullet2")
        + made.numbered("Then listen")
        + made.paragraph("to the end", "ListNumber2")
        + made.paragraph("We were down for a day.", "Quote")
    )
    relations = made.relation("rNumbers", "numbering", "numbering.xml")
    document = made.word(body, relations, more={"word/numbering.xml": made.NUMBERING})
    lesson = text(course(("talk.docx", document)), "01-talk.md")
    assert "1. Ask\n   - what hurts\n2. Then listen\n   1. to the end" in lesson
    assert "> We were down for a day." in lesson


def test_slides_become_headings_levels_notes_pictures_and_tables() -> None:
    folder = course(("deck.pptx", made.slides()))
    lesson = text(folder, "01-deck.md")
    assert "## Call \\<first\\>" in lesson
    assert "- Listen\n  - Then \\*ask\\*" in lesson
    assert "> Say it slowly" in lesson
    assert "| Who | What |\n| --- | --- |\n| You | Call |" in lesson
    assert "](pictures/" in lesson


def test_a_linked_picture_is_left_out_and_the_slides_are_taken() -> None:
    folder = course(*hostile.uploads("file:///nowhere")["linked.pptx"])
    assert "## The desk" in text(folder, "01-linked.md")
    assert folder.left_out == ("linked.pptx: slide 2: a linked picture is not part of the slides. It is left out.",)


def test_sections_of_a_deck_are_lessons() -> None:
    names = 'xmlns:p14="http://schemas.microsoft.com/office/powerpoint/2010/main"'
    sections = "".join(
        f'<p14:section name="{name}"><p14:sldIdLst><p14:sldId id="{n}"/></p14:sldIdLst></p14:section>'
        for name, n in (("Selling", 256), ("Helping", 257))
    )
    listed = f'<p:extLst><p:ext uri="x"><p14:sectionLst {names}>{sections}</p14:sectionLst></p:ext></p:extLst>'
    folder = course(("deck.pptx", made.slides(sections=listed)))
    assert "Call" in text(folder, "01-selling.md")
    assert "The desk" in text(folder, "02-helping.md")


def test_a_pdf_is_read_page_by_page_and_kept() -> None:
    data = made.pdf("First page of it.", "#rect()", "Third page of it.")
    folder = course(("The guide.pdf", data))
    lesson = text(folder, "01-the-guide.md")
    assert lesson.index("First page") < lesson.index("Third page")
    assert folder.files["resources/the-guide.pdf"] == data
    assert lesson.rstrip().endswith("[The guide](resources/the-guide.pdf)")
    assert folder.left_out == ("The guide.pdf: page 2 holds no text.",)


def test_a_course_begun_from_a_pdf_can_be_read_and_leads_to_it(tmp_path: Path) -> None:
    for path, data in course(("The guide.pdf", made.pdf("First page of it."))).files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    draft = read_course(tmp_path)
    assert [lesson.title for lesson in draft.lessons] == ["The guide"]
    assert draft.shown == {"resources/the-guide.pdf"}
    assert draft.unresolved == ()


def test_two_different_files_of_one_name_are_both_kept() -> None:
    one, two = made.pdf("One."), made.pdf("Two.")
    folder = course(("guide.pdf", one), ("guide.pdf", two), ("guide.pdf", one))
    assert (folder.files["resources/guide.pdf"], folder.files["resources/guide-2.pdf"]) == (one, two)
    assert {path for path in folder.files if path.endswith(".md")} == {"01-guide.md", "02-guide-2.md", "03-guide-3.md"}


@pytest.mark.parametrize(("name", "data"), [("talk.mp4", made.mp4()), ("talk.webm", made.webm())])
def test_captions_go_with_the_video_of_the_same_name(name: str, data: bytes) -> None:
    folder = course((name, data), ("talk.srt", made.SRT))
    assert folder.files[f"videos/{name}"] == data
    assert folder.files["videos/talk.vtt"] == (
        b"WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHello <i>there</i>\n\n00:00:03.000 --> 00:00:04.000\nGoodbye\n"
    )
    assert f"![Talk](videos/{name})" in text(folder, "01-talk.md")
    assert folder.left_out == ()


def test_a_video_without_captions_and_captions_without_video_are_named() -> None:
    folder = course(("talk.mp4", made.mp4()), ("other.vtt", made.VTT))
    assert [line.partition(":")[0] for line in folder.left_out] == ["talk.mp4", "other.vtt"]


def test_the_folder_reads_as_a_course(tmp_path) -> None:
    folder = course(
        ("1 Hello.md", b"# Hello\n\nSome words."), ("desk.png", made.picture()), ("deck.pptx", made.slides())
    )
    for path, data in folder.files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    draft = read_course(tmp_path)
    assert [lesson.title for lesson in draft.lessons] == ["Hello", "Desk", "Deck"]
    assert draft.key == "from-documents"


def test_the_same_uploads_make_the_same_folder() -> None:
    uploads = (("deck.pptx", made.slides()), ("talk.mp4", made.mp4()), ("desk.jpg", made.picture("JPEG")))
    assert course(*uploads) == course(*uploads)


def test_an_animated_picture_keeps_moving() -> None:
    frames = [Image.new("RGB", (4, 4), (n * 90, 0, 0)) for n in range(3)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100)
    folder = course(("moving.gif", out.getvalue()))
    (path,) = [path for path in folder.files if path.startswith("pictures/")]
    with Image.open(io.BytesIO(folder.files[path])) as again:
        assert (again.format, again.n_frames) == ("GIF", 3)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "https://www.youtube.com/watch?v=abcdefghijk&t=3",
            Embed("YouTube", "https://www.youtube.com/watch?v=abcdefghijk"),
        ),
        ("https://youtu.be/abcdefghijk", Embed("YouTube", "https://www.youtube.com/watch?v=abcdefghijk")),
        ("<https://youtube.com/embed/abcdefghijk>", Embed("YouTube", "https://www.youtube.com/watch?v=abcdefghijk")),
        ("https://vimeo.com/123456789", Embed("Vimeo", "https://vimeo.com/123456789")),
        ("https://player.vimeo.com/video/123456789", Embed("Vimeo", "https://vimeo.com/123456789")),
        ("https://youtube.com.evil.example/watch?v=abcdefghijk", None),
        ("https://user@youtube.com/watch?v=abcdefghijk", None),
        ("https://youtube.com:8443/watch?v=abcdefghijk", None),
        ("javascript://youtube.com/watch?v=abcdefghijk", None),
        ("https://www.youtube.com/watch?v=short", None),
        ("https://www.youtube.com/redirect?q=https://evil.example", None),
        ("https://vimeo.com/settings", None),
        ("see https://youtu.be/abcdefghijk", None),
        ("https://[broken", None),
    ],
)
def test_only_addresses_of_known_platforms_are_videos(line: str, expected: Embed | None) -> None:
    assert find_embed(line) == expected


def test_a_line_that_names_a_video_is_a_link_that_loads_nothing() -> None:
    html = render(with_links("Look:\n\nhttps://youtu.be/abcdefghijk\n\nhttps://evil.example/x")).html
    assert 'href="https://www.youtube.com/watch?v=abcdefghijk"' in html
    assert "<iframe" not in html


@pytest.mark.parametrize(
    "words", ["# no heading", "- no list", "1. no list", "*a* _b_ [c](d) <e> | `f` ~g~ \\h", "+ x"]
)
def test_what_looks_like_markdown_in_a_document_stays_as_people_read_it(words: str) -> None:
    assert plain(render(f"Before\n\n{escaped(words)}").html) == f"Before {words}".replace("<", "&lt;").replace(
        ">", "&gt;"
    )


def test_a_files_name_is_a_title_without_folder_and_suffix() -> None:
    assert titled("..\\..\\my_first-call.final.docx") == "My first call.final"
    assert titled("") == "Document"


@pytest.mark.parametrize("amount", [0, 41])
def test_how_many_files_can_be_brought_at_once(amount: int) -> None:
    with pytest.raises(DocumentRefused, match="Between 1 and 40"):
        course(*[("a.md", b"# A\n\nb")] * amount)


def test_captions_alone_are_no_course() -> None:
    with pytest.raises(DocumentRefused, match="Nothing of it is a lesson"):
        course(("a.vtt", made.VTT))
