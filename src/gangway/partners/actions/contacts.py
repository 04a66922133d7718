"""Whom to talk to at a partner: people with or without an account."""

from datetime import datetime
from uuid import UUID

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.values import clean_line, clean_mail
from gangway.partners.actions.row import note, own
from gangway.partners.models import Contact

AT_MOST = 20


@action("partners.contact.add")
def add_contact(*, name: str, email: str, main: bool = False, actor: Actor, now: datetime) -> UUID:
    """Add a contact to the scope's partner; the first one is the main one. Invalid names a wrong field."""
    partner = own()
    if Contact.objects.count() >= AT_MOST:
        raise Invalid(
            field="name", problem="There are {n} contacts already.", mend="Remove one of them first.", n=AT_MOST
        )
    contact = Contact(id=new_id(), main=False)
    _fill(contact, name, email)
    _let_lead(contact, main or not Contact.objects.filter(main=True).exclude(name="", email="").exists())
    _note(actor, "partners.contact.add", partner.id, contact, now)
    return contact.id


@action("partners.contact.change")
def change_contact(*, contact_id: UUID, name: str, email: str, main: bool = False, actor: Actor, now: datetime) -> None:
    """Change a contact of the scope's partner; `main` makes it the main one. NotFound, or Invalid with the field."""
    partner = own()
    contact = _one(contact_id)
    _fill(contact, name, email)
    _let_lead(contact, main or contact.main)
    _note(actor, "partners.contact.change", partner.id, contact, now)


@action("partners.contact.remove")
def remove_contact(*, contact_id: UUID, actor: Actor, now: datetime) -> None:
    """Remove a contact of the scope's partner; another becomes the main one where there is one."""
    partner = own()
    contact = _one(contact_id)
    _note(actor, "partners.contact.remove", partner.id, contact, now)
    contact.delete()
    following = Contact.objects.order_by("id").first() if contact.main else None
    if following is not None:
        following.main = True
        following.save()


def _one(contact_id: UUID) -> Contact:
    contact: Contact | None = Contact.objects.filter(pk=contact_id).first()
    if contact is None:
        raise NotFound
    return contact


def _fill(contact: Contact, name: str, email: str) -> None:
    contact.name = clean_line(name, "name")
    contact.email = clean_mail(email, "email") if email.strip() else ""


def _let_lead(contact: Contact, main: bool) -> None:
    if main:
        Contact.objects.filter(main=True).exclude(pk=contact.pk).update(main=False)
    contact.main = main
    contact.save()


def _note(actor: Actor, verb: str, partner_id: UUID, contact: Contact, now: datetime) -> None:
    changes = {"main": contact.main, "contact_name": contact.name, "contact_email": contact.email}
    note(actor, verb, partner_id, changes, now)
