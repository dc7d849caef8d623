"""Make text safe for terminals and logs: control characters in a value are escaped."""

_UNSAFE = (
    *range(0x20),  # C0: newline, ESC, ...
    *range(0x7F, 0xA0),  # DEL and C1
    0x061C,  # Arabic letter mark
    *(0x200E, 0x200F),  # left-to-right and right-to-left mark
    *range(0x2028, 0x202F),  # line and paragraph separator; embeddings and overrides of direction
    *range(0x2066, 0x2070),  # isolates, and the deprecated format characters
    0xFEFF,  # byte order mark
    *range(0xD800, 0xE000),  # lone surrogates, which no encoding can write
)
_ESCAPES = {code: chr(code).encode("ascii", "backslashreplace").decode() for code in _UNSAFE}
_ESCAPES |= {code: f"\\x{code:02x}" for code in (*range(0x20), 0x7F)}  # which are ASCII
_ESCAPES |= {ord("\t"): r"\t", ord("\n"): r"\n", ord("\r"): r"\r"}


def printable(text: str) -> str:
    r"""Return `text` with control characters, marks of direction and lone surrogates escaped: `\n`, `\x1b`, `\u202e`.

    The result is one line. Apply it to values, not to a table that is laid out already.
    """
    return text.translate(_ESCAPES)
