"""P9: what do I hold, until when? And the certificate as a PDF."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from gangway.credentials import access, queries
from gangway.credentials.actions import agree_to_name, renew_award
from gangway.credentials.queries import AwardRow
from gangway.credentials.rules import Status, linkedin_address
from gangway.credentials.views.certificate import Holder, draw
from gangway.kernel import clock
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.web import Request, route
from gangway.learning import queries as learning
from gangway.partners import queries as partners
from gangway.ui import render
from gangway.ui.words import day

STANDING = {Status.VALID: 0, Status.EXPIRED: 1, Status.REVOKED: 2}


class NoCertificate(Refusal):
    code = "credentials.no_certificate"
    message = "This award was revoked on {day}, so there is no certificate for it."
    next_step = "Its public page says why. Ask your channel team if you think that this is wrong."


@require_GET
@route(right=access.SEE_OWN)
def mine(request: Request) -> HttpResponse:
    """The person's own awards, and whether strangers see their name."""
    person_id = request.principal.person_id
    now = clock.now()
    held = queries.awards_of(person_id, now)
    to_renew = queries.to_renew(held, now)
    awards = sorted(held, key=lambda award: (award.id not in to_renew, STANDING[award.status]))
    context = {
        "awards": awards,
        "renewed": queries.renewed(awards),
        "to_renew": to_renew,
        "lead": _lead(awards, to_renew),
        "addresses": {award.id: verify_address(award.number) for award in awards},
        "linkedin": {award.id: linkedin(award) for award in awards if award.status is Status.VALID},
        "sentence": _sentence(awards),
        "keeping": queries.keeping(person_id, now),
        "elsewhere": queries.kept_elsewhere(person_id, now),
        "name": request.principal.name,
        "name_shown": queries.name_shown(person_id),
    }
    return render(request, "credentials/mine.jinja", context)


def _lead(awards: Sequence[AwardRow], to_renew: frozenset[UUID]) -> UUID | None:
    """The award whose button leads the page: the first to renew, else the first with a certificate."""
    to_open = (award.id for award in awards if award.status is not Status.REVOKED)
    return next((award.id for award in awards if award.id in to_renew), next(to_open, None))


def _sentence(awards: Sequence[AwardRow]) -> str:
    valid = [award for award in awards if award.status is Status.VALID]
    if not awards:
        return ""
    if not valid:
        return _("None of your certificates is valid today.")
    held = ngettext("You hold %(n)s valid certificate.", "You hold %(n)s valid certificates.", len(valid))
    ends = [award.expires_at for award in valid if award.expires_at]
    if not ends:
        return held % {"n": len(valid)}
    until = ngettext("It is valid until %(day)s.", "The first of them ends on %(day)s.", len(valid))
    return f"{held % {'n': len(valid)}} {until % {'day': day(min(ends)).striptags()}}"


@require_GET
@route(right=access.SEE_OWN)
def of_enrolment(request: Request, enrolment: UUID) -> HttpResponse:
    """What completing a course earned: the certificate, or that it is being made (events take a moment)."""
    principal = request.principal
    facts = learning.enrolment(enrolment)
    if facts.person_id != principal.person_id:
        raise NotFound
    completion_id = learning.standing_completion(enrolment)
    award = queries.award_of_completion(completion_id, clock.now()) if completion_id else None
    context = {
        "award": award,
        "address": verify_address(award.number) if award else "",
        "linkedin": linkedin(award) if award and award.status is Status.VALID else "",
        "course_title": facts.course_title,
        "name": principal.name,
        "pending": award is None and completion_id is not None and queries.earns(facts.course_id),
    }
    return render(request, "credentials/earned.jinja", context)


@require_POST
@route(right=access.SEE_OWN)
def name(request: Request) -> HttpResponse:
    """Agree that strangers with a number see one's name, or take it back."""
    agree_to_name(
        person_id=request.principal.person_id,
        agreed=request.POST.get("agreed") == "on",
        locale=translation.get_language() or "en",
        actor=request.principal.actor,
        now=clock.now(),
    )
    return HttpResponseRedirect(reverse("credentials:mine"))


@require_POST
@route(right=access.SEE_OWN)
def renew(request: Request, number: str) -> HttpResponse:
    """Open the course again, and go there; pressing twice opens it once."""
    principal, now = request.principal, clock.now()
    award = queries.own_award(number, principal.person_id, now)
    renew_award(number=award.number, person_id=principal.person_id, actor=principal.actor, now=now)
    return HttpResponseRedirect(reverse("learning:course", args=[award.course_key]))


@require_GET
@route(right=access.SEE_OWN)
def certificate(request: Request, number: str) -> HttpResponse:
    """The PDF, drawn now: it says the name the person has today."""
    principal = request.principal
    award = queries.own_award(number, principal.person_id, clock.now())
    if award.status is Status.REVOKED:
        raise NoCertificate(day=day(award.revoked_at or award.issued_at).striptags())
    return paper(award, Holder(principal.name, principal.locale, principal.zone))


def paper(award: AwardRow, holder: Holder) -> HttpResponse:
    """The certificate as an answer: drawn now, kept by nobody on the way."""
    brand = partners.brand_for(award.partner_id)
    pdf = draw(award, holder, accent=brand.accent if brand else "#1f5eff", address=verify_address(award.number))
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{award.credential_key}-{award.number}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
@route(right=access.SEE_OWN)
def transcript(request: Request) -> HttpResponse:
    """Everything the person has learned here, to print: what they passed, what somebody vouched for, what they hold."""
    principal, now = request.principal, clock.now()
    rows = learning.learned(principal.person_id)
    passed = [row for row in rows if not row.attested]
    awards = queries.awards_of(principal.person_id, now)
    brand = partners.brand_for(principal.partner_id)
    context = {
        "name": principal.name,
        "partner": brand.name if brand else "",
        "passed": passed,
        "attested": [row for row in rows if row.attested],
        "awards": awards,
        "valid": sum(award.status is Status.VALID for award in awards),
        "status_words": {status: _(words) for status, words in queries.STATUS_WORDS.items()},
        "ask_address": settings.BASE_URL + reverse("credentials:ask"),
        "now": now,
    }
    return render(request, "credentials/transcript.jinja", context)


def linkedin(award: AwardRow) -> str:
    """Where the holder adds this award to their LinkedIn profile."""
    return linkedin_address(
        title=award.title,
        issuer=award.issuer,
        number=award.number,
        issued=timezone.localtime(award.issued_at).date(),
        expires=timezone.localtime(award.expires_at).date() if award.expires_at else None,
        address=verify_address(award.number),
    )


def verify_address(number: str) -> str:
    """Where anybody may ask whether this award is genuine."""
    address: str = settings.BASE_URL + reverse("credentials:verify", args=[number])
    return address
