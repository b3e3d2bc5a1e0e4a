"""System checks of `MULTISTATUS` and of the viewsets in the URLconf.

    multistatus.E001  MULTISTATUS is not a dict
    multistatus.E002  MULTISTATUS has a key that is not known
    multistatus.E003  a value of MULTISTATUS that cannot be
    multistatus.E004  a `bulk_limit` that cannot be
    multistatus.E005  another bulk option of a viewset that cannot be
    multistatus.E006  `bulk_commit_every`, but not 1, together with ATOMIC_REQUESTS
    multistatus.W001  a viewset offers nothing in bulk
    multistatus.W002  a viewset has something else under the name of one of our routes
    multistatus.W003  a viewset is routed, but its bulk routes are not
    multistatus.W004  another URL pattern answers instead of one of our routes
    multistatus.W006  a setting that is not read
    multistatus.W007  only our routes of a viewset are mapped, not its single ones
    multistatus.W008  no path can be made to the single routes beside one of ours
    multistatus.W009  routers send reads of a batch to another database than it writes
    multistatus.W010  MariaDB or MySQL shows a batch rows as they were when it began

They read classes and URL patterns; no view is called and no database asked.
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
