"""The command line, in this process: what is printed where, and with which status it ends."""

import json

import pytest
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import CommandError

from bazaar.models import PushToken
from maintenance.core import registry
from maintenance.models import JobRun, JobSetting, Pause
from maintenance.scheduling import controls
from tests.factories import UserFactory
from tests.maintenance.cli.terminal import Terminal

pytestmark = pytest.mark.django_db

FIELDS = {"job", "run_id", "status", "success", "message", "details", "dry_run", "duration_seconds"}


@pytest.mark.parametrize("job", registry.all_jobs(), ids=lambda job: job.name)
@pytest.mark.parametrize("options", [[], ["--dry-run"]], ids=["run", "dry run"])
def test_every_job_runs_by_its_command_and_by_its_name(run, job, options):
    for args in ([job.command], ["jobs", "run", job.name]):
        out, err = run(*args, *options)
        assert out.startswith(f"{job.name}: ")
        assert err == ""
    assert JobRun.objects.filter(job=job.name, status="succeeded", dry_run=bool(options)).count() == 2


def test_json_is_one_object(run, tokens):
    tokens(3)

    out, err = run("cleanup_push_tokens", "--json")

    result = json.loads(out)
    assert set(result) == FIELDS
    assert result["run_id"] == JobRun.objects.get().pk
    assert (result["status"], result["success"], result["dry_run"]) == ("succeeded", True, False)
    assert result["details"]["counts"] == {"deleted": 3}
    assert result["duration_seconds"] >= 0
    assert err == ""


def test_a_dry_run_says_would(run, tokens):
    tokens(2)

    out, _ = run("cleanup_push_tokens", "--dry-run")

    assert "Would delete 2 push tokens." in out
    assert PushToken.objects.count() == 2


def test_a_skipped_run_ends_with_75(run):
    controls.pause()
    _, err = run("cleanup_push_tokens", status=75)
    assert "paused" in err
    result = json.loads(run("cleanup_push_tokens", "--json", status=75)[0])
    assert result["error"] == {"code": "skipped", "message": result["message"], "exit_status": 75}


def test_a_partial_run_ends_with_1(run, scratch_job, items):
    def process(_batch):
        raise RuntimeError

    items(1)
    scratch_job(process)
    out, err = run("jobs", "run", "scratch", status=1)
    assert "could not be deleted" in err
    assert out == ""


def test_an_unknown_job_is_a_usage_error_that_names_the_jobs(run):
    for args in (["jobs", "run", "nope"], ["jobs", "enable", "nope"], ["jobs", "history", "nope"]):
        _, err = run(*args, status=2)
        assert all(job.name in err for job in registry.all_jobs())


def test_an_invalid_setting_ends_with_78(run, settings):
    settings.PUSH_TOKEN_RETENTION_DAYS = "soon"

    _, err = run("cleanup_push_tokens", status=78)
    assert "PUSH_TOKEN_RETENTION_DAYS" in err
    assert err.count("\n") == 1

    out, err = run("cleanup_push_tokens", "--json", status=78)
    error = json.loads(out)["error"]
    assert (error["code"], error["exit_status"]) == ("not-ready", 78)
    assert "PUSH_TOKEN_RETENTION_DAYS" in error["message"]
    assert err == ""
    run("retention", status=78)


@pytest.mark.parametrize("count", ["0", "-1", "many"])
def test_an_invalid_count_is_refused(run, count):
    with pytest.raises(CommandError, match="at least 1"):
        run("cleanup_push_tokens", "--confirm-count", count)


def test_the_volume_guard_is_released_by_its_number(run, tokens, monkeypatch):
    monkeypatch.setattr("maintenance.engine.volume_guard.FLOOR", 2)
    run("cleanup_push_tokens")
    tokens(3)

    _, err = run("cleanup_push_tokens", status=1)
    assert "--confirm-count 3" in err
    run("cleanup_push_tokens", "--confirm-count", "3")

    assert not PushToken.objects.exists()


def test_the_list_shows_every_job_with_its_times_and_results(run, tokens):
    tokens(1)
    run("cleanup_push_tokens")
    controls.disable("cleanup-invitations")

    out, _ = run("jobs")

    lines = {line.split()[0]: line for line in out.splitlines() if line.strip()}
    for job in registry.all_jobs():
        assert job.schedule in lines[job.name]
    assert "Deleted 1 push token." in lines["cleanup-push-tokens"]
    assert "disabled" in lines["cleanup-invitations"]


def test_the_list_has_a_document(run):
    controls.pause(reason="upgrade")

    document = json.loads(run("jobs", "list", "--json")[0])

    assert [job["name"] for job in document["jobs"]] == [job.name for job in registry.all_jobs()]
    assert document["paused"]["reason"] == "upgrade"
    assert json.loads(run("jobs", "--json")[0])["total_jobs"] == document["total_jobs"]


def test_enable_and_disable_are_remembered(run):
    run("jobs", "disable", "cleanup-push-tokens")
    assert JobSetting.objects.get().enabled is False
    run("jobs", "enable", "cleanup-push-tokens")
    assert JobSetting.objects.get().enabled is True


def test_pause_and_resume(run):
    run("jobs", "pause", "--reason", "moving house")
    assert Pause.objects.get().reason == "moving house"
    run("jobs", "pause")
    assert Pause.objects.get().reason == "moving house", "the pause that is on stays as it is"
    assert "moving house" in run("jobs")[0]
    run("jobs", "resume")
    assert not Pause.objects.exists()
    run("jobs", "resume")


def test_one_job_is_paused_for_a_time_by_a_user_for_a_reason(run):
    user, job = UserFactory(), "cleanup-push-tokens"
    arguments = (job, "--for", "2h", "--reason", "moving house", "--by", str(user.pk))

    paused = json.loads(run("jobs", "pause", *arguments, "--json")[0])

    assert (paused["job"], paused["paused_by"], paused["reason"]) == (job, user.pk, "moving house")
    out, document = run("jobs")[0], json.loads(run("jobs", "--json")[0])
    assert f"{job} is PAUSED since" in out
    assert f"by user {user.pk} (moving house): `manage.py jobs resume {job}` resumes it." in " ".join(out.split())
    assert document["paused"] is None
    assert [each["name"] for each in document["jobs"] if each["paused"]] == [job]
    _, err = run("cleanup_push_tokens", status=75)
    assert f"{job} is paused since" in err

    run("jobs", "resume")
    assert Pause.objects.exists(), "only that of all jobs would end"
    run("jobs", "resume", job)
    run("cleanup_push_tokens")


def test_history_shows_the_last_runs_first(run, tokens):
    for number in (1, 2, 3):
        tokens(number)
        run("cleanup_push_tokens")
    run("cleanup_push_tokens", "--dry-run")

    history = json.loads(run("jobs", "history", "cleanup-push-tokens", "--json", "--limit", "3")[0])
    assert [entry["items_done"] for entry in history] == [0, 3, 2]
    out, _ = run("jobs", "history", "cleanup-push-tokens")
    assert len([line for line in out.splitlines() if "2 push tokens" in line or "no push tokens" in line]) == 2
    assert "dry run" in out


def test_retention_shows_each_policy(run, tokens):
    tokens(2)

    policies = {policy["job"]: policy for policy in json.loads(run("retention", "--json")[0])}

    assert set(policies) == {job.name for job in registry.all_jobs() if job.retentions}
    assert policies["cleanup-push-tokens"]["overdue"] == 2
    assert policies["cleanup-push-tokens"]["oldest"].startswith("2020-01-01")
    [line] = [line for line in run("retention")[0].splitlines() if "cleanup-push-tokens" in line]
    assert "90 days" in line


def test_every_command_has_a_help_text_and_its_options_too():
    for name in ("jobs", "retention", "quickstart", *(job.command for job in registry.all_jobs())):
        command = load_command_class(get_commands()[name], name)
        parser = command.create_parser("manage.py", name)
        assert command.help
        assert all(action.help for action in parser._actions if action.option_strings), name


def test_progress_without_a_terminal_is_plain_lines(run, tokens, monkeypatch, batches_of):
    monkeypatch.setattr("maintenance.cli.progress.SECONDS_BETWEEN_LINES", 0)
    tokens(4)
    batches_of(2)

    out, _ = run("cleanup_push_tokens")

    assert "cleanup-push-tokens: 2 of 4" in out
    tokens(4)
    assert "2 of 4" not in run("cleanup_push_tokens", "--no-progress")[0]


def test_progress_on_a_terminal_is_a_bar(tokens, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout", Terminal())
    tokens(2)
    call_command("cleanup_push_tokens", stdout=(out := Terminal()))
    assert "Deleted 2 push tokens." in out.getvalue()
