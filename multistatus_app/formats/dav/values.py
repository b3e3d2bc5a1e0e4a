"""Text and data as the content of elements. All text is escaped here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from multistatus_app.formats.dav.names import EscapedNames
from multistatus_app.formats.plain import (
    MAX_DATA_DEPTH,
    TOO_DEEP,
    get_member_name,
    get_scalar_text,
    simplify,
)

NIL_ATTRIBUTE: Final = 'xsi:nil="true"'

# Characters that Python strings may hold and XML 1.0 (2.2) may not.
_NO_CHARS: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_IN_TEXT: Final = re.compile(f"[&<>\r{_NO_CHARS}]")
_IN_ATTRIBUTE: Final = re.compile(f'[&<>\r"\t\n{_NO_CHARS}]')
_REFERENCES: Final = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\r": "&#13;",
    "\t": "&#9;",
    "\n": "&#10;",
}
_CONTAINERS: Final = (dict, list, tuple)
# A fast path for types that need no conversion.
_TEXTS: Final[dict[type, Callable[[Any], str]]] = {
    str: str,
    bool: {True: "true", False: "false"}.__getitem__,
}


def escape_text(text: str) -> str:
    """Return text for the content of an element. U+FFFD replaces invalid characters."""
    return _IN_TEXT.sub(_escape, text) if _IN_TEXT.search(text) else text


def escape_attribute(text: str) -> str:
    """Return text for an attribute in double quotes. Line ends and tabs survive."""
    return _IN_ATTRIBUTE.sub(_escape, text) if _IN_ATTRIBUTE.search(text) else text


def _escape(match: re.Match[str]) -> str:
    return _REFERENCES.get(match[0], "\ufffd")


def write_value(tag: str, value: Any, names: EscapedNames) -> str:
    """Return an element that holds a value.

    Lists have `m:item` children, objects have `f:` children.
    """
    parts: list[str] = []
    _write([(tag, value)], parts, names, ())
    return "".join(parts)


def _write(
    members: Iterable[tuple[str, Any]],
    parts: list[str],
    names: EscapedNames,
    path: tuple[int, ...],
) -> None:
    """Write elements to `parts`. `path` holds the identities of their containers."""
    for tag, value in members:
        get_text = _TEXTS.get(type(value))
        if get_text is not None:
            parts.append(_write_text(tag, get_text(value)))
            continue
        value = simplify(value)
        if value is None:
            parts.append(f"<{tag} {NIL_ATTRIBUTE}/>")
        elif not isinstance(value, _CONTAINERS):
            parts.append(_write_text(tag, get_scalar_text(value)))
        elif not value:
            kind = "object" if isinstance(value, dict) else "list"
            parts.append(f'<{tag} m:type="{kind}"/>')
        elif len(path) >= MAX_DATA_DEPTH or id(value) in path:
            parts.append(f"<{tag}>{TOO_DEEP}</{tag}>")
        else:
            parts.append(f"<{tag}>")
            _write(_iter_members(value, names), parts, names, (*path, id(value)))
            parts.append(f"</{tag}>")


def _iter_members(
    container: dict[Any, Any] | list[Any] | tuple[Any, ...], names: EscapedNames
) -> Iterator[tuple[str, Any]]:
    if isinstance(container, dict):
        for key, value in container.items():
            yield f"f:{names[get_member_name(key)]}", value
    else:
        for value in container:
            yield "m:item", value


def _write_text(tag: str, text: str) -> str:
    return f"<{tag}>{escape_text(text)}</{tag}>" if text else f"<{tag}/>"
