"""Exceptions and documents of failed responses → status and Problems.

exceptions    an exception, along its MRO
constraints   the constraint of a model that the database names
documents     the body of a response that an action returned
messages      the errors of a serializer, each with its pointer
drivers       what the exceptions of database drivers carry
failures      the Failure that all of them make, and its limits
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
