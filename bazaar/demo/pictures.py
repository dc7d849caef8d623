"""Uploads and their files: small drawings in the default storage, some of which nothing shows any more."""

import os
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils.text import slugify
from PIL import Image, ImageDraw

from bazaar.demo.builder import Builder
from bazaar.models import Upload, User

COLOURS = ("#1f6f8b", "#e07a5f", "#3d405b", "#81b29a", "#f2cc8f", "#8d5a97")
SIZES = (32, 48, 64)
OLD = (31, 800)
YOUNG = (0, 29)
"""Days; an upload that nothing refers to goes after 30."""


@cache
def draw(colour: str, size: int) -> bytes:
    """A PNG of a disc on a coloured ground."""
    image = Image.new("RGB", (size, size), colour)
    ImageDraw.Draw(image).ellipse((size // 4, size // 4, size * 3 // 4, size * 3 // 4), fill="#ffffff")
    content = BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def drawing(builder: Builder) -> bytes:
    return draw(builder.random.choice(COLOURS), builder.random.choice(SIZES))


def new_upload(builder: Builder, owner: User | None, created_at: datetime, original_name: str = "") -> Upload:
    """Write a picture into the storage and return its row, not saved yet."""
    content = drawing(builder)
    upload = Upload(
        original_name=original_name or _client_name(builder, owner),
        mime_type="image/png",
        size=len(content),
        uploaded_by=owner,
        created_at=created_at,
    )
    upload.file.save(upload.original_name, ContentFile(content), save=False)
    builder.files.append(upload.file.name or "")
    return upload


def _client_name(builder: Builder, owner: User | None) -> str:
    """How people call their pictures; often it says who they are."""
    if owner is None or builder.chance(0.4):
        return f"IMG_{builder.random.randrange(10_000):04d}.png"
    return f"{slugify(owner.name)}-{builder.random.choice(('portrait', 'holiday', 'at-work'))}.png"


def forget_pictures(builder: Builder) -> None:
    """Leave uploads that nothing refers to, a row without its file, and files without a row."""
    builder.add(Upload, _orphans(builder, OLD, builder.size(25, least=3)))
    builder.add(Upload, _orphans(builder, YOUNG, builder.size(10, least=2)))
    builder.add(Upload, [_without_file(builder)])
    _leave_files(builder, (drawing(builder) for _ in range(builder.size(3, least=2))))


def _orphans(builder: Builder, ages: tuple[int, int], total: int) -> Iterator[Upload]:
    """Pictures that were replaced or never used; of every fifth nobody knows any more whose it was."""
    for number in range(total):
        when = builder.days_ago(*ages)
        yield new_upload(builder, builder.member(when) if number % 5 else None, when)


def _without_file(builder: Builder) -> Upload:
    when = builder.days_ago(*OLD)
    return Upload(
        file=f"{uuid.uuid4()}.png",
        original_name="lost.png",
        mime_type="image/png",
        size=len(drawing(builder)),
        uploaded_by=builder.member(when),
        created_at=when,
    )


def _leave_files(builder: Builder, contents: Iterable[bytes]) -> None:
    """Write files that no row knows, as a crash between file and row leaves them."""
    for content in contents:
        name = default_storage.save(f"{uuid.uuid4()}.png", ContentFile(content))
        builder.files.append(name)
        written = builder.days_ago(*OLD).timestamp()
        if isinstance(default_storage, FileSystemStorage):
            os.utime(default_storage.path(name), (written, written))
