"""What the how-to shows can be read by what it describes."""

import re
from pathlib import Path

from gangway.catalog.markdown.check import read_check
from gangway.catalog.markdown.layout import read_layout
from gangway.catalog.markdown.locales import own_words, slips_of
from gangway.catalog.markdown.manifest import read_manifest
from gangway.catalog.markdown.wording import read_wording
from gangway.catalog.rules import QuestionKind

HOW_TO = Path(__file__).parents[4] / "docs" / "how-to" / "courses-as-code.md"


def test_the_examples_of_the_how_to_are_what_they_say() -> None:
    course, layout, words, check, german = re.findall(r"```yaml\n(.*?)```", HOW_TO.read_text(), re.S)

    manifest = read_manifest("course.yaml", course, ())
    assert [lesson.key for lesson in manifest.lessons] == ["whom-acme-cloud-helps", "first-conversation"]
    assert manifest.lessons[1].minutes == 5
    assert [resource.title for resource in manifest.resources] == ["The conversation card", "Price list"]
    assert read_layout("layout.yaml", layout).modules == (("1.*", "Foundations"),)
    said = own_words("course.yaml", words)
    assert slips_of({"de": said}, {"Selling"}, {resource.key for resource in manifest.resources}) == ()
    assert (len(said.modules), len(said.resources)) == (1, 1)
    asked = read_check("check.yaml", check)
    assert [question.kind for question in asked.questions] == [
        QuestionKind.SINGLE,
        QuestionKind.TRUE_FALSE,
        QuestionKind.SHORT_TEXT,
    ]
    wording = read_wording("locales/de/check.yaml", "de", german, asked, b"")
    assert (list(wording.questions), wording.slips) == (["first-step", "what-does-sla-stand-for"], ())
    assert wording.words is not None
