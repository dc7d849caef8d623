import pytest

from maintenance.core.checkin_urls import EVENTS, of_heartbeat, of_run

HEALTHCHECKS = "https://hc-ping.com/key/{job}/{event:start,0,fail,log}"
SENTRY = "https://o1.ingest.sentry.io/api/2/cron/{job}/key/?status={event:in_progress,ok,error,-}"
CRONITOR = "https://cronitor.link/p/key/{job}?state={event:run,complete,fail,-}"
KUMA = "https://kuma.example.org/api/push/token?status={event:-,up,down,-}&msg={job}"


def all_of(template):
    return [of_run(template, "cleanup-tokens", event) for event in EVENTS]


def test_the_words_of_the_events_are_their_names():
    assert all_of("http://host/{job}/{event}") == [f"http://host/cleanup-tokens/{event}" for event in EVENTS]


def test_a_monitor_has_words_of_its_own():
    hc, sentry = "https://hc-ping.com/key/cleanup-tokens/", "https://o1.ingest.sentry.io/api/2/cron/cleanup-tokens/key/"
    assert all_of(HEALTHCHECKS) == [hc + word for word in ("start", "0", "fail", "log")]
    assert all_of(SENTRY) == [*(f"{sentry}?status={word}" for word in ("in_progress", "ok", "error")), ""]
    assert [url.rpartition("=")[2] for url in all_of(CRONITOR)] == ["run", "complete", "fail", ""]
    assert [bool(url) for url in all_of(KUMA)] == [False, True, True, False]


def test_a_name_is_quoted():
    assert of_run("http://host/{job}/{event}", "a b/c", "start") == "http://host/a%20b%2Fc/start"


@pytest.mark.parametrize(
    "template",
    ["", "http://host/{job}", "host/{event}", "http://host/{event:a,b,c}", "http://host/{event}/{other}", "http:///\n"],
)
def test_a_template_that_cannot_be_used_is_refused(template):
    with pytest.raises(ValueError):
        of_run(template, "job", "start")


def test_a_heartbeat_has_no_placeholder():
    assert of_heartbeat("http://host/key") == "http://host/key"
    with pytest.raises(ValueError):
        of_heartbeat("http://host/{job}")
