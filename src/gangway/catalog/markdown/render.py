"""Markdown to HTML that is safe to show, once, when a course is read.

HTML of authors is kept where it is harmless (tables, details) and dropped otherwise; no styles, no scripts, no forms,
no frames. A picture that cannot be shown becomes its caption in words. Markdown inside HTML is read where the author
says so (`markdown="1"`, as Jekyll and other site makers have it).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import dropwhile, pairwise
from pathlib import PurePosixPath
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from gangway.catalog.markdown.links import PLACE, SCHEMES, Leading, Site
from gangway.catalog.rules import Reference, anchor

_TAGS = {
    *(
        "p",
        "br",
        "hr",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "strong",
        "em",
        "b",
        "i",
        "s",
        "del",
        "sub",
        "sup",
        "mark",
        "small",
    ),
    *("ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "code", "kbd", "abbr", "q", "cite", "a", "span"),
    *("table", "thead", "tbody", "tr", "th", "td", "caption", "section", "details", "summary", "img"),
}
_ATTRIBUTES = {
    "a": {"href", "title", "id", "class"},
    "abbr": {"title"},
    "code": {"class"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
    "img": {"src", "alt", "title"},
    "li": {"id", "class"},
    "ol": {"start", "class"},
    "span": {"class"},
    "section": {"class"},
    "sup": {"class"},
    "td": {"align"},
    "th": {"align", "scope"},
}
_DROPPED = {
    *("script", "style", "title", "textarea", "noscript", "template"),
    *("svg", "math", "iframe", "object"),
}
_CLASS = re.compile(r"language-[a-z0-9+-]{1,20}|footnote[a-z-]{0,12}|missing-picture")


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """A text as Markdown has it, before it is known where its links lead. `places`: names of its headings.

    `title` is its first heading of level one, taken out; "" when it has none.
    """

    title: str
    tokens: Sequence[Token]
    places: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A page ready to store. `shown`: the paths of the files that it shows or leads to."""

    title: str
    html: str
    words: int
    references: tuple[Reference, ...]
    shown: frozenset[str]


def render(text: str) -> Rendered:
    """A text that stands for itself: what it refers to by a path is not there."""
    parsed = parse(text)
    return finish(parsed, Leading(Site(files={}, lessons={}, places={"": parsed.places}), ""))


def parse(text: str) -> Parsed:
    title, tokens = _take_title(_parser().parse(_opened(text)))
    places: dict[str, int] = {}
    for token, inner in pairwise(tokens):
        if token.type == "heading_open":
            name = _named(inner) or anchor(_words_of(inner))
            times = places[name] = places.get(name, -1) + 1
            token.attrs["id"] = PLACE + (f"{name}-{times}" if times else name)
    names = {str(token.attrs["id"])[len(PLACE) :] for token in tokens if token.type == "heading_open"}
    return Parsed(title=title, tokens=tokens, places=frozenset(names | ({anchor(title)} if title else set())))


def finish(parsed: Parsed, leading: Leading) -> Rendered:
    html = _parser().renderer.render(_lowered(parsed.tokens), _parser().options, {})
    clean = _sanitised(html, leading)
    return Rendered(
        title=parsed.title,
        html=clean,
        words=count_words(plain(clean)),
        references=tuple(leading.references),
        shown=frozenset(leading.shown),
    )


_NAME = re.compile(r"\s*\{#([^}\s]+)\}\s*$")


def _named(heading: Token) -> str:
    """The name that an author gives a place, as `## Heading {#name}`; it is taken out of the heading's words."""
    last = heading.children[-1] if heading.children else None
    found = _NAME.search(last.content) if last and last.type == "text" else None
    if last is None or found is None:
        return ""
    last.content = last.content[: found.start()]
    return anchor(found[1])


_INSIDE = "aside|div|section|p|details|blockquote"
_OPENING = re.compile(rf"""[ \t]*(<({_INSIDE})\b[^>]*\bmarkdown=["'](?:1|block)["'][^>]*>)(.*)""")
_CLOSING = re.compile(rf"[ \t]*(</({_INSIDE})>)[ \t]*")
_ALONE = re.compile(r"</?(?:img|i|b|em|strong|span|br)\b[^>]*>")


def _opened(text: str) -> str:
    """The text with blank lines where HTML says that Markdown stands inside: that is how CommonMark is told so.

    What stands inside begins at the margin of its first line, and a tag that stands alone does not swallow the next.
    """
    lines: list[str] = []
    around: list[tuple[str, int | None]] = []
    for line in text.split("\n"):
        if opening := _OPENING.fullmatch(line):
            around.append((opening[2], None))
            lines += ["", opening[1], "", opening[3]]
        elif around and (closing := _CLOSING.fullmatch(line)) and closing[2] == around[-1][0]:
            around.pop()
            lines += ["", closing[1], ""]
        elif around and line.strip():
            name, margin = around[-1]
            indent = len(line) - len(line.lstrip())
            margin = indent if margin is None else margin
            around[-1] = (name, margin)
            line = line[min(indent, margin) :]
            lines += [line, ""] if _ALONE.fullmatch(line.strip()) else [line]
        else:
            lines.append(line)
    return "\n".join(lines)


def plain(html: str) -> str:
    """The words of sanitised HTML."""
    return " ".join(nh3.clean(html.replace("<", " <"), tags=set()).split())


def count_words(text: str) -> int:
    """Words, where a script without spaces (Chinese, Japanese, Thai) counts two characters as one word."""
    unspaced = len(re.findall(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]", text))
    spaced = len(re.findall(r"[^\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+", text))
    return spaced + unspaced // 2


def _parser() -> MarkdownIt:
    return (
        MarkdownIt("commonmark", {"html": True})
        .enable(["table", "strikethrough"])
        .use(deflist_plugin)
        .use(footnote_plugin)
    )


def _take_title(tokens: Sequence[Token]) -> tuple[str, list[Token]]:
    """The first level-one heading, when nothing but blank space comes before it, and the rest."""
    found = list(dropwhile(_is_comment, tokens))
    if len(found) >= 3 and found[0].type == "heading_open" and found[0].tag == "h1":
        return _words_of(found[1]), found[3:]
    return "", found


def _is_comment(token: Token) -> bool:
    words = token.content.strip()
    return token.type == "html_block" and words.startswith("<!--") and words.endswith("-->")


def _words_of(token: Token) -> str:
    texts = [child.content for child in token.children or [] if child.type in {"text", "code_inline"}]
    return " ".join("".join(texts).split())


def _lowered(tokens: Sequence[Token]) -> list[Token]:
    """The page's own heading is level one, so a lesson's headings start at two."""
    for token in tokens:
        if token.tag == "h1":
            token.tag = "h2"
    return list(tokens)


_MEDIA = re.compile(r"<(?:source|video|audio|iframe|embed|object)\b[^>]*?\b(?:src|data)\s*=\s*[\"']?([^\"'\s>]+)", re.I)


def _sanitised(html: str, leading: Leading) -> str:
    for target in _MEDIA.findall(html):
        leading.media(target)
    schemes = SCHEMES | {scheme.lower() for scheme in _SCHEME.findall(html)}
    led = _clean(html, schemes, partial(_attribute, leading))  # every address is seen, and all but good ones fall
    clean = _clean(led, SCHEMES, None)
    return _EMPTY.sub("", _PICTURE.sub(partial(_picture_or_caption, leading.videos), clean)).strip()


_SCHEME = re.compile(r"""(?:href|src)\s*=\s*["']?\s*([a-z][a-z0-9+.-]*):""", re.I)


def _clean(html: str, schemes: set[str], judge: Callable[[str, str, str], str | None] | None) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        attribute_filter=judge,
        url_schemes=schemes,
        set_tag_attribute_values={"table": {"tabindex": "0"}},  # a wide table scrolls, by keyboard too
        link_rel="noopener noreferrer",
        strip_comments=True,
    )


_PICTURE = re.compile(r'<img((?: [a-z]+="[^"]*"| [a-z]+)*) ?/?>')
_EMPTY = re.compile(r"<p>\s*(?:<a [^>]*>\s*</a>)?\s*</p>\n?")
_SRC = re.compile(r' src="([^"]*)"')
_ALT = re.compile(r' alt="([^"]*)"')
_FOOTNOTE = re.compile(r"#fn(?:ref)?[0-9]+(?::[0-9]+)?")
_NO_CAPTION = {"", "image", "img", "picture", "screenshot", "avatar"}


def _picture_or_caption(videos: Mapping[str, str | None], image: re.Match[str]) -> str:
    """A picture that can be shown, drawn when it comes near, or a video to play; else its caption, unless that says
    nothing.
    """
    alt = found[1] if (found := _ALT.search(image[1])) else ""
    if (src := _SRC.search(image[1])) and src[1] in videos:
        return _video(src[1], videos[src[1]], alt)
    if src:
        caption = "" if found else ' alt=""'
        return f'<img{image[1]}{caption} loading="lazy">'
    return "" if " ".join(alt.split()).casefold() in _NO_CAPTION else alt


def _video(address: str, captions: str | None, alt: str) -> str:
    """Played where it stands; who cannot play it takes it along. `alt` is escaped already."""
    name = f' aria-label="{alt}"' if alt else ""
    track = f'<track kind="captions" src="{captions}" default>' if captions else ""
    link = f'<a href="{address}">{alt or PurePosixPath(unquote(address)).name}</a>'
    return f'<video src="{address}" controls preload="metadata" playsinline{name}>{track}{link}</video>'


def _attribute(leading: Leading, tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return " ".join(word for word in value.split() if _CLASS.fullmatch(word)) or None
    if name == "href" and tag == "a":
        return value if _FOOTNOTE.fullmatch(value) else leading.link(value)
    if name == "src" and tag == "img":
        return leading.picture(value)
    if name == "id":
        return value if value.startswith(("fn", PLACE)) else None
    return value
