"""Values of each environment variable: refused ones, those that are out of bounds, and those that are taken."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from maintenance.core import registry
from maintenance.core.retention import LONGEST
from tests.project.documents import ROOT

RETENTIONS = {retention.setting: retention for job in registry.all_jobs() for retention in job.retentions}
KEY = "only-for-tests-" + "0" * 50
ESCAPE = "a\x1b[31mb"
SECRET = "Tr0ub4dor"
SCRATCH = "/tmp/scratch-of-settings"


@dataclass
class Row:
    """The values of a variable."""

    nonsense: list[str]
    extreme: list[str] = field(default_factory=list)
    good: list[str] = field(default_factory=list)


SWITCH = Row(["maybe", "2", "on # for now", "'on'"], ["-1", "truetrue"], ["on", "OFF", "true", "no", "1", "0", " yes "])
NO_NUMBERS = ["soon", "nan", "-inf", "1_0", "٣", ESCAPE]
NO_WHOLE = [*NO_NUMBERS, "1.5", "1e1"]
EXTREME = ["-1", "99999999999", "9" * 9_999, "1e400"]


PAIR = {"AUDIT_LOG_ANONYMIZE_YEARS": ["1", "2"], "AUDIT_LOG_DELETE_YEARS": ["2", "100"]}
"""Two limits that have to fit together, see `test_limits_that_do_not_fit_are_told`."""


def retention_row(retention):
    most = LONGEST[retention.unit]
    return Row(NO_WHOLE, [*EXTREME, "0", str(most + 1)], PAIR.get(retention.setting, ["1", str(most)]))


TABLE = {
    "SECRET_KEY": Row([ESCAPE, "a\udcffb"], ["k\x00" * 30], [KEY, "$HOME" + KEY, "k" * 9_999]),
    "DEBUG": SWITCH,
    "SECURE_PROXY": SWITCH,
    "HSTS_PRELOAD": SWITCH,
    "ALLOWED_HOSTS": Row(
        ["https://bazaar.example.org", "bazaar.example.org:443", "a b.example.org", "bücher.example.org", ESCAPE],
        ["a.example.org,," + "x/" * 999, f"https://ann:{SECRET}@bazaar.example.org"],
        ["bazaar.example.org, www.example.org,", ".example.org", "localhost,127.0.0.1,[::1]", "*"],
    ),
    "CSRF_TRUSTED_ORIGINS": Row(
        ["bazaar.example.org", "//bazaar.example.org", "ftp://bazaar.example.org", "https://", "https://a b"],
        ["https://bazaar.example.org/", "https://a.example.org/path", f"https://ann:{SECRET}@bazaar.example.org"],
        ["https://bazaar.example.org", "https://*.example.org, http://localhost:8000"],
    ),
    "METRICS_TOKEN": Row(["two words", "tökén", f"{SECRET}\t{SECRET}"], ["t\x7f" * 99], ["t0ken+/=", "t" * 999]),
    "REQUEST_STATEMENT_SECONDS": Row(NO_NUMBERS, [*EXTREME, "0", "601"], ["0.1", "10", "600"]),
    "STAFF_SESSION_IDLE_MINUTES": Row(NO_WHOLE, [*EXTREME, "0", "1441"], ["1", "1440"]),
    "STAFF_SESSION_HOURS": Row(NO_WHOLE, [*EXTREME, "0", "337"], ["1", "336"]),
    "DATABASE_URL": Row(
        [
            "foo",
            "postgres",
            "://",
            "postgres://",
            "mysql://x",
            f"mysql://ann:{SECRET}@db.example.org/bazaar",
            "http://x/y",
        ],
        [
            f"postgres://ann:{SECRET}@db.example.org:99999/bazaar",
            f"postgres://ann:{SECRET}@db.example.org/",
            f"postgres://ann:{SECRET}/x@db.example.org/bazaar",
            f"postgres://ann:{SECRET}@db.example.org/bazaar?nonsense=1",
            f"postgres://ann:{SECRET}@db.example.org/bazaar?conn_max_age=soon",
            f"postgres://ann:{SECRET}@db.example.org/{'b' * 64}",
            "postgres://[::1/bazaar",
            "sqlite://bazaar.sqlite3",
            "sqlite:////tmp",
            "sqlite:////proc/nope/bazaar.sqlite3",
            "sqlite:////etc/hostname/bazaar.sqlite3",
            "sqlite:////tmp/%00/bazaar.sqlite3",
            "sqlite:///",
            f"sqlite:///{SCRATCH}/db.sqlite3?nonsense=1",
        ],
        [
            f"postgres://ann:{SECRET}@db.example.org:5433/bazaar?sslmode=require&conn_max_age=0",
            "postgresql:///bazaar",
            f"sqlite:///{SCRATCH}/made/db.sqlite3",
        ],
    ),
    "LEDGER_DATABASE_URL": Row(
        ["foo", "mysql://x", f"mysql://ann:{SECRET}@db.example.org/ledger"],
        [
            f"postgres://ann:{SECRET}@db.example.org:99999/ledger",
            "sqlite:////proc/nope/ledger.sqlite3",
            "sqlite:///data/bazaar.sqlite3",  # a restore of the main database must not touch it
        ],
        [
            f"postgres://ann:{SECRET}@db.example.org:5433/ledger?sslmode=require&conn_max_age=0",
            f"sqlite:///{SCRATCH}/made/ledger.sqlite3",
        ],
    ),
    "CACHE_URL": Row(
        ["x", "://", "nope://host", "filecache://", "filecache:///", "redis://", f"nope://ann:{SECRET}@host"],
        [
            "locmemcache://",
            "dummycache://",
            "dbcache://cached",
            "memcache://127.0.0.1:11211",
            f"redis://ann:{SECRET}@127.0.0.1:6379/0",  # no client is installed
            f"filecache:///{SCRATCH}/cache?key_function=nope.nope",
            "filecache:///etc/hostname/cache",
            f"filecache:///tmp/{'c' * 999}",
        ],
        [f"filecache://{SCRATCH}/cache", f"filecache://{SCRATCH}/cache?timeout=60"],
    ),
    "UPLOADS_PATH": Row(
        [ESCAPE, "/etc/hostname", "/etc/hostname/uploads", f"/tmp/{'u' * 999}"],
        [
            *(".", "..", "/", "~", "~/..", "data/..", "bazaar", "bazaar/models/uploads", ".git", str(ROOT), "/etc/u"),
            *("/etc", "/home", "/home/ann", "/usr/bin", "/var", "/tmp", "/proc/self/cwd"),
            *(sys.prefix, str(Path(os.__file__).parent)),
        ],
        [f"{SCRATCH}/uploads", f"{SCRATCH}/../{Path(SCRATCH).name}/up loads"],
    ),
    "STORAGE_URL": Row(
        [
            *(
                "s3://uploads",
                f"s3://{SECRET}@host/uploads",
                f"s3://ann:a/{SECRET}@host/uploads",
                "s3://host:99999/uploads",
            ),
            *(f"s3://host/uploads?nope={SECRET}", "s3+ftp://host/uploads", f"s3://ann:{SECRET}%zz@host/uploads"),
            *("nope", "nope.Storage", "x y", "?a=b", "os.path.join", "datetime.date?year=1&month=1&day=1"),
        ],
        [
            f"storages.backends.s3.S3Storage?secret_key={SECRET}",  # no bucket
            f"storages.backends.s3.S3Storage?bucket_name=uploads&nonsense={SECRET}",
            "django.core.files.storage.FileSystemStorage?nonsense=1",
            "django.core.files.storage.FileSystemStorage?location",
            "django.core.files.storage.FileSystemStorage?location=.",
            "django.core.files.storage.FileSystemStorage?location=~",
            "django.core.files.storage.FileSystemStorage?location=/",
            f"django.core.files.storage.FileSystemStorage?location={SCRATCH}/u&file_permissions_mode=rw",
        ],
        [
            f"django.core.files.storage.FileSystemStorage?location={SCRATCH}/uploads&file_permissions_mode=0640",
            f"s3://ann:{SECRET}%2F%2B@s3.example.org:9000/uploads/site?region=eu-central-1&addressing=virtual",
            "s3:///uploads?region=eu-central-1",
            "storages.backends.s3.S3Storage?bucket_name=uploads&region_name=eu-central-1",
        ],
    ),
    "EMAIL_URL": Row(
        ["x", "://", "nope://host", "smtp://", "smtp+tls://ann@", "filemail://", f"nope://ann:{SECRET}@host"],
        [
            f"smtp://ann:{SECRET}@host:99999",
            f"smtp://ann:{SECRET}@host:587?nonsense=1",
            "filemail:////etc/hostname/mail",
        ],
        [
            f"smtp+tls://ann%40example.org:{SECRET}@mail.example.org:587",
            "smtp://localhost",
            "consolemail://",
            f"filemail:///{SCRATCH}/mail",
        ],
    ),
    "DEFAULT_FROM_EMAIL": Row(
        ["bazaar", "@", "a@b@c", "Bazaar <bazaar>", "a b@example.org"],
        ["a@example.org\nBcc: b@example.org", "x" * 999 + "@example.org,"],
        ["bazaar@example.org", "The Bazaar <bazaar@example.org>", "bazaar@localhost"],
    ),
    "SITE_URL": Row(
        ["bazaar.example.org", "ftp://bazaar.example.org", "https://", "https://a b", "https://bazaar.example.org?a=b"],
        [f"https://ann:{SECRET}@bazaar.example.org", "https://bazaar.example.org:999999"],
        ["https://bazaar.example.org", "https://bazaar.example.org/", "http://localhost:8000/site"],
    ),
    "ALERT_URLS": Row(
        ["nope", "ops@example.org", "://", "json//host", f"mailto:{SECRET}@example.org", "json://hóst", ESCAPE],
        [f"json://host, {SECRET}", "x" * 9_999, f"slakc://{SECRET}/b", f"json://host, ntfyss://ann:{SECRET}@host/x"],
        [
            f"mailtos://ann:{SECRET}@mail.example.org?to=ops@example.org,more@example.org",
            "json://a.example.org, ntfys://ntfy.example.org/topic",
            "slack://TokenA/TokenB/TokenC/#channel json://b.example.org,",
        ],
    ),
    "ALERT_AFTER": Row(NO_NUMBERS, [*EXTREME, "86401"], ["0", "300", "86400"]),
    "CHECKIN_URL": Row(
        [
            "hc-ping.com/{job}/{event}",
            "ftp://host/{event}",
            "https://host/{job}",
            "https://host/{event:a,b}",
            "{event}",
        ],
        [f"https://ann:{SECRET}@host/{{job}}/{{evnt}}", "https://host/{event}/{nonsense}", "https://host/{event} x"],
        [
            "https://hc-ping.com/key/{job}/{event:start,0,fail,log}",
            "http://127.0.0.1:8000/{job}/{event}",
            f"https://host/api/cron/{{job}}/{SECRET}/?status={{event:in_progress,ok,error,-}}",
        ],
    ),
    "CHECKIN_HEARTBEAT_URL": Row(
        ["hc-ping.com/key", "ftp://host", "https://", "https://host/{job}", "https://a b"],
        [f"https://ann:{SECRET}@host/{{event}}", "https://"],
        ["https://hc-ping.com/key", "http://127.0.0.1:8000/push?status=up&msg=OK"],
    ),
    "AUDIT_METADATA": Row(["redact", "sanitise,allow-list"], ["sanitise" * 99], ["sanitise", "Allow-List"]),
    "AUDIT_PERSONAL_WORDS": Row(["vor name", "x1", "a;b"], ["w" * 51], ["vorname", "vorname, telefon", "straße"]),
    "LOG_FORMAT": Row(["xml", "console,json"], ["json" * 99], ["console", "JSON"]),
    "LOG_LEVEL": Row(["loud", "10"], ["-1", "INFOINFO"], ["debug", "INFO", "Warning", "ERROR", "CRITICAL"]),
    "BACKUP_RETENTION_DAYS": Row(NO_WHOLE, [*EXTREME, "0", "3651"], ["1", "90", "3650"]),
    "LEDGER_KEY": Row(
        ["short", "k" * 31, "with spaces " * 9, "schlüssel" * 9], ["k\x00" * 40], ["k" * 32, "+/=" * 20, "$HOME" + KEY]
    ),
    "DELETION_GRACE_DAYS": Row(NO_WHOLE, [*EXTREME, "0", "99999999", "3651"], ["1", "30", "3650"]),
    "MAINTENANCE_BATCH_SECONDS": Row(NO_NUMBERS, [*EXTREME, "0", "61"], ["0.0001", "1e-2", "60"]),
    "MAINTENANCE_BATCH_PAUSE": Row(NO_NUMBERS, [*EXTREME, "16", "901"], ["0", "0.5", "15"]),
    "MAINTENANCE_DUTY_CYCLE": Row(NO_NUMBERS, [*EXTREME, "1.01", "40"], ["0", "0.4", "1"]),
    "MAINTENANCE_TIME_BUDGET": Row(NO_NUMBERS, [*EXTREME, "0", "604801"], ["0.1", "3600", "604800"]),
    "MAINTENANCE_LEASE_SECONDS": Row(NO_NUMBERS, [*EXTREME, "0", "1", "3601"], ["5", "3600"]),
    "MAINTENANCE_STALL_SECONDS": Row(NO_NUMBERS, [*EXTREME, "0", "86401"], ["1", "300", "86400"]),
    "Q_WORKERS": Row(NO_WHOLE, [*EXTREME, "0", "2", "257"], ["3", "256"]),
    "Q_TIMEOUT": Row(NO_WHOLE, [*EXTREME, "0", "3600", "1000001"], ["3601", "1000000"]),
    "Q_RETRY": Row(NO_WHOLE, [*EXTREME, "0", "4200", "2000001"], ["4201", "2000000"]),
    **{name: retention_row(retention) for name, retention in RETENTIONS.items()},
}
