"""Videos that stay where they are: only addresses of known platforms, always as a link that loads nothing by itself."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

_YOUTUBE = {"youtube.com", "www.youtube.com", "m.youtube.com", "www.youtube-nocookie.com", "youtube-nocookie.com"}
_VIMEO = {"vimeo.com", "www.vimeo.com", "player.vimeo.com"}
_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_VIMEO_ID = re.compile(r"/(?:video/)?(\d{5,12})(?:/([0-9a-f]{6,16}))?/?")


@dataclass(frozen=True, slots=True)
class Embed:
    """`url` is made anew from the platform's own id, whatever else the author's address carried."""

    platform: str
    url: str


def find_embed(line: str) -> Embed | None:
    """The video that a line names, when it holds nothing but the address of one on a known platform."""
    address = line.strip().strip("<>")
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    if parts.scheme not in {"https", "http"} or port is not None or parts.username is not None or " " in address:
        return None
    if host == "youtu.be" or host in _YOUTUBE:
        return _youtube(host, parts.path, parts.query)
    if host in _VIMEO and (match := _VIMEO_ID.fullmatch(parts.path)):
        return Embed("Vimeo", f"https://vimeo.com/{match[1]}" + (f"/{match[2]}" if match[2] else ""))
    return None


def _youtube(host: str, path: str, query: str) -> Embed | None:
    if host == "youtu.be":
        video = path.removeprefix("/")
    elif path == "/watch":
        video = parse_qs(query).get("v", [""])[0]
    else:
        video = re.sub(r"^/(?:embed|shorts|live)/", "", path)
    if not _YOUTUBE_ID.fullmatch(video):
        return None
    return Embed("YouTube", f"https://www.youtube.com/watch?v={video}")


def with_links(markdown: str) -> str:
    """The text in which each line that only names such a video is a link in words."""
    lines = []
    for line in markdown.split("\n"):
        embed = find_embed(line) if line.lstrip().startswith(("http", "<http")) else None
        lines.append(f"[▶ Watch on {embed.platform}]({embed.url})" if embed else line)
    return "\n".join(lines)
