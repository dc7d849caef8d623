"""Two spellings of one name are one file: what a row shows stays, and only the row of the other upload goes."""

import unicodedata
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from hypothesis import given, strategies as st

from bazaar.file_names import normal_name
from bazaar.models import Upload
from bazaar.uploads import marked_for_removal, remove, unknown_files
from tests.factories import PNG, ProjectFactory, UploadFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("uploads")]

SPELLINGS = {
    "dot": ("a.png", "./a.png"),
    "two slashes": ("sub/a.png", "sub//a.png"),
    "slash": ("a.png", "/a.png"),
    "absolute": ("a.png", "{root}/a.png"),
    "backslash": ("sub/a.png", "sub\\a.png"),
    "parent": ("a.png", "sub/../a.png"),
    "decomposed": (unicodedata.normalize("NFC", "ä.png"), unicodedata.normalize("NFD", "ä.png")),
    "composed": (unicodedata.normalize("NFD", "ä.png"), unicodedata.normalize("NFC", "ä.png")),
    "the same": ("a.png", "a.png"),
}


@pytest.fixture(params=SPELLINGS)
def pair(request, uploads):
    """A file that a project shows, and an upload marked for removal whose name is another spelling of it."""
    name, other = (text.format(root=uploads) for text in SPELLINGS[request.param])
    default_storage.save(name, ContentFile(b"123"))
    kept, marked = UploadFactory(), UploadFactory(condemned_at=timezone.now())
    Upload.objects.filter(pk=kept.pk).update(file=name)
    Upload.objects.filter(pk=marked.pk).update(file=other)
    ProjectFactory(image=Upload.objects.get(pk=kept.pk))
    return name, marked


def test_the_file_that_another_upload_shows_stays_and_the_row_goes(pair):
    name, marked = pair

    removed = remove(marked_for_removal())

    assert (removed.gone, removed.shared, removed.missing, removed.size, removed.failed) == (1, 1, 0, 0, {})
    assert default_storage.exists(name)
    assert not Upload.objects.filter(pk=marked.pk).exists()


def test_a_file_that_a_row_knows_by_another_spelling_is_not_swept(uploads):
    for name, other in SPELLINGS.values():
        path, spelled = (text.format(root=uploads) for text in (name, other))
        if not default_storage.exists(path):
            default_storage.save(path, ContentFile(b"123"))
        Upload.objects.create(file=spelled, mime_type="image/png", size=3)
    stranger = default_storage.save("stranger.png", ContentFile(b"123"))
    names = [name for page in unknown_files.stored_names() for name in page]
    assert len(names) > 3

    found = unknown_files.unknown(names, timezone.now() + timedelta(days=1))

    assert [file.name for file in found] == [stranger]


@pytest.mark.parametrize("name", [SPELLINGS[way][1] for way in SPELLINGS if way not in {"composed", "the same"}])
def test_a_name_that_is_not_in_normal_form_is_refused_at_the_door(name, uploads):
    upload = Upload(file=name.format(root=uploads), mime_type="image/png", size=1)

    with pytest.raises(ValidationError, match="normal form"):
        upload.full_clean()


def test_what_is_uploaded_is_not_refused_for_the_name_that_the_client_gave():
    upload = Upload(file=ContentFile(PNG, name="./mein Bild.png"), mime_type="image/png", size=1)

    upload.full_clean()
    upload.save()

    assert normal_name(upload.file.name) == upload.file.name


@given(st.text(st.sampled_from("ab./\\ä\u0308"), min_size=1, max_size=12))
def test_normalising_twice_is_normalising_once(name):
    assert normal_name(normal_name(name)) == normal_name(name)


@pytest.mark.parametrize("name", ["./a", "a//b", "/a", "a\\b", "a/../b", "a/.", "../a", "ä", "a/./b"])
def test_every_name_with_another_spelling_is_found_as_irregular(name):
    Upload.objects.create(file=name, mime_type="image/png", size=1)
    Upload.objects.create(file="plain/a-b_c.d.png", mime_type="image/png", size=1)

    assert [upload.file.name for upload in Upload.objects.filter(file__is_irregular=True)] == [name]
