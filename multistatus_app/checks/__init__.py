"""System checks of `MULTISTATUS` and of the viewsets in the URLconf.

Their ids are listed in docs/guides/limits.md. They read classes and URL patterns; no
view is called and no database asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.apps import AppConfig
from django.core import checks
from django.core.checks import CheckMessage

from multistatus_app.checks.databases import check_isolation, check_routers
from multistatus_app.checks.routes import check_routes
from multistatus_app.checks.settings import check_multistatus, check_names
from multistatus_app.checks.viewsets import check_viewset
from multistatus_app.handlers.routes import get_routes_by_viewset
from multistatus_app.mixins import BulkModelMixin

TAG: Final = "multistatus"
"""For `manage.py check --tag multistatus`."""


def register() -> None:
    """Register the checks with Django. `AppConfig.ready` calls this."""
    checks.register(check_settings, TAG)
    checks.register(check_viewsets, TAG)


def check_settings(
    app_configs: Iterable[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return the problems in `MULTISTATUS`."""
    return [*check_names(), *check_multistatus()]


def check_viewsets(
    app_configs: Iterable[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return the problems of the viewsets that the URLconf leads to."""
    try:
        found = get_routes_by_viewset(BulkModelMixin)
    except Exception:
        # Django's own check of the URLconf, and the first request, report it.
        return []
    messages: list[CheckMessage] = []
    for viewset, routes in found.items():
        messages += check_viewset(viewset, routes)
        messages += check_routes(viewset, routes)
    if found:
        messages += check_routers()
        messages += check_isolation()
    return messages
