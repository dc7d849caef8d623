"""Addresses and forms that cannot be read are refused, or the list is shown without its filters."""

import pytest
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpResponse
from django.template.response import SimpleTemplateResponse
from django.test import RequestFactory
from django.urls import path

from maintenance.pages.guard import readable_list, refusing_nul

OK = HttpResponse("OK")


@pytest.fixture
def view():
    """A view behind the guard, as the admin has it."""
    [pattern] = refusing_nul([path("<str:name>", lambda _request, **_kwargs: OK)])
    return pattern.callback


@pytest.mark.parametrize("sent", [{}, {"a": "b"}, {"a": ["b", "c"]}, {"\x01": "\x7f"}])
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_can_be_read_goes_through(view, method, sent):
    assert view(getattr(RequestFactory(), method)("/", sent), name="x") is OK


@pytest.mark.parametrize("sent", [{"a": "b\x00"}, {"a\x00": "b"}, {"a": ["b", "\x00"]}])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_nul_is_refused_wherever_it_stands(view, method, sent):
    with pytest.raises(BadRequest):
        view(getattr(RequestFactory(), method)("/", sent), name="x")


def test_a_nul_in_the_path_is_refused(view):
    with pytest.raises(BadRequest):
        view(RequestFactory().get("/"), name="a\x00b")


def request(query=""):
    return RequestFactory().get(f"/list/{query}")


@pytest.mark.django_db
def test_a_list_that_can_be_read_is_rendered():
    response = SimpleTemplateResponse("maintenance/none.html")
    response.render = lambda: setattr(response, "content", "rendered")

    assert readable_list(lambda _request: response, request()) is response
    assert response.content == b"rendered"
    assert readable_list(lambda _request: OK, request()) is OK


@pytest.mark.django_db
@pytest.mark.parametrize("error", [DataError(), OverflowError(), ValueError()])
def test_filters_that_cannot_be_read_are_left_out_once(error):
    def fail(_request):
        raise error

    answer = readable_list(fail, request("?id=9999999999999999999999"))

    assert (answer.status_code, answer.url) == (302, "/list/?e=1")
    for query in ("?e=1", "?id=1&e=1"):
        with pytest.raises(BadRequest):
            readable_list(fail, request(query))
    with pytest.raises(type(error)):
        readable_list(fail, request())


@pytest.mark.django_db
def test_an_error_of_another_kind_is_raised():
    def fail(_request):
        raise KeyError

    with pytest.raises(KeyError):
        readable_list(fail, request("?id=1"))
