"""All addresses of the product."""

from django.contrib import admin
from django.urls import path

from loyalty.health import health

urlpatterns = [
    path("health/", health),
    path("office/", admin.site.urls),
]
