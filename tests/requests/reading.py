"""Reads bodies as requests do."""

from __future__ import annotations

from typing import Any

from multistatus_app.outcomes import Operation, Problem
from multistatus_app.requests.batch import read_batch
from multistatus_app.requests.bulk import read_bulk
from multistatus_app.requests.elements import OddElement


def bulk(document: Any, method: str = "PATCH", **limits: int) -> list[Operation]:
    """Read a bulk request with the stock limits."""
    limits = {"limit": 1000, "max_depth": 64} | limits
    return read_bulk(document, method=method, key_name="id", **limits)


def batch(*operations: Any, **limits: int) -> list[Operation]:
    """Read a batch with the stock limits."""
    limits = {"limit": 1000, "max_depth": 64} | limits
    return read_batch({"operations": list(operations)}, **limits)


def get_problem(operation: Operation) -> tuple[str, str, str | None]:
    """Return the one problem of an operation."""
    (problem,) = operation.problems
    return problem.code, problem.detail, problem.pointer


def nest(depth: int) -> Any:
    """Return an array in arrays."""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


ODD = OddElement(detail="Odd.", pointer="#/a", data={"id": "7", "b": "1"})
PROBLEM = (Problem(code="invalid", detail="Odd.", pointer="#/a"),)
