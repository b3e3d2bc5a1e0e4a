"""One operation: a call of the single route's own view.

operation ──▶ batches: what all operations of the request share
              paths: where its single request would go, or 404
              requests: the HttpRequest of that single request
              the view that the URL leads to ◀── states: what the mixin hands over,
                                                 and what it notes
its response or exception ──▶ outcome

A *place* is a path and the view it leads to. The *state* of an operation travels on
its HttpRequest. The *bare* view is an instance of the viewset that runs no operation.
A *stand-in* is a view made by us for a single route that the URLconf does not have.
"""

from multistatus_app.handlers.batches import Batch
from multistatus_app.handlers.failures import has_drfs_exception_handling
from multistatus_app.handlers.handlers import Handler
from multistatus_app.handlers.states import OperationState, get_state

__all__ = [
    "Batch",
    "Handler",
    "OperationState",
    "get_state",
    "has_drfs_exception_handling",
]
