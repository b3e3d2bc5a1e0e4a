"""Batches that are sent one by one and in sets: what is left must be the same."""

from __future__ import annotations

from tests.strategies.batches import deletes, keys, uniques, writes
from tests.strategies.batches.base import BATCHES

__all__ = ["BATCHES", "deletes", "keys", "uniques", "writes"]
