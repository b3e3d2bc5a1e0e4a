"""The viewset that most projects start from."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model
from rest_framework.viewsets import ModelViewSet

from multistatus_app.mixins import BulkModelMixin

_Model = TypeVar("_Model", bound=Model)


class BulkModelViewSet(BulkModelMixin[_Model], ModelViewSet[_Model]):
    """DRF's ModelViewSet with `bulk/` and `batch/`."""
