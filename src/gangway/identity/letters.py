"""The letters about getting in: the launch letter (M1), which invites, the letter with the code, and others."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext

from gangway.identity import queries
from gangway.identity.rules import CHALLENGE_LIFE
from gangway.identity.rules.domains import CODE_LIFE, shown_domain_code
from gangway.identity.rules.expiry import RENEWAL_LIFE, Credential
from gangway.identity.rules.reviews import GIVEN
from gangway.kernel.tenancy import scopes
from gangway.messaging.letters import Category, Letter, LetterView
from gangway.partners import queries as partners
from gangway.ui.words import moment


def _sign_in(letter: LetterView) -> dict[str, Any]:
    link, _, code = letter.secret.partition(" ")
    until = timezone.localtime(letter.queued_at + CHALLENGE_LIFE)
    return {
        "asked": not letter.payload.get("sent_by_staff"),
        "code": code or "······",
        "link": letter.url(f"/sign-in/link/{link}") if link else "…",
        "until": f"{time_format(until, 'H:i')} {until.tzname()}",
    }


def _launch(letter: LetterView) -> dict[str, Any]:
    return {
        "link": letter.url(f"/invitation/{letter.secret}") if letter.secret else letter.url("/sign-in"),
        "orientation_url": settings.ORIENTATION_URL,
    }


def _factor_changed(letter: LetterView) -> dict[str, Any]:
    happened = {
        "passkey_added": gettext("A passkey was added to your account."),
        "passkey_removed": gettext("A passkey was removed from your account."),
        "app_added": gettext("An authenticator app was added to your account."),
        "app_removed": gettext("The authenticator app was removed from your account."),
        "codes_made": gettext("New recovery codes were made for your account; those before are void."),
        "recovery_used": gettext("A recovery code of yours was used to sign in."),
        "reset": gettext(
            "Your passkeys, authenticator app and recovery codes were taken away, because they were lost."
        ),
    }
    words = happened.get(str(letter.payload.get("what")), gettext("How you sign in was changed."))
    return {"happened": words, "at": moment(letter.queued_at).striptags(), "link": letter.url("/account/security")}


def _domain_code(letter: LetterView) -> dict[str, Any]:
    code, _, domain = letter.secret.partition(" ")
    until = moment(letter.queued_at + CODE_LIFE).striptags()
    return {"code": shown_domain_code(code) if code else "·····-·····", "domain": domain or "…", "until": until}


def _expiry(letter: LetterView) -> dict[str, Any]:
    """M5. Of the sample that staff look at, which names no connection, a name and a day stand for what it would say."""
    said = letter.payload
    ends_at = datetime.fromisoformat(said["ends_at"]) if "ends_at" in said else letter.queued_at + timedelta(days=30)
    until = datetime.fromisoformat(said["until"]) if "until" in said else letter.queued_at + RENEWAL_LIFE
    partner_id = UUID(said["partner"]) if "partner" in said else letter.partner_id
    return {
        "what": said.get("what", Credential.CERTIFICATE.value),
        "tail": said.get("tail", "…"),
        "waiting": said.get("waiting", ""),
        "ends_at": ends_at,
        "days": max(0, (ends_at - letter.queued_at) // timedelta(days=1)),
        "until": until,
        "link": letter.url(reverse("identity:renew", args=[letter.secret])) if letter.secret else "…",
        **_connection(letter, partner_id),
    }


def _access_list(letter: LetterView) -> dict[str, Any]:
    """Of the sample that staff look at, which names no day, one stands for what it would say."""
    said = letter.payload
    due = date.fromisoformat(said["due_on"]) if "due_on" in said else (letter.queued_at + GIVEN).date()
    return {"due": due, "by_staff": "by_staff" in said, "link": letter.url(reverse("identity:access"))}


def _waiting(letter: LetterView) -> dict[str, Any]:
    nobodys = letter.partner_id == partners.host_id()
    room = reverse("identity:strangers" if nobodys else "identity:joining")
    return {"nobodys": nobodys, "link": letter.url(room)}


def _declined(letter: LetterView) -> dict[str, Any]:
    """Of the sample that staff look at, which names no day, one stands for what it would say."""
    said = letter.payload.get("asked_at")
    return {"asked_at": datetime.fromisoformat(said) if said else letter.queued_at}


def _portal_key(letter: LetterView) -> dict[str, Any]:
    """Of the sample that staff look at, which names no key, a day stands for what it would say."""
    said = letter.payload
    ends_at = datetime.fromisoformat(said["ends_at"]) if "ends_at" in said else letter.queued_at + timedelta(days=30)
    days = max(0, (ends_at - letter.queued_at) // timedelta(days=1))
    return {"ends_at": ends_at, "days": days, "console": letter.url(reverse("identity:vendor_portal"))}


def _connection(letter: LetterView, partner_id: UUID) -> dict[str, Any]:
    """What the connection is called, and where staff see it."""
    named = letter.payload.get("connection")
    if named is None:
        return {"connection": "Okta", "whose": letter.partner_name, "console": "…"}
    with scopes.one(partner_id):  # staff read the letter from a wider scope, a manager's from the host's
        shown, partner = queries.connection(UUID(named)), partners.partner_by_id(partner_id)
    page = reverse("identity:connection_of", args=[partner_id, named])
    return {"connection": shown.name, "whose": partner.name, "console": letter.url(page)}


SIGN_IN = Letter(
    key="identity.sign_in",
    title="Sign-in code",
    category=Category.SIGN_IN,
    context=_sign_in,
)

LAUNCH = Letter(
    key="identity.launch",
    title="Launch letter",
    category=Category.SERVICE,
    context=_launch,
)

FACTOR_CHANGED = Letter(
    key="identity.factor_changed",
    title="Change of a second factor",
    category=Category.SERVICE,
    context=_factor_changed,
)

JOIN = Letter(
    key="identity.join",
    title="Code to join",
    category=Category.SIGN_IN,
    context=_sign_in,
    elsewhere=True,
)

DOMAIN_CODE = Letter(
    key="identity.domain_code",
    title="Code for a mail domain",
    category=Category.SERVICE,
    context=_domain_code,
    elsewhere=True,
)

EXPIRY = Letter(
    key="identity.expiry",
    title="A sign-in or directory runs out",
    category=Category.SERVICE,
    context=_expiry,
)

ACCESS_LIST = Letter(
    key="identity.access_list",
    title="Confirm who sees your data",
    category=Category.SERVICE,
    context=_access_list,
)

WAITING = Letter(
    key="identity.waiting",
    title="Somebody asks to be let in",
    category=Category.SERVICE,
    context=_waiting,
)

DECLINED = Letter(
    key="identity.declined",
    title="Not let in",
    category=Category.SERVICE,
    context=_declined,
    elsewhere=True,
)

PORTAL_KEY = Letter(
    key="identity.portal_key",
    title="A key of the vendor's portal runs out",
    category=Category.SERVICE,
    context=_portal_key,
)

EXPIRY_MANAGER = Letter(
    key="identity.expiry_manager",
    title="A partner's sign-in or directory runs out",
    category=Category.SERVICE,
    context=_expiry,
)
