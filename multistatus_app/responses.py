"""The 207 answer: a MultiStatus for our renderers, `.data` for anyone's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import status
from rest_framework.response import Response

from multistatus_app.outcomes import ABSENT, MultiStatus


class MultiStatusResponse(Response):
    """207 Multi-Status, with the summary in a header (RFC 9651 dictionary)."""

    def __init__(
        self, multistatus: MultiStatus, *, headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer with a document."""
        super().__init__(status=status.HTTP_207_MULTI_STATUS, headers=headers)
        self.multistatus = multistatus
        self._data: Any = ABSENT
        self["Multistatus-Summary"] = get_summary(multistatus)

    @property
    def data(self) -> Any:
        """The document as plain data, built when it is first asked for."""
        if self._data is ABSENT:
            self._data = self.multistatus.to_dict()
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        self._data = data

    @property
    def rendered_content(self) -> Any:
        """The document as bytes; a renderer that reads `.multistatus` needs no data."""
        if not getattr(self.accepted_renderer, "reads_multistatus", False):
            return super().rendered_content
        data, self._data = self._data, None
        try:
            return super().rendered_content
        finally:
            self._data = data


def get_summary(multistatus: MultiStatus) -> str:
    """Return the value of the header `Multistatus-Summary`."""
    succeeded = multistatus.succeeded
    return (
        f"total={multistatus.total}, succeeded={succeeded}, "
        f"failed={multistatus.total - succeeded}, committed=?{multistatus.committed:d}"
    )
