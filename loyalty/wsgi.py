"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from loyalty.api.chunks import with_length

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loyalty.settings")
application = with_length(get_wsgi_application())
