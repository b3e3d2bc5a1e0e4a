"""Strategies: how the operations of a request share a transaction."""

from multistatus_app.strategies.alone import Alone
from multistatus_app.strategies.base import Strategy
from multistatus_app.strategies.execution import Execution
from multistatus_app.strategies.per_group import PerGroup
from multistatus_app.strategies.per_operation import PerOperation
from multistatus_app.strategies.set_based import SetBased
from multistatus_app.strategies.transactions import Policy, execute

__all__ = [
    "Alone",
    "Execution",
    "PerGroup",
    "PerOperation",
    "Policy",
    "SetBased",
    "Strategy",
    "execute",
]
