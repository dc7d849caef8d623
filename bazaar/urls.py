from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from bazaar.password_change import password_change
from bazaar.throttle import ThrottledLoginForm

admin.site.site_header = "Multiverse Bazaar"
admin.site.site_title = "Multiverse Bazaar"
admin.site.login_form = ThrottledLoginForm

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/password_change/", admin.site.admin_view(password_change, cacheable=True)),
    path("admin/", admin.site.urls),
    path("", include("maintenance.urls")),
]
