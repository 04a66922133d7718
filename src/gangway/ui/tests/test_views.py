"""The pages that ui serves itself, and the ones shown when something is refused."""

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.web import refuse
from gangway.ui import brand, samples

TEMPLATES = Path(__file__).parents[2].glob("**/templates/**/*.jinja")
SEARCHED = sorted(file for file in TEMPLATES if "node_modules" not in file.parts)


@pytest.mark.parametrize("kind", samples.KINDS)
@pytest.mark.parametrize("query", ["", "?theme=dark", "?dir=rtl", "?accent=ffd400", "?accent=nonsense"])
def test_styleguide(client: Client, kind: str, query: str) -> None:
    page = client.get(f"/styleguide/{kind}{query}")
    html = page.content.decode()
    assert page.status_code == 200
    assert f'data-theme="{"dark" if "dark" in query else ""}"' in html or "dark" not in query
    assert ('dir="rtl"' in html) == ("rtl" in query)
    assert " style=" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert "<style" not in html
    assert html.count("<h1") == 1


def test_every_id_of_the_styleguide_stands_once(client: Client) -> None:
    ids = re.findall(r'\bid="([^"]+)"', client.get("/styleguide").content.decode())
    assert len(ids) > 20
    assert sorted(ids) == sorted(set(ids))


def test_unknown_styleguide_is_not_found(client: Client) -> None:
    assert client.get("/styleguide/tower").status_code == 404


def test_brand_sheet_is_kept_for_ever(client: Client) -> None:
    page = client.get(brand.href("#e4002b"))
    assert page.content.decode() == brand.stylesheet("#e4002b")
    assert "immutable" in page["Cache-Control"]
    assert page["Content-Type"].startswith("text/css")


@pytest.mark.parametrize("name", ["e4002b", "e4002b0000000000", "zzzzzz0123456789"])
def test_no_other_brand_sheet(client: Client, name: str) -> None:
    assert client.get(f"/brand/{name}.css").status_code == 404


def test_unknown_address(client: Client) -> None:
    page = client.get("/no/such/page")
    assert page.status_code == 404
    assert "There is no page at this address" in page.content.decode()


class Taken(Refusal):
    code = "sample.taken"
    message = "All {seats} seats of <b>Nordwind</b> are taken."
    next_step = "Ask Ben for more than {seats}."


def test_refusal_page_says_what_and_what_next() -> None:
    html = refuse(RequestFactory().get("/"), Taken(seats=5)).content.decode()
    assert "<h1>All 5 seats of &lt;b&gt;Nordwind&lt;/b&gt; are taken.</h1>" in html
    assert "Ask Ben for more than 5." in html


def test_not_found_is_one_page_whatever_its_cause() -> None:
    one, other = (refuse(RequestFactory().get("/"), NotFound(id=n)).content for n in (1, 2))
    assert one == other


def test_server_error_needs_no_request() -> None:
    assert "Something failed on our side" in render_to_string("ui/errors/500.jinja", {"request_id": "abc"})


@pytest.mark.parametrize("file", SEARCHED, ids=lambda file: "/".join(file.parts[-3:]))
def test_templates_keep_the_content_policy(file: Path) -> None:
    """No inline style, script or handler: the policy would silently drop it."""
    text = file.read_text(encoding="utf-8")
    if "mail" in file.parts or file.name.startswith("mail"):
        pytest.skip("letters are no pages")
    assert not re.search(r"\sstyle\s*=", text), "style= is dropped by the content policy"
    assert not re.search(r"<style\b", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "handlers are dropped by the content policy"
    assert not re.search(r"<script\b(?![^>]*\bsrc=)", text)
    assert not re.search(r"javascript:|\bhx-on\b", text)
