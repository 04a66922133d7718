"""C16: who waits for help at the door. Rows belong to a partner, or to nobody: then only platform admins see them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Min, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gangway.identity.models import FailedSignIn
from gangway.identity.queries.reasons import mend_of
from gangway.identity.rules import Answer, RequestState, Step, answers, reads_as_number, shown_number, typed_number
from gangway.kernel.lists import Column, Filter, ListSpec
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.tenancy.models import visible
from gangway.kernel.values import sort_key

# Said to those who help. Words are marked here and translated where they are shown.
STEP_WORDS: dict[str, str] = {
    Step.ASKED: _("Asked for a code and has not typed it yet."),
    Step.NOBODY: _("Asked for a code to an address that nobody here has."),
    Step.CODE_WRONG: _("Typed a wrong code."),
    Step.CODE_LOCKED: _("Typed five wrong codes; that letter is closed."),
    Step.CODE_EXPIRED: _("Typed the code after its ten minutes."),
    Step.LINK_UNKNOWN: _("Opened a link that is none of ours, perhaps cut by a mail program."),
    Step.INVITATION_VOID: _("Opened an invitation that is void, because the access changed after it was sent."),
    Step.SUSPENDED: _("Wants to come in, and is suspended."),
    Step.LEFT: _("Wants to come in, and has left."),
    Step.PARTNER_CLOSED: _("Wants to come in, and the partner is closed."),
    Step.TOO_MANY: _("Asked for more letters, or typed more wrong codes, than one address may."),
    Step.CHOICE_EXPIRED: _("Proved the mailbox and did not choose a company in time."),
    Step.FACTOR_ASKED: _("Proved the mailbox, and has not given the second proof."),
    Step.MAIL_BOUNCED: _("The letter with the code bounced."),
    Step.PROVIDER_REFUSED: _("Their company's sign-in said no."),
    Step.PROVIDER_BROKEN: _("Their company's sign-in did not answer, or cannot be reached."),
    Step.PROVIDER_FOREIGN: _("What their company's sign-in sent back was not accepted."),
    Step.PROVIDER_UNKNOWN: _("Their company's sign-in named somebody who has no account here."),
    Step.PROVIDER_PROOF: _("Their company's sign-in named an account whose mailbox is still to be proven."),
    Step.PORTAL_FOREIGN: _("What the vendor's portal sent was not accepted."),
    Step.PORTAL_UNKNOWN: _("The vendor's portal named somebody who has no account here."),
    Step.PORTAL_COVERED: _("Came from the vendor's portal; their way in is their company's own sign-in."),
    Step.PROVIDER_ACCOUNT: _("A sign-in for several partners named none that it is open to."),
}
MEND_WORDS: dict[str, str] = {
    Step.NOBODY: _("Ask which address their company named, or invite them."),
    Step.LINK_UNKNOWN: _("Send them to the sign-in page: their address is enough."),
    Step.LEFT: _("If they are back, their partner admits them anew."),
    Step.PARTNER_CLOSED: _("Open the partner again, if that is right."),
    Step.SUSPENDED: _("Let them in again, if that is right."),
    Step.INVITATION_VOID: _("Renew the invitation."),
    Step.TOO_MANY: _("Wait a quarter of an hour, or renew the invitation; its letter is not counted."),
    Step.FACTOR_ASKED: _("If they lost it: make sure that it is them, then take it from them. Staff ask the operator."),
    Step.MAIL_BOUNCED: _("Check the address with them, then believe in the mailbox again."),
    Step.PROVIDER_REFUSED: _("Their own IT lets them into the application, there."),
    Step.PROVIDER_BROKEN: _("Look at the partner's connection: the last failure says which part did not answer."),
    Step.PROVIDER_FOREIGN: _("Look at the partner's connection: the reason names the rule that failed."),
    Step.PROVIDER_UNKNOWN: _("Admit them, or let the partner's directory send them."),
    Step.PROVIDER_PROOF: _("They type the code that was sent to their mailbox, once."),
    Step.PORTAL_FOREIGN: _("Look at the portal's page in the console: the reason names the rule that failed."),
    Step.PORTAL_UNKNOWN: _("Invite them at their partner; the address must be the one that the portal knows."),
    Step.PORTAL_COVERED: _("They begin on the sign-in page, and go on to their company's sign-in."),
    Step.PROVIDER_ACCOUNT: _("Look at the connection: the reason says what is wrong with the account key that came."),
}
MEND_BY_DIRECTORY: dict[str, str] = {
    Step.SUSPENDED: _("Their company's directory shut them out. If that is wrong, their IT lets them in there."),
    Step.LEFT: _("Their company's directory took them out. If they are back, their IT sends them again."),
}
BY_REASON = frozenset({Step.PROVIDER_BROKEN, Step.PROVIDER_FOREIGN, Step.PROVIDER_ACCOUNT})
USUAL_MEND = _("Let them look into the spam folder, or send them a letter while they are on the line.")
ANSWER_WORDS: dict[str, str] = {
    Answer.LETTER: _("Send a sign-in letter"),
    Answer.INVITATION: _("Renew the invitation"),
    Answer.MAILBOX: _("Believe in the mailbox again"),
    Answer.RESUME: _("Let in again"),
    Answer.DONE: _("Mark as answered"),
}
STATE_WORDS: dict[str, str] = {
    RequestState.WAITING: _("waiting"),
    RequestState.ANSWERED: _("answered"),
    RequestState.CAME_IN: _("came in"),
    RequestState.REPLACED: _("asked anew"),
}


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A failed sign-in as those see it who help. `person_id` None: the address is nobody's; `managed`: a directory
    keeps the person, and nobody else changes them. `connection_id`, `reason`, `detail`: of one that came from a
    company's sign-in, by which, the code of the rule, and what came instead."""

    id: UUID
    number: str
    partner_id: UUID | None
    person_id: UUID | None
    name: str
    email: str
    managed: bool
    partner_name: str
    step: Step
    state: RequestState
    at: datetime
    moved_at: datetime
    ended_at: datetime | None
    connection_id: UUID | None = None
    reason: str = ""
    detail: str = ""

    @property
    def words(self) -> str:
        """What happened."""
        return gettext(STEP_WORDS[self.step])

    @property
    def mend(self) -> str:
        """What to do about it; nothing where nobody waits any more."""
        if self.state is not RequestState.WAITING:
            return ""
        by_directory = MEND_BY_DIRECTORY.get(self.step) if self.managed else None
        by_reason = mend_of(self.reason) if self.step in BY_REASON else ""
        return by_reason or gettext(by_directory or MEND_WORDS.get(self.step, USUAL_MEND))

    @property
    def state_words(self) -> str:
        return gettext(STATE_WORDS[self.state])

    @property
    def answers(self) -> list[tuple[str, str]]:
        """(answer, its button), the likeliest first; none where nobody waits any more."""
        if self.state is not RequestState.WAITING:
            return []
        mends = answers(self.step, known=self.person_id is not None, managed=self.managed)
        return [(answer.value, gettext(ANSWER_WORDS[answer])) for answer in mends]


def _row(row: FailedSignIn) -> RequestRow:
    return RequestRow(
        id=row.id,
        number=shown_number(row.number),
        partner_id=row.partner_id,
        person_id=row.person_id,
        name=row.person.name if row.person else "",
        email=(row.person.email or "") if row.person else "",
        managed=bool(row.person and row.person.managed_by),
        partner_name=row.partner.name if row.partner else "",
        step=Step(row.step),
        state=RequestState(row.state),
        at=row.at,
        moved_at=row.moved_at,
        ended_at=row.ended_at,
        connection_id=row.connection,
        reason=row.reason,
        detail=row.detail,
    )


def _in_scope(strangers: bool) -> QuerySet[FailedSignIn]:
    """Directory rows carry no scope of their own; a partner's admin sees below only what the partner there shows.
    Robots need no help: what a rehearsal brings about on purpose waits for nobody."""
    scope = scopes.required()
    shown = Q(partner__isnull=False) & visible("partner_id", scope)
    if scope.mode is scopes.Mode.TREE:
        shown &= Q(partner=scope.partner_id) | Q(partner__parent_sees="people")
    if strangers:
        shown |= Q(partner=None)
    return FailedSignIn.objects.filter(shown).exclude(partner__kind="shell").select_related("person", "partner")


def request_row(request_id: UUID, *, strangers: bool = False) -> RequestRow:
    """One failed sign-in that the open scope reaches; NotFound otherwise."""
    row = _in_scope(strangers).filter(pk=request_id).first()
    if row is None:
        raise NotFound
    return _row(row)


def request_of_number(number: str) -> list[RequestRow]:
    """For the operator: what is known under a number, a row for each partner of the mailbox. Needs scope `host`."""
    return [_row(row) for row in _in_scope(True).filter(number=typed_number(number)).order_by("at", "id")]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, and since when the first of them."""

    count: int
    since: datetime | None


def waiting(*, strangers: bool = False) -> Waiting:
    """Who waits in the open scope. Two statements."""
    rows = _in_scope(strangers).filter(state=RequestState.WAITING)
    return Waiting(rows.count(), rows.aggregate(since=Min("moved_at"))["since"])


def _cells(row: FailedSignIn) -> Mapping[str, Any]:
    found = _row(row)
    return {
        "request": found,
        "number": found.number,
        "person": found.name or gettext("Somebody nobody knows"),
        "partner": found.partner_name,
        "what": found.words,
        "state": found.state_words,
        "at": found.moved_at,
        "href": reverse("people:list") + f"?q={found.email}" if found.email else "",
    }


def _fold(text: str) -> str:
    """A number however it was said, else a name."""
    return typed_number(text) if reads_as_number(text) else sort_key(text)


REQUESTS_LIST = ListSpec(
    key="requests",
    noun=(_("request"), _("requests")),
    rows=lambda: _in_scope(False),
    columns=(
        Column("number", _("Number")),
        Column("person", _("Person"), "person"),
        Column("partner", _("Partner")),
        Column("what", _("What happened")),
        Column("state", _("State"), "state"),
        Column("at", _("When"), "instant"),
    ),
    cells=_cells,
    order=("-moved_at", "-id"),
    search=("number", "person__sort_key"),
    fold=_fold,
    filters=(
        Filter("state", _("State"), tuple(STATE_WORDS.items()), lambda rows, value: rows.filter(state=value)),
        Filter(
            "step",
            _("What happened"),
            tuple(STEP_WORDS.items()),
            lambda rows, value: rows.filter(step=value),
        ),
    ),
)


def requests(*, strangers: bool, everything: bool) -> ListSpec:
    """The list: those who wait, or `everything` of the last month; `strangers`: also of addresses nobody has."""
    narrow = Q() if everything else Q(state=RequestState.WAITING)
    return replace(REQUESTS_LIST, rows=lambda: _in_scope(strangers).filter(narrow))
