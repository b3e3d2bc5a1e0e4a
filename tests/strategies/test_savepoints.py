"""What a project's exception handler leaves is kept, if the database may keep it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from rest_framework import serializers
from rest_framework.test import APIClient
from rest_framework.views import exception_handler

from tests.answers import get_statuses
from tests.conftest import Serve
from tests.handlers.viewsets import get_names, make_view
from tests.shop.models import Category

pytestmark = pytest.mark.django_db(transaction=True)


def handle_and_log(exc: Exception, context: Any) -> Any:
    """Log by a category, below one that may not be there."""
    parent = 999_999 if "orphan" in str(exc) else None
    Category.objects.create(name=f"log of {exc.args}", parent_id=parent)
    return exception_handler(exc, context)


@pytest.mark.skipif(
    connection.vendor == "mysql", reason="MariaDB checks every statement."
)
def test_a_handler_that_leaves_an_orphan(api: APIClient, serve: Serve) -> None:
    """That is rolled back; the operation has failed as it had before."""

    def perform_create(self: Any, serializer: Any) -> None:
        raise serializers.ValidationError(serializer.validated_data["name"])

    serve(
        make_view(
            perform_create=perform_create,
            get_exception_handler=lambda self: handle_and_log,
        )
    )

    response = api.post("/things/bulk/", [{"name": "orphan"}, {"name": "other"}])

    assert get_statuses(response) == [400, 400]
    assert len(get_names()) == 1
