"""A folder of files made of uploads: `course.yaml`, numbered lessons, pictures, videos, and things to keep."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import yaml

from gangway.catalog.documents.captions import read_captions
from gangway.catalog.documents.converted import Converted, Page
from gangway.catalog.documents.embeds import with_links
from gangway.catalog.documents.kinds import Kind, judge
from gangway.catalog.documents.limits import MAX_UPLOADS
from gangway.catalog.documents.pdf import read_pdf
from gangway.catalog.documents.pictures import take_picture
from gangway.catalog.documents.refusals import DocumentRefused
from gangway.catalog.documents.slides import read_slides
from gangway.catalog.documents.video import check_mp4, check_webm
from gangway.catalog.documents.word import read_word
from gangway.catalog.documents.words import escaped, titled
from gangway.catalog.rules import slug
from gangway.kernel.said import said

_VIDEOS = {Kind.MP4: ".mp4", Kind.WEBM: ".webm"}
_CAPTIONS = {Kind.VTT: "vtt", Kind.SRT: "srt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Files by path, ready to be a course's source, and what could not be taken, in sentences."""

    files: Mapping[str, bytes]
    left_out: tuple[str, ...]


def folder_of(uploads: Sequence[tuple[str, bytes]], *, key: str, title: str, locale: str) -> Folder:
    """The course that these uploads are, in their order. Refuses with DocumentRefused, never takes half.

    Captions go with the video of the same name; a picture alone becomes a lesson that shows it; a document that is kept
    is linked at the end of its lesson.
    """
    found = Converted()
    _take(found, uploads)
    if not found.lessons:
        raise DocumentRefused(
            file=uploads[0][0], problem=said("Nothing of it is a lesson."), mend=said("Bring a document, too.")
        )
    return Folder(files=dict(_laid_out(found, key, title, locale)), left_out=tuple(found.left_out))


def lessons_of(uploads: Sequence[tuple[str, bytes]], *, there: Mapping[str, bytes]) -> Converted:
    """The lessons that these uploads are, and their files, beside the files that a course has already.

    Refuses with DocumentRefused, never takes half.
    """
    found = Converted(files=dict(there))
    _take(found, uploads)
    found.files = {path: data for path, data in found.files.items() if there.get(path) != data}
    return found


def _take(found: Converted, uploads: Sequence[tuple[str, bytes]]) -> None:
    if not 1 <= len(uploads) <= MAX_UPLOADS:
        raise DocumentRefused(
            file=said("{n} files", n=len(uploads)),
            problem=said("Between 1 and {n} files can be brought at once.", n=MAX_UPLOADS),
            mend=said("Choose some of them."),
        )
    judged = [(name, data, judge(name, data)) for name, data in uploads]
    captions = {titled(name): (name, data, _CAPTIONS[kind]) for name, data, kind in judged if kind in _CAPTIONS}
    for name, data, kind in judged:
        if kind in _VIDEOS:
            _video(found, name, data, kind, captions.pop(titled(name), None))
        elif kind not in _CAPTIONS:
            _merge(found, _converted(name, data, kind))
    for name, _, _ in captions.values():
        found.left_out.append(said("{file}: no video of this name came with it. It is left out.", file=name))


def _converted(name: str, data: bytes, kind: Kind) -> Converted:
    if kind is Kind.WORD:
        return read_word(name, data)
    if kind is Kind.SLIDES:
        return read_slides(name, data)
    if kind is Kind.PDF:
        return read_pdf(name, data)
    if kind is Kind.PICTURE:
        path, made = take_picture(name, data)
        page = Page(title=titled(name), body=f"![{escaped(titled(name))}]({path})")
        return Converted(lessons=[page], files={path: made})
    if kind is Kind.MARKDOWN:
        return Converted(lessons=[_markdown(name, data.decode("utf-8-sig"))])
    raise DocumentRefused(
        file=name,
        problem=said("It is an archive inside other uploads."),
        mend=said("Bring a zip by itself, or unpack it first."),
    )


def _markdown(name: str, text: str) -> Page:
    first, _, rest = text.replace("\r\n", "\n").replace("\r", "\n").lstrip().partition("\n")
    if first.startswith("# "):
        return Page(title=first[2:].strip()[:300], body=rest.strip())
    return Page(title=titled(name), body=f"{first}\n{rest}".strip())


def _video(found: Converted, name: str, data: bytes, kind: Kind, captions: tuple[str, bytes, str] | None) -> None:
    (check_mp4 if kind is Kind.MP4 else check_webm)(name, data)
    title = titled(name)
    stem = _free(found, f"videos/{slug(title) or 'video'}", _VIDEOS[kind])
    found.files[f"{stem}{_VIDEOS[kind]}"] = data
    if captions:
        found.files[f"{stem}.vtt"] = read_captions(*captions)
    else:
        found.left_out.append(
            said("{file}: no captions came with it. Bring a VTT or SRT file of the same name.", file=name)
        )
    found.lessons.append(Page(title=title, body=f"![{escaped(title)}]({stem}{_VIDEOS[kind]})"))


def _free(found: Converted, stem: str, suffix: str) -> str:
    taken, n = stem, 2
    while f"{taken}{suffix}" in found.files:
        taken, n = f"{stem}-{n}", n + 1
    return taken


def _merge(found: Converted, more: Converted) -> None:
    moved = {}
    for path, data in more.files.items():
        stem, dot, suffix = path.rpartition(".")
        same = found.files.get(path)
        moved[path] = path if same in (None, data) else f"{_free(found, stem, dot + suffix)}{dot}{suffix}"
        found.files[moved[path]] = data
    links = [f"[{escaped(title)}]({moved[path]})" for title, path in more.kept]
    if links:
        more.lessons[-1] = replace(more.lessons[-1], body="\n\n".join([more.lessons[-1].body, *links]))
    found.lessons += more.lessons
    found.left_out += more.left_out


def _laid_out(found: Converted, key: str, title: str, locale: str) -> Iterator[tuple[str, bytes]]:
    lessons, seen = [], set[str]()
    for n, page in enumerate(found.lessons, start=1):
        name = slug(page.title)[:60].strip("-") or f"lesson-{n}"
        name = name if name not in seen else f"{name}-{n}"
        seen.add(name)
        path = f"{n:02}-{name}.md"
        lessons.append({"file": path, "key": name})
        yield path, f"# {escaped(page.title)}\n\n{with_links(page.body)}\n".encode()
    head = {"key": key, "title": title, "locale": locale, "assign": "nobody", "lessons": lessons}
    yield "course.yaml", yaml.safe_dump(head, allow_unicode=True, sort_keys=False).encode()
    yield from found.files.items()
