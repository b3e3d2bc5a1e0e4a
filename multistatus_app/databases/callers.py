"""Names the code of a project that is running."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Final

_LIBRARIES: Final = ("django", "rest_framework", "multistatus_app", "contextlib")


def describe_caller() -> str | None:
    """Return the innermost function that is not Django's, DRF's or ours, with its line.

    None if there is none between the caller of this and the nearest code of ours above
    it.
    """
    here: FrameType | None = sys._getframe(1)
    module = here.f_globals["__name__"] if here else ""
    while here is not None and here.f_globals.get("__name__") == module:
        here = here.f_back
    while here is not None:
        package = str(here.f_globals.get("__name__", "")).partition(".")[0]
        if package == "multistatus_app":
            return None
        if package not in _LIBRARIES:
            code = here.f_code
            name = f"{here.f_globals.get('__name__')}.{code.co_qualname}"
            return f"{name}(), line {here.f_lineno}"
        here = here.f_back
    return None
