"""The addresses of check-ins: `{job}` is the name of the job, `{event}` the event.

Monitors have words of their own for the four events: `{event:in_progress,ok,error,-}` has them in the order of
`EVENTS`. An event whose word is a hyphen is not reported.
"""

import re
from urllib.parse import quote

START, SUCCESS, FAIL, LOG = EVENTS = ("start", "success", "fail", "log")
NOT_REPORTED = "-"
EVENT = re.compile(r"\{event(?::([\w./?&=%,-]*))?\}")
URL = re.compile(r"https?://[!-z|~]+", flags=re.IGNORECASE)
"""An address without braces, once its placeholders are filled in."""


def of_run(template: str, job: str, event: str) -> str:
    """Return the address that reports an event; an empty text where it is not reported.

    Raises `ValueError` for a template that cannot be used: it needs `{event}`, and a word for each event.
    """
    words = [found[1].split(",") if found[1] else list(EVENTS) for found in EVENT.finditer(template)]
    if not words or any(len(each) != len(EVENTS) for each in words):
        raise ValueError
    index = EVENTS.index(event)
    url = EVENT.sub(lambda _found: words.pop(0)[index], template) if words[0][index] != NOT_REPORTED else ""
    return of_heartbeat(url.replace("{job}", quote(job, safe=""))) if url else ""


def of_heartbeat(url: str) -> str:
    """Return an address without placeholders; raises `ValueError` where it is none."""
    if not URL.fullmatch(url):
        raise ValueError
    return url
