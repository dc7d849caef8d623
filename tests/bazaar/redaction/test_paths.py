"""The ids of persons go from paths, and home directories lose whose they are."""

import pytest

from bazaar.redaction import clean


@pytest.mark.parametrize(
    ("path", "cleaned"),
    [
        ("/api/v2/users/8812/orders/55", "/api/v2/users/[removed]/orders/55"),
        ("https://app.example.org/customers/c_81hs/bills", "https://app.example.org/customers/[removed]/bills"),
        ("/teamMembers/pp3/patch", "/teamMembers/[removed]/patch"),
        ("GET /users/42", "GET /users/[removed]"),
        ("/home/sbauer/app/views.py", "/home/[removed]/app/views.py"),
        ("/Users/ann/Library", "/Users/[removed]/Library"),
        (r"C:\Users\Ann Roe\file.txt", r"C:\Users\[removed]\file.txt"),
    ],
)
def test_whose_it_is_goes(path, cleaned):
    assert clean({"p": path}) == {"p": cleaned}
    assert clean({"p": cleaned}) == {"p": cleaned}


@pytest.mark.parametrize(
    "path",
    [
        "/users/export", "/users/login", "/docs/users/guide", "/static/users/list.js", "/admin/users/", "/users/page2",
        "/projects/300000", "/users/v2/list", "/home/dashboard", "/Users/Shared/x", "/orders/55/lines/3",
    ],
)  # fmt: skip
def test_other_paths_stay(path):
    document = {"p": path}

    assert clean(document) is document


@pytest.mark.parametrize(
    ("key", "value"), [("login", "/users/login"), ("admin", "/admin/users/"), ("caller", "store/user.go:88")]
)
def test_pages_and_lines_of_code_are_nobody(key, value):
    document = {key: value}

    assert clean(document) is document
