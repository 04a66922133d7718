"""The sentences above a wave and above all waves."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext, ngettext

from gangway.kernel.language import number
from gangway.rollout.launches.queries import LaunchRow, WaveLine, WavePage
from gangway.rollout.launches.rules.holds import HOLD_WORDS
from gangway.rollout.launches.rules.states import WaveState


def of_wave(page: WavePage, now: datetime) -> str:
    """What the wave does, or did, in one or two sentences."""
    match page.wave.state:
        case WaveState.DRAFT:
            return _plan(page)
        case WaveState.GOING:
            return f"{_letters(page)} {_going(page.wave.may_undo(now))}"
        case WaveState.SENT:
            return _outcome(page)
        case WaveState.UNDONE:
            return gettext("This wave was undone before its letters went: nobody was written to, nobody is invited.")


def _plan(page: WavePage) -> str:
    if not page.launches:
        return gettext("No partner is in this wave yet.")
    held = len(page.held)
    sentences = [
        _written_to(page) if page.ready else gettext("No partner is ready, so nobody would be written to."),
        _counted(ngettext("%(n)s partner is held.", "%(n)s partners are held.", held), held) if held else "",
        _without(page.without_mailbox),
    ]
    return " ".join(filter(None, sentences))


def _written_to(page: WavePage) -> str:
    n = len(page.ready)
    words = ngettext(
        "%(wave)s writes to %(people)s of %(n)s partner.", "%(wave)s writes to %(people)s of %(n)s partners.", n
    )
    people = _counted(ngettext("%(n)s person", "%(n)s people", page.people), page.people)
    return words % {"wave": page.wave.name, "people": people, "n": number(n)}


def _without(n: int) -> str:
    if not n:
        return ""
    words = ngettext(
        "%(n)s person has no mail address and gets no letter.",
        "%(n)s people have no mail address and get no letter.",
        n,
    )
    return _counted(words, n)


def _going(undoable: bool) -> str:
    if undoable:
        return gettext("Until they go, everything can be undone.")
    return gettext("They are going, and nothing can be undone any more.")


def _letters(page: WavePage) -> str:
    n = len(page.ready)
    words = ngettext("%(letters)s to people of %(n)s partner.", "%(letters)s to people of %(n)s partners.", n)
    letters = _counted(ngettext("%(n)s letter", "%(n)s letters", page.people), page.people)
    return words % {"letters": letters, "n": number(n)}


def _outcome(page: WavePage) -> str:
    """ "The mail server took 403 of 412 letters. 9 came back. 120 people came in." """
    total = sum(row.letters.all for row in page.launches if row.letters)
    taken, back = page.letters("sent"), page.letters("bounced") + page.letters("failed")
    waiting, kept = page.letters("queued"), page.letters("kept")
    words = ngettext(
        "The mail server took %(n)s of %(all)s letter.", "The mail server took %(n)s of %(all)s letters.", total
    )
    parts = [] if total and kept == total else [words % {"n": number(taken), "all": number(total)}]
    if back:
        parts.append(_counted(ngettext("%(n)s letter came back.", "%(n)s letters came back.", back), back))
    if waiting:
        parts.append(_counted(ngettext("%(n)s letter waits.", "%(n)s letters wait.", waiting), waiting))
    if kept:
        parts.append(_kept(kept))
    came = ngettext("%(n)s person came in.", "%(n)s people came in.", page.came_in)
    return " ".join([*parts, _counted(came, page.came_in)])


def _kept(n: int) -> str:
    words = ngettext(
        "%(n)s letter was kept here, because no mail server is set.",
        "%(n)s letters were kept here, because no mail server is set.",
        n,
    )
    return _counted(words, n)


def _counted(words: str, n: int) -> str:
    return words % {"n": number(n)}


def of_all(lines: Sequence[WaveLine], waiting: int) -> str:
    """Above the list: how far the launches are."""
    if not lines:
        return gettext("No wave yet: partners' people wait for their launch.")
    sent = sum(1 for line in lines if line.wave.state is WaveState.SENT)
    launched = sum(line.launched for line in lines)
    sentences = [gettext("No wave was sent yet.")]
    if sent:
        sentences = [
            _counted(ngettext("%(n)s wave was sent.", "%(n)s waves were sent.", sent), sent),
            _counted(ngettext("%(n)s partner is launched.", "%(n)s partners are launched.", launched), launched),
        ]
    if waiting:
        words = ngettext(
            "%(n)s active partner waits for its launch.", "%(n)s active partners wait for their launch.", waiting
        )
        sentences.append(_counted(words, waiting))
    return " ".join(sentences)


def why(row: LaunchRow) -> list[str]:
    """What holds a partner by itself, in words that say what to do."""
    return [gettext(HOLD_WORDS[hold]) % {"partner": row.partner.name} for hold in row.automatic]


def staff_ids(rows: Iterable[str]) -> list[str]:
    """Those of these that are ids of people."""
    return [row for row in rows if len(row) == 36]
