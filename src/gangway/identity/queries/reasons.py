"""What the code of a sign-in that failed means to whoever helps: what to look at. Words are marked here and translated
where they are shown."""

from collections.abc import Mapping

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gangway.identity.rules.oidc.faults import Reason
from gangway.identity.rules.reach import Where
from gangway.identity.rules.saml import SamlReason

_APART = _("The entity id or the reply address over there is not ours, to the letter: copy both from here once more.")
_CLOCK = _("Compare the clock over there with the right time: two minutes are borne.")
_DOWN = _("The provider did not answer as it should: ask their IT whether it is up.")
_UNTOLD = _("It is not known yet who the provider is: give what it says of itself.")
_UNASSIGNED = _("The provider said no: their IT assigns the person to the application there.")
_SUBJECT = _("Let the provider send a persistent NameID, or name the attribute that names a person.")
_LATE = _("It came late, twice, or in another browser: let them begin anew on the sign-in page.")
_ISSUER = _("The issuer is not the provider's, to the letter, or another provider answered.")
_CLIENT = _("The client id over there and here differ.")
_KEY = _("Look how, and with which key, the provider signs.")
_CHANGED = _("The answer was changed on its way, or is none: nothing is to mend at the provider. Let them begin anew.")

_MENDS: Mapping[str, str] = {
    SamlReason.SETTINGS: _UNTOLD,
    SamlReason.CIRCLES: _("The provider leaves out which request it answers (InResponseTo)."),
    SamlReason.SILENT: _DOWN,
    SamlReason.REFUSED: _UNASSIGNED,
    SamlReason.ENCRYPTED: _("Turn off over there that assertions are encrypted."),
    SamlReason.UNSIGNED: _("Let the provider sign the assertion, or the response."),
    SamlReason.ALGORITHM: _("Let the provider sign with SHA-256 or longer, and a key that is long enough."),
    SamlReason.KEY: _("The provider signs by a certificate that is not known here: give its metadata once more."),
    SamlReason.ISSUER: _("The provider calls itself otherwise than in its metadata: give these once more."),
    SamlReason.DESTINATION: _APART,
    SamlReason.RECIPIENT: _APART,
    SamlReason.AUDIENCE: _APART,
    SamlReason.EARLY: _CLOCK,
    SamlReason.LATE: _CLOCK,
    SamlReason.SUBJECT: _SUBJECT,
    SamlReason.SUBJECT_KIND: _SUBJECT,
    SamlReason.REPLAYED: _LATE,
    SamlReason.BROWSER: _LATE,
    Reason.NOT_SET_UP: _UNTOLD,
    Reason.NO_ANSWER: _DOWN,
    Reason.STATUS: _DOWN,
    Reason.KEYS: _DOWN,
    Reason.DENIED: _UNASSIGNED,
    Reason.ERROR: _("The provider had trouble of its own: let them try again."),
    Reason.TOKEN_REFUSED: _("The client id is another, or the secret ran out or was not copied whole."),
    Reason.ISSUER: _ISSUER,
    Reason.ISS_MISSING: _ISSUER,
    Reason.AUDIENCE: _CLIENT,
    Reason.PARTY: _CLIENT,
    Reason.ALGORITHM: _KEY,
    Reason.KEY_UNFIT: _KEY,
    Reason.KEY_UNKNOWN: _KEY,
    Reason.KEY_IN_TOKEN: _KEY,
    Reason.CRITICAL: _KEY,
    Reason.SIGNATURE: _KEY,
    Reason.EXPIRED: _CLOCK,
    Reason.TIME: _CLOCK,
    Reason.CLAIM: _("They came from another company than the one that alone is let in here."),
    Reason.SUBJECT: _("The provider names nobody (sub), or by more than 255 signs."),
    "state": _LATE,
    "connection.closed": _("This connection is not open."),
    "person.shut_out": _("Their account here is suspended, or has ended."),
    f"account.{Where.STAFF}": _("Their address is the vendor's: staff come in by the sign-in page."),
    f"account.{Where.NO_KEY}": _("No account key came: let the provider send the claim."),
    f"account.{Where.SEVERAL}": _("Several account keys came: let the provider send the one they belong to."),
    f"account.{Where.UNKNOWN}": _("This key stands on no list: compare it with those that do, or open it."),
    f"account.{Where.CLOSED}": _("This key was closed: open it again, if that is right."),
    f"account.{Where.OUTSIDE}": _("Whose key it is may not be served from here any more."),
    f"account.{Where.REFUSED}": _("Whose key it is has turned this sign-in off, on their own desk."),
}


def mend_of(reason: str) -> str:
    """What to look at, by the code that a failed sign-in was kept with; "" where its step says all there is."""
    if reason in _MENDS:
        return gettext(_MENDS[reason])
    return gettext(_CHANGED) if reason.startswith("saml.") or reason in list(Reason) else ""
