"""The body of a failed response → a Failure, if it is one of DRF's documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from rest_framework.exceptions import ErrorDetail

from multistatus_app.problems.failures import Failure, fail
from multistatus_app.problems.messages import ToPointer, fail_with_messages, to_pointer

_SENTENCES: Final = ("detail", "message", "title", "error")
_CODES: Final[Mapping[int, str]] = {
    400: "invalid",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    412: "precondition_failed",
    415: "unsupported_media_type",
    423: "locked",
    429: "throttled",
}


def explain_document(
    status: int, document: Any, *, to_pointer: ToPointer = to_pointer
) -> Failure:
    """Return the failure that the body of a failed response describes.

    It may be a sentence or the errors of a serializer. For a document in another shape
    only the status counts: its members are no fields.
    """
    code = _CODES.get(status, "error")
    sentence = _get_sentence(document)
    if sentence is not None:
        own = document.get("code")
        code = (own if isinstance(own, str) else "") or (
            getattr(sentence, "code", None) or code
        )
        return fail(status, code, sentence)
    if _has_messages(document, in_list=True):
        failure = fail_with_messages(
            status, document, code="invalid", to_pointer=to_pointer
        )
        problem = replace(failure.problem, code=code)
        return replace(failure, status=status, problem=problem)
    return fail(status, code, "The operation failed.")


def _get_sentence(document: Any) -> Any:
    if not isinstance(document, Mapping):
        return None
    sentences = (document.get(name) for name in _SENTENCES)
    return next((each for each in sentences if isinstance(each, str) and each), None)


def _has_messages(document: Any, *, in_list: bool) -> bool:
    """Return True if all leaves are messages: DRF's type, or texts in lists."""
    if isinstance(document, str):
        return bool(document) and (in_list or isinstance(document, ErrorDetail))
    if isinstance(document, Mapping):
        return all(_has_messages(each, in_list=False) for each in document.values())
    if isinstance(document, list | tuple):
        return all(_has_messages(each, in_list=True) for each in document)
    return False
