"""Django made ready on a test database of its own, without what a server has not."""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager

import django
import rest_framework
from django.conf import settings
from django.db import connection
from django.test.utils import get_runner


@contextmanager
def ready() -> Iterator[None]:
    """Set Django up on the database of `DATABASE`, and clean up at the end."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    settings.ROOT_URLCONF = "tests.benchmarks.contenders.urls"
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    if connection.vendor != "sqlite":
        # Tests that run at the same time have another one.
        connection.settings_dict["TEST"]["NAME"] = "test_multistatus_benchmarks"
    # A connection lives on, as with any server that is set up for speed.
    connection.settings_dict["CONN_MAX_AGE"] = None
    # Single requests whose row the database refuses are a 500, and would be logged.
    logging.disable(logging.CRITICAL)
    runner = get_runner(settings)(verbosity=0, interactive=False)
    runner.setup_test_environment()
    databases = runner.setup_databases()
    try:
        yield
    finally:
        runner.teardown_databases(databases)


def describe() -> str:
    """Return the versions of all that takes part."""
    version = ".".join(map(str, connection.get_database_version()))
    return (
        f"{connection.display_name} {version}, Python {platform.python_version()}, "
        f"Django {django.__version__}, REST framework {rest_framework.VERSION}, "
        f"{os.cpu_count()} cores"
    )
