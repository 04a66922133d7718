"""Content security policies of answers that are no page of ours."""

# A drawing (SVG) may style itself; nothing of an author's file may run, load, or open anything, wherever it is opened.
ALONE = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "sandbox": [],
}
