"""A browser of somebody who is signed in."""

from django.conf import settings
from django.test import Client

from gangway.credentials.tests.house import ME, Someone
from gangway.identity.actions.sessions import begin_session
from gangway.identity.rules import Method
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes


def client_of(person: Someone) -> Client:
    with scopes.one(person.partner_id):
        session = begin_session(person_id=person.id, method=Method.CODE, device="", actor=ME, now=clock.now())
    client = Client()
    client.cookies[settings.SESSION_COOKIE] = session.cookie
    return client
