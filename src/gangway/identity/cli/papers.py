"""`gangway connection sheet`, `gangway spec list`, `gangway spec show`: what was agreed, as the pages say it."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.utils import translation

from gangway.identity import queries
from gangway.identity.cli.connections import JSON, PARTNER
from gangway.identity.documents import sheets
from gangway.identity.documents import specs as documents
from gangway.kernel import clock
from gangway.kernel.console import emit, speaking
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import find_partner, host_partner, types
from gangway.ui import papers
from gangway.ui.papers import Paper


class Form(StrEnum):
    """md and pdf for people; json is what is signed, byte for byte."""

    MD = "md"
    PDF = "pdf"
    JSON = "json"


FORM = Annotated[Form, typer.Option("--as", help="md, pdf, or json: the file that is signed, byte for byte.")]
LANGUAGE = Annotated[str, typer.Option(help="Of the paper, as de or ar.")]
OUT = Annotated[Path | None, typer.Option(help="Where to; otherwise it is printed.", dir_okay=False)]


def sheet(partner: PARTNER, form: FORM = Form.MD, language: LANGUAGE = "en", out: OUT = None) -> None:
    """Print a partner's connection sheet, or write it to a file.

    Example: gangway connection sheet --partner nordwind --as pdf --out nordwind.pdf
    """
    with speaking():
        row, now = find_partner(partner), clock.now()
        with scopes.one(row.id), _in(language):
            page = queries.sheet_page(now)
            _give(page.live.text, sheets.paper(page, now), form, row.zone, out)


def specs(as_json: JSON = False) -> None:
    """List the partner types, how the tech spec of each stands, and how many partners depart from it.

    Example: gangway spec list
    """
    with speaking():
        rows = [
            {
                "type": page.key,
                "name": page.name,
                "spec": page.standing.value,
                "partners": len(page.partners),
                "departing": len(page.departing),
                "sha256": page.live.digest,
            }
            for page in queries.spec_pages(clock.now())
        ]
    emit(rows, as_json)


def spec(
    type_key: Annotated[str, typer.Argument(metavar="TYPE", help="Key of the partner type, from `gangway spec list`.")],
    form: FORM = Form.MD,
    language: LANGUAGE = "en",
    out: OUT = None,
) -> None:
    """Print the tech spec of a partner type, or write it to a file.

    Example: gangway spec show reseller --as pdf --out reseller.pdf
    """
    with speaking():
        known, now, host = [key for key, _ in types()], clock.now(), host_partner()
        if type_key not in known:
            raise Invalid(
                field="type",
                problem="There is no partner type “{key}”.",
                mend="There are: {known}.",
                key=type_key,
                known=", ".join(known) or "–",
            )
        with _in(language):
            page = queries.spec_page(type_key, now)
            _give(page.live.text, documents.paper(page, now), form, host.zone if host else "UTC", out)


def _in(language: str) -> translation.override:
    if language not in dict(settings.LANGUAGES):
        raise Invalid(
            field="language",
            problem="“{language}” is no language of this installation.",
            mend="There are: {known}.",
            language=language,
            known=", ".join(dict(settings.LANGUAGES)),
        )
    return translation.override(language)


def _give(signed: str, paper: Paper, form: Form, zone: str, out: Path | None) -> None:
    match form:
        case Form.JSON:
            written = signed.encode()
        case Form.MD:
            written = papers.markdown(paper).encode()
        case Form.PDF:
            written = papers.pdf(paper, zone=zone, at=clock.now())
    if out is not None:
        out.write_bytes(written)
    else:
        sys.stdout.buffer.write(written)
        sys.stdout.flush()
