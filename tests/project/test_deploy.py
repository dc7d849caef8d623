"""What is in `deploy/` fits the program: how it is stopped, where it may write, and that the alerts name metrics."""

import configparser
import re
import shlex
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from environ import Env

from maintenance.cluster import supervisor
from maintenance.core.states import FAILURES
from maintenance.health import metrics
from maintenance.models import JobRun
from tests.bazaar.management.commands.test_quickstart import clone  # noqa: F401 - a fixture

ROOT = Path(settings.BASE_DIR)
DEPLOY = ROOT / "deploy"
STOPS_WITHIN = 15
"""Seconds in which the cluster has ended, as its help says."""
EXAMPLE = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))


def unit(name):
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read(DEPLOY / f"bazaar-{name}.service")
    return parser


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


@pytest.fixture(scope="module")
def rules():
    [group] = yaml.safe_load((DEPLOY / "prometheus-rules.yaml").read_text())["groups"]
    return group["rules"]


@pytest.mark.parametrize("name", ["web", "cluster"])
def test_a_unit_stops_the_leader_first_and_gives_it_time(name):
    service = unit(name)["Service"]

    assert service["KillMode"] == "mixed"
    assert service.get("KillSignal", "SIGTERM") == "SIGTERM"
    assert int(service["TimeoutStopSec"]) > STOPS_WITHIN > supervisor.STOP_WITHIN
    assert service["Restart"] == "always"
    assert unit(name)["Unit"]["StartLimitIntervalSec"] == "0"


@pytest.mark.parametrize("name", ["web", "cluster"])
def test_a_unit_may_do_little(name):
    service = unit(name)["Service"]

    assert service["User"] not in ("root", "")
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    for switch in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictSUIDSGID"):
        assert service[switch] == "yes", switch


def test_the_units_start_what_there_is():
    assert "bazaar.wsgi" in shlex.split(unit("web")["Service"]["ExecStart"])
    assert shlex.split(unit("cluster")["Service"]["ExecStart"])[1:] == ["manage.py", "cluster"]
    for name in ("web", "cluster"):
        assert unit(name)["Service"]["Environment"].startswith("ENV_FILE=/")


def test_the_containers_stop_the_leader_first_and_get_time(compose):
    for name in ("web", "cluster"):
        service = compose["services"][name]
        assert service["init"] is True
        assert int(service["stop_grace_period"].removesuffix("s")) > STOPS_WITHIN
        assert service["restart"] == "unless-stopped"
    assert compose["services"]["cluster"]["stop_signal"] == "SIGTERM"


def test_the_containers_start_when_the_database_is_there_and_migrated(compose):
    services = compose["services"]

    assert services["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    for name in ("web", "cluster"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    for name in ("migrate", "cluster"):
        assert services[name]["command"][2] in get_commands()


def test_the_containers_share_uploads_and_cache_and_may_write_nothing_else(compose):
    for name in ("web", "cluster"):
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["volumes"] == ["data:/var/lib/bazaar"]
        assert service["cap_drop"] == ["ALL"]
        assert service["environment"]["UPLOADS_PATH"].startswith("/var/lib/bazaar/")
        assert Env.cache_url_config(service["environment"]["CACHE_URL"])["LOCATION"].startswith("/var/lib/bazaar/")


def test_nothing_is_open_to_the_world_and_no_secret_stands_here(compose):
    for service in compose["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    text = (DEPLOY / "compose.yaml").read_text()
    assert set(re.findall(r"\$\{(\w+)", text)) <= EXAMPLE | {"POSTGRES_PASSWORD", "POSTGRES_IMAGE", "BASE_IMAGE"}
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "ALLOWED_HOSTS"):
        assert f"${{{name}:?" in text


def test_the_web_process_opens_no_socket_but_its_own_and_ends_for_a_bad_setting():
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    for text in (unit("web")["Service"]["ExecStart"], dockerfile[dockerfile.index("CMD") :]):
        assert "--no-control-socket" in text
        assert "--preload" in text, "without it, a worker that cannot start is started for ever"


def test_the_image_runs_as_nobody_special_and_has_its_static_files():
    dockerfile = (DEPLOY / "Dockerfile").read_text()

    assert re.search(r"^USER (?!root)", dockerfile, flags=re.MULTILINE)
    assert "collectstatic" in dockerfile
    assert re.search(r'^CMD \["gunicorn", "bazaar.wsgi"', dockerfile, flags=re.MULTILINE)
    for source in re.findall(r"^COPY (\S+) ", dockerfile, flags=re.MULTILINE):
        assert (ROOT / source).exists()
        assert f"!{source}" in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()


@pytest.mark.django_db
def test_the_alerts_name_metrics_and_labels_that_there_are(rules):
    JobRun.objects.create(job="scratch", trigger="schedule", status="failed")
    text = metrics.render().decode()
    known = set(re.findall(r"^# TYPE (\w+)", text, flags=re.MULTILINE))
    assert "maintenance_runs_total" in known

    for rule in rules:
        used = set(re.findall(r"maintenance_\w+", rule["expr"]))
        assert used
        assert used <= known
        assert {"summary", "remedy"} <= set(rule["annotations"])
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_the_alert_about_failures_knows_every_state_that_is_one(rules):
    [rule] = [rule for rule in rules if rule["alert"] == "MaintenanceJobFailing"]

    assert set(re.search(r'status=~"([^"]+)"', rule["expr"])[1].split("|")) == {str(status) for status in FAILURES}


@pytest.mark.process
def test_another_user_than_the_one_who_collects_static_files_can_serve_them(clone):  # noqa: F811
    clone("collectstatic", "--no-input", SECRET_KEY="k" * 60)

    collected = clone.folder / "staticfiles"
    found = [collected, *collected.rglob("*")]
    assert any(path.suffix == ".css" for path in found)
    closed = {
        path
        for path in found
        if path.stat().st_mode & 0o444 != 0o444 or (path.is_dir() and path.stat().st_mode & 0o111 != 0o111)
    }
    assert closed == set()
