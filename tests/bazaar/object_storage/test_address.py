"""The address of a bucket: what a person writes, and what is refused without a word of it."""

from urllib.parse import quote

import pytest
from hypothesis import given, strategies as st

from bazaar import services
from bazaar.object_storage.address import BACKEND
from tests.project.setting_values import SECRET


def options(url):
    made = services.storage(url)
    assert made["BACKEND"] == BACKEND
    return made["OPTIONS"]


def test_an_address_has_everything():
    assert options("s3://ann:s%2F%2B%40@s3.example.org:9000/uploads/site/a?region=eu-central-1&addressing=virtual") == {
        "access_key": "ann",
        "secret_key": "s/+@",
        "endpoint_url": "https://s3.example.org:9000",
        "use_ssl": True,
        "bucket_name": "uploads",
        "location": "site/a",
        "region_name": "eu-central-1",
        "addressing_style": "virtual",
    }


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("s3:///uploads", {"bucket_name": "uploads", "use_ssl": True}),
        ("S3:///uploads/?region=", {"bucket_name": "uploads", "use_ssl": True}),
        ("s3://a:b@/uploads", {"bucket_name": "uploads", "use_ssl": True, "access_key": "a", "secret_key": "b"}),
        (
            "s3+http://[::1]:9000/uploads",
            {
                "bucket_name": "uploads",
                "use_ssl": False,
                "endpoint_url": "http://[::1]:9000",
                "addressing_style": "path",
            },
        ),
    ],
)
def test_what_is_left_out_has_its_default(url, expected):
    assert options(url) == expected


text = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)


@given(key=text, secret=text)
def test_any_credentials_can_be_written_percent_encoded(key, secret):
    made = options(f"s3://{quote(key, safe='')}:{quote(secret, safe='')}@host/uploads")

    assert (made["access_key"], made["secret_key"]) == (key, secret)


MALFORMED = [
    *("s3:", "s3://", "s3:uploads", "s3:/uploads", "s3://uploads", "s3:///", "s3:///u", "s3://host/", "s3://host//up"),
    *("s3://host/Up loads", "s3://host/UPLOADS_", "s3://host/uploads#x", "s3://host/uploads/../x", "s3://host/ab@c"),
    *(
        "s3://host:0/uploads",
        "s3://host:99999/uploads",
        "s3://host:/uploads",
        "s3://-host/uploads",
        "s3://h_st/uploads",
    ),
    *("s3+ftp://host/uploads", "s3+http:///uploads", "s3://[::x]/uploads", "s3://https://host/uploads"),
    *(f"s3://{SECRET}@host/uploads", f"s3://ann:@host/{SECRET}", f"s3://:{SECRET}@host/uploads", "s3://@host/uploads"),
    *(f"s3://ann:a/{SECRET}@host/uploads", f"s3://ann:1/{SECRET}@host/uploads", f"s3://ann:{SECRET}%zz@host/uploads"),
    *(f"s3://ann:{SECRET}%0a@host/uploads", f"s3://ann:{SECRET}%ff@host/uploads", f"s3://ann:{SECRET}?@host/uploads"),
    *(f"s3://host/uploads?secret={SECRET}", "s3://host/uploads?region", "s3://host/uploads?region=a&region=b"),
    *("s3://host/uploads?region=a_b", "s3://host/uploads?addressing=no", "s3://host/uploads/a//b", "s3://host/üploads"),
]


@pytest.mark.parametrize("url", MALFORMED)
def test_a_malformed_address_is_refused(url):
    with pytest.raises(Exception):  # noqa: B017 - whatever it is, `Environment` tells its own sentence
        services.storage(url)
