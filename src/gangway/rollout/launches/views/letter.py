"""How the launch letter reads, in each language, before it goes."""

from uuid import UUID

from csp.decorators import csp, csp_update
from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe

from gangway.kernel import clock
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.messaging import queries as messaging
from gangway.messaging.queries import Rendered
from gangway.partners import queries as partners
from gangway.rollout.launches import access, queries
from gangway.ui import render

LAUNCH_LETTER = "identity.launch"
# The letter stands in a frame of its own that may run nothing, load nothing and go nowhere; mails style themselves.
FRAME = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "sandbox": [],
}


@csp_update({"frame-src": ["'self'"]})
@require_safe
@route(right=access.SEE_LAUNCHES)
def letter(request: Request, wave_id: UUID, locale: str) -> HttpResponse:
    """Subject, text and the letter as it will look, to a sample person of the wave's first partner."""
    wave = queries.wave(wave_id)
    page = queries.wave_page(wave, clock.now())
    codes = [code for code, _ in settings.LANGUAGES]
    words = _written(page, locale)
    context = {
        "wave": wave,
        "partner": page.launches[0].partner if page.launches else None,
        "words": words,
        "locale": locale,
        "direction": "rtl" if translation.get_language_info(locale)["bidi"] else "ltr",
        "languages": [(code, name, page.locales.get(code, 0)) for code, name in settings.LANGUAGES],
        "others": sum(n for code, n in page.locales.items() if code not in codes),
    }
    return render(request, "launches/letter.jinja", context)


@csp(FRAME)
@require_safe
@route(right=access.SEE_LAUNCHES)
def letter_frame(request: Request, wave_id: UUID, locale: str) -> HttpResponse:
    """The letter itself, for the frame."""
    page = queries.wave_page(queries.wave(wave_id), clock.now())
    return HttpResponse(_written(page, locale).html)


def _written(page: queries.WavePage, locale: str) -> Rendered:
    if locale not in dict(settings.LANGUAGES):
        raise NotFound
    host = partners.host_partner()
    if host is None:
        raise NotFound
    with scopes.one(page.launches[0].partner.id if page.launches else host.id):
        return messaging.preview(LAUNCH_LETTER, locale=locale, now=clock.now())
