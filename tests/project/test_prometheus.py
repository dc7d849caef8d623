"""Metrics, alert rules and dashboard, checked by Prometheus' own `promtool`."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.urls import reverse

from maintenance.core import registry
from maintenance.core.states import Level
from maintenance.engine.runner import run_now
from maintenance.health import canary, metrics
from maintenance.models import JobRun
from maintenance.scheduling import controls
from tests.project.alert_cases import CASES, JOB

DEPLOY = Path(settings.BASE_DIR) / "deploy"
RULES = DEPLOY / "prometheus-rules.yaml"
DASHBOARD = DEPLOY / "grafana-dashboard.json"
SELECTOR = re.compile(r"(maintenance_\w+)(?:\{([^}]*)\})?")
NAMES_OF_LABELS = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
[GROUP] = yaml.safe_load(RULES.read_text())["groups"]
SITE = "https://bazaar.example.org"
PAGE = re.compile(
    r'{{ with query "maintenance_page_info{page=\\"(\w+)\\"}" }}{{ \. \| first \| label "url" }}(.*){{ end }}'
)
"""The link of an alert: the address that the metric names, and what follows it."""
LINKS = {f'maintenance_page_info{{page="{page}",url="{SITE}/{page}/"}}': f"1x{20 * 24 * 60}" for page in metrics.PAGES}
ALERTS = {rule["alert"]: rule for rule in GROUP["rules"]}


@pytest.fixture(scope="session")
def promtool():
    """Run `promtool`; return its output, and fail where it finds a fault."""
    path = shutil.which("promtool")
    if path is None:
        if os.environ.get("PROMTOOL_TESTS") == "required":
            pytest.fail("promtool is missing: `apt-get install prometheus` has it.")
        pytest.skip("promtool is missing: `apt-get install prometheus` has it.")

    def run(*arguments, text=None):
        command = [path, *map(str, arguments)]
        ended = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout + ended.stderr

    return run


@pytest.fixture
def printed(db, settings):
    """What the program prints when each metric has a value."""
    canary.keep()
    canary.come_back(1)
    assert run_now(JOB).success
    JobRun.objects.create(job=JOB, trigger="schedule", status="failed", details={"backlog": 3})
    controls.pause()
    settings.SITE_URL = SITE
    return metrics.render().decode()


@pytest.fixture
def labels(printed):
    """The names of the labels of each metric that is printed."""
    found = {}
    for line in printed.splitlines():
        if not line.startswith("#"):
            name, inside = SELECTOR.match(line).groups()
            found[name] = set(NAMES_OF_LABELS.findall(inside or ""))
    assert found["maintenance_runs_total"] == {"job", "status"}
    return found


def selectors_of(expression):
    """Return metric and names of labels of each selector."""
    return [(name, set(NAMES_OF_LABELS.findall(inside))) for name, inside in SELECTOR.findall(expression)]


def queries():
    """Return the queries of the dashboard by panel."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return {panel["title"]: [target["expr"] for target in panel.get("targets", [])] for panel in panels}


def test_the_metrics_are_as_prometheus_wants_them(promtool, printed):
    assert len(printed.splitlines()) > 100
    promtool("check", "metrics", text=printed)


def test_each_metric_has_a_value_in_these_tests(printed, labels):
    declared = set(re.findall(r"^# TYPE (\w+)", printed, flags=re.MULTILINE))

    assert declared == set(labels)


def test_the_rules_can_be_read(promtool):
    assert f"{len(ALERTS)} rules found" in promtool("check", "rules", RULES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_alert_fires_when_it_should_and_only_then(promtool, case, tmp_path):
    rule = ALERTS[case.alert]
    annotations = {
        name: re.sub(r"{{ \$labels\.(\w+) }}", lambda found: case.labels[found[1]], PAGE.sub(rf"{SITE}/\1/\2", text))
        for name, text in (rule["annotations"] if case.fires else {}).items()
    }
    expected = [{"exp_labels": {**rule["labels"], **case.labels}, "exp_annotations": annotations}]
    test = {
        "interval": f"{case.step}m",
        "input_series": [{"series": name, "values": values} for name, values in {**case.samples(), **LINKS}.items()],
        "alert_rule_test": [
            {"eval_time": f"{case.minute}m", "alertname": case.alert, "exp_alerts": expected if case.fires else []}
        ],
    }
    file = tmp_path / "test.yaml"
    document = {"rule_files": [str(RULES)], "evaluation_interval": f"{case.step}m", "tests": [test]}
    file.write_text(yaml.safe_dump(document))

    promtool("test", "rules", file)


def test_the_link_of_an_alert_is_an_address_of_the_site(printed):
    linked = {name: PAGE.search(rule["annotations"].get("page", "")) for name, rule in ALERTS.items()}

    assert [name for name, link in linked.items() if not link] == ["MaintenanceUnknown"]  # no page answers then
    for link in filter(None, linked.values()):
        address = reverse(f"admin:maintenance_{link[1]}")
        assert f'maintenance_page_info{{page="{link[1]}",url="{SITE}{address}"}} 1.0' in printed
        assert link[2] in {"", "{{ $labels.job }}/"}
    assert reverse("admin:maintenance_job", args=[JOB]) == f"{reverse('admin:maintenance_jobs')}{JOB}/"


def test_each_alert_is_tried_in_both_ways():
    for fires in (True, False):
        assert {case.alert for case in CASES if case.fires is fires} == set(ALERTS)


def test_the_stories_are_of_series_that_the_program_prints(labels):
    for case in CASES:
        for series in case.series:
            [(name, used)] = selectors_of(series)
            assert used == labels[name], series
            for level in re.findall(r'level="(\w+)"', series):
                assert level in set(Level)


def test_the_rules_name_metrics_and_labels_that_the_program_prints(labels):
    for rule in ALERTS.values():
        assert selectors_of(rule["expr"])
        for name, used in selectors_of(rule["expr"]):
            assert used <= labels[name], rule["expr"]


def test_the_dashboard_asks_for_metrics_and_labels_that_the_program_prints(labels):
    asked = {name for queries_of in queries().values() for query in queries_of for name, _ in selectors_of(query)}

    for panel, expressions in queries().items():
        assert expressions, panel
        for expression in expressions:
            assert selectors_of(expression), panel
            for name, used in selectors_of(expression):
                assert used <= labels[name], (panel, expression)
            for grouped in re.findall(r"\bby \(([^)]*)\)", expression):
                assert {word.strip() for word in grouped.split(",")} <= set.union(*map(labels.get, asked))
    assert asked == set(labels) - {"maintenance_page_info"}, "each metric has its place, but that for links"


def test_the_queries_of_the_dashboard_can_be_read(promtool, tmp_path):
    expressions = [query for queries_of in queries().values() for query in queries_of]
    known = {"$job": ".*", "$__rate_interval": "5m", "$__range": "1h"}
    rules = []
    for number, expression in enumerate(expressions):
        query = re.sub(r"\$\w+", lambda variable: known[variable[0]], expression)
        rules.append({"record": f"query:{number}", "expr": query})
    file = tmp_path / "queries.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))

    assert f"{len(rules)} rules found" in promtool("check", "rules", "--lint=none", file)


def test_the_dashboard_can_be_imported():
    dashboard = json.loads(DASHBOARD.read_text())

    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    assert dashboard["uid"]
    assert dashboard["schemaVersion"] >= 36
    assert {name["name"] for name in dashboard["templating"]["list"]} == {"datasource", "job"}
    for panel in dashboard["panels"]:
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
    assert len(registry.names()) > 1
