from django.urls import path

from maintenance import views

urlpatterns = [
    path("health/live", views.live, name="health-live"),
    path("health/ready", views.ready, name="health-ready"),
    path("health/jobs", views.jobs, name="health-jobs"),
    path("metrics", views.prometheus, name="metrics"),
]
