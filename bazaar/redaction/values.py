"""Find values that are somebody's wherever they stand: libraries tell whether they are valid.

Telephone numbers in international form (`phonenumbers`), IBANs, payment cards and national identifiers in their usual
form (`python-stdnum`), credentials, coordinates. A number counts only in a form that nothing else has: the nine digits
of a tax number alone could be anything. `docs/redaction.md` lists what is taken for one of these by mistake.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from bazaar.redaction.addresses import Mention
from bazaar.redaction.value_signs import may_hold_value

Check = Callable[[str], bool]


class _Kind(NamedTuple):
    """A form of values, and what tells whether one is valid."""

    name: str
    pattern: re.Pattern[str]
    is_valid: Check


def find_values(text: str) -> Iterator[Mention]:
    """Yield the values in a text that are somebody's, each named by its kind."""
    if not may_hold_value(text):
        return
    for kind in _kinds():
        for match in kind.pattern.finditer(text):
            group = "value" if "value" in match.re.groupindex else 0
            if kind.is_valid(match[group]):
                yield Mention(*match.span(group), kind.name)


_FORMS = {
    "telephone": r"(?<![\w+.])(?:\+|00(?=[1-9]\d{0,2}[ /-]))(?:[\s().\-/]{0,2}\d){7,15}(?!\d)",
    "IBAN": r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![A-Za-z0-9])",
    "card": r"(?<![\w.])(?:\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{15,16})(?!\w|\.\d)",
    "basic": r"\b[Bb]asic (?P<value>[A-Za-z0-9+/]{4,}={0,2})",
    "place": r"(?<![\d.])[-+]?\d{1,2}\.\d{4,20}\s?[,;]\s?[-+]?\d{1,3}\.\d{4,20}(?![\d.])",
    "geo": r"\bgeo:(?P<value>-?\d{1,2}(?:\.\d+)?,-?\d{1,3}(?:\.\d+)?)",
}
_ALWAYS_VALID = {
    "token": r"\beyJ[\w-]{4,}\.[\w-]{4,}\.[\w-]*",  # a pattern # nosec B105
    "bearer": r"\b[Bb]earer (?P<value>[A-Za-z0-9._~+/-]{16,}={0,2})",
    "degrees": r"\d{1,3}\s?°\s?\d{1,2}\s?['′](?:\s?[\d.]{1,8}\s?[\"″])?\s?[NSEWO]\b",
    "trailer": r"(?m:^)\s{0,9}(?:[A-Z][a-z]{1,20}-)[a-z-]{0,20}by:[ \t]*(?P<value>[^\s\[][^\n<]{0,100}[^\s<])",
    "agent": r"\bMozilla/\d\.\d{1,2} \([^\r\n\"\\]{0,400}",
    "account of a network": r"(?<![\w@])@[a-z0-9._=/+-]{1,64}:(?:[\w-]{1,63}\.){1,8}[a-z]{2,63}(?!\w)",
    "caller": r"\"[^\"<>@\n]{1,60}\" <(?:sips?:|tel:)?\+?\d{4,15}",
    "masked address": r"(?<![\w.*•])[\w.]{0,3}[*•]{2,30}[\w.]{0,3}@[\w.*•-]{2,60}",
    "masked number": r"(?<![\w*•+])(?:\+\d{0,3}[ -]?(?=[ (\d]{0,6}(?:XX|\*\*|••))(?:[\dX*•][ ()-]{0,2}){4,14}"
    r"|(?:\*{2,4}[ -]){1,3}|(?:•{2,4}[ -]){1,3})\d{2,4}(?!\w)",
    "mention": r"<@(?P<value>[UW][A-Z0-9]{2,20}(?:\|[^<>]{0,80})?)>",
    "mention of an account": r"\[~(?:accountid:)?(?P<value>[^\]\s]{1,128})\]",
    "gb.nino": r"(?<!\w)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)",
}


_USERINFO = re.compile(r"://(?P<value>[^\s/@:\[\]]{1,64}:[^\s/@]{1,128})@")


def find_userinfo(text: str) -> Iterator[Mention]:
    """Yield names with passwords in URLs; the rest of such a URL looks like an address."""
    if "://" in text and "@" in text:
        for match in _USERINFO.finditer(text):
            yield Mention(*match.span("value"), "userinfo")


@cache
def _kinds() -> tuple[_Kind, ...]:
    checks = {"telephone": is_telephone, "IBAN": _stdnum("iban"), "card": _is_card, "basic": _is_basic}
    checks |= dict.fromkeys(("place", "geo"), _is_place)
    checked = [_Kind(name, re.compile(form), checks[name]) for name, form in _FORMS.items()]
    valid = [_Kind(name, re.compile(form), lambda _: True) for name, form in _ALWAYS_VALID.items()]
    return (*checked, *valid, *_national())


def _national() -> Iterator[_Kind]:
    """Yield the national identifiers whose form is theirs alone."""
    for module, pattern in (
        ("us.ssn", r"\d{3}-\d{2}-\d{4}"),
        ("it.codicefiscale", r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]"),
        ("es.dni", r"\d{8}-?[A-HJ-NP-TV-Z]"),
        ("es.nie", r"[XYZ]-?\d{7}-?[A-HJ-NP-TV-Z]"),
        ("fr.nir", r"[12] ?\d{2} ?\d{2} ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}"),
        ("br.cpf", r"\d{3}\.\d{3}\.\d{3}-\d{2}"),
        ("fi.hetu", r"\d{6}[-+A]\d{3}[0-9A-FHJ-NPR-Y]"),
        ("se.personnummer", r"\d{6}(?:\d{2})?[-+]\d{4}"),
        ("dk.cpr", r"\d{6}-\d{4}"),
        ("be.nn", r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}"),
        ("ch.ssn", r"756\.\d{4}\.\d{4}\.\d{2}"),
        ("mx.curp", r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[0-9A-Z]\d"),
        ("in_.aadhaar", r"[2-9]\d{3} \d{4} \d{4}"),
        ("in_.pan", r"[A-Z]{3}P[A-Z]\d{4}[A-Z]"),
        ("cn.ric", r"\d{17}[\dX]"),
        ("kr.rrn", r"\d{6}-[1-4]\d{6}"),
        ("gb.nhs", r"\d{3} \d{3} \d{4}"),
    ):
        yield _Kind(module, re.compile(rf"(?<![\w.+-])(?:{pattern})(?![\w-])"), _stdnum(module))


def _stdnum(name: str) -> Check:
    """Return the check of a module of python-stdnum, which is loaded when it is needed first."""

    def is_valid(number: str) -> bool:
        from importlib import import_module

        return bool(import_module(f"stdnum.{name}").is_valid(number))

    return is_valid


def is_telephone(text: str) -> bool:
    """Tell whether a text is a telephone number in international form."""
    import phonenumbers

    try:
        number = f"+{text[2:]}" if text.startswith("00") else text
        return phonenumbers.is_valid_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def _is_card(text: str) -> bool:
    """Tell whether digits are the number of a card: the check digit, and the beginnings of the large schemes."""
    from stdnum import luhn

    digits = re.sub(r"\D", "", text)
    is_scheme = re.match(r"4|5[1-5]|2[2-7]|6011|65|35|62", digits) if len(digits) == 16 else re.match(r"3[47]", digits)  # noqa: PLR2004
    return is_scheme is not None and luhn.is_valid(digits)


def _is_basic(text: str) -> bool:
    """Tell whether a text is a name and a password in Base64."""
    try:
        plain = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return b":" in plain and plain.isascii()


def _is_place(text: str) -> bool:
    latitude, longitude = (float(part) for part in re.split(r"[,;]", text))
    return abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude, longitude) != (0, 0)  # noqa: PLR2004 - degrees
