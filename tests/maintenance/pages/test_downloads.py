"""A file of a page: its name, its type, and its parts as they come."""

import pytest

from maintenance.pages.downloads import CONTENT_TYPES, download


@pytest.mark.parametrize("kind", CONTENT_TYPES)
@pytest.mark.parametrize("make", [lambda: "one\r\ntwo", lambda: iter(["one\r\n", "two"])], ids=["text", "parts"])
def test_a_file_has_its_name_type_and_content(kind, make):
    answer = download(make(), "runs", kind)

    assert answer.headers["Content-Disposition"] == f'attachment; filename="runs.{kind}"'
    assert answer.headers["Content-Type"] == CONTENT_TYPES[kind]
    assert b"".join(answer) == b"one\r\ntwo"


def test_parts_are_not_read_before_they_are_sent():
    def parts():
        yield "one"
        pytest.fail("it is read too early")

    assert next(iter(download(parts(), "runs", "csv"))) == b"one"
