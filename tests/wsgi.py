"""The shop as a WSGI application, for servers that tests start."""

from __future__ import annotations

import logging
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
logging.basicConfig(level=logging.ERROR)

application = get_wsgi_application()
