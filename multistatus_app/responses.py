"""The responses of our routes: the 207, and the headers of a refusal.

Our renderers read the MultiStatus or the Failure. `.data` is for others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from rest_framework import status
from rest_framework.response import Response

from multistatus_app.exceptions import UnsupportedFormat
from multistatus_app.outcomes import ABSENT, MultiStatus, Summary
from multistatus_app.problems import explain_refusal


class MultiStatusResponse(Response):
    """207 Multi-Status, with the summary in a header (RFC 9651 dictionary)."""

    def __init__(
        self, multistatus: MultiStatus, *, headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer with this document."""
        super().__init__(status=status.HTTP_207_MULTI_STATUS, headers=headers)
        self.multistatus = multistatus
        self._data: Any = ABSENT
        self["Multistatus-Summary"] = get_summary(multistatus.summary)

    @property
    def data(self) -> Any:
        """The document as plain data, built on first access."""
        if self._data is ABSENT:
            self._data = self.multistatus.to_dict()
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        self._data = data

    @property
    def rendered_content(self) -> Any:
        """The document as bytes. `.data` is not built for `.multistatus` renderers."""
        if not getattr(self.accepted_renderer, "reads_multistatus", False):
            return super().rendered_content
        data, self._data = self._data, None
        try:
            return super().rendered_content
        finally:
            self._data = data


def get_summary(summary: Summary) -> str:
    """Return the value of the header `Multistatus-Summary`."""
    # RFC 9651 3.3.6: a boolean is ?0 or ?1.
    return ", ".join(
        f"{name}=?{value:d}" if isinstance(value, bool) else f"{name}={value}"
        for name, value in summary.to_dict().items()
    )


def describe_refusal(response: Any, exc: Exception) -> None:
    """Attach the failure and the headers of an exception to its response.

    XML is written from the failure, whatever an exception handler put in `.data`. A 415
    has the supported types in `Accept-Post`, and a failure that may be retried has
    `Retry-After`.
    """
    response.failure = failure = explain_refusal(exc)
    if failure.retry_after is not None:
        response.setdefault("Retry-After", str(failure.retry_after))
    if isinstance(exc, UnsupportedFormat):
        response["Accept-Post"] = ", ".join(exc.taken)


def set_headers(response: HttpResponseBase) -> None:
    """Set the headers of all responses of our routes."""
    patch_vary_headers(response, ("Accept", "Prefer"))
    response["Cache-Control"] = "no-store"
