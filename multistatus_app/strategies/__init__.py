"""Strategies: how the operations of a request share a transaction."""

from multistatus_app.strategies.base import Strategy, execute
from multistatus_app.strategies.per_operation import PerOperation

__all__ = ["PerOperation", "Strategy", "execute"]
