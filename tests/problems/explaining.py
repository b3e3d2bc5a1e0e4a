"""Explains an exception, and what caused it."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ErrorDetail

from multistatus_app import problems


def caused(exc: Exception, **attributes: Any) -> Exception:
    """Return an exception with what its driver's one has."""
    exc.__cause__ = type("DriverError", (Exception,), attributes)()
    return exc


def explain(exc: Exception) -> problems.Failure:
    """Explain what is expected."""
    failure = problems.explain(exc)
    assert failure is not None
    return failure


E = ErrorDetail
