"""What people hold of a person: the account itself, its roles, groups and the numbers other systems use."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_noop as _

from gangway.kernel.personal import Privacy, Section, Subject, Word, named, word
from gangway.kernel.said import content
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import host_partner
from gangway.people.models import (
    ExternalId,
    Grant,
    GroupMember,
    ImportChange,
    Mailbox,
    Person,
    PersonMerge,
    Sheet,
    SheetPiece,
)
from gangway.people.queries.lists import STATE_WORDS
from gangway.people.queries.roles import REACH_WORDS, ROLE_WORDS


def _export(subject: Subject) -> list[Section]:
    person = Person.objects.get(pk=subject.id)
    account = {
        _("Name"): person.name,
        _("Mail address"): person.email,
        _("State"): word(person.state, STATE_WORDS),
        _("Language"): named(person.locale, dict(settings.LANGUAGES)),
        _("Time zone"): person.zone,
        _("Managed by"): _system(person.managed_by),
        _("Invited on"): person.invited_at,
        _("Came in first"): person.activated_at,
        _("Left on"): person.left_at,
    }
    grants = Grant.objects.filter(person=subject.id).order_by("granted_at", "id")
    members = GroupMember.objects.filter(person=subject.id).select_related("group").order_by("group__key")
    numbers = ExternalId.objects.filter(person=subject.id).order_by("source")
    merges = PersonMerge.objects.filter(gone=subject.id).order_by("merged_at", "id")
    return [
        Section(_("Account"), [account]),
        Section(
            _("Roles"),
            [
                {
                    _("Role"): word(row.role, ROLE_WORDS),
                    _("Reach"): word(row.reach, REACH_WORDS),
                    _("Given"): row.granted_at,
                    _("Until"): row.until,
                }
                for row in grants
            ],
        ),
        Section(_("Groups"), [{_("Group"): row.group.name, _("Key"): row.group.key} for row in members]),
        Section(
            _("Numbers in other systems"),
            [{_("System"): _system(row.source), _("Number"): row.value} for row in numbers],
        ),
        Section(
            _("Merged into another account of theirs"),
            [{_("When"): row.merged_at, _("Undone"): row.undone_at} for row in merges],
        ),
    ]


def _system(source: str) -> Word | str:
    """What names a person, or looks after them, from outside: files, or a connection of their company."""
    words = {
        "csv": _("files of people"),
        "scim": _("their company's directory (SCIM)"),
        "crm": _("the customer database (CRM)"),
    }
    kind = source.partition(":")[0]
    return Word(source, content(words[kind])) if kind in words else source


def _erase(subject: Subject, now: datetime) -> None:
    Person.objects.filter(pk=subject.id).update(
        name="", email=None, email_key=None, sort_key="", locale="en", zone="UTC", managed_by=""
    )
    Mailbox.objects.filter(person=subject.id).delete()
    GroupMember.objects.filter(person=subject.id).delete()
    ImportChange.objects.filter(person=subject.id).update(before={"columns": {}})
    host = host_partner()
    for partner_id in {subject.partner_id, host.id if host else subject.partner_id}:
        with scopes.one(partner_id):
            _forget_files(subject)


def _forget_files(subject: Subject) -> None:
    """Files of people that were brought within the last week and name them: the bytes go, the counts stay."""
    spellings = [address.casefold().encode() for address in subject.addresses]
    for sheet_id in Sheet.objects.order_by("pk").values_list("pk", flat=True):
        if _names_one(sheet_id, spellings):
            SheetPiece.objects.filter(sheet=sheet_id).update(body=b"")
            Sheet.objects.filter(pk=sheet_id).update(shown={}, problem="")


def _names_one(sheet_id: UUID, spellings: list[bytes]) -> bool:
    """Whether a file names one of these addresses, which may straddle two of its pieces."""
    before, reach = b"", max(map(len, spellings), default=0)
    for piece in SheetPiece.objects.filter(sheet=sheet_id).order_by("kind", "n").iterator(chunk_size=20):
        text = before + bytes(piece.body).lower()
        if any(spelling in text for spelling in spellings):
            return True
        before = text[-reach:] if reach else b""
    return False


PRIVACY = Privacy(
    context="people",
    columns=frozenset(
        {
            "people.Person.name",
            "people.Person.email",
            "people.Person.email_key",
            "people.Person.sort_key",
            "people.Person.locale",
            "people.Person.zone",
            "people.Person.managed_by",
            "people.Mailbox.email_key",
            "people.ExternalId.value",
            "people.ImportChange.before",
            "people.Sheet.shown",
            "people.Sheet.problem",
            "people.SheetPiece.body",
        }
    ),
    export=_export,
    erase=_erase,
    goes=(
        _("name, mail address, language and time zone"),
        _("every way in: roles, sign-ins, links, invitations"),
        _("membership in groups"),
        _("files of people of the last week that name them"),
    ),
    stays=(
        _("the number another system uses for them, so that no file brings them back"),
        _("when they were invited, came in first and left"),
    ),
)
