"""Exceptions and documents of failed responses → status and Problems.

exception ──▶ exceptions: by its MRO ─────────────────┐
                ├──▶ drivers: SQLSTATE, error numbers │
                ├──▶ constraints: the model's own     ├──▶ failures: a Failure,
                └──▶ messages: errors with pointers   │    with limits ──▶ Outcome
                        ▲                             │
response ───▶ documents: the body of an error ────────┘

A *Failure* is an outcome without its operation. A *sentence* is a `detail` for people.
A *message* is one error of a serializer, with the *pointer* to its field.
"""

from multistatus_app.problems.documents import explain_document
from multistatus_app.problems.drivers import ends_transaction, get_sqlstate
from multistatus_app.problems.exceptions import (
    LOCK_RETRY_AFTER,
    explain,
    explain_refusal,
    is_expected,
)
from multistatus_app.problems.failures import (
    MAX_DETAIL,
    MAX_ERRORS,
    ROOT,
    Allowance,
    Failure,
    get_unexpected,
    invalid,
    to_outcome,
)
from multistatus_app.problems.messages import get_pointer, to_pointer

__all__ = [
    "LOCK_RETRY_AFTER",
    "MAX_DETAIL",
    "MAX_ERRORS",
    "ROOT",
    "Allowance",
    "Failure",
    "ends_transaction",
    "explain",
    "explain_document",
    "explain_refusal",
    "get_pointer",
    "get_sqlstate",
    "get_unexpected",
    "invalid",
    "is_expected",
    "to_outcome",
    "to_pointer",
]
