"""The writer of documents: streamed strings, valid for any outcomes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, unquote

from multistatus_app.formats.dav.names import DAV, FIELDS, OURS, XSI, EscapedNames
from multistatus_app.formats.dav.values import (
    NIL_ATTRIBUTE,
    escape_attribute,
    escape_text,
    get_member_name,
    write_value,
)
from multistatus_app.outcomes import ABSENT, MultiStatus, Outcome, Problem, get_phrase

_DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
_NAMESPACES: Final = f'xmlns:D="{DAV}" xmlns:m="{OURS}" xmlns:f="{FIELDS}"'
_XSI_NAMESPACE: Final = f'xmlns:xsi="{XSI}"'

# RFC 4918 8.3: an absolute path or an absolute URI, without dot segments or fragment.
_SAFE: Final = "/~!$&'()*+,;=:@"
_HREF: Final = re.compile(
    r"(?!.*/(?:\.|%2[Ee]){1,2}(?:[/?]|$))"
    r"(?:/(?:[\w.~!$&'()*+,;=:@%?-][\w.~!$&'()*+,;=:@%/?-]*)?"
    r"|[A-Za-z][A-Za-z0-9+.-]*:[\w.~!$&'()*+,;=:@%/?\[\]-]+)",
    re.ASCII,
)


def write_multistatus(
    multistatus: MultiStatus,
    *,
    base_path: str,
    to_pointer: Callable[[tuple[str]], str] | None = None,
) -> Iterator[str]:
    """Yield a `DAV:multistatus`, one string for each response (RFC 4918 14.16).

    `base_path` is the path of the request, not percent-encoded. Operations without a
    resource get an href below it. `to_pointer` makes the pointer to a field of the
    request, as for errors.
    """
    writer = _ResponseWriter(multistatus, base_path=base_path, to_pointer=to_pointer)
    yield f"{_DECLARATION}<D:multistatus {_NAMESPACES}>\n"
    yield from map(writer.write, multistatus.outcomes)
    summary = "".join(
        f' {name}="{str(value).lower()}"'
        for name, value in multistatus.summary.to_dict().items()
    )
    yield f"{_describe(multistatus.detail)}<m:summary{summary}/>\n</D:multistatus>\n"


def write_error(problem: Problem, errors: Iterable[Problem] = ()) -> Iterator[str]:
    """Yield a `DAV:error` for a request that was refused as a whole (RFC 4918 14.5)."""
    errors = tuple(errors)
    names = EscapedNames()
    yield f"{_DECLARATION}<D:error {_NAMESPACES}>"
    yield from (_write_code(each, names) for each in errors or (problem,))
    yield f"{_describe(_join_details(problem, errors))}</D:error>\n"


def write_document(data: Any) -> Iterator[str]:
    """Yield an `m:document`, for data that is neither a MultiStatus nor a refusal."""
    text = write_value("m:document", data, EscapedNames())
    yield _DECLARATION
    yield _declare(text, "m:document", f"{_NAMESPACES} {_XSI_NAMESPACE}")
    yield "\n"


def _declare(text: str, tag: str, namespaces: str) -> str:
    """Return an element with more namespaces declared on it."""
    return text.replace(f"<{tag}", f"<{tag} {namespaces}", 1)


class _ResponseWriter:
    """Writes the outcomes of one document as `DAV:response` elements (14.24)."""

    def __init__(
        self,
        multistatus: MultiStatus,
        *,
        base_path: str,
        to_pointer: Callable[[tuple[str]], str] | None = None,
    ) -> None:
        self.names = EscapedNames()
        self.to_pointer = to_pointer
        self.status_lines: dict[int, str] = {}
        self.base = _get_placeholder_base(base_path)
        self.used: set[str] = set()
        self.reserved = {
            outcome.href
            for outcome in multistatus.outcomes
            if outcome.href is not None and outcome.href.startswith(self.base)
        }

    def write(self, outcome: Outcome) -> str:
        resource = _read_href(outcome.href)
        href = self._claim(resource, outcome.operation.index)
        parts = [f"<D:response><D:href>{escape_text(href)}</D:href>"]
        by_field, others = _group(outcome.errors)
        if by_field:
            parts.extend(self._write_propstats(outcome, by_field))
        else:
            parts.append(self._get_status_line(outcome.status))
        problem = outcome.problem
        if problem is not None:
            # A client that ignores propstats sees the failure here.
            codes = others or (problem,)
            parts.append(self._write_error(outcome, codes, root=resource or href))
            parts.append(_describe(_join_details(problem, others)))
        elif outcome.status == 201 and resource is not None:
            own = escape_text(resource)
            parts.append(f"<D:location><D:href>{own}</D:href></D:location>")
        parts.append(_write_operation(outcome))
        if outcome.data is not ABSENT:
            parts.append(self._write_data(outcome.data))
        parts.append("</D:response>\n")
        return "".join(parts)

    def _claim(self, href: str | None, index: int) -> str:
        """Return an href that is unique in the document (14.24)."""
        if href is None or href in self.used:
            href = f"{self.base}{index}/"
            while href in self.used or href in self.reserved:
                href += "-/"
        self.used.add(href)
        return href

    def _get_status_line(self, status: int) -> str:
        line = self.status_lines.get(status)
        if line is None:
            # Unknown statuses are written as 500.
            number = int(status) if 200 <= status <= 599 else 500
            line = f"<D:status>HTTP/1.1 {number} {get_phrase(number)}</D:status>"
            self.status_lines[status] = line
        return line

    def _write_propstats(
        self, outcome: Outcome, by_field: Mapping[str, list[Problem]]
    ) -> Iterator[str]:
        """Yield a propstat for each failed field, and one for the others (9.2.1)."""
        for field, problems in by_field.items():
            yield (
                f"<D:propstat><D:prop><f:{self.names[field]}/></D:prop>"
                f"{self._get_status_line(outcome.status)}"
                f"{self._write_error(outcome, problems, root=None)}"
                f"{_describe(' '.join(str(each.detail) for each in problems))}"
                f"</D:propstat>"
            )
        data = outcome.operation.data
        submitted = map(self._get_name, data) if isinstance(data, Mapping) else ()
        rest = [name for name in dict.fromkeys(submitted) if name not in by_field]
        if rest:
            props = "".join([f"<f:{self.names[name]}/>" for name in rest])
            yield (
                f"<D:propstat><D:prop>{props}</D:prop>"
                f"{self._get_status_line(424)}</D:propstat>"
            )

    def _get_name(self, member: Any) -> str:
        """Return the client's name for a member of its data."""
        name = get_member_name(member)
        try:
            pointer = self.to_pointer((name,)) if self.to_pointer else ""
        except Exception:  # the response must not fail
            return name
        return _get_field(pointer) if pointer.startswith("#/") else name

    def _write_error(
        self, outcome: Outcome, problems: Iterable[Problem], *, root: str | None
    ) -> str:
        """Return the `DAV:error` (14.5). For a 423 it has the root of the lock (16)."""
        codes = "".join([_write_code(each, self.names) for each in problems])
        if outcome.status == 423 and root is not None:
            codes = (
                f"<D:lock-token-submitted><D:href>{escape_text(root)}</D:href>"
                f"</D:lock-token-submitted>{codes}"
            )
        return f"<D:error>{codes}</D:error>" if codes else ""

    def _write_data(self, data: Any) -> str:
        text = write_value("m:data", data, self.names)
        # Declared only if it may be used. The same words in a text do no harm.
        return (
            _declare(text, "m:data", _XSI_NAMESPACE) if NIL_ATTRIBUTE in text else text
        )


def _get_placeholder_base(base_path: str) -> str:
    """Return the base path of placeholder hrefs, with a slash at both ends."""
    segments = [each for each in base_path.split("/") if each not in ("", ".", "..")]
    path = quote("/".join(["", *segments]), safe=_SAFE, errors="surrogatepass")
    return f"{path}/items/"


def _read_href(href: str | None) -> str | None:
    """Return an href that is valid in the document, or None."""
    if href is None or _HREF.fullmatch(href):
        return href
    cleaned = quote(href, safe=f"{_SAFE}?%[]", errors="surrogatepass")
    if cleaned.startswith("//"):
        cleaned = "/%2F" + cleaned[2:]  # no client may take it for a host
    return cleaned if _HREF.fullmatch(cleaned) else None


def _group(
    errors: Iterable[Problem],
) -> tuple[dict[str, list[Problem]], tuple[Problem, ...]]:
    """Return errors by top-level field, and the errors of no field."""
    by_field: dict[str, list[Problem]] = {}
    others = []
    for error in errors:
        pointer = error.pointer or ""
        if pointer.startswith("#/"):
            by_field.setdefault(_get_field(pointer), []).append(error)
        else:
            others.append(error)
    return by_field, tuple(others)


def _get_field(pointer: str) -> str:
    """Return the first token of a pointer in fragment form (RFC 6901 4 and 6)."""
    token = pointer[2:].partition("/")[0]
    if "%" in token:
        try:
            token = unquote(token, errors="surrogatepass")
        except UnicodeDecodeError:
            token = unquote(token, errors="replace")
    return token.replace("~1", "/").replace("~0", "~")


def _join_details(problem: Problem, errors: Iterable[Problem]) -> str:
    """Return the detail of a problem with the other details of its errors."""
    detail = str(problem.detail)
    return " ".join(
        [detail, *(str(e.detail) for e in errors if str(e.detail) != detail)]
    )


def _describe(text: str) -> str:
    return f"<D:responsedescription>{escape_text(text)}</D:responsedescription>"


def _write_code(problem: Problem, names: EscapedNames) -> str:
    name = names[str(problem.code)]
    if problem.pointer is None:
        return f"<m:{name}/>"
    return f'<m:{name} pointer="{escape_attribute(problem.pointer)}"/>'


def _write_operation(outcome: Outcome) -> str:
    operation = outcome.operation
    members = {
        "index": operation.index,
        "ref": operation.ref,
        "method": operation.method,
        "status": int(outcome.status),
        "retry-after": outcome.retry_after,
        "etag": outcome.etag,
    }
    attributes = "".join(
        [
            f' {name}="{escape_attribute(str(value))}"'
            for name, value in members.items()
            if value is not None
        ]
    )
    return f"<m:operation{attributes}/>"
