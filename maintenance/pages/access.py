"""Who may see the pages, and who may do what on them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]

VIEW = "maintenance.view_jobrun"
RUN = "maintenance.run_job"
CANCEL = "maintenance.cancel_run"
SCHEDULE = "maintenance.schedule_job"


@dataclass(frozen=True)
class Rights:
    """What one person may do: run a job and read where an error came from, cancel a run, decide about schedules."""

    run: bool
    cancel: bool
    schedule: bool

    @classmethod
    def of(cls, user: Any) -> "Rights":
        return cls(run=user.has_perm(RUN), cancel=user.has_perm(CANCEL), schedule=user.has_perm(SCHEDULE))


def needs(*permissions: str) -> Callable[[View], View]:
    """Refuse whoever lacks one of `permissions`, with status 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perms(permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate
