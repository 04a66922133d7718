"""What counts as a leak: a mark or a key of somebody who may not be seen, or a changed row of theirs."""

import hashlib
import html
import re
from collections.abc import Collection, Iterator
from urllib.parse import quote, quote_plus

from django.apps import apps
from django.db import models
from django.http import HttpResponse

from gangway.kernel.tenancy import scopes
from gangway.kernel.tenancy.models import Table
from tests.isolation.asking import Ask
from tests.isolation.world import MARKS, PARTNER_OF, Role, World
from tests.planting import unfiltered

_KEY = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
# What is drawn anew for each answer: the form's token, cookies, recovery codes, the number of a request for help,
# the id of a file that was just brought, of a person who was just invited or a domain just claimed, an access code.
_CHANGING = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"|gangway(_csrf|_asked|_asked_for)?=[^;]*;|'
    r'(?<=<pre id="codes")[^<]*|(?<=<b class="ask-number" dir="ltr">)[^<]*|'
    r"(?<=Location: /desk/team/bring/)[0-9a-f-]{36}$|(?<=Location: /console/people/bring/)[0-9a-f-]{36}$|"
    r"(?<=Location: /desk/team\?invited=)[0-9a-f-]{36}$|(?<=Location: /desk/domains/)[0-9a-f-]{36}$|"
    r'(?<=<code id="code" tabindex="0">)[^<]*|(?<=<code id="link" tabindex="0">)[^<]*',
    re.MULTILINE,
)
_COLUMNS = ("partner_id", "owner_id", "id")


def text_of(response: HttpResponse) -> str:
    """Everything the answer tells: status, headers that speak, cookies and body."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    head = "\n".join(f"{name}: {response.headers[name]}" for name in sorted(response.headers) if name in _SPEAKING)
    words = f"{response.status_code}\n{head}\n{response.cookies.output()}\n{body.decode('utf-8', 'replace')}"
    return _CHANGING.sub("", words)


_SPEAKING = ("Location", "Content-Type", "Content-Disposition", "HX-Redirect", "HX-Trigger", "ETag", "Allow")


def without_given(text: str, ask: Ask) -> str:
    """The answer with the request's own values taken out: an echo is no leak, and no difference."""
    for value in sorted(set(ask.given), key=len, reverse=True):
        plus = quote_plus(value)
        for form in {value, quote(value, safe=""), plus, quote_plus(plus), html.escape(value), value.replace("-", "")}:
            text = text.replace(form, "‹given›")
    return text.replace(ask.path, "‹path›")


def without_manager(text: str, world: World, role: Role, route: str) -> str:
    """The desk with its channel manager taken out: name and mail of who looks after Nordwind are for Nordwind alone."""
    if route != "portal:desk" or PARTNER_OF.get(role.owner) != "nordwind":
        return text
    manager = world.row("host", "people.Person")
    return text.replace(manager.name, "‹manager›").replace(manager.email, "‹manager›")


def leaks(world: World, role: Role, text: str, opened: frozenset[str] = frozenset()) -> Iterator[str]:
    """The marks and keys in `text` (without_given) of owners whom `role` may not see, unless a secret `opened` them."""
    upper = text.upper()
    keys = {key.replace("-", "") for key in _KEY.findall(text)}
    for owner, mark in MARKS.items():
        if owner in role.sees | opened or (owner == "host" and role.owner == "host"):
            continue
        if mark in upper:
            at = upper.index(mark)
            yield f"mark of {owner}: …{text[max(0, at - 40) : at + 40]}…"
        for key in keys & world.ids[owner]:
            yield f"key of {owner}: {key}"


def owned(model: type[models.Model]) -> str:
    """The column of `model` that names a partner, or ""."""
    if model._meta.label == "partners.Partner":
        return "id"
    columns = {field.attname for field in model._meta.concrete_fields}
    return next((name for name in _COLUMNS[:2] if name in columns), "")


def fingerprints(world: World, owners: frozenset[str], tables: Collection[str] = ()) -> dict[str, str]:
    """table → a hash over its rows of the partners of `owners`; of all tables that hold such rows, or of `tables`."""
    partners = [world.partners[PARTNER_OF[owner]] for owner in sorted(owners)]
    found = {}
    with scopes.unscoped(scopes.Reason.INVARIANTS):
        for model in apps.get_models():
            column, table = owned(model) if issubclass(model, Table) else "", model._meta.db_table
            if column and (table in tables or not tables):
                rows = unfiltered(model).filter(**{f"{column}__in": partners}).order_by("pk").values_list()
                found[table] = hashlib.sha256(repr([*rows]).encode()).hexdigest()
    return found
