"""Markdown to HTML that is safe to show, once, when a course is read.

HTML of authors is kept where it is harmless (tables, details) and dropped otherwise; no styles, no scripts, no forms,
no frames. Pictures are not stored yet: each becomes its caption in words and is named to the author as unresolved.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

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
    *("table", "thead", "tbody", "tr", "th", "td", "caption", "section", "details", "summary"),
}
_ATTRIBUTES = {
    "a": {"href", "title", "id", "class"},
    "abbr": {"title"},
    "code": {"class"},
    "li": {"id", "class"},
    "ol": {"start", "class"},
    "span": {"class"},
    "section": {"class"},
    "sup": {"class"},
    "td": {"align"},
    "th": {"align", "scope"},
}
_CLASS = re.compile(r"language-[a-z0-9+-]{1,20}|footnote[a-z-]{0,12}|missing-picture")
_SCHEMES = {"http", "https", "mailto", "tel"}


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A page ready to store. `title` is its first heading of level one, taken out of the HTML; "" when it has none."""

    title: str
    html: str
    words: int
    unresolved: tuple[str, ...]


def render(text: str) -> Rendered:
    tokens = _parser().parse(text)
    title, tokens = _take_title(tokens)
    unresolved: list[str] = []
    for token in tokens:
        if token.type == "inline" and token.children:
            token.children = _without_pictures(token.children, unresolved)
    html = _parser().renderer.render(_lowered(tokens), _parser().options, {})
    clean = _sanitised(html, unresolved)
    return Rendered(
        title=title, html=clean, words=count_words(plain(clean)), unresolved=tuple(dict.fromkeys(unresolved))
    )


def render_inline(text: str) -> str:
    """A question's prompt or a feedback: one or more short paragraphs, the same rules."""
    return render(text).html


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
    found = list(tokens)
    if len(found) >= 3 and found[0].type == "heading_open" and found[0].tag == "h1":
        return _words_of(found[1]), found[3:]
    return "", found


def _words_of(token: Token) -> str:
    texts = [child.content for child in token.children or [] if child.type in {"text", "code_inline"}]
    return " ".join("".join(texts).split())


def _lowered(tokens: list[Token]) -> list[Token]:
    """The page's own heading is level one, so a lesson's headings start at two."""
    for token in tokens:
        if token.tag == "h1":
            token.tag = "h2"
    return tokens


def _without_pictures(children: list[Token], unresolved: list[str]) -> list[Token]:
    return [_caption(child, unresolved) if child.type == "image" else child for child in children]


def _caption(image: Token, unresolved: list[str]) -> Token:
    unresolved.append(str(image.attrs.get("src", ""))[:300])
    words = _words_of(image)
    shown = "" if words.casefold() in {"", "image", "img", "picture", "screenshot"} else words
    return Token("text", "", 0, content=shown)


_PICTURE = re.compile(
    r"<(?:img|source|video|audio|iframe|embed|object)\b[^>]*?\b(?:src|data)\s*=\s*[\"']?([^\"'\s>]+)", re.I
)


def _sanitised(html: str, unresolved: list[str]) -> str:
    unresolved += [match[:300] for match in _PICTURE.findall(html)]
    clean = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags={
            "script",
            "style",
            "title",
            "textarea",
            "noscript",
            "template",
            "svg",
            "math",
            "iframe",
            "object",
        },
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=_SCHEMES,
        set_tag_attribute_values={"table": {"tabindex": "0"}},  # a wide table scrolls, by keyboard too
        link_rel="noopener noreferrer",
        strip_comments=True,
    )
    return re.sub(r"<p>\s*(?:<a [^>]*>\s*</a>)?\s*</p>\n?", "", clean).strip()


def _attribute(_tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return " ".join(word for word in value.split() if _CLASS.fullmatch(word)) or None
    if name == "href":
        return value if _useful_link(value) else None
    if name == "id":
        return value if value.startswith("fn") else None
    return value


def _useful_link(href: str) -> bool:
    """Outward links and footnotes. A relative link points into the author's folder, where no reader stands."""
    if href.startswith("#fn"):
        return True
    try:
        return urlsplit(href).scheme.lower() in _SCHEMES
    except ValueError:
        return False
