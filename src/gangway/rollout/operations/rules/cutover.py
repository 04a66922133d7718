"""The cutover: a runbook whose steps are carried out in their order, each with what was expected and what was seen.

What the running system sees of a step, it says itself; of the others a person says what they saw. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gangway.kernel.said import N_

MOST_WORDS = 500  # of what somebody saw


class Proof(StrEnum):
    """What the system can see of a step."""

    COMPARED = "compared"  # an export was compared with this installation
    PROMOTED = "promoted"  # an export was promoted, and stands
    EQUAL = "equal"  # a comparison found nothing
    REHEARSED = "rehearsed"  # a rehearsal passed


@dataclass(frozen=True, slots=True)
class Act:
    """One step of the runbook. `proof`: what must be seen of it; a person's word will do only where `word` says so."""

    key: str
    title: str
    commands: tuple[str, ...]
    expected: str
    back: str
    proof: Proof | None = None
    word: bool = False


RUNBOOK = (
    Act(
        key="look",
        title=N_("Look at what differs"),
        commands=("gangway config export > sandbox.json",),
        expected=N_(
            "The export of the sandbox, compared here, shows a line for each field: lines “by hand” are yours,"
            " all others are set by promoting."
        ),
        back=N_("Nothing was changed."),
        proof=Proof.COMPARED,
    ),
    Act(
        key="before",
        title=N_("Do by hand what comes first"),
        commands=("gangway course export KEY folder", "gangway course import folder"),
        expected=N_(
            "Courses whose content differs are published here, mail domains are proven, groups that a connection"
            " names are there."
        ),
        back=N_("Retire the course that was brought; the others hurt nobody."),
        word=True,
    ),
    Act(
        key="try",
        title=N_("Try it without changing anything"),
        commands=("gangway config promote sandbox.json --dry-run",),
        expected=N_("The lines of the first step, then “Nothing was changed.”"),
        back=N_("Nothing was changed."),
        word=True,
    ),
    Act(
        key="promote",
        title=N_("Promote"),
        commands=("gangway config promote sandbox.json",),
        expected=N_("Each line with its old and its new value, then the command that takes them back."),
        back=N_("Take the promotion back: one transaction, by the values that were kept."),
        proof=Proof.PROMOTED,
    ),
    Act(
        key="back",
        title=N_("Try the way back"),
        commands=("gangway config promote --undo --dry-run",),
        expected=N_("The same lines turned around, and what would stay; nothing was changed."),
        back=N_("Nothing was changed."),
        word=True,
    ),
    Act(
        key="after",
        title=N_("Do the rest by hand"),
        commands=("gangway connection oidc", "gangway connection saml", "gangway token issue",
                  "gangway connection state active"),
        expected=N_("Each new connection was told its provider or has its token, was tried, and is open."),
        back=N_("Turn the connection off; its people come in by a code sent to their mailbox."),
        word=True,
    ),
    Act(
        key="equal",
        title=N_("Look once more"),
        commands=("gangway config diff sandbox.json",),
        expected=N_("The same export, compared again, differs in nothing; or you write a reason for each line."),
        back=N_("Take the promotion back."),
        proof=Proof.EQUAL,
        word=True,
    ),
    Act(
        key="rehearse",
        title=N_("Rehearse"),
        commands=("gangway rehearse",),
        expected=N_("Every step of the rehearsal passed."),
        back=N_("Take the promotion back."),
        proof=Proof.REHEARSED,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    """What came of a step. `proven`: the system saw it, at `at`; else somebody said so then, in `words`."""

    key: str
    at: datetime
    as_expected: bool
    proven: bool
    words: str
    actor_kind: str
    actor_id: str


Seen = Mapping[Proof, Sequence[datetime]]  # since the cutover began, the earliest first


def next_act(notes: Sequence[Note]) -> Act | None:
    """The step whose turn it is; None where every step went as expected."""
    done = {note.key for note in notes if note.as_expected}
    return next((act for act in RUNBOOK if act.key not in done), None)


def proven(act: Act, seen: Seen, since: datetime) -> datetime | None:
    """When the system first saw this step, not before the one that it saw before (`since`)."""
    times = seen.get(act.proof, ()) if act.proof else ()
    return next((at for at in times if at >= since), None)


def since(begun_at: datetime, notes: Sequence[Note]) -> datetime:
    """From when on what the system sees counts for the next step: when it saw the last one. What somebody says counts
    from when they wrote it, which may be after they went on in another window."""
    return max([begun_at, *(note.at for note in notes if note.as_expected and note.proven)])


def until(begun_at: datetime, notes: Sequence[Note]) -> datetime:
    """When the last step so far went as expected."""
    return max([begun_at, *(note.at for note in notes if note.as_expected)])


def taken_back(notes: Sequence[Note], seen: Seen) -> bool:
    """Whether the promotion that this cutover noted stands no more."""
    return any(note.key == "promote" and note.as_expected for note in notes) and not seen.get(Proof.PROMOTED)


@dataclass(frozen=True, slots=True)
class Where:
    """A step as it stands: `note` once it went as expected, `failed` what went otherwise before, `seconds` it took."""

    act: Act
    note: Note | None
    failed: tuple[Note, ...]
    seconds: int | None


def where(begun_at: datetime, notes: Sequence[Note]) -> tuple[Where, ...]:
    """Every step, in its order."""
    found: list[Where] = []
    last = begun_at
    for act in RUNBOOK:
        mine = [note for note in notes if note.key == act.key]
        note = next((one for one in mine if one.as_expected), None)
        at = max(last, note.at) if note else last
        seconds = round((at - last).total_seconds()) if note else None
        last = at
        found.append(Where(act, note, tuple(one for one in mine if not one.as_expected), seconds))
    return tuple(found)
