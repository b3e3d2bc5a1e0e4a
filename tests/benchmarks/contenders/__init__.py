"""The ways to write many rows that are measured, each a whole request or many."""

from __future__ import annotations

from typing import Final

from tests.benchmarks.contenders import endpoints, listed, naive, packages, raw
from tests.benchmarks.contenders.contender import Contender
from tests.benchmarks.contenders.endpoints import ProductViewSet

CONTENDERS: Final[tuple[Contender, ...]] = (
    endpoints.singles,
    naive.contender,
    listed.contender,
    *packages.contenders,
    endpoints.depth_2,
    endpoints.bulk,
    raw.from_json,
    raw.ready,
)

__all__ = ["CONTENDERS", "Contender", "ProductViewSet"]
