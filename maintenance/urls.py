from django.urls import path

from maintenance.health import endpoints

urlpatterns = [
    path("health/live", endpoints.live, name="health-live"),
    path("health/ready", endpoints.ready, name="health-ready"),
    path("health/jobs", endpoints.jobs, name="health-jobs"),
    path("metrics", endpoints.prometheus, name="metrics"),
]
