"""Settings of the server that tests kill the workers of."""

from __future__ import annotations

from tests.settings import *  # noqa: F403  # the same but for the routes

ROOT_URLCONF = "tests.faults.urls"
