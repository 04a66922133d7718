"""The pages that say what courses earn: seen, changed, refused, and closed to others."""

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gangway.credentials import actions
from gangway.credentials.models import Credential
from gangway.credentials.tests.house import ME, NOW, House, admit, publish_course
from gangway.credentials.tests.signed_in import client_of
from gangway.credentials.tests.test_views import issue, text_of
from gangway.kernel.tenancy import scopes

PAGE = "/console/credentials/partner-essentials"


@pytest.fixture
def earned(house: House) -> UUID:
    """What the course earns: 24 months, nobody holds it."""
    with scopes.one(house.host_id):
        return actions.define_credential(
            key="partner-essentials",
            course_id=house.course_id,
            title="Partner Essentials",
            valid_months=24,
            actor=ME,
            now=NOW,
        )


def test_nothing_is_earned_yet(house: House) -> None:
    page = text_of(client_of(house.dee).get("/console/credentials"))
    assert "No course earns anything yet." in page
    assert "Publish a course" in page


def test_the_list_says_what_each_course_earns_and_for_how_long(house: House, earned: UUID) -> None:
    course_id, _version = publish_course(house.host_id, "selling", "Selling")
    with scopes.one(house.host_id):
        actions.define_credential(
            key="selling", course_id=course_id, title="Seller", valid_months=None, actor=ME, now=NOW
        )
    dee = client_of(house.dee)
    page = text_of(dee.get("/console/credentials"))
    assert "2 courses earn an award; 1 never expires." in page
    assert "24 months" in page
    assert "without limit" in page
    assert "What courses earn" in text_of(dee.get("/console/awards"))


def test_a_term_is_changed_for_awards_to_come(house: House, earned: UUID) -> None:
    dee = client_of(house.dee)
    assert "Whoever completes “Partner Essentials” earns it. Nobody holds it yet." in text_of(dee.get(PAGE))
    told = dee.post(PAGE, {"title": "Acme Partner", "valid_months": "12"}, follow=True)
    assert "Saved." in text_of(told)
    found = Credential.objects.get(pk=earned)
    assert (found.title, found.valid_months) == ("Acme Partner", 12)
    dee.post(PAGE, {"title": "Acme Partner", "valid_months": ""})
    assert Credential.objects.get(pk=earned).valid_months is None


def test_what_was_issued_is_counted_and_keeps_its_end(house: House) -> None:
    award = issue(house, house.ana, months=24)
    dee = client_of(house.dee)
    assert "1 was issued." in text_of(dee.get(PAGE))
    dee.post(PAGE, {"title": "Partner Essentials", "valid_months": "12"})
    ended = award.expires_at
    with scopes.one(house.nordwind_id):
        award.refresh_from_db()
    assert award.expires_at == ended


@pytest.mark.parametrize(
    ("title", "months", "said"),
    [
        ("Partner Essentials", "soon", "That is no number of months."),
        ("Partner Essentials", "٣", "That is no number of months."),
        ("Partner Essentials", "0", "An award cannot last 0 months."),
        ("Partner Essentials", "121", "An award cannot last 121 months."),
        ("", "12", "title"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    house: House, earned: UUID, title: str, months: str, said: str
) -> None:
    refused = client_of(house.dee).post(PAGE, {"title": title, "valid_months": months})
    assert refused.status_code == 422
    assert said in text_of(refused)
    found = Credential.objects.get(pk=earned)
    assert (found.title, found.valid_months) == ("Partner Essentials", 24)


def test_only_those_who_look_after_courses_come_in(house: House, earned: UUID) -> None:
    trainer = admit(house.host_id, "Tia Trainer", roles=("trainer",))
    for person in (house.ana, house.ben, house.caz, trainer):
        client = client_of(person)
        assert client.get("/console/credentials").status_code == 403
        assert client.get(PAGE).status_code == 403
        assert client.post(PAGE, {"title": "Mine", "valid_months": "1"}).status_code == 403
    assert Credential.objects.get(pk=earned).title == "Partner Essentials"
    assert "/console/credentials" not in text_of(client_of(trainer).get("/console/awards"))


def test_what_nobody_defined_and_what_a_partner_earns_is_not_found(house: House) -> None:
    course_id, _version = publish_course(house.nordwind_id, "their-own", "Their own")
    with scopes.one(house.nordwind_id):
        actions.define_credential(
            key="their-own", course_id=course_id, title="Their own", valid_months=1, actor=ME, now=NOW
        )
    dee = client_of(house.dee)
    assert dee.get("/console/credentials/never").status_code == 404
    assert dee.get("/console/credentials/their-own").status_code == 404
    assert "Their own" not in text_of(dee.get("/console/credentials"))


def test_the_list_costs_the_same_with_many(house: House, earned: UUID) -> None:
    dee = client_of(house.dee)
    dee.get("/console/credentials")
    with CaptureQueriesContext(connection) as few:
        dee.get("/console/credentials")
    with scopes.one(house.host_id):
        for n in range(5):
            actions.define_credential(
                key=f"more-{n}", course_id=house.course_id, title="More", valid_months=n + 1, actor=ME, now=NOW
            )
    with CaptureQueriesContext(connection) as many:
        dee.get("/console/credentials")
    assert len(many) == len(few)
