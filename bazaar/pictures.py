"""What an upload may be: a picture, read and written anew, so that nothing but the picture is stored.

The type is what the content is, whatever the client said. Written anew, a picture has no EXIF, XMP, comments or colour
profile, which tell places and devices, and nothing behind or beside it: a file that is also a page, a script or
an archive is only a picture afterwards. SVG and HTML are none: a browser would run what is in them.
"""

import warnings
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

if TYPE_CHECKING:
    from PIL import Image

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp", "TIFF": "image/tiff"}
"""MIME types by the names that Pillow has for the formats."""
EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/tiff": ".tif",
}
LARGEST_FILE = 20 * 1024 * 1024
MOST_PIXELS = 50_000_000
"""Of all frames together: a few kilobytes may unpack to gigabytes."""
OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 90},
    "WEBP": {"quality": 90},
    "PNG": {"compress_level": 9},
    "TIFF": {"compression": "tiff_lzw"},
}
SHOWN = ("transparency", "duration", "loop", "disposal")
"""What the information of a frame tells about how it is shown."""


class UnsuitableUpload(ValidationError):
    """A file is no picture."""

    def __init__(self) -> None:
        kinds = "JPEG, PNG, GIF, WebP or TIFF, at most 20 MB and 50 million pixels"
        super().__init__(f"The file is no picture that can be stored: {kinds}.", code="unsuitable_upload")


def cleaned(file: BinaryIO) -> "tuple[ContentFile[bytes], str]":
    """Return a picture without anything else, and its MIME type. Raises `UnsuitableUpload` for what is none."""
    content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise UnsuitableUpload
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of metadata that cannot be read, and is not kept
            return _written_anew(content)
    except UnsuitableUpload:
        raise
    except Exception as error:  # a library that reads hostile files raises what it likes
        raise UnsuitableUpload from error


def _written_anew(content: bytes) -> "tuple[ContentFile[bytes], str]":
    from PIL import Image, ImageSequence  # few processes receive uploads

    with Image.open(BytesIO(content), formats=list(TYPES)) as picture:
        kind = str(picture.format)
        number = getattr(picture, "n_frames", 1)
        if picture.width * picture.height * number > MOST_PIXELS:
            raise UnsuitableUpload
        frames = [_frame(frame) for frame in ImageSequence.Iterator(picture)]
    if kind not in TYPES:  # such as MPO, a JPEG with several pictures
        raise UnsuitableUpload
    written = BytesIO()
    more = {"save_all": True, "append_images": frames[1:]} if len(frames) > 1 else {}
    frames[0].save(written, kind, **OPTIONS.get(kind, {}), **_shown(frames), **more)
    return ContentFile(written.getvalue()), TYPES[kind]


def _frame(frame: "Image.Image") -> "Image.Image":
    """Return a copy of a frame, upright and in the colours that it is shown in, which knows nothing else."""
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(frame)
    coloured = _in_common_colours(upright)
    plain = coloured.copy()
    plain.info = {name: frame.info[name] for name in SHOWN if name in frame.info}
    return plain


def _in_common_colours(picture: "Image.Image") -> "Image.Image":
    from PIL import ImageCms

    profile = picture.info.get("icc_profile")
    if profile and picture.mode in {"RGB", "RGBA"}:
        with suppress(ImageCms.PyCMSError, OSError):
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            return ImageCms.profileToProfile(picture, given, ImageCms.createProfile("sRGB")) or picture
    return picture


def _shown(frames: "list[Image.Image]") -> dict[str, Any]:
    """Return the options that keep an animation as it is."""
    if len(frames) == 1:
        return {}
    durations = [int(frame.info.get("duration", 0)) for frame in frames]
    return {"duration": durations, "loop": int(frames[0].info.get("loop", 0))}
