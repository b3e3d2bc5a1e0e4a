"""MultiStatus → JSON and XML. What is rendered is committed: it must not fail."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from rest_framework.renderers import BaseRenderer, JSONRenderer

from multistatus_app import dav
from multistatus_app.problems import explain_document

CONTENT_TYPE: Final = "application/xml; charset=utf-8"


class MultiStatusJSONRenderer(JSONRenderer):
    """As DRF's, but for data that it would raise an error for.

    Lone surrogates are escaped, numbers that JSON has not are null, values that nobody
    encodes are text, and what nests too deep or in itself is cut.
    """

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the document."""
        try:
            return super().render(data, accepted_media_type, renderer_context)
        except Exception:
            # Which of it was wrong is not worth telling apart: it is rare.
            return _ASCIIRenderer().render(
                get_plain(data), accepted_media_type, renderer_context
            )


class _ASCIIRenderer(JSONRenderer):
    ensure_ascii = True


class MultiStatusXMLRenderer(BaseRenderer):
    """A `DAV:multistatus`; of a refusal, a `DAV:error`."""

    media_type = "application/xml"
    format = "xml"
    charset = "utf-8"
    reads_multistatus: ClassVar = True
    """Whether it takes the response's `.multistatus`, so that `.data` is not built."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the document."""
        context = renderer_context or {}
        response = context.get("response")
        # Not where another renderer shows what this one makes, as the browsable one.
        if response and getattr(response, "accepted_renderer", None) is self:
            response["Content-Type"] = CONTENT_TYPE
        return "".join(_write(data, response, context.get("request"))).encode()


class MultiStatusTextXMLRenderer(MultiStatusXMLRenderer):
    """The same for clients that ask for text/xml; it answers application/xml, too."""

    media_type = "text/xml"


def get_plain(data: Any) -> Any:
    """Return a copy of which any JSON encoder makes JSON; without recursion."""
    result: list[Any] = []
    path: set[int] = set()
    pending: list[tuple[Iterator[tuple[str | None, Any]], Any, Any]]
    pending = [(iter([(None, data)]), result, data)]
    while pending:
        members, target, container = pending[-1]
        for key, value in members:
            value = dav.simplify(value)
            if not isinstance(value, dict | list | tuple):
                _add(target, key, _get_plain_scalar(value))
            elif len(pending) > dav.MAX_DATA_DEPTH or id(value) in path:
                _add(target, key, dav.TOO_DEEP)
            else:
                inner = _add(target, key, {} if isinstance(value, dict) else [])
                path.add(id(value))
                pending.append((_iter_members(value), inner, value))
                break
        else:
            path.discard(id(container))
            pending.pop()
    return result[0]


def _iter_members(
    container: dict[Any, Any] | list[Any] | tuple[Any, ...],
) -> Iterator[tuple[str | None, Any]]:
    if isinstance(container, dict):
        for key, value in container.items():
            yield dav.get_member_name(key), value
    else:
        for value in container:
            yield None, value


def _add(target: Any, key: str | None, value: Any) -> Any:
    if key is None:
        target.append(value)
    else:
        target[key] = value
    return value


def _get_plain_scalar(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int):
        try:
            int.__repr__(value)
        except ValueError:  # more digits than Python prints
            return hex(value)
    return value


def _write(data: Any, response: Any, request: Any) -> Iterator[str]:
    """Return what fits: an answer, a refusal, or data of neither kind."""
    multistatus = getattr(response, "multistatus", None)
    if multistatus is not None:
        base_path = "/" if request is None else request.path
        return dav.write_multistatus(multistatus, base_path=base_path)
    if data is None:
        return iter(())
    if getattr(response, "exception", False):
        failure = explain_document(response.status_code, data)
        return dav.write_error(failure.problem, failure.errors)
    return dav.write_document(data)
