"""The transcript, the link to LinkedIn, and one leading button on the page of certificates."""

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from gangway.credentials import actions
from gangway.credentials.rules import RevokeReason, linkedin_address
from gangway.credentials.tests.house import ME, House, Someone, complete
from gangway.credentials.tests.signed_in import client_of
from gangway.credentials.tests.test_views import issue, text_of
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from gangway.learning import actions as learning

DAY = timedelta(days=1)
PATH = "/certificates/transcript"


@pytest.fixture(autouse=True)
def offered(house: House) -> Any:
    audience = apps.get_model("catalog", "CourseAudience").objects
    return audience.create(owner_id=house.host_id, course_id=house.course_id, kind="all")


def vouched_for(house: House, person: Someone) -> None:
    """Ben marks the course complete for somebody who has learnt nothing of it."""
    with scopes.one(person.partner_id):
        enrolment = learning.enrol(
            person_id=person.id, course_id=house.course_id, reason=learning.ReasonKind.SELF, actor=ME, now=clock.now()
        )
        learning.mark_complete(enrolment_id=enrolment.enrolment_id, reason="Knows it", actor=ME, now=clock.now())


# ---------------------------------------------------------------- the transcript


def test_an_empty_one_says_what_will_stand_there(house: House) -> None:
    page = text_of(client_of(house.ana).get(PATH))
    assert "What you learn will stand here" in page
    assert "<table" not in page


def test_it_holds_what_was_passed_and_what_is_held(house: House) -> None:
    award = issue(house, house.ana)
    page = text_of(client_of(house.ana).get(PATH))
    assert "1 course passed." in page
    assert "1 certificate is valid." in page
    assert "Ana López" in page
    assert award.number in page
    assert "Marked complete" not in page


def test_what_somebody_vouched_for_is_kept_apart_and_counts_nowhere(house: House) -> None:
    vouched_for(house, house.ana)
    page = text_of(client_of(house.ana).get(PATH))
    assert "0 courses passed." in page
    assert "Courses marked complete" in page
    assert "Courses passed" not in page
    assert "Knows it" not in page, "the reason is between those who look after the team"


def test_what_was_taken_back_is_not_there(house: House) -> None:
    completion_id = complete(house, house.ana)
    with scopes.one(house.nordwind_id):
        rows = apps.get_model("learning", "Completion").objects
        first = rows.get(pk=completion_id)
        rows.create(
            enrolment=first.enrolment, n=2, reverses=True, at=clock.now(), course_version_id=first.course_version_id
        )
    assert "What you learn will stand here" in text_of(client_of(house.ana).get(PATH))


def test_it_is_nobody_elses(house: House) -> None:
    award = issue(house, house.ana)
    for other in (house.ben, house.caz, house.dee):
        page = text_of(client_of(other).get(PATH))
        assert award.number not in page
        assert "Ana López" not in page
    assert Client().get(PATH).status_code == 302


def test_it_costs_the_same_for_one_and_for_many(house: House) -> None:
    ana = client_of(house.ana)
    issue(house, house.ana)
    ana.get(PATH)
    with CaptureQueriesContext(connection) as few:
        ana.get(PATH)
    for cycle in range(2, 6):
        issue(house, house.ana, cycle=cycle)
    with CaptureQueriesContext(connection) as many:
        page = text_of(ana.get(PATH))
    assert "renewal 4" in page
    assert len(many) == len(few)


# ---------------------------------------------------------------- LinkedIn


@given(
    title=st.text(min_size=1), issuer=st.text(min_size=1), issued=st.dates(), expires=st.one_of(st.none(), st.dates())
)
def test_linkedin_reads_what_was_filled_in(title: str, issuer: str, issued: date, expires: date | None) -> None:
    number, ours = "GW-7K3M-92QF-0HTX-B4WZ", "https://gangway.example/verify/GW-7K3M-92QF-0HTX-B4WZ"
    title, issuer = title.encode("utf-8", "replace").decode(), issuer.encode("utf-8", "replace").decode()
    found = urlsplit(
        linkedin_address(title=title, issuer=issuer, number=number, issued=issued, expires=expires, address=ours)
    )
    said = parse_qs(found.query, keep_blank_values=True)
    assert (found.scheme, found.netloc, found.path) == ("https", "www.linkedin.com", "/profile/add")
    assert {name: values[0] for name, values in said.items()} == {
        "startTask": "CERTIFICATION_NAME",
        "name": title,
        "organizationName": issuer,
        "issueYear": str(issued.year),
        "issueMonth": str(issued.month),
        **({"expirationYear": str(expires.year), "expirationMonth": str(expires.month)} if expires else {}),
        "certId": number,
        "certUrl": ours,
    }


def linkedin_links(page: str) -> list[str]:
    return re.findall(r'href="(https://www\.linkedin\.com/[^"]+)"', page)


def test_a_valid_certificate_may_be_shown_on_linkedin_without_a_name(house: House) -> None:
    award, ana = issue(house, house.ana), client_of(house.ana)
    (link,) = linkedin_links(text_of(ana.get("/certificates")))
    assert award.number in link
    assert "Ana" not in link
    with scopes.one(house.nordwind_id):
        enrolment_id = award.completion.enrolment_id
        assert linkedin_links(text_of(ana.get(f"/certificates/of/{enrolment_id}"))) == [link]
        actions.revoke_award(award_id=award.pk, reason=RevokeReason.HOLDER_ASKED, actor=ME, now=clock.now())
    assert linkedin_links(text_of(ana.get("/certificates"))) == []
    assert linkedin_links(text_of(ana.get(f"/certificates/of/{enrolment_id}"))) == []


# ---------------------------------------------------------------- one leading button


def leading(page: str) -> list[str]:
    button = r'<(a|button)[^>]*data-variant="primary"[^>]*>(.*?)</\1>'
    return [words for _, words in re.findall(button, page, re.S)]


def test_one_button_leads_the_page(house: House) -> None:
    ana = client_of(house.ana)
    issue(house, house.ana)
    assert len(leading(text_of(ana.get("/certificates")))) == 1
    assert "Open the PDF" in leading(text_of(ana.get("/certificates")))[0]


def test_where_something_is_to_renew_that_leads_and_stands_first(house: House) -> None:
    ben = client_of(house.ben)
    issue(house, house.ben, now=clock.now() - 340 * DAY, months=12)
    (only,) = leading(text_of(ben.get("/certificates")))
    assert "Renew" in only
