"""Fixtures that most tests of requests need."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from rest_framework.routers import SimpleRouter
from rest_framework.test import APIClient

Serve = Callable[..., None]

# Machines are busy at times, and no test measures time.
hypothesis_settings.register_profile("multistatus", deadline=None)
hypothesis_settings.load_profile("multistatus")


@pytest.fixture
def api() -> APIClient:
    """Return a client that gets a 500 as an answer, as real clients do."""
    return APIClient(raise_request_exception=False)


@pytest.fixture
def serve(settings: Any) -> Serve:
    """Return a function that routes a viewset at `/things/`, and nothing else."""

    def serve(viewset: Any, router: Any = None) -> None:
        router = router or SimpleRouter()
        router.register("things", viewset, basename="thing")
        urlconf = ModuleType("urlconf")
        urlconf.urlpatterns = router.urls  # type: ignore[attr-defined]
        settings.ROOT_URLCONF = urlconf

    return serve


@pytest.fixture
def largest_sets(settings: Any) -> None:
    """Make a set of however few."""
    settings.MULTISTATUS = {"MIN_SET_SIZE": 1}
