"""Every way to write an address that a program would read as that address: strategies for hypothesis."""

import html
import json
import unicodedata

from hypothesis import strategies as st

NAMES = ["ann", "o'brien", "ann+news", "a.b-c_d", "jörg", "straße", "İrem", "νίκος", "用户", "42anna", "x=y", "nora"]
DOMAINS = ["example.org", "mail.example.com", "exämple.org", "straße.example.org", "例子.example.org", "localhost"]
ADDRESSES = st.tuples(st.sampled_from(NAMES), st.sampled_from(DOMAINS)).map("@".join)
CASES = st.sampled_from([str, str.lower, str.upper, str.swapcase, str.title])
FORMS = st.sampled_from(["NFC", "NFD", "NFKC"])
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e"


def percent(character):
    return "".join(f"%{byte:02X}" for byte in character.encode())


def percent_lower(character):
    return percent(character).lower()


def percent_latin(character):
    try:
        return "".join(f"%{byte:02X}" for byte in character.encode("latin-1"))
    except UnicodeEncodeError:
        return percent(character)


def entity(character):
    return f"&#{ord(character)};"


def entity_hex(character):
    return f"&#x{ord(character):x};"


def entity_named(character):
    named = {"@": "&commat;", ".": "&period;", "ö": "&ouml;", "ß": "&szlig;"}
    return named.get(character, html.escape(character, quote=True))


def entity_padded(character):
    return f"&#{ord(character):010};"


def escape(character):
    return "".join(f"\\u{ord(unit):04x}" for unit in character)


def escape_long(character):
    return f"\\U{ord(character):08x}" if ord(character) < 0x10000 else escape(character)


def escape_byte(character):
    return f"\\x{ord(character):02x}" if ord(character) < 256 else escape(character)


def quoted_printable(character):
    return "".join(f"={byte:02X}" for byte in character.encode())


def fullwidth(character):
    return chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character


ESCAPES = [
    percent,
    percent_lower,
    percent_latin,
    entity,
    entity_hex,
    entity_named,
    entity_padded,
    escape,
    escape_long,
    escape_byte,
]
WHOLE = [
    lambda text: text.replace("%", "%25"),
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: html.escape(text, quote=False),
]


@st.composite
def dressed(draw, address):
    """Draw one spelling of `address`."""
    name, _, domain = address.rpartition("@")
    if draw(st.booleans()):
        domain = ".".join(label.encode("idna").decode() for label in domain.split("."))
    text = unicodedata.normalize(draw(FORMS), draw(CASES)(f"{name}@{domain}"))
    if draw(st.booleans()):
        place = draw(st.integers(1, len(text) - 1))
        text = text[:place] + draw(st.sampled_from(INVISIBLE)) + text[place:]
    if draw(st.booleans()):
        text = draw(somewhere(text, fullwidth))
    if draw(st.booleans()):
        text = draw(somewhere(text, draw(st.sampled_from(ESCAPES))))
    elif draw(st.booleans()):
        return draw(quoted(text))
    for encode in draw(st.lists(st.sampled_from(WHOLE), max_size=2)):
        text = encode(text)
    return text


@st.composite
def somewhere(draw, text, write):
    """Draw a text in which some characters are written in another way."""
    chosen = draw(st.sets(st.integers(0, len(text) - 1), min_size=1))
    everything = draw(st.booleans())
    return "".join(write(c) if everything or at in chosen or c == "@" else c for at, c in enumerate(text))


@st.composite
def quoted(draw, text):
    """Draw quoted-printable: whatever is not ASCII, and the `=`, are always encoded."""
    everything = draw(st.booleans())
    encoded = "".join(quoted_printable(c) if everything or c in "@=" or ord(c) > 126 else c for c in text)
    place = draw(st.integers(1, len(text) - 1)) if not everything and "=" not in encoded[:-1] else 0
    return f"{encoded[:place]}=\n{encoded[place:]}" if place else encoded
