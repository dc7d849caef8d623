"""Documents in texts are cleaned by the same rules, and written back as they were."""

import pytest

from bazaar.redaction import clean

R = "[removed]"


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ('{"name": "Ann", "plan": "pro"}', '{"plan": "pro"}'),
        ('{"name":"Ann","n":12345678901234567.89,"m":1.50}', '{"n":12345678901234567.89,"m":1.50}'),
        ('[{"email": 1}, 2]', "[{}, 2]"),
        ('{"a": "{\\"email\\": 1, \\"b\\": 2}"}', '{"a": "{\\"b\\": 2}"}'),
        ("/signup?first_name=Ann&phone=%2B49301234567&plan=pro#x", f"/signup?first_name={R}&phone={R}&plan=pro#x"),
        ("first_name=Ann&plan=pro", f"first_name={R}&plan=pro"),
        ("user%5Bname%5D=Ann&user%5Bplan%5D=pro", f"user%5Bname%5D={R}&user%5Bplan%5D=pro"),
        ("?d=%7B%22name%22%3A%22Ann%22%2C%22n%22%3A1%7D", "?d=%7B%22n%22%3A1%7D"),
        ("user=ann ip=x action=login", f"user={R} ip={R} action=login"),
        ("SET email='x', name='Ann' WHERE id=5", f"SET email='{R}', name='{R}' WHERE id=5"),
        ("--name=Ann", f"--name={R}"),
        ("GET / HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\n", f"GET / HTTP/1.1\r\nHost: x\r\nCookie: {R}\r\n"),
        ("Cookie: a=b; c=d", f"Cookie: {R}"),
        ("From: Ann\nTo: Ben\nSubject: x", f"From: {R}\nTo: {R}\nSubject: x"),
        ("<user><name>Ann</name><plan>pro</plan></user>", f"<user><name>{R}</name><plan>pro</plan></user>"),
        ("{'name': 'Ann', 'plan': 'pro'}", f"{{'name': '{R}', 'plan': 'pro'}}"),
        ('Error: {"email":"x","n":1} in it', f'Error: {{"email":"{R}","n":1}} in it'),
        ('form-data; name="first_name"\r\n\r\nAnn\r\n', f'form-data; name="first_name"\r\n\r\n{R}\r\n'),
    ],
)
def test_documents_in_texts(dirty, cleaned):
    assert clean({"body": dirty}) == {"body": cleaned}
    document = {"body": cleaned}
    assert clean(document) is document


@pytest.mark.parametrize(
    "text",
    [
        "plan=pro&page=2",
        '{"plan": "pro", "n": 1.50}',
        "a: b",
        "Status: user not found",
        "x == y",
        "[1, 2]",
        "{",
        "[draft] a",
    ],
)
def test_other_documents_stay(text):
    assert clean(text) is text


def test_text_in_text_has_an_end():
    import json

    text = json.dumps({"email": "x", "n": 1})
    for _ in range(8):
        text = json.dumps({"a": text})
    assert clean(clean(text)) == clean(text)
