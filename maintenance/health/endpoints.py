"""What machines ask: is the process up, can it serve, are the jobs well, and the metrics. No personal data anywhere."""

from http import HTTPStatus

from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from maintenance.conf import settings
from maintenance.core.errors import summary_of
from maintenance.health import doctor, metrics
from maintenance.health.check_result import Report

NOT_WELL = HTTPStatus.SERVICE_UNAVAILABLE


@require_safe
@never_cache
def live(_request: HttpRequest) -> HttpResponse:
    """Answer that this process is up: nothing else is looked at, since starting it again would mend nothing else."""
    return JsonResponse({"status": "well"})


@require_safe
@never_cache
def ready(_request: HttpRequest) -> HttpResponse:
    """Answer whether this process can serve: the database answers, and is migrated."""
    return _answer(doctor.examine_database())


@require_safe
@never_cache
def jobs(_request: HttpRequest) -> HttpResponse:
    """Answer what `manage.py doctor` says, or has just said."""
    return _answer(doctor.examine_at_intervals())


@require_safe
@never_cache
def prometheus(request: HttpRequest) -> HttpResponse:
    """Answer the metrics to whoever has the token; without the setting there is nothing here."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        return _text("The token is wrong.\n", HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": "Bearer"})
    database = doctor.examine_database()
    if not database.is_well:
        return _text(f"{database.verdicts[0].sentence}\n", NOT_WELL)
    try:
        return HttpResponse(metrics.render(), content_type=metrics.CONTENT_TYPE)
    except Error as error:
        return _text(f"The database refused ({summary_of(error)}).\n", NOT_WELL)


def _text(sentence: str, status: HTTPStatus, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8", headers=headers)


def _answer(report: Report) -> HttpResponse:
    return JsonResponse(report.as_json(), status=HTTPStatus.OK if report.is_well else NOT_WELL)
