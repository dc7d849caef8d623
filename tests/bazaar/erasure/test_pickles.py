"""Packed columns are searched without being loaded."""

import base64
import pickle

import pytest
from django.core import signing
from hypothesis import given, strategies as st

from bazaar.erasure import pickles
from bazaar.erasure.pickles import texts_in
from bazaar.erasure.redactor import Redactor

ANN = Redactor({"ann@example.org"})


def is_mentioned(stored):
    return any(ANN.has_address(text) for text in texts_in(stored))


@pytest.mark.parametrize(
    "stored",
    [
        base64.b64encode(pickle.dumps(("x", {"to": "ann@example.org"}))).decode(),
        base64.b64encode(pickle.dumps("to%3Aann%40example.org")).decode(),
        signing.dumps(["Ann@example.org"]),
        signing.dumps(["ann@example.org " + "x" * 1000], compress=True),
        "plain ann@example.org",
        "!:ann@example.org",
    ],
    ids=["pickled", "pickled in a dress", "signed", "signed and compressed", "plain", "not what it looks like"],
)
def test_packed_values_are_searched(stored):
    assert is_mentioned(stored)


def test_a_longer_address_in_a_packed_value_is_somebody_elses():
    pickled = pickle.dumps({"to": "joann@example.org", "long": "ann@example.org.uk " + "x" * 100})

    assert not is_mentioned(base64.b64encode(pickled).decode())


def test_a_text_of_any_length_is_found_in_a_pickle():
    for length in range(20, 300):
        pickled = pickle.dumps("ann@example.org".ljust(length))
        assert is_mentioned(base64.b64encode(pickled).decode())


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_whatever_is_stored_can_be_searched(before, after):
    stored = base64.b64encode(before + b" <ann@example.org> " + after).decode()

    assert is_mentioned(stored) in {True, False}
    assert is_mentioned(before.decode(errors="replace") + ":") in {True, False}


def test_a_value_that_unpacks_to_far_more_is_read_up_to_a_limit(monkeypatch):
    monkeypatch.setattr(pickles, "LONGEST", 1_000)
    stored = signing.dumps(["ann@example.org", "x" * 1_000_000], compress=True)
    assert len(stored) < 10_000

    texts = list(pickles.texts_in(stored))

    assert is_mentioned(stored)
    assert max(map(len, texts)) < 10_000
