"""What identity holds of a person: their sign-ins and devices, links on their way, what they agreed to."""

import json
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_noop as _

from gangway.identity.models import (
    Acceptance,
    AuthenticatorApp,
    Challenge,
    Connection,
    FailedSignIn,
    Identity,
    Invitation,
    JoinRequest,
    Passkey,
    RecoveryCode,
    ScimUser,
    ScimValue,
    Session,
)
from gangway.identity.queries.joining import place_digest
from gangway.identity.queries.requests import STATE_WORDS, STEP_WORDS
from gangway.identity.queries.sessions import METHOD_WORDS
from gangway.kernel.personal import Privacy, Section, Subject, named, word
from gangway.kernel.said import content
from gangway.kernel.tenancy import scopes
from gangway.messaging.queries import mailbox_digest


def _export(subject: Subject) -> list[Section]:
    return [*_ways_in(subject), *_told_by_company(subject), *_invited(subject)]


def _ways_in(subject: Subject) -> list[Section]:
    return [
        Section(
            _("Sign-ins"),
            [
                {
                    _("Device"): row.device,
                    _("Way in"): word(row.method, METHOD_WORDS),
                    _("Since"): row.started_at,
                    _("Until at most"): row.expires_at,
                    _("Ended"): row.ended_at,
                }
                for row in Session.objects.filter(person_id=subject.id).order_by("started_at", "id")
            ],
            private=True,
        ),
        Section(
            _("Stuck sign-ins"),
            [
                {
                    _("Number"): row.number,
                    _("Where"): word(row.step, STEP_WORDS),
                    _("State"): word(row.state, STATE_WORDS),
                    _("When"): row.at,
                }
                for row in FailedSignIn.objects.filter(person_id=subject.id).order_by("at", "id")
            ],
            private=True,
        ),
        Section(
            _("Passkeys and code app"),
            [
                *(
                    {_("Name"): row.name, _("Added"): row.added_at, _("Used last"): row.last_used_at}
                    for row in Passkey.objects.filter(person=subject.id).order_by("added_at", "id")
                ),
                *(
                    {_("Name"): content(_("Code app")), _("Added"): row.added_at, _("Used last"): row.last_used_at}
                    for row in AuthenticatorApp.objects.filter(person=subject.id)
                ),
            ],
            private=True,
        ),
    ]


def _told_by_company(subject: Subject) -> list[Section]:
    return [
        Section(
            _("Known to connections of the company"),
            [
                {_("Connection"): row.connection.name, _("As"): row.subject, _("Since"): row.since}
                for row in Identity.objects.filter(person=subject.id).select_related("connection").order_by("since")
            ],
        ),
        Section(
            _("What their company's directory sent"),
            [
                {
                    _("Connection"): row.connection.name,
                    _("User name"): row.user_name,
                    _("Number"): row.external_id,
                    _("Attributes"): json.dumps(row.attributes, ensure_ascii=False, sort_keys=True),
                    _("Since"): row.created_at,
                }
                for row in ScimUser.objects.filter(person=subject.id).select_related("connection").order_by("id")
            ],
        ),
    ]


def _invited(subject: Subject) -> list[Section]:
    languages = dict(settings.LANGUAGES)
    return [
        Section(
            _("Invitation"),
            [
                {_("Invited on"): row.invited_at, _("Followed"): row.followed_at}
                for row in Invitation.objects.filter(person_id=subject.id)
            ],
        ),
        Section(
            _("What was agreed to"),
            [
                {_("Version"): row.version, _("Language"): named(row.locale, languages), _("When"): row.at}
                for row in Acceptance.objects.filter(person=subject.id).order_by("at", "id")
            ],
        ),
    ]


def _erase(subject: Subject, now: datetime) -> None:
    mine = Session.objects.filter(person_id=subject.id)
    mine.filter(ended_at__isnull=True).update(ended_at=now)
    mine.update(device="")
    Invitation.objects.filter(person_id=subject.id, expires_at__gt=now).update(expires_at=now)
    for identity in Identity.objects.filter(person=subject.id):
        Identity.objects.filter(pk=identity.pk).update(subject=f"erased:{identity.pk}")
    for factor in (Passkey, AuthenticatorApp, RecoveryCode):
        factor.objects.filter(person=subject.id).delete()
    ScimValue.objects.filter(user__person=subject.id).delete()
    for brought in ScimUser.objects.filter(person=subject.id):
        connection = Connection.objects.select_for_update().get(pk=brought.connection_id)
        brought.delete()
        connection.users = ScimUser.objects.filter(connection=connection).count()
        connection.save(update_fields=["users"])
    mine_or_nobodys = (scopes.required().partner_id, None)
    mailboxes = [mailbox_digest(address) for address in subject.addresses]
    places = [place_digest(mailbox, partner) for mailbox in mailboxes for partner in mine_or_nobodys]
    JoinRequest.objects.filter(place__in=places).delete()
    asked = Challenge.objects.filter(mailbox__in=mailboxes)
    for row in asked.select_for_update():
        row.people = [one for one in row.people if one["person"] != str(subject.id)]
        # The same mailbox may be somebody's at another partner: their way in stays.
        row.save() if row.people else row.delete()


PRIVACY = Privacy(
    context="identity",
    columns=frozenset(
        {
            "identity.Session.device",
            "identity.Challenge.address",
            "identity.Challenge.people",
            "identity.Challenge.joining",
            "identity.JoinRequest.who",
            "identity.Challenge.subject",
            "identity.Identity.subject",
            "identity.Passkey.credential_id",
            "identity.Passkey.public_key",
            "identity.Passkey.name",
            "identity.AuthenticatorApp.secret",
            "identity.ScimUser.user_name",
            "identity.ScimUser.user_name_key",
            "identity.ScimUser.external_id",
            "identity.ScimUser.attributes",
            "identity.ScimValue.value",
            "identity.ScimValue.value_key",
            "identity.ScimValue.start",
            "identity.ScimValue.type_key",
            "identity.ScimValue.display_key",
            "identity.ScimValue.parts",
        }
    ),
    export=_export,
    erase=_erase,
    goes=(
        _("which devices they signed in with"),
        _("passkeys, code app and recovery codes"),
        _("who they are to their company's directory and sign-in"),
        _("what their company's directory sent"),
    ),
    stays=(_("when they signed in, and what they agreed to, without a name"),),
)
