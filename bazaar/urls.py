from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from bazaar.password_change import password_change
from bazaar.throttle import ThrottledLoginForm
from maintenance.pages.overview import index as first_page

admin.site.site_header = "Multiverse Bazaar"
admin.site.site_title = "Multiverse Bazaar"
admin.site.login_form = ThrottledLoginForm

handler400 = "bazaar.error_pages.bad_request"
handler403 = "bazaar.error_pages.permission_denied"
handler404 = "bazaar.error_pages.page_not_found"
handler500 = "bazaar.error_pages.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/password_change/", admin.site.admin_view(password_change, cacheable=True)),
    path("admin/", admin.site.admin_view(first_page)),
    path("admin/", admin.site.urls),
    path("", include("maintenance.urls")),
]
