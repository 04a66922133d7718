"""A lesson that is being written, drawn as its published page will be."""

from dataclasses import dataclass

from gangway.catalog.markdown.links import Leading, Site
from gangway.catalog.markdown.manifest import Manifest
from gangway.catalog.markdown.read import check_words, front_matter, manifest_of
from gangway.catalog.markdown.refusals import CourseUnreadable, SourceRefused
from gangway.catalog.markdown.render import finish, parse
from gangway.catalog.markdown.source import HeldSource
from gangway.catalog.rules import OWN_FILES


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Title and sanitised page; its links are relative, as `links.Leading` makes them."""

    title: str
    html: str


def preview(source: HeldSource, path: str, text: str) -> Preview:
    """The page that `text` makes as the file `path` of this folder; CourseUnreadable for a broken front matter."""
    front, body = front_matter(path, text)
    parsed = parse(body)
    page = finish(parsed, Leading(_site(source, path, parsed.places), path))
    return Preview(title=front or page.title, html=page.html)


def _site(source: HeldSource, path: str, places: frozenset[str]) -> Site:
    try:
        manifest: Manifest | None = manifest_of(source)
    except (CourseUnreadable, SourceRefused):  # its course.yaml is being mended: links lead to files only
        manifest = None
    if manifest is None:
        return Site(files=source.files, lessons={}, secret=OWN_FILES, places={path: places})
    return Site(
        files=source.files,
        lessons={lesson.path: lesson.key for lesson in manifest.lessons},
        resources={kept.path: kept.key for kept in manifest.resources if kept.path},
        addresses=manifest.addresses,
        secret={manifest.check, *OWN_FILES, *check_words(source, manifest)},
        places={path: places},
    )
