"""What is held of somebody, in words that people read. The file says the same as it is stored."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gangway.identity.queries import FACTOR_WORDS, METHOD_WORDS
from gangway.kernel.language import clauses, listing, number, say
from gangway.kernel.personal import Word
from gangway.kernel.said import Said
from gangway.messaging.queries import CATEGORY_WORDS
from gangway.people.queries import REACH_WORDS, ROLE_WORDS
from gangway.portal.queries import Held
from gangway.ui.words import moment

SHOWN = 100  # rows of a section on the page; the file holds all
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\S*")

# The audit log about a person: what was done, to which of their fields, and how a field's own words are said.
VERBS: Mapping[str, str] = {
    "credentials.name.agree": _("Asked whether the name is shown on public pages"),
    "identity.factor.pass": _("Second proof accepted"),
    "identity.factor.refuse": _("Second proof refused"),
    "identity.identity.link": _("Linked to who they are at their company's sign-in"),
    "identity.identity.unlink": _("No longer linked to who they were at their company's sign-in"),
    "identity.passkey.count_went_back": _("Passkey refused: perhaps it was copied"),
    "identity.recovery_codes.make": _("Recovery codes made"),
    "identity.scim.change_user": _("Changed by their company's directory"),
    "identity.scim.create_user": _("Brought by their company's directory"),
    "identity.scim.delete_user": _("Taken away by their company's directory"),
    "identity.scim.shut_out": _("Receipt made, because their company's directory shut them out"),
    "identity.session.end_of_person": _("Signed out everywhere"),
    "identity.session.end_others": _("Signed out of the other browsers"),
    "identity.sign_in_letter.send": _("Sign-in letter sent by somebody who helps"),
    "identity.view.start": _("Somebody began to see what they see"),
    "identity.view.stop": _("Somebody stopped seeing what they see"),
    "identity.welcome.accept": _("Read what is stored, and agreed"),
    "messaging.category.accept": _("Accepted letters of a kind again"),
    "messaging.category.decline": _("Declined letters of a kind"),
    "people.person.activate": _("Account activated"),
    "people.person.admit": _("Account made"),
    "people.person.adopt": _("Taken over by their company's directory"),
    "people.person.direct": _("Changed by their company's directory"),
    "people.person.erase": _("Account erased"),
    "people.person.import": _("Changed by a file"),
    "people.person.leave": _("Account closed, because they left"),
    "people.person.merge": _("Two accounts made one"),
    "people.person.mend_mailbox": _("Mail address mended"),
    "people.person.readmit": _("Let in again by their company's directory"),
    "people.person.name_elsewhere": _("Linked to who they are in another system"),
    "people.person.restore": _("What a file changed was taken back"),
    "people.person.resume": _("Account opened again"),
    "people.person.set_profile": _("Settings changed"),
    "people.person.suspend": _("Account suspended"),
    "people.person.unmerge": _("Two accounts made of one again"),
    "people.person.withdraw": _("Removed with the file that brought them"),
    "people.role.grant": _("Role given"),
    "people.role.revoke": _("Role taken"),
    "portal.person.leave": _("Receipt made, because they left"),
}
FIELDS: Mapping[str, str] = {
    "agreed": _("Consent"),
    "category": _("Kind"),
    "devices": _("Devices"),
    "email": _("Mail address"),
    "external_id": _("Number in other systems"),
    "factor": _("Second proof"),
    "first": _("For the first time"),
    "groups": _("Groups"),
    "invitation": _("Open invitation"),
    "kept": _("Could not be put back"),
    "letter": _("Letter at once"),
    "letters": _("Letters"),
    "links": _("Open links"),
    "locale": _("Language"),
    "managed_by": _("Managed by"),
    "method": _("Way in"),
    "name": _("Name"),
    "reach": _("Reach"),
    "role": _("Role"),
    "roles": _("Roles"),
    "sessions": _("Sign-ins"),
    "shown": _("Count that it showed"),
    "since": _("Since"),
    "source": _("Source"),
    "stored": _("Count that was kept"),
    "title": _("Title"),
    "tries": _("Tries"),
    "until": _("Until"),
    "version": _("Version"),
    "zone": _("Time zone"),
}
SOURCES: Mapping[str, str] = {
    "csv": _("a file"),
    "desk": _("by hand"),
    "erased": _("erasing"),
    "portal": _("the vendor's portal"),
    "rehearsal": _("the rehearsal"),
    "setup": _("the set-up"),
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "category": CATEGORY_WORDS,
    "factor": FACTOR_WORDS,
    "method": METHOD_WORDS,
    "reach": REACH_WORDS,
    "role": ROLE_WORDS,
    "roles": ROLE_WORDS,
    "source": SOURCES,
}
KEYS = frozenset(
    {
        *("email_key", "from", "import", "into", "merge", "merged", "passkey", "person", "reach_id", "session"),
        "sort_key",
    }
)  # for machines alone


def drawn(part: Held) -> dict[str, Any]:
    """One section as the page draws it."""
    columns = list(part.rows[0])
    return {
        "title": gettext(part.title),
        "columns": [gettext(column) for column in columns],
        "rows": [[cell(row.get(column)) for column in columns] for row in part.rows[:SHOWN]],
        "more": max(len(part.rows) - SHOWN, 0),
    }


def cell(value: Any) -> str:
    """A value as people say it."""
    if isinstance(value, Word):
        return say(value.said)
    if isinstance(value, Said):
        return say(value)
    if isinstance(value, Mapping):
        return clauses(_pairs(value)) or "–"
    if isinstance(value, str) and value in VERBS:
        return gettext(VERBS[value])
    return _said("", value) or "–"


def _pairs(fields: Mapping[str, Any]) -> list[str]:
    """Each field with what it was set to; empty ones and the keys of machines are left to the file."""
    told = {field: _said(field, value) for field, value in fields.items() if field not in KEYS}
    return [
        gettext("%(field)s: %(value)s") % {"field": gettext(FIELDS.get(field, field)), "value": value}
        for field, value in told.items()
        if value
    ]


def _said(field: str, value: Any) -> str:
    match value:
        case None | "":
            return ""
        case bool():
            return gettext("yes") if value else gettext("no")
        case int() | float():
            return number(value)
        case datetime():
            return moment(value)
        case Mapping():
            return listing(_pairs(value))
        case str():
            return _text(field, value)
        case Sequence():
            return listing([cell(one) if isinstance(one, Word) else _said(field, one) for one in value])
    return str(value)


def _text(field: str, value: str) -> str:
    if field == "locale":
        return str(dict(settings.LANGUAGES).get(value, value))
    if words := WORDS.get(field, {}).get(value):
        return gettext(words)
    return moment(datetime.fromisoformat(value)).striptags() if INSTANT.fullmatch(value) else value
