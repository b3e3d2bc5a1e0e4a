"""What is DRF's own or Django's, and who overrides the rest."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from django.db import models
from rest_framework import mixins, serializers, viewsets
from rest_framework.views import APIView

from multistatus_app.overrides.origins import (
    describe_override,
    describe_overrides,
    get_path,
    get_provider,
    is_drf,
    is_inherited,
)
from multistatus_app.viewsets import BulkModelViewSet

pytestmark = pytest.mark.once

CREATE = mixins.CreateModelMixin.perform_create


class Own(BulkModelViewSet):
    """Overrides one hook."""

    def perform_create(self, serializer: Any) -> None:
        """Save it."""
        serializer.save()


class Heir(Own):
    """Overrides nothing."""


def test_provider() -> None:
    assert get_provider(Heir, "perform_create") is Own
    assert get_provider(BulkModelViewSet, "perform_create") is mixins.CreateModelMixin
    assert get_provider(BulkModelViewSet, "finalize_response") is APIView  # not ours
    assert get_provider(Heir, "no_such_name") is None


def test_stock() -> None:
    assert is_inherited(BulkModelViewSet, "perform_create")
    assert not is_inherited(Heir, "perform_create")
    assert not is_inherited(Heir, "no_such_name")


def test_wrapped_is_not_stock() -> None:
    """But where the wrapper is known to add nothing but annotations."""

    @functools.wraps(CREATE)
    def wrapper(*args: Any) -> None:
        CREATE(*args)

    class Wrapping(viewsets.ModelViewSet[Any]):
        perform_create = wrapper

    assert wrapper.__wrapped__ is CREATE
    assert not is_inherited(Wrapping, "perform_create")


def test_annotated_is_stock() -> None:
    drainage = pytest.importorskip("drf_spectacular.drainage")

    class Annotated(viewsets.ModelViewSet[Any]):
        create = drainage.isolate_view_method(viewsets.ModelViewSet, "create")

    annotated = vars(Annotated)["create"]
    assert annotated is not mixins.CreateModelMixin.create
    assert is_inherited(Annotated, "create")


def test_drf() -> None:
    assert is_drf(serializers.ModelSerializer)
    assert is_drf(object)
    assert not is_drf(Own)
    assert not is_drf(models.Model)


def test_made_by_type_is_not_drf() -> None:
    """DRF's metaclass gives it DRF's module for a name."""
    made = type("Made", (serializers.ModelSerializer,), {})
    named = type("ModelSerializer", (serializers.ModelSerializer,), {})

    assert made.__module__ == named.__module__ == "rest_framework.serializers"
    assert not is_drf(made)
    assert not is_drf(named)


def test_sentences() -> None:
    own = f"{__name__}.Own"

    assert get_path(Own) == own
    assert get_path(None) == "nobody"
    assert (
        describe_override("perform_create", Heir)
        == f"perform_create is overridden by {own}"
    )
    assert list(describe_overrides(Heir, ["initial", "finalize_response"])) == []
    assert list(describe_overrides(Heir, ["initial", "perform_create"])) == [
        f"perform_create is overridden by {own}"
    ]
