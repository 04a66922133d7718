"""Criteria about launches: letters whose fate is known, every partner launched, nobody untouched."""

from django.urls import reverse

from gangway.identity import queries as identity
from gangway.kernel.evidence import Asking, Criterion, Finding
from gangway.kernel.said import N_, said, together
from gangway.messaging import queries as messaging
from gangway.messaging.events import MessageBounced, MessageSent
from gangway.partners import queries as partners
from gangway.partners.events import PartnerApplied, PartnerLaunched, PartnerStateChanged
from gangway.partners.queries import PartnerRow
from gangway.rollout.launches import queries
from gangway.rollout.launches.events import WaveSent
from gangway.rollout.launches.rules.states import WaveState


def wave_told(asking: Asking) -> Finding:
    """Waves that were sent, and of each letter in them whether the mail server took it or sent it back.

    Letters that wait, or were kept because no mail server is set, are not known; nothing is proven by them.
    """
    sent = [wave for wave in queries.waves() if wave.state is WaveState.SENT]
    rows = [row for wave in sent for row in messaging.letters_of_cause(wave.id)]
    taken, back = sum(row.sent for row in rows), sum(row.bounced + row.failed for row in rows)
    unknown = sum(row.queued + row.kept for row in rows)
    words = together(
        said("{n} wave was sent.", "{n} waves were sent.", n=len(sent)),
        said("Letters taken by the mail server: {n}; come back: {bounced}.", n=taken, bounced=back),
        said("{n} letter waits or went nowhere.", "{n} letters wait or went nowhere.", n=unknown) if unknown else "",
    )
    return Finding(
        holds=len(sent) >= asking.number("waves", 1) and taken > 0 and not unknown,
        value=taken + back,
        n=taken + back,
        words=words,
        newest_at=max((row.last_sent_at for row in rows if row.last_sent_at), default=None),
        breaks=said("It ends while the letters of another wave are on their way."),
        link=reverse("launches:list"),
    )


def _active() -> list[PartnerRow]:
    return [row for row in partners.list_partners() if row.kind == "partner" and row.state == "active"]


def everyone_launched(asking: Asking) -> Finding:
    """Every active partner was launched."""
    rows = _active()
    waiting = [row.name for row in rows if row.launched_at is None]
    words = said("Launched: {n} of {m} active partners.", n=len(rows) - len(waiting), m=len(rows))
    return Finding(
        holds=bool(rows) and not waiting,
        value=len(rows) - len(waiting),
        n=len(rows),
        words=together(words, said("Waiting: {names}.", names=waiting[:5])) if waiting else words,
        newest_at=max((row.launched_at for row in rows if row.launched_at), default=None),
        breaks=said("It ends when a partner is added that was not launched."),
        link=reverse("launches:list"),
    )


def nobody_untouched(asking: Asking) -> Finding:
    """Nobody of a launched partner was left without an invitation, and all have a mailbox."""
    launched = [row for row in _active() if row.launched_at is not None]
    left_out = identity.uninvited_counts([row.id for row in launched])
    untouched = sum(row.people + row.without_mailbox for row in left_out)
    without = sum(row.without_mailbox for row in left_out)
    words = said("People never invited: {n}. Launched partners: {m}.", n=untouched, m=len(launched))
    return Finding(
        holds=bool(launched) and not untouched,
        value=untouched,
        n=len(launched),
        words=together(words, said("{n} of them has no mail address.", "{n} of them have no mail address.", n=without))
        if untouched
        else words,
        newest_at=asking.now,
        breaks=said("It ends when somebody is added to a launched partner and not written to."),
        link=reverse("launches:list"),
    )


CRITERIA = (
    Criterion(
        key="launches.wave_told",
        words=N_("Waves sent: at least {waves}, and each of their letters is known to have arrived or come back"),
        query=wave_told,
        depends_on=(WaveSent.name, MessageSent.name, MessageBounced.name),
        defaults={"waves": 1},
    ),
    Criterion(
        key="launches.everyone_launched",
        words=N_("Every active partner is launched"),
        query=everyone_launched,
        depends_on=(PartnerLaunched.name, PartnerApplied.name, PartnerStateChanged.name),
    ),
    Criterion(
        key="launches.nobody_untouched",
        words=N_("Nobody of a launched partner was left without an invitation"),
        query=nobody_untouched,
        depends_on=(PartnerLaunched.name, WaveSent.name),
    ),
)
