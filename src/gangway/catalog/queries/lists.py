"""The list of courses in the console: each with its newest version."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gangway.catalog.models import Course, VersionFile
from gangway.catalog.queries.courses import newest_versions
from gangway.catalog.rules import VersionState
from gangway.kernel.lists import Column, Filter, ListSpec

# Words are marked here and translated where they are shown.
_STATES: dict[str, str] = {VersionState.PUBLISHED.value: _("published"), VersionState.DRAFT.value: _("draft")}


def course_counts() -> tuple[int, int]:
    """How many courses can be learned, and of how many the newest version is a draft."""
    learned = Course.objects.exclude(owner__kind="shell").aggregate(n=Count("id", filter=Q(current__isnull=False)))["n"]
    return learned, newest_versions().filter(state=VersionState.DRAFT).count()


def _rows() -> QuerySet[Any]:
    rows: QuerySet[Any] = newest_versions().annotate(
        key=F("course__key"),
        owner_name=F("owner__name"),
        of_host=Q(owner__kind="host"),
        learned_n=F("course__current__n"),
        kept=Exists(VersionFile.objects.filter(course_version=OuterRef("pk"))),
    )
    return rows


def _cells(found: Any) -> Mapping[str, Any]:
    return {
        "title": found.title,
        "href": reverse("catalog:course", args=[found.key]) if found.of_host else "",
        "key": found.key,
        "owner": found.owner_name,
        "version": found.n,
        "state": gettext(_STATES[found.state]),
        "learned": found.learned_n,
        "published_at": found.published_at,
        "locale": found.locale,
        "files": (gettext("Download"), reverse("catalog:files", args=[found.key]))
        if found.of_host and found.kept
        else None,
    }


COURSE_LIST = ListSpec(
    key="courses",
    noun=(_("course"), _("courses")),
    rows=_rows,
    columns=(
        Column("title", _("Title")),
        Column("key", _("Key")),
        Column("owner", _("Whose")),
        Column("version", _("Newest version"), "number"),
        Column("state", _("State"), "state"),
        Column("learned", _("Version learned"), "number"),
        Column("published_at", _("Published on"), "instant"),
        Column("locale", _("Language")),
        Column("files", _("Files"), "link", export=False),
    ),
    cells=_cells,
    order=("title", "id"),
    search=("title", "key"),
    filters=(
        Filter(
            "state",
            _("State"),
            tuple(_STATES.items()),
            lambda rows, value: rows.filter(state=value),
        ),
    ),
)
