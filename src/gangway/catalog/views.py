"""C11: what exists, what is missing? The courses, and the files of each."""

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET

from gangway.catalog import access, queries
from gangway.catalog.markdown.write import files_of, zip_stream
from gangway.kernel.refusal import NotFound
from gangway.kernel.web import Request, route
from gangway.partners.queries import host_partner
from gangway.ui.listing import answer


@require_GET
@route(right=access.SEE_COURSES)
def courses(request: Request) -> HttpResponseBase:
    """Every course with its newest version."""
    context = {
        "empty_title": gettext("No courses yet"),
        "empty_text": gettext("Bring one from a folder of Markdown, on the server: gangway course import FOLDER"),
    }
    return answer(request, queries.COURSE_LIST, title=gettext("Courses"), sentence=_sentence(), context=context)


def _sentence() -> str:
    learned, drafts = queries.course_counts()
    if not learned and not drafts:
        return gettext("There is nothing to learn yet.")
    said = ngettext("%(n)s course can be learned.", "%(n)s courses can be learned.", learned) % {"n": learned}
    if not drafts:
        return said
    waiting = ngettext("%(n)s has a draft to publish.", "%(n)s have a draft to publish.", drafts) % {"n": drafts}
    return f"{said} {waiting}"


@require_GET
@route(right=access.SEE_COURSES)
def files(request: Request, course: str) -> HttpResponseBase:
    """The folder of the newest version of one of the vendor's courses, as a zip."""
    host = host_partner()
    if host is None:
        raise NotFound
    folder = queries.course_folder(course, owner_id=host.id)
    response = StreamingHttpResponse(zip_stream(files_of(folder)), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{folder.key}-{folder.n}.zip"'
    return response
