"""Probes: the same operation for a row of others and for a key that nobody has."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

from tests.answers import op
from tests.shop.models import Note

SECRET = "nobody else may know"
HIDDEN_KEY, ABSENT_KEY = 876_543, 987_654


def describe(response: Any, key: Any) -> Any:
    """Return all that an answer says, the key of the question left out."""
    headers = {
        name: value
        for name, value in response.headers.items()
        if name not in ("Content-Length", "Set-Cookie")
    }
    text = response.content.decode().replace(str(key), "KEY")
    for pattern in (_KEY, _TAG, TOKEN):
        text = pattern.sub(r"\1…", text)
    return response.status_code, headers, text


# Of rows that were made, which the database counts.
_KEY: Final = re.compile(
    r"""((?:/things/|(?:"|&quot;)(?:id|key)(?:"|&quot;): ?|f:id>))\d+"""
)

TOKEN: Final = re.compile(r"""(csrf\w+"(?:: | value=)")\w+""")
_TAG: Final = re.compile(r"(etag(?:\W|quot)+)[0-9a-f]{32}")


def mask(body: Any, key: Any) -> Any:
    """Put a key where a body says KEY."""
    return json.loads(json.dumps(body).replace('"KEY"', json.dumps(key)))


PATCH = op("PATCH", "KEY", {"position": 2})
PUT = op("PUT", "KEY", {"text": "a", "position": 2})
DELETE = op("DELETE", "KEY")


def compare(ask: Callable[[Any], Any], keys: tuple[Any, Any]) -> None:
    """Ask for both, each with nothing left of the other."""
    found = []
    for key in keys:
        Note.objects.filter(text="mine").delete()
        found.append(describe(ask(key), key))
    assert found[0] == found[1]
