"""The certificate as a page and as lines of text."""

from collections.abc import Iterator
from pathlib import Path

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from bazaar.certificates.certificate import Certificate
from maintenance.core.counting import counted
from maintenance.core.time_text import minute

STYLES = Path(__file__).resolve().parent.parent / "static" / "bazaar" / "print.css"
COLUMNS, TEXTS = ("column", "columns"), ("text", "texts")


def facts_of(certificate: Certificate) -> list[tuple[str, str]]:
    """Return what a certificate says apart from its table: names and values."""
    proof = certificate.ledger
    return [
        (_("Request"), f"{certificate.request} ({certificate.reference})"),
        (_("Account"), certificate.account or _("unknown")),
        (_("Requested"), minute(certificate.requested_at)),
        (_("Promised for"), minute(certificate.promised_for)),
        (_("Carried out"), minute(certificate.completed_at)),
        *((str(sentence).partition(": ")[::2]) for sentence in certificate.told["in_words"]),
        (_("Carried out by"), _("run %(id)s") % {"id": certificate.run} if certificate.run else "-"),
        (
            _("Searched at the end"),
            f"{counted(certificate.columns_searched, COLUMNS)}, {counted(certificate.texts_searched, TEXTS)}",
        ),
        (_("Records with a shared address, left to somebody else"), str(certificate.left_to_others)),
        (_("No backup has the data after"), certificate.backups_expire_on.isoformat()),
        (_("Ledger entry"), f"{proof.entry} ({proof.digest})" if proof else "-"),
    ]


def as_html(certificate: Certificate, *, is_alone: bool = False) -> str:
    """Return the page; one that stands alone brings its styles."""
    context = {"certificate": certificate, "facts": facts_of(certificate)}
    return render_to_string("bazaar/certificate.html", context | {"styles": STYLES.read_text() if is_alone else ""})


def as_lines(certificate: Certificate) -> Iterator[str]:
    """Yield the lines of the text, without the table of categories."""
    yield _("Certificate of deletion")
    yield ""
    yield certificate.mode_in_words if certificate.is_proven else _("This deletion cannot be proven.")
    yield ""
    for name, value in facts_of(certificate):
        yield f"{name}: {value}"
    for line in certificate.categories:
        yield ""
        yield _("%(name)s: %(deleted)s deleted, %(changed)s changed") % {
            "name": line.name,
            "deleted": line.deleted,
            "changed": line.changed,
        }
        if line.stays:
            yield f"  {_('stays')}: {line.stays}"
