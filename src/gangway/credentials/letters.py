"""The reminder that an award ends, which stops when its holder renews; and the two letters to private mailboxes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse

from gangway.credentials import queries
from gangway.credentials.rules import CODE_LIFE, ENDING, KEPT, LINK_LIFE, NOTICE_DAYS, PROVE
from gangway.kernel.said import N_
from gangway.kernel.tenancy import scopes
from gangway.messaging.letters import Category, Letter, LetterView


def _words(letter: LetterView) -> dict[str, Any]:
    """Of the sample that staff look at, which names no award, a name and a day stand for what it would say."""
    page = letter.url(reverse("credentials:mine"))
    if (award_id := letter.payload.get("award")) is None:
        ends = letter.queued_at + timedelta(days=NOTICE_DAYS[0])
        return {"title": "Partner Essentials", "ends": ends, "number": "GW-…", "offered": True, "link": page}
    with scopes.one(letter.partner_id):  # staff read the letter from a wider scope than the one it goes out from
        award = queries.award(UUID(award_id), letter.queued_at)
        offered = queries.still_offered(award.id)
    return {
        "title": award.title,
        "ends": award.expires_at,
        "number": award.number,
        "offered": offered,
        "link": f"{page}#award-{award.number}",
    }


def _wanted(letter: LetterView) -> bool:
    """Asked when the letter is about to go: was the award neither revoked nor renewed meanwhile?"""
    return queries.still_ends(UUID(letter.payload["award"]))


AWARD_ENDS = Letter(
    key=ENDING,
    title=N_("Reminder that a certificate ends"),
    category=Category.NUDGE,
    context=_words,
    wanted=_wanted,
)


def _prove(letter: LetterView) -> dict[str, Any]:
    return {"code": letter.secret or "······", "until": letter.queued_at + CODE_LIFE}


def _kept(letter: LetterView) -> dict[str, Any]:
    link = letter.url(reverse("credentials:kept", args=[letter.secret])) if letter.secret else "…"
    return {"link": link, "until": letter.queued_at + LINK_LIFE}


PROVE_MAILBOX = Letter(
    key=PROVE,
    title=N_("Code for a private mailbox"),
    category=Category.SIGN_IN,
    words="credentials/mail/prove",
    context=_prove,
    elsewhere=True,
)

KEPT_AWARDS = Letter(
    key=KEPT,
    title=N_("Link to the certificates one keeps"),
    category=Category.SIGN_IN,
    context=_kept,
    elsewhere=True,
)

LETTERS = (AWARD_ENDS, PROVE_MAILBOX, KEPT_AWARDS)
