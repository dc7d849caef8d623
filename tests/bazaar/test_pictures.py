"""An upload is a picture and nothing else, whatever the client says."""

import zlib
from io import BytesIO
from pathlib import PurePath

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image, ImageCms, PngImagePlugin

from bazaar import pictures
from bazaar.models import Upload
from bazaar.pictures import EXTENSIONS, TYPES, UnsuitableUpload, cleaned
from tests.factories import PNG, UploadFactory

SECRET = b"Canon of ann@example.org"
EVERY = sorted(TYPES)
SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def picture(kind="PNG", mode="RGB", size=(8, 4), **options):
    image = Image.new(mode, size, 120 if mode in {"L", "P"} else None)
    content = BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def exif():
    """Where and with what a picture was taken."""
    found = Image.Exif()
    found[0x010E] = SECRET.decode()
    found[0x0110] = SECRET.decode()
    found.get_ifd(0x8825)[2] = (51.0, 30.0, 12.0)
    return found


def clean(content):
    file, mime_type = cleaned(BytesIO(content))
    return file.read(), mime_type


@pytest.mark.parametrize("kind", EVERY)
def test_the_type_is_what_the_content_is(kind):
    content, mime_type = clean(picture(kind))

    assert mime_type == TYPES[kind]
    assert Image.open(BytesIO(content)).format == kind
    assert Image.open(BytesIO(content)).size == (8, 4)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_loses_its_exif(kind):
    given = picture(kind, exif=exif())
    assert SECRET in given
    assert dict(Image.open(BytesIO(given)).getexif())

    content, _ = clean(given)

    found = Image.open(BytesIO(content)).getexif()
    assert SECRET not in content
    assert not found.get_ifd(0x8825)
    assert not {0x010E, 0x0110} & set(found)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_loses_xmp_and_its_colour_profile(kind):
    xmp = b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/">' + SECRET + b"</x:xmpmeta>"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    more = {"pnginfo": text_chunks(xmp)} if kind == "PNG" else {} if kind == "TIFF" else {"xmp": xmp}
    given = picture(kind, icc_profile=profile, **more)
    assert "icc_profile" in Image.open(BytesIO(given)).info

    content, _ = clean(given)

    assert SECRET not in content
    assert "icc_profile" not in Image.open(BytesIO(content)).info


def text_chunks(xmp):
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", SECRET.decode())
    info.add_text("Comment", SECRET.decode(), zip=True)
    info.add_itxt("XML:com.adobe.xmp", xmp.decode())
    return info


def test_comments_and_texts_of_a_picture_go():
    for given in (picture("JPEG", comment=SECRET), picture("GIF", comment=SECRET), picture(pnginfo=text_chunks(b"x"))):
        assert SECRET in given
        content, _ = clean(given)
        assert SECRET not in content
        assert not {"comment", "Author", "Comment"} & set(Image.open(BytesIO(content)).info)


def test_a_picture_stands_upright_without_its_exif():
    turned = Image.Exif()
    turned[0x0112] = 6

    content, _ = clean(picture("JPEG", exif=turned))

    assert Image.open(BytesIO(content)).size == (4, 8)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_stays_one(kind):
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "green", "blue")]
    given = BytesIO()
    frames[0].save(given, kind, save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=2)

    content, _ = clean(given.getvalue())

    shown = Image.open(BytesIO(content))
    assert shown.n_frames == 3
    assert shown.info["loop"] == 2


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "I;16"])
def test_pictures_of_every_mode_are_kept(mode):
    assert Image.open(BytesIO(clean(picture("PNG", mode))[0])).size == (8, 4)


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("extra", [SCRIPT, SVG, b"%PDF-1.7\n", b"PK\x03\x04" + SCRIPT, SECRET])
def test_what_is_behind_a_picture_goes(kind, extra):
    content, _ = clean(picture(kind) + extra)

    assert extra not in content


def chunk(name, data):
    body = name + data
    return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")


def test_what_is_inside_of_a_picture_goes():
    private = PNG[:33] + chunk(b"prVt", SCRIPT) + PNG[33:]
    jpeg = picture("JPEG")
    segment = b"\xff\xe9" + (len(SCRIPT) + 2).to_bytes(2, "big") + SCRIPT
    gif = b"GIF89a/*" + picture("GIF")[8:]

    for given in (private, jpeg[:2] + segment + jpeg[2:]):
        assert SCRIPT in given
        assert SCRIPT not in clean(given)[0]
    try:
        content, _ = clean(gif)
    except UnsuitableUpload:
        return
    assert not content.startswith(b"GIF89a/*")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text",
        SCRIPT,
        SVG,
        b"\xef\xbb\xbf<?xml version='1.0'?>" + SVG,
        SVG.decode().encode("utf-16"),
        b"<!DOCTYPE html><html></html>",
        zlib.compress(SVG),
        b"%PDF-1.7\n%%EOF",
        b"PK\x03\x04",
        b"GIF89a",
        b"GIF89a=1;alert(1)",
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n" + SCRIPT,
        b"RIFF\x00\x00\x00\x00WEBP",
        b"II*\x00\xff\xff\xff\xff",
        b"\x00\x00\x00\x1cftypheic" + SECRET,
        b"BM" + b"\x00" * 60,
        b"8BPS\x00\x01",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
    ids=lambda content: ascii(content)[:30],
)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(UnsuitableUpload):
        clean(content)


@pytest.mark.parametrize("kind", EVERY)
def test_a_picture_that_ends_too_soon_is_refused(kind):
    whole = picture(kind, size=(64, 64))

    for length in (8, len(whole) // 3, len(whole) // 2):
        with pytest.raises(UnsuitableUpload):
            clean(whole[:length])


@pytest.mark.parametrize("kind", ["BMP", "ICO", "PPM", "TGA", "EPS", "PCX", "PDF"])
def test_another_kind_of_picture_is_refused(kind):
    with pytest.raises(UnsuitableUpload):
        clean(picture(kind))


def test_a_picture_that_unpacks_to_far_more_is_refused(monkeypatch):
    with pytest.raises(UnsuitableUpload):
        clean(picture("PNG", "1", (20_000, 20_000)))
    monkeypatch.setattr(pictures, "LARGEST_FILE", len(PNG) - 1)
    with pytest.raises(UnsuitableUpload):
        clean(PNG)


@pytest.mark.django_db
class TestUploads:
    @pytest.mark.parametrize(
        ("name", "claim"), [("a.svg", "image/svg+xml"), ("a.html", "text/html"), ("a.jpg", "image/jpeg"), ("a", "")]
    )
    def test_a_renamed_picture_gets_its_own_type(self, uploads, name, claim):
        upload = UploadFactory(client_name=name, mime_type=claim, size=1, content=PNG)

        upload.refresh_from_db()
        assert upload.mime_type == "image/png"
        assert PurePath(upload.file.name).suffix == ".png"
        assert upload.size == upload.file.size

    @pytest.mark.parametrize("content", [SVG, SCRIPT, b"text"])
    def test_what_is_no_picture_is_not_stored(self, uploads, content):
        with pytest.raises(UnsuitableUpload), transaction.atomic():
            Upload.objects.create(file=ContentFile(content, name="a.png"), mime_type="image/png", size=1)

        assert not Upload.objects.exists()
        assert not list(uploads.iterdir())

    def test_a_stored_picture_has_no_exif(self, uploads):
        upload = UploadFactory(content=picture("JPEG", exif=exif()))

        stored = (uploads / upload.file.name).read_bytes()
        assert SECRET not in stored
        assert (upload.mime_type, PurePath(upload.file.name).suffix) == ("image/jpeg", EXTENSIONS["image/jpeg"])

    def test_nobody_else_on_the_machine_reads_an_upload(self, uploads):
        upload = UploadFactory()

        assert (uploads / upload.file.name).stat().st_mode & 0o777 == 0o600
