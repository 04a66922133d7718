"""What every route passes, shown on views made here."""

import json
from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from gangway.kernel import access, web
from gangway.kernel.access import Grant, Principal, Reach, Right
from gangway.kernel.ids import new_id
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, placed, route

LOOK = Right("kernel.web.look", "looks at lamps", (access.PARTNER_ADMIN,))
access.RIGHTS.pop(LOOK.name)  # the register is for rights of the house


def person(*grants: Grant) -> Principal:
    return Principal(
        person_id=new_id(),
        partner_id=new_id(),
        partner_kind="partner",
        name="Ana",
        email="ana@nordwind.example",
        locale="de",
        zone="Europe/Berlin",
        access_epoch=0,
        grants=grants,
    )


ADMIN = Grant(access.PARTNER_ADMIN, Reach.ONE)


@route(right=LOOK)
def lamps(request: Request, number: int = 0) -> HttpResponse:
    if number == 404:
        raise NotFound(field="lamp")
    if number == 400:
        raise Invalid(field="lamp", problem="A lamp has a positive number.", mend="Give one.")
    return HttpResponse(f"{scopes.required().mode} {scopes.required().partner_id}")


@route(right=LOOK)
def stream(request: Request) -> StreamingHttpResponse:
    def lines() -> Iterator[str]:
        for _ in range(3):
            yield f"{scopes.required().partner_id}\n"

    return StreamingHttpResponse(lines())


@route(public="everybody may read the sign on the door")
def sign(request: Request) -> HttpResponse:
    return HttpResponse("sign" if request.visitor is None else request.principal.name)


def ask(visitor: Principal | None, path: str = "/lamps?x=1", **headers: str) -> HttpRequest:
    request = RequestFactory().get(path, headers=headers)
    request.visitor = visitor
    type(request).principal = Request.principal
    return request


def test_a_stranger_is_led_to_sign_in_and_back(settings):
    settings.ROOT_URLCONF, settings.SIGN_IN_ROUTE = "gangway.kernel.tests.sample_urls", "sign_in"
    answer = lamps(ask(None))
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in?next=%2Flamps%3Fx%3D1")
    in_place = lamps(ask(None, **{"HX-Request": "true"}))
    assert (in_place.status_code, in_place["HX-Redirect"]) == (204, "/sign-in")
    machine = lamps(ask(None, Accept="application/json"))
    assert machine.status_code == 401


def test_without_the_right_the_page_says_which_one_is_missing():
    answer = lamps(ask(person(), Accept="application/json"))
    assert answer.status_code == 403
    assert "looks at lamps" in json.loads(answer.content)["message"]


def test_with_it_the_view_runs_in_its_scope_and_leaves_it():
    ben = person(ADMIN)
    assert lamps(ask(ben)).content.decode() == f"one {ben.partner_id}"
    assert scopes.current() is None


def test_a_view_of_two_places_is_told_from_which_it_is_entered():
    def shelf(request: Request, place: str, number: int) -> HttpResponse:
        return HttpResponse(f"{place} {number} {scopes.required().mode}")

    cellar, attic = (placed(shelf, place, right=LOOK) for place in ("cellar", "attic"))
    ben = person(ADMIN)
    assert [enter(ask(ben), number=7).content for enter in (cellar, attic)] == [b"cellar 7 one", b"attic 7 one"]
    assert cellar.right is LOOK
    assert cellar(ask(person(), Accept="application/json"), number=7).status_code == 403


def test_a_streaming_body_carries_its_scope():
    ben = person(ADMIN)
    body = stream(ask(ben))
    assert scopes.current() is None
    assert b"".join(body.streaming_content).decode().split() == [str(ben.partner_id)] * 3


@pytest.mark.parametrize(("number", "status", "code"), [(404, 404, "not_found"), (400, 400, "invalid")])
def test_a_refusal_has_its_status_and_says_what_to_do(number, status, code):
    answer = lamps(ask(person(ADMIN), Accept="application/json"), number=number)
    told = json.loads(answer.content)
    assert (answer.status_code, told["code"]) == (status, code)
    assert told["next_step"]
    assert told["field"] == (None if status == 404 else "lamp"), "a 404 does not tell what was looked for"


def test_a_public_route_knows_the_visitor_but_needs_none():
    assert sign(ask(None)).content == b"sign"
    assert sign(ask(person())).content == b"Ana"
    with pytest.raises(RuntimeError, match="public"):
        _ = ask(None).principal


@pytest.mark.parametrize("declared", [{}, {"right": LOOK, "public": "both"}])
def test_a_route_is_one_or_the_other(declared):
    with pytest.raises(TypeError):
        route(**declared)


def test_the_middleware_speaks_the_visitors_language_and_zone(settings):
    from django.utils import timezone, translation

    settings.PRINCIPAL_READER = "gangway.kernel.tests.test_web.read_nobody_or_ana"

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"{translation.get_language()} {timezone.get_current_timezone_name()}")

    answer = web.principal_middleware(view)
    request = RequestFactory().get("/")
    assert answer(request).content == b"en UTC"
    request.COOKIES[settings.SESSION_COOKIE] = "anas"
    assert answer(request).content == b"de Europe/Berlin"


def test_a_streaming_body_is_said_in_the_visitors_language_and_zone(settings):
    from django.utils import timezone, translation

    settings.PRINCIPAL_READER = "gangway.kernel.tests.test_web.read_nobody_or_ana"

    def view(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(
            f"{translation.get_language()} {timezone.get_current_timezone_name()};" for _ in range(2)
        )

    request = RequestFactory().get("/")
    request.COOKIES[settings.SESSION_COOKIE] = "anas"
    body = web.principal_middleware(view)(request)
    read = list[bytes]()
    for piece in body.streaming_content:
        assert translation.get_language() == "en"
        read.append(piece)
    assert read == [b"de Europe/Berlin;"] * 2


def read_nobody_or_ana(cookie: str, now: object) -> Principal | None:
    return person() if cookie == "anas" else None


@pytest.mark.parametrize(
    ("signed_in", "megabytes", "status"), [(False, 10, 200), (False, 11, 413), (True, 80, 200), (True, 81, 413)]
)
def test_a_form_with_files_is_refused_by_its_length_before_it_is_read(settings, signed_in, megabytes, status):
    """Django would write all of it to the disk before any view is asked."""
    settings.PRINCIPAL_READER = "gangway.kernel.tests.test_web.read_nobody_or_ana"
    asked = []
    request = RequestFactory().post("/", {"file": b""}, headers={"Accept": "application/json"})
    request.META["CONTENT_LENGTH"] = str(megabytes * 1024 * 1024)
    if signed_in:
        request.COOKIES[settings.SESSION_COOKIE] = "anas"

    answer = web.principal_middleware(lambda request: asked.append(request) or HttpResponse())(request)

    assert answer.status_code == status
    assert bool(asked) == (status == 200)
    assert not hasattr(request, "_files")
    if status == 413:
        assert json.loads(answer.content)["code"] == "web.too_long"
