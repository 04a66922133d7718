"""A browser as a robot has one: it keeps cookies, fills forms, follows redirects, and remembers its last request."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import httpx
from lxml import html

from gangway.rollout.rehearsal.shell.steps import Asked, Unexpected, shown_path

MOST_REDIRECTS = 12
MOST_SAID = 200
SECONDS = 20.0
CSRF = "csrfmiddlewaretoken"


class Page:
    """What came back, and what stands on it."""

    def __init__(self, answer: httpx.Response, asked: Asked) -> None:
        self.answer, self.asked = answer, asked
        self.status = answer.status_code
        self.url = str(answer.url)
        self._tree: html.HtmlElement | None = None

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def tree(self) -> html.HtmlElement:
        if self._tree is None:
            self._tree = html.fromstring(self.answer.content or b"<html></html>")
        return self._tree

    @property
    def text(self) -> str:
        return self.answer.text

    @property
    def onward(self) -> str:
        """Where a redirect leads; "" where it is none."""
        return urljoin(self.url, self.answer.headers.get("Location", "")) if self.answer.is_redirect else ""

    def links(self) -> list[str]:
        """Where the links of the page lead."""
        return [urljoin(self.url, link.get("href", "")) for link in self.tree.iter("a")]

    def hidden(self, form: str = "") -> dict[str, str]:
        """The hidden fields of the form that posts to this path; of any form where none is named."""
        rows = [
            one for one in self.tree.iter("form") if not form or urlsplit(one.get("action") or self.path).path == form
        ]
        found = [field for one in rows for field in one.iter("input") if field.get("type") == "hidden"]
        return {field.get("name", ""): field.get("value", "") for field in found if field.get("name")}

    def must(self, holds: bool, expected: str) -> "Page":
        """Unexpected, with this request, where it does not hold."""
        if not holds:
            raise Unexpected(expected, replace(self.asked, said=self.said()))
        return self

    def said(self) -> str:
        """The first words of it: of a page its heading, what follows and the number to ask by; of a directory's answer
        its detail."""
        if "json" in self.answer.headers.get("Content-Type", ""):
            return _line(_detail(self.answer))
        found = self.tree.xpath("(//main//h1)[1] | (//main//h1)[1]/following::p[1]")
        words = _line(". ".join(one.text_content().strip() for one in found))
        number = _line(self.tree.xpath("string(//main//*[@class='ask-number'])"))
        return f"{words} ({number})" if number else words


def _line(text: str) -> str:
    return " ".join(text.split())[:MOST_SAID]


def _detail(answer: httpx.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        return ""
    return str(told.get("detail", "")) if isinstance(told, dict) else ""


class Browser:
    """One browser with cookies of its own. `last`: the request it made last, at `asked_at` of the monotonic clock."""

    def __init__(self) -> None:
        self._client = httpx.Client(follow_redirects=False, timeout=SECONDS, trust_env=False)
        self._client.headers.update({"Accept-Language": "en", "User-Agent": "Gangway rehearsal"})
        self.last: Asked | None = None
        self.asked_at = float("-inf")

    def close(self) -> None:
        self._client.close()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Page:
        return self._ask("GET", url, headers=headers)

    def post(self, url: str, fields: Mapping[str, str | list[str]], headers: Mapping[str, str] | None = None) -> Page:
        """A form, with the Origin that a browser sends along."""
        parts = urlsplit(url)
        sent = {"Origin": f"{parts.scheme}://{parts.netloc}", "Referer": url, **(headers or {})}
        return self._ask("POST", url, data=fields, headers=sent)

    def send(self, method: str, url: str, value: object, headers: Mapping[str, str]) -> Page:
        """A JSON document."""
        return self._ask(method, url, json=value, headers=headers)

    def submit(self, page: Page, fields: Mapping[str, str | list[str]], to: str = "") -> Page:
        """Fill the form of a page that posts to `to` (a path; the page itself where none is named), and send it."""
        action = to or page.path
        return self.post(urljoin(page.url, action), {**page.hidden(action if to else ""), **fields})

    def follow(self, page: Page) -> Page:
        """Where redirects lead in the end."""
        for _ in range(MOST_REDIRECTS):
            if not page.onward:
                return page
            page = self.get(page.onward)
        raise Unexpected("redirects that end", page.asked)

    def cookies(self) -> Iterable[str]:
        return [cookie.name for cookie in self._client.cookies.jar]

    def _ask(self, method: str, url: str, **more: object) -> Page:
        self.last, self.asked_at = Asked(method, shown_path(url)), time.monotonic()
        try:
            answer = self._client.request(method, url, **more)  # type: ignore[arg-type]
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unexpected(f"an answer; {type(error).__name__} came", self.last) from error
        self.last = Asked(method, shown_path(url), answer.status_code)
        return Page(answer, self.last)
