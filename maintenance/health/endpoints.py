"""The addresses for machines: liveness, readiness, health of the jobs, and metrics. None has personal data."""

from http import HTTPStatus

from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from maintenance.conf import settings
from maintenance.core.errors import summary_of
from maintenance.core.states import Level
from maintenance.health import doctor, metrics
from maintenance.health.check_result import HealthReport

UNHEALTHY = HTTPStatus.SERVICE_UNAVAILABLE


@require_safe
@never_cache
def live(_request: HttpRequest) -> HttpResponse:
    """Answer that this process is up. Nothing else is checked, because a restart would repair nothing else."""
    return JsonResponse({"status": Level.WELL})


@require_safe
@never_cache
def ready(_request: HttpRequest) -> HttpResponse:
    """Answer whether this process can serve: the database answers, and is migrated."""
    return _answer(doctor.check_database())


@require_safe
@never_cache
def jobs(_request: HttpRequest) -> HttpResponse:
    """Answer the report of `manage.py doctor`, which may be some seconds old."""
    return _answer(doctor.check_cached())


@require_safe
@never_cache
def prometheus(request: HttpRequest) -> HttpResponse:
    """Answer the metrics to a client that has the token. Without the setting, the address is not found."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        return _text("The token is wrong.\n", HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": "Bearer"})
    database = doctor.check_database()
    if not database.is_healthy:
        return _text(f"{database.results[0].sentence}\n", UNHEALTHY)
    try:
        return HttpResponse(metrics.render(), content_type=metrics.CONTENT_TYPE)
    except Error as error:
        return _text(f"The database refused ({summary_of(error)}).\n", UNHEALTHY)


def _text(sentence: str, status: HTTPStatus, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8", headers=headers)


def _answer(report: HealthReport) -> HttpResponse:
    return JsonResponse(report.as_json(), status=HTTPStatus.OK if report.is_healthy else UNHEALTHY)
