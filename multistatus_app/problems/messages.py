"""The errors of a serializer → Problems, each with its pointer (RFC 6901)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from rest_framework.settings import api_settings

from multistatus_app.outcomes import Problem
from multistatus_app.problems.failures import (
    MAX_ERRORS,
    ROOT,
    Failure,
    cut,
    fail_with_errors,
)

MAX_POINTER: Final = 1000
"""A longer pointer ends at the last member that fits. Clients choose the names."""

_PLAIN: Final = re.compile(r"[\w.-]*", re.ASCII)

Path = tuple[str | int, ...]
"""The names and indices that lead to a value in the data."""
ToPointer = Callable[[Path], str]


def get_pointer(parent: str, name: Any) -> str:
    """Return the pointer to a member (RFC 6901 3 and 6)."""
    token = str(name)
    return f"{parent}/{token if _PLAIN.fullmatch(token) else _escape(token)}"


def to_pointer(path: Path) -> str:
    """Return the pointer to a path, in the names of the serializer."""
    pointer = ROOT
    for name in path:
        if len(pointer) + len(str(name)) > MAX_POINTER:
            break
        longer = get_pointer(pointer, name)
        if len(longer) > MAX_POINTER:
            break
        pointer = longer
    return pointer


@lru_cache(maxsize=100)
def _escape(token: str) -> str:
    """Return a token escaped for a pointer. It is cached, as names repeat."""
    token = token.replace("~", "~0").replace("/", "~1")
    return quote(token, safe="!$&'()*+,;=:@?-._~", errors="surrogatepass")


def fail_with_messages(
    status: int, detail: Any, *, code: str, to_pointer: ToPointer
) -> Failure:
    """Return the failure that a serializer's errors describe.

    `code` is used for the whole, and for messages without a code.
    """
    messages = list(_walk(detail, ()))
    errors = [
        Problem(
            code=str(getattr(message, "code", None) or code),
            detail=cut(message),
            pointer=to_pointer(path),
        )
        for path, message in messages[:MAX_ERRORS]
    ]
    fields = {path for path, _ in messages if path}
    return fail_with_errors(
        status, code, errors, fields=len(fields), total=len(messages)
    )


def _walk(detail: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield the path and the message of each error, nested ones included."""
    if isinstance(detail, Mapping):
        for name, value in detail.items():
            whole = name in (api_settings.NON_FIELD_ERRORS_KEY, "__all__")
            yield from _walk(value, path if whole else (*path, name))
    elif isinstance(detail, list | tuple):
        for index, value in enumerate(detail):
            nested = isinstance(value, Mapping | list | tuple)
            yield from _walk(value, (*path, index) if nested else path)
    else:
        yield path, detail
