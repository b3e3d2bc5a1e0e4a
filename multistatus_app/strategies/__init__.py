"""Strategies: how the operations of a request share a transaction.

execution: operations, options ──▶ strategy, databases, policy
                                     │
transactions: begin ──▶ strategy.run(operations, handler) ──▶ commit, or roll back
                ▲            one outcome per operation             │
                └── locking: wait for the rows, then retry ◀───────┘ deadlock

Alone         no transaction of ours: each operation commits by itself
PerOperation  a savepoint for each operation
PerGroup      a savepoint for each group; a group with a failure is replayed singly
SetBased      sets in a few statements; other operations by one of the two above

The *policy* says what is kept: all or nothing (`atomic`), nothing (`dry_run`), or a
commit after every so many operations. *Singly* means by a call of the view.
"""

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
