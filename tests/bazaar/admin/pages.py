"""What tests need to look at admin pages and to fill in their forms."""

from django import forms
from django.test import Client
from django.urls import reverse


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


def url(model, view, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def get(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return response


def posted(response, **changes):
    """Return what a browser would send from a page, with `changes`."""
    formsets = [inline.formset for inline in response.context.get("inline_admin_formsets", [])]
    shown = [response.context["adminform"].form]
    shown += [form for formset in formsets for form in (formset.management_form, *formset.forms)]
    data = {}
    for field in (field for form in shown for field in form):
        value, widget = field.value(), field.field.widget
        if isinstance(widget, forms.MultiWidget):
            names = [field.html_name + suffix for suffix in widget.widgets_names]
            data |= {name: part for name, part in zip(names, widget.decompress(value), strict=True) if part}
        elif value is not None and value is not False:
            data[field.html_name] = value
    return data | changes
