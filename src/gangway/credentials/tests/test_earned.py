"""The certificate in the flow of learning."""

from uuid import UUID

from django.test import Client

from gangway.credentials.models import Award
from gangway.credentials.tests.house import House, complete
from gangway.credentials.tests.signed_in import client_of
from gangway.credentials.tests.test_views import issue, text_of
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes


def enrolment_of(award: Award) -> UUID:
    with scopes.one(award.partner_id):
        found: UUID = award.completion.enrolment_id
    return found


def test_the_certificate_stands_there_with_its_address_and_pdf(house: House) -> None:
    award = issue(house, house.ana)
    page = text_of(client_of(house.ana).get(f"/certificates/of/{enrolment_of(award)}"))
    for words in ("Ana López", award.title, f"/verify/{award.number}", f"/certificates/{award.number}.pdf"):
        assert words in page
    assert "hx-trigger" not in page


def test_until_the_award_is_there_the_page_asks_again(house: House) -> None:
    issue(house, house.ben)  # the course earns something; Ana's completion was not handled yet
    with scopes.one(house.ana.partner_id):
        from django.apps import apps

        done = complete(house, house.ana, clock.now(), 1)
        enrolment = apps.get_model("learning", "Completion").objects.get(pk=done).enrolment_id
    page = text_of(client_of(house.ana).get(f"/certificates/of/{enrolment}"))
    assert "Your certificate is being made" in page
    assert f'hx-get="/certificates/of/{enrolment}"' in page


def test_nobody_elses_certificate_is_there(house: House) -> None:
    enrolment = enrolment_of(issue(house, house.ana))
    for other in (house.ben, house.caz, house.dee):
        assert client_of(other).get(f"/certificates/of/{enrolment}").status_code == 404
    assert Client().get(f"/certificates/of/{enrolment}").status_code == 302
