"""Tell at once that none of the values of `values` stands in a text: most texts have none, and the forms are many.

A no is certain. Only the shape of the text is looked at, in which all digits are one, and all capitals.
"""

import re

_DIGIT, _CAPITAL, _DOT, _OTHER = b"0A.,"
_SEPARATORS = " +-"


def _table(*, is_coarse: bool) -> bytes:
    """Return what `bytes.translate` makes a shape with; a coarse one takes separators for digits."""
    separator = _DIGIT if is_coarse else ord("-")
    table = bytearray([_OTHER] * 256)
    for code in range(128):
        character = chr(code)
        if character.isdigit():
            table[code] = _DIGIT
        elif character in _SEPARATORS:
            table[code] = separator
        elif character.isupper():
            table[code] = _CAPITAL
        elif character == ".":
            table[code] = _DOT
        elif character.islower() and not is_coarse:
            table[code] = code
    return bytes(table)


COARSE, _FINE = _table(is_coarse=True), _table(is_coarse=False)
_SIGNS = ("@", "**", "••", "XX", '" <', "asic ", "earer ", "by:", "geo:", "[~")
_DIALLED = re.compile(r"\+(?:[\s().\-/]{0,2}\d){7}")
_DIALLED_WITH_ZEROS = re.compile(r"00(?<![\w+.]00)[1-9]\d{0,2}[ /-]")
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_IN_CAPITALS = re.compile(rb"AA-?0|A-?0{7}")
_WITH_DOTS = re.compile(rb"\.0000|00\.00\.00-|\.000\.000-")
_DATE = re.compile(r"20(?<![\w-]20)[0-4]\d-[01]\d-[0-3]\d(?![\d-])")
# Nothing has eight to fourteen digits alone, or seventeen, or more than eighteen.
_NO_VALUE = r"(?!(?:0{7,13}+|0{16}+|0{18,}+)-?+[^0A-])"
_RUN = rf"0{_NO_VALUE}(?:[0A]|-(?!A[a-z])){{7,}}+(?:(?<=-)|(?![a-z]))"
_AFTER_SIGN, _AFTER_SPACE, _AFTER_DOT = (  # quicker than `[,.-]`
    re.compile(f"{sign}{_RUN}".encode()).search for sign in (",", "-", r"\.")
)


def may_hold_value(text: str) -> bool:
    """Tell whether one of the values may stand in a text; a no is certain."""
    for sign in _SIGNS:
        if sign in text:
            return True
    if "+" in text and _DIALLED.search(text):
        return True
    if not text.isascii():
        if "°" in text:
            return True
        text = _OTHER_DIGIT.sub("0", text)
    return may_be_number(text, text.encode("ascii", "replace").translate(COARSE))


def may_be_number(text: str, shape: bytes) -> bool:
    """Tell whether there is a number, or something in capitals, in the form of a value; a date is none."""
    has_capitals = _CAPITAL in shape
    if has_capitals and ("eyJ" in text or "Mozilla/" in text or "<@" in text):
        return True
    if not has_capitals and shape.find(b"000") < 0:  # no form without a capital has less
        return False
    find = shape.find  # an operator of bytes tries for a number first, which takes longer than the search
    if (
        find(b"00000000") >= 0
        or (has_capitals and (find(b"AA0") >= 0 or find(b"A000000") >= 0 or find(b"000000A0") >= 0))
        or (_DOT in shape and find(b"0.0") >= 0 and (find(b".0000") >= 0 or find(b"00.00") >= 0))
    ):
        return _has_form(text)
    return "00" in text and _DIALLED_WITH_ZEROS.search(text) is not None


def _has_form(text: str) -> bool:
    """Tell whether there is a number in the form of a value, which a date is not."""
    if "00" in text and _DIALLED_WITH_ZEROS.search(text):
        return True
    plain = _DATE.sub(",", text) if "-" in text else text
    shape = b",%b," % plain.encode("ascii", "replace").translate(_FINE)
    if _CAPITAL in shape and _IN_CAPITALS.search(shape):
        return True
    if shape.find(b"0.0") >= 0 and _WITH_DOTS.search(shape):
        return True
    return bool(_AFTER_SIGN(shape) or _AFTER_SPACE(shape) or _AFTER_DOT(shape))
