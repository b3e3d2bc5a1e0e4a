"""An entry in the log for each change, with the user of the request."""

from __future__ import annotations

from auditlog.registry import auditlog

from tests.companions.places import Place

PACKAGES = ("django-auditlog",)
APPS = ("auditlog",)
MIDDLEWARE = ("auditlog.middleware.AuditlogMiddleware",)
FILLS = ("auditlog_logentry",)


class City(Place):
    pass


auditlog.register(City)
