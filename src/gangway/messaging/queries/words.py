"""Where a letter stands, in words; and whether we would know that it came back."""

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gangway.messaging.returns import providers
from gangway.messaging.rules import Category, State, Trouble, trouble

GONE = "This mailbox refused a letter before: it does not exist."  # what a letter to a known dead mailbox ends with

# Words are marked here and translated where they are shown.
STATE_WORDS: dict[str, str] = {
    State.QUEUED.value: _("queued"),
    State.SENDING.value: _("being sent"),
    State.SENT.value: _("sent"),
    State.KEPT.value: _("kept here"),
    State.BOUNCED.value: _("bounced"),
    State.FAILED.value: _("given up"),
    State.CANCELLED.value: _("cancelled"),
}
CATEGORY_WORDS: dict[str, str] = {
    Category.SIGN_IN.value: _("Codes and links"),
    Category.SERVICE.value: _("Letters about the account"),
    Category.NUDGE.value: _("Reminders"),
    Category.REPORT.value: _("Status letters"),
}


def bounces_known() -> bool:
    """Whether anything tells us of letters that come back after a mail server took them. If not, that is unknown."""
    return bool(settings.BOUNCE_IMAP_URL) or events_ready(settings.MAIL_EVENTS_PROVIDER)


def events_ready(provider: str) -> bool:
    """Whether this is the provider whose reports are read, and a secret is set that proves them."""
    secret, key = settings.MAIL_EVENTS_SECRET, settings.MAIL_EVENTS_KEY
    return bool(provider) and provider == settings.MAIL_EVENTS_PROVIDER and providers.ready(provider, secret, key)


def state_words(state: State, reason: str = "") -> str:
    """Where a letter stands, in the reader's language: with the reason where there is one, and what we cannot know."""
    words = gettext(STATE_WORDS[state])
    if state is State.SENT and not bounces_known():
        return gettext("sent; whether it came back is unknown, since no mailbox and no mail provider tells us")
    return f"{words}: {reason}" if reason else words


TROUBLE_WORDS: dict[Trouble, str] = {
    Trouble.NO_MAILBOX: _("There is no such mailbox."),
    Trouble.CLOSED: _("The mailbox is closed."),
    Trouble.FULL: _("The mailbox is full."),
    Trouble.NO_SERVER: _("What stands behind the @ takes no mail."),
    Trouble.REFUSED: _("Their mail server refuses our letters."),
    Trouble.NO_ANSWER: _("Their mail server did not answer."),
    Trouble.OTHER: _("Their mail server refused it."),
}


def plain_reason(state: str, reason: str) -> str:
    """Why a letter came back or was given up, in the reader's language and without a code; "" for any other state."""
    if state not in (State.BOUNCED, State.FAILED):
        return ""
    if reason == GONE:
        return gettext(TROUBLE_WORDS[Trouble.NO_MAILBOX])
    return gettext(TROUBLE_WORDS[trouble(reason)])
