"""Namespaces, and local names of elements that can hold any text."""

from __future__ import annotations

import re
from typing import Final

DAV: Final = "DAV:"
OURS: Final = "urn:multistatus"
FIELDS: Final = "urn:multistatus:fields"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"

# In Clark notation. Only the writer uses prefixes.
BULK: Final = f"{{{OURS}}}bulk"
BATCH: Final = f"{{{OURS}}}batch"
OPERATION: Final = f"{{{OURS}}}operation"
ITEM: Final = f"{{{OURS}}}item"
TYPE: Final = f"{{{OURS}}}type"
NIL: Final = f"{{{XSI}}}nil"
FIELD_PREFIX: Final = f"{{{FIELDS}}}"
"""The start of a field's Clark name."""

# Letters that are name characters in XML 1.0's fourth edition (expat) and in its fifth
# (libxml2) alike; whole alphabets, so that field names of most languages stay readable.
_LETTERS: Final = (
    "A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0131\u0134-\u013e\u0141-\u0148"
    "\u014a-\u017e\u0391-\u03a1\u03a3-\u03ce\u0401-\u040c\u040e-\u044f\u0451-\u045c"
    "\u05d0-\u05ea\u0621-\u063a\u0641-\u064a\u3041-\u3094\u30a1-\u30fa\u4e00-\u9fa5"
    "\uac00-\ud7a3"
)
_PLAIN: Final = re.compile(r"[A-Za-z](?:[A-Za-z0-9]|_(?!x))*")
# Must be escaped in a name: other characters, a digit, dot or hyphen at the start, and
# an underscore that would start an escape.
_ODD: Final = re.compile(
    rf"[^{_LETTERS}0-9.-]|^[0-9.-]"
    rf"|_(?=x(?:[0-9A-Fa-f]{{4}}){{1,2}}(?:_|[^{_LETTERS}0-9.-]))"
)
_ESCAPE: Final = re.compile(r"_x((?:[0-9A-Fa-f]{4}){1,2})_")
_EMPTY: Final = "_x_"


def escape_name(name: str) -> str:
    """Return an XML local name for any text. `unescape_name` reverses it.

    Odd characters become `_xHHHH_` or `_xHHHHHHHH_`, as in ISO 9075-14 (SQL/XML). The
    empty name becomes `_x_`.
    """
    if _PLAIN.fullmatch(name):
        return name
    if name in ("", _EMPTY):
        return "_x005F_x_" if name else _EMPTY
    return _ODD.sub(_escape, name)


def unescape_name(name: str) -> str:
    """Return the text that `escape_name` escaped."""
    return "" if name == _EMPTY else _ESCAPE.sub(_unescape, name)


class EscapedNames(dict[str, str]):
    """The escaped names of one document, each computed once."""

    def __missing__(self, name: str) -> str:
        """Escape a new name."""
        escaped = self[name] = escape_name(name)
        return escaped


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"_x{code:04X}_" if code <= 0xFFFF else f"_x{code:08X}_"


def _unescape(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code <= 0x10FFFF else match[0]
