"""All addresses of the product."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from loyalty.display.views import favicon, style, uploaded
from loyalty.health import health

urlpatterns = [
    path("", include("loyalty.api.urls")),
    path("", include("allauth.idp.urls")),
    path("", include("loyalty.identity.urls")),
    path("p/<slug:program>/", include("loyalty.portal.urls")),
    path("", include("loyalty.demo.urls")),
    path("health/", health),
    path("favicon.ico", favicon),
    path("media/pictures/<str:picture>", uploaded),
    path("office/", admin.site.urls),
]
if settings.DEBUG:
    urlpatterns.append(path("style/", style))

handler400 = "loyalty.display.errors.bad_request"
handler403 = "loyalty.display.errors.forbidden"
handler404 = "loyalty.display.errors.not_found"
