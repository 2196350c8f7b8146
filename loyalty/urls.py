"""All addresses of the product."""

from django.contrib import admin
from django.urls import include, path

from loyalty.health import health

urlpatterns = [
    path("", include("loyalty.api.urls")),
    path("", include("allauth.idp.urls")),
    path("", include("loyalty.identity.urls")),
    path("p/<slug:program>/", include("loyalty.portal.urls")),
    path("", include("loyalty.demo.urls")),
    path("health/", health),
    path("office/", admin.site.urls),
]
