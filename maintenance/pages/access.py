"""The permissions for the pages and their actions."""

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
    """The actions that one user may do. `run` includes the stack traces of errors, `schedule` the pause."""

    run: bool
    cancel: bool
    schedule: bool

    @classmethod
    def of(cls, user: Any) -> "Rights":
        return cls(run=user.has_perm(RUN), cancel=user.has_perm(CANCEL), schedule=user.has_perm(SCHEDULE))


def needs(*permissions: str) -> Callable[[View], View]:
    """Answer status 403 to a user who lacks one of `permissions`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perms(permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate
