"""A knowledge check from `check.yaml` or `check.md`.

```yaml
title: Knowledge check
intro: Five questions. You may look things up.
pass_percent: 80             # default 75
retake_minutes: 10           # how long to wait after not passing, default 10
time_limit_minutes: 20       # optional
draw: 10                     # optional: so many of the questions a try, from each topic in turn
max_tries: 3                 # optional: then somebody has to allow another one
test_out: no                 # default yes: whoever knows it already takes the check before the lessons
questions:
  - key: first-step          # optional, else from the prompt; keeps a question the same question when it is reworded
    kind: single             # single | multiple | true_false | short_text; default single
    prompt: Who calls the customer first?
    lesson: your-first-call  # optional: the lesson to reread after a wrong answer
    topic: calls             # optional, for a draw; else its lesson is its topic
    feedback: Shown after grading, whatever was answered.
    choices:
      - {text: You do, correct: yes, feedback: Shown after grading to those who chose it.}
      - {text: Acme does}
  - kind: true_false
    prompt: The vendor signs the contract.
    answer: no
  - kind: short_text
    prompt: What does SLA stand for?
    accepted: [service level agreement, service-level agreement]
```

The Markdown form: a second-level heading per question, a task list of choices (`[x]` is right; more than one make it
multiple), or a line `Answer: words | other words`; a quote is the feedback; a line `Reread: lesson-key`.
"""

import re

from gangway.catalog.markdown.yaml import Fields, load
from gangway.catalog.rules import (
    DEFAULT_PASS_PERCENT,
    DEFAULT_RETAKE_MINUTES,
    MAX_CHOICES,
    CheckDraft,
    ChoiceDraft,
    QuestionDraft,
    QuestionKind,
    slug,
)
from gangway.kernel.said import said

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def read_check(file: str, text: str) -> CheckDraft:
    """The check of a file; its prompts are drawn by `prompts`, who knows where their pictures are."""
    if file.lower().endswith(".md"):
        return _from_markdown(file, text)
    fields = Fields(file, load(file, text))
    check = CheckDraft(
        title=fields.text("title", "Knowledge check"),
        intro=fields.text("intro", ""),
        pass_percent=fields.whole("pass_percent", DEFAULT_PASS_PERCENT, 1, 100) or DEFAULT_PASS_PERCENT,
        retake_minutes=fields.whole("retake_minutes", DEFAULT_RETAKE_MINUTES, 0, 60 * 24 * 30) or 0,
        time_limit_minutes=fields.whole("time_limit_minutes", None, 1, 60 * 24),
        questions=tuple(_question(part, n) for n, part in enumerate(fields.parts("questions", _called), start=1)),
        draw=fields.whole("draw", None, 1, 1000),
        max_tries=fields.whole("max_tries", None, 1, 100),
        test_out=fields.flag("test_out", True),
    )
    fields.done()
    return check


def _called(number: int) -> str:
    return said("question {n}", n=number)


def _question(fields: Fields, number: int) -> QuestionDraft:
    kind = fields.one_of("kind", QuestionKind, QuestionKind.SINGLE)
    prompt = fields.text("prompt")
    question = QuestionDraft(
        key=fields.text("key", "") or slug(prompt),
        kind=QuestionKind(kind),
        prompt=prompt,
        prompt_html="",
        choices=_choices(QuestionKind(kind), fields, number),
        accepted=tuple(fields.texts("accepted")) if kind == QuestionKind.SHORT_TEXT else (),
        feedback=fields.text("feedback", ""),
        lesson=fields.text("lesson", ""),
        topic=fields.text("topic", ""),
    )
    fields.done()
    return question


def _choices(kind: QuestionKind, fields: Fields, number: int) -> tuple[ChoiceDraft, ...]:
    if kind is QuestionKind.SHORT_TEXT:
        return ()
    if kind is QuestionKind.TRUE_FALSE:
        if not isinstance(answer := fields.raw("answer"), bool):
            raise fields.unreadable(said("“{name}” must be yes or no.", name="answer"), "answer")
        return _true_false(answer)
    entries = fields.parts("choices", lambda n: said("question {n}, choice {choice}", n=number, choice=n))
    if len(entries) > MAX_CHOICES:
        problem = said("It has {count} choices; at most {n} fit.", count=len(entries), n=MAX_CHOICES)
        raise fields.unreadable(problem, "choices")
    found = []
    for letter, entry in zip(_LETTERS, entries, strict=False):
        found.append(
            ChoiceDraft(
                key=letter,
                text=entry.text("text"),
                correct=entry.flag("correct", False),
                feedback=entry.text("feedback", ""),
            )
        )
        entry.done()
    return tuple(found)


def _true_false(answer: bool) -> tuple[ChoiceDraft, ...]:
    """Two choices whose words the page says in the reader's language."""
    return (
        ChoiceDraft(key="t", text="True", correct=answer),
        ChoiceDraft(key="f", text="False", correct=not answer),
    )


_TASK = re.compile(r"[-*+] \[( |x|X)\] +(.+)")


def _from_markdown(file: str, text: str) -> CheckDraft:
    title, _, rest = text.strip().partition("\n") if text.lstrip().startswith("# ") else ("# Knowledge check", "", text)
    intro, *blocks = re.split(r"^## +", rest, flags=re.M)
    return CheckDraft(
        title=title.removeprefix("# ").strip(),
        intro=intro.strip(),
        pass_percent=DEFAULT_PASS_PERCENT,
        retake_minutes=DEFAULT_RETAKE_MINUTES,
        time_limit_minutes=None,
        questions=tuple(_markdown_question(block) for block in blocks),
    )


def _markdown_question(block: str) -> QuestionDraft:
    heading, *lines = block.strip().split("\n")
    prompt, feedback, accepted, lesson = [heading], [], "", ""
    choices: list[ChoiceDraft] = []
    for line in (line.strip() for line in lines):
        if task := _TASK.fullmatch(line):
            choices.append(_markdown_choice(len(choices), task))
        elif line.startswith(">"):
            feedback.append(line.removeprefix(">").strip())
        elif line.lower().startswith("answer:"):
            accepted = line[len("answer:") :]
        elif line.lower().startswith("reread:"):
            lesson = line[len("reread:") :].strip()
        else:
            prompt.append(line)
    words = "\n".join(prompt).strip()
    return QuestionDraft(
        key=slug(heading),
        kind=_markdown_kind(choices, accepted),
        prompt=words,
        prompt_html="",
        choices=tuple(choices),
        accepted=tuple(answer.strip() for answer in accepted.split("|") if answer.strip()),
        feedback="\n".join(feedback).strip(),
        lesson=lesson,
    )


def _markdown_choice(position: int, task: re.Match[str]) -> ChoiceDraft:
    letter = _LETTERS[position] if position < MAX_CHOICES else f"z{position}"
    return ChoiceDraft(key=letter, text=task[2].strip(), correct=task[1] != " ")


def _markdown_kind(choices: list[ChoiceDraft], accepted: str) -> QuestionKind:
    if accepted.strip() and not choices:
        return QuestionKind.SHORT_TEXT
    return QuestionKind.MULTIPLE if sum(choice.correct for choice in choices) > 1 else QuestionKind.SINGLE
