"""Pictures, decoded and written anew: what is stored is only the picture, whatever else the upload was."""

import hashlib
import io

from PIL import Image, ImageSequence, UnidentifiedImageError

from gangway.catalog.documents.limits import MAX_FRAMES_PIXELS, MAX_PICTURE, MAX_PIXELS, MB
from gangway.catalog.documents.refusals import DocumentRefused
from gangway.kernel.said import said

_SUFFIX = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "WEBP": "webp", "BMP": "png"}
_AGAIN = said("Save it as PNG or JPEG, and bring that.")
_BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, KeyError)


def take_picture(name: str, data: bytes) -> tuple[str, bytes]:
    """The path below the course's folder and the bytes to store there; refused when it is no picture or too large."""
    if len(data) > MAX_PICTURE:
        raise DocumentRefused(
            file=name, problem=said("The picture is larger than {n} MB.", n=MAX_PICTURE // MB), mend=_AGAIN
        )
    try:
        suffix, made = _anew(name, data)
    except Image.DecompressionBombError:
        raise _too_many_pixels(name) from None
    except _BROKEN:
        raise DocumentRefused(file=name, problem=said("The picture is damaged or cut short."), mend=_AGAIN) from None
    return f"pictures/{hashlib.sha256(made).hexdigest()[:16]}.{suffix}", made


def _anew(name: str, data: bytes) -> tuple[str, bytes]:
    with Image.open(io.BytesIO(data), formats=tuple(_SUFFIX)) as picture:
        frames = getattr(picture, "n_frames", 1)
        pixels = picture.width * picture.height
        if pixels > MAX_PIXELS:
            raise _too_many_pixels(name)
        if pixels * frames > MAX_FRAMES_PIXELS:
            raise DocumentRefused(
                file=name,
                problem=said("The picture moves through {n} frames, too many for its size.", n=frames),
                mend=said("Make it smaller or shorter, or bring it as a video."),
            )
        form = picture.format or "PNG"
        suffix = _SUFFIX[form]
        out = io.BytesIO()
        if frames > 1:
            _animated(picture, form, out)
        else:
            _still(picture, suffix, out)
    return suffix, out.getvalue()


def _still(picture: Image.Image, suffix: str, out: io.BytesIO) -> None:
    picture.load()
    bare = picture.copy()
    bare.info = {key: value for key, value in picture.info.items() if key == "transparency"}
    if suffix == "jpg":
        bare = bare if bare.mode in {"L", "RGB", "CMYK"} else bare.convert("RGB")
        bare.save(out, "JPEG", quality=92, optimize=True)
    else:
        bare.save(out, {"png": "PNG", "gif": "GIF", "webp": "WEBP"}[suffix])


def _animated(picture: Image.Image, form: str, out: io.BytesIO) -> None:
    frames = [frame.copy() for frame in ImageSequence.Iterator(picture)]
    pause = picture.info.get("duration", 100)
    for frame in frames:
        frame.info = {key: value for key, value in frame.info.items() if key == "transparency"}
    target = "GIF" if form == "GIF" else "WEBP" if form == "WEBP" else "PNG"
    frames[0].save(out, target, save_all=True, append_images=frames[1:], duration=pause, loop=0)


def _too_many_pixels(name: str) -> DocumentRefused:
    return DocumentRefused(
        file=name,
        problem=said("The picture has more than {n} million pixels.", n=MAX_PIXELS // 1_000_000),
        mend=said("Make it smaller: 2,000 pixels across are plenty."),
    )
