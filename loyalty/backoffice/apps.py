"""App configuration."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class BackofficeConfig(AppConfig):
    """Registers the back office's admin classes."""

    default = True
    name = "loyalty.backoffice"
    label = "backoffice"


class OfficeConfig(admin_apps.AdminConfig):
    """Django's admin with our site."""

    default = False
    default_site = "loyalty.backoffice.site.Office"
