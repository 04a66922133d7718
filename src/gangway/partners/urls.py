"""Addresses of partners' own pages. Those that show people too come from portal (config/urls.py puts them together)."""

from django.urls import path

from gangway.partners.views import bring, desk, edit, words

urlpatterns = [
    path("console/partners/bring", bring.bring, name="bring"),
    path("console/partners/words", words.words, name="words"),
    path("console/partners/<uuid:partner_id>/edit", edit.edit, name="edit"),
    path("console/partners/<uuid:partner_id>/contacts", edit.contacts, name="contacts"),
    path("console/partners/<uuid:partner_id>/contacts/<uuid:contact_id>", edit.contact, name="contact"),
    path("desk/signing-in", desk.signing_in, name="signing_in"),
]
