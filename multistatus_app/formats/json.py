"""MultiStatus → JSON and XML. The outcomes are committed: rendering must not fail."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, ClassVar, Final
from uuid import uuid4

from rest_framework.renderers import BaseRenderer, JSONRenderer

from multistatus_app.formats import dav
from multistatus_app.problems import explain_document

logger = logging.getLogger("multistatus_app")

CONTENT_TYPE: Final = "application/xml; charset=utf-8"


class MultiStatusJSONRenderer(JSONRenderer):
    """Writes JSON as another renderer does, by default DRF's.

    Results that it cannot encode are written as plain data, or by DRF's: lone
    surrogates are escaped, numbers that JSON lacks become null, values without an
    encoding become text, and data that nests too deep or in itself is cut.
    """

    def __init__(self, renderer: BaseRenderer | None = None) -> None:
        """Take the attributes of the other renderer that negotiation reads."""
        self.renderer = renderer or JSONRenderer()
        self.media_type = self.renderer.media_type
        self.format = self.renderer.format
        self.charset = self.renderer.charset
        self.render_style = self.renderer.render_style

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> Any:
        def write(data: Any) -> Any:
            return self.renderer.render(data, accepted_media_type, renderer_context)

        try:
            return write(data)
        except Exception as exc:
            logger.warning(
                "%s could not write an answer (%s); what it cannot encode is written "
                "in another way.",
                type(self.renderer).__name__,
                type(exc).__name__,
            )
        try:
            return _write_by_results(data, write)
        except Exception:  # the results were not the cause
            return _ASCIIRenderer().render(
                get_plain(data), accepted_media_type, renderer_context
            )


class _ASCIIRenderer(JSONRenderer):
    ensure_ascii = True


def _write_by_results(data: Any, write: Callable[[Any], Any]) -> bytes:
    """Return a document with each result in the best form that can be written.

    Raises:
        Exception: it has no results, or cannot be written for all that.
    """
    mark = uuid4().hex
    spliced: list[bytes] = []
    results = []
    for result in data["results"]:
        mended = _mend(result, write)
        if mended is None:
            results.append(f"{mark}:{len(spliced)}")
            spliced.append(_ASCIIRenderer().render(get_plain(result)))
        else:
            results.append(mended)
    content = write({**data, "results": results})
    if isinstance(content, str):
        content = content.encode()
    pattern = re.compile(rb'"%s:(\d+)"' % mark.encode())
    content, count = pattern.subn(lambda match: spliced[int(match[1])], content)
    if count != len(spliced):
        raise ValueError("The renderer writes results in a way of its own.")
    return bytes(content)


def _mend(result: Any, write: Callable[[Any], Any]) -> Any:
    """Return a result that can be written, as it is or as plain data, or None."""
    for make in (_keep, get_plain):
        with suppress(Exception):  # the next form is plainer
            mended = make(result)
            write(mended)
            return mended
    return None


def _keep(result: Any) -> Any:
    return result


class MultiStatusXMLRenderer(BaseRenderer):
    """Writes a `DAV:multistatus`, or a `DAV:error` for a refusal."""

    media_type = "application/xml"
    format = "xml"
    charset = "utf-8"
    reads_multistatus: ClassVar = True
    """True if it renders the response's `.multistatus`, so `.data` is not built."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        context = renderer_context or {}
        response = context.get("response")
        # Not if another renderer embeds its output, as the browsable page does.
        if response and getattr(response, "accepted_renderer", None) is self:
            response["Content-Type"] = CONTENT_TYPE
        return "".join(_write(data, response, context)).encode()


class MultiStatusTextXMLRenderer(MultiStatusXMLRenderer):
    """The same for clients that ask for text/xml. It answers application/xml, too."""

    media_type = "text/xml"


def get_plain(data: Any) -> Any:
    """Return a copy that any JSON encoder can write. There is no recursion."""
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


def _write(data: Any, response: Any, context: Mapping[str, Any]) -> Iterator[str]:
    """Return the document for a MultiStatus, a refusal or other data."""
    multistatus = getattr(response, "multistatus", None)
    if multistatus is not None:
        request, view = context.get("request"), context.get("view")
        return dav.write_multistatus(
            multistatus,
            base_path="/" if request is None else request.path,
            to_pointer=getattr(getattr(view, "bare", None), "get_bulk_pointer", None),
        )
    failure = getattr(response, "failure", None)
    if failure is None and data is None:
        return iter(())
    if failure is None and getattr(response, "exception", False):
        failure = explain_document(response.status_code, data)
    if failure is not None:
        return dav.write_error(failure.problem, failure.errors)
    return dav.write_document(data)
