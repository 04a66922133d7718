"""Small courses for tests, made as an author would: from files."""

from dataclasses import replace
from pathlib import Path

from gangway.catalog.markdown.read import read_course
from gangway.catalog.rules import CourseDraft

COURSE = """
key: first-steps
title: First steps
summary: Two short lessons.
unlocks: The first certificate
lessons: [1-hello.md, 2-goodbye.md]
resources:
  - {title: The card, file: card.md}
  - {title: The site, url: "https://example.org/"}
"""
CHECK = """
pass_percent: 60
retake_minutes: 10
questions:
  - key: greet
    prompt: How do you greet?
    lesson: hello
    choices:
      - {text: Hello, correct: yes}
      - {text: Goodbye, feedback: That is for later.}
  - key: polite
    kind: true_false
    prompt: Being polite helps.
    answer: yes
  - key: both
    kind: multiple
    prompt: What do you say in a day?
    lesson: goodbye
    choices:
      - {text: Hello, correct: yes}
      - {text: Goodbye, correct: yes}
      - {text: Nothing}
  - key: word
    kind: short_text
    prompt: What do you say when leaving?
    lesson: goodbye
    accepted: [Goodbye, bye]
    feedback: Anything friendly would do.
"""
WAVE = b"\x89PNG\r\n\x1a\n" + b"\0" * 16
"""A picture, as far as its first bytes say."""
RIGHT = {"greet": ["a"], "polite": ["t"], "both": ["a", "b"], "word": ["goodbye"]}


def write_course(folder: Path, *, check: str | None = CHECK, **files: str) -> Path:
    """Write the small course into a folder; `files` adds or replaces, with `__` for the dot."""
    texts = {
        "course.yaml": COURSE,
        "1-hello.md": "# Hello\n\nSay hello *first*.\n",
        "2-goodbye.md": "# Goodbye\n\nSay goodbye last.\n",
        "card.md": "# Card\n\nHello, goodbye.\n",
    }
    texts |= {"check.yaml": check} if check else {}
    texts |= {name.replace("__", "."): text for name, text in files.items()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def pictured_course(folder: Path) -> CourseDraft:
    """The small course, whose first lesson shows a picture."""
    write_course(folder, **{"1-hello__md": "# Hello\n\nSay hello *first*.\n\n![A wave](wave.png)\n"})
    (folder / "wave.png").write_bytes(WAVE)
    return read_course(folder)


def small_course(folder: Path, *, check: str | None = CHECK, key: str = "first-steps") -> CourseDraft:
    return replace(read_course(write_course(folder, check=check)), key=key)
