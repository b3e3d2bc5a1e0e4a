"""The viewset that most projects start from."""

from __future__ import annotations

from typing import Any

from rest_framework.viewsets import ModelViewSet

from multistatus_app.mixins import BulkModelMixin


class BulkModelViewSet(BulkModelMixin, ModelViewSet[Any]):
    """DRF's ModelViewSet with `bulk/` and `batch/`."""
