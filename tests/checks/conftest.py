"""The checks of a URLconf."""

from __future__ import annotations

from types import ModuleType

import pytest

from multistatus_app.checks import check_viewsets


@pytest.fixture
def check(settings):
    """Return a function that checks a URLconf made of patterns."""

    def run(*patterns):
        urlconf = ModuleType("urlconf")
        urlconf.urlpatterns = list(patterns)
        settings.ROOT_URLCONF = urlconf
        return check_viewsets()

    return run
