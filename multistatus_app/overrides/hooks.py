"""Detects hooks that end with `serializer.save(...)` from their source.

Only the values passed to `save` are needed of such a hook: the row may be written
later. A source counts if the running code is compiled from it. Nothing here runs a hook
or writes a row.
"""

from __future__ import annotations

import ast
import inspect
import linecache
from collections.abc import Callable
from functools import lru_cache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from rest_framework.serializers import BaseSerializer

# Attributes of the serializer that a hook may read before it saves.
_READABLE: Final = frozenset({"validated_data", "context"})

# Names by which code reaches the locals of a frame, and so the serializer.
_REACHING: Final = frozenset(
    {"locals", "vars", "eval", "exec", "f_locals", "_getframe", "currentframe"}
)

# The only nodes allowed in values, and in statements before the last one.
_KNOWN: Final = (
    *(ast.AnnAssign, ast.Assign, ast.Expr, ast.Pass),
    *(ast.Attribute, ast.BinOp, ast.BoolOp, ast.Call, ast.Compare, ast.Constant),
    *(ast.Dict, ast.FormattedValue, ast.IfExp, ast.JoinedStr, ast.List, ast.Name),
    *(ast.Set, ast.Slice, ast.Starred, ast.Subscript, ast.Tuple, ast.UnaryOp),
    *(ast.boolop, ast.cmpop, ast.expr_context, ast.keyword, ast.operator, ast.unaryop),
)

# Equal for two functions with the same body, wherever they were compiled.
_CODE: Final = (
    *("co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_code"),
    *("co_names", "co_varnames", "co_freevars", "co_cellvars", "co_exceptiontable"),
)


class RecordedSave:
    """Replaces a serializer in a hook that ends with `save`, and records the values."""

    __slots__ = ("_serializer", "values")

    def __init__(self, serializer: BaseSerializer[Any]) -> None:
        """Replace this serializer, whose data is valid."""
        self._serializer = serializer
        self.values: dict[str, Any] | None = None

    @property
    def validated_data(self) -> Any:
        """The serializer's validated data. A hook may remove values."""
        return self._serializer.validated_data

    @property
    def context(self) -> Any:
        """The serializer's context."""
        return self._serializer.context

    @property
    def is_plain(self) -> bool:
        """True if `BaseSerializer.save` would merge these values: it refuses `commit`.

        If not, call `serializer.save(**values)`. The hook has run and is not run again.
        """
        return self.values is not None and "commit" not in self.values

    def save(self, **values: Any) -> None:
        """Record the values."""
        if self.values is not None:
            raise RuntimeError("A hook whose save is recorded calls it once.")
        self.values = values


def ends_with_save(function: Callable[..., Any]) -> bool:
    """Return True if a hook ends with `serializer.save(...)` and ignores its result.

    Its statements have no branches. They use the serializer only to read
    `validated_data` and `context`, and to call `save` with keywords. Other calls before
    that may do anything. False if there is no source.
    """
    hook = _read(function)
    return hook is not None and all(
        _is_harmless(each, hook.serializer)
        for each in (*hook.before, *(keyword.value for keyword in hook.keywords))
    )


def calls_save_alone(function: Callable[..., Any]) -> bool:
    """Return True if a hook is one `serializer.save(...)` of simple values.

    These are constants, the user of the request, and values of the URL and of the data.
    Such a hook can be interrupted and run again.
    """
    hook = _read(function)
    return (
        hook is not None
        and all(map(_is_text, hook.before[:1]))
        and not hook.before[1:]
        and all(each.arg and _is_there(each.value, hook) for each in hook.keywords)
    )


class _Hook(NamedTuple):
    """The parts of a function that ends with `save`."""

    view: str
    serializer: str
    before: list[ast.stmt]
    keywords: list[ast.keyword]


def _read(function: Callable[..., Any]) -> _Hook | None:
    """Return the parts of a function that ends with `save`, or None."""
    if not isinstance(function, FunctionType) or hasattr(function, "__wrapped__"):
        return None
    node = _parse(function.__code__)
    if node is None or function.__defaults__ or function.__kwdefaults__:
        return None
    names = [each.arg for each in (*node.args.posonlyargs, *node.args.args)]
    match node.args, names, node.body:
        case (
            ast.arguments(kwonlyargs=[], vararg=None, kwarg=None),
            [view, serializer],
            [*before, (ast.Expr(call) | ast.Return(call))],
        ):
            match call:
                case ast.Call(ast.Attribute(ast.Name(name), "save"), []):
                    if name == serializer:
                        return _Hook(view, serializer, before, call.keywords)
    return None


@lru_cache(maxsize=500)
def _parse(code: CodeType) -> ast.FunctionDef | None:
    """Return the definition that this code is compiled from, or None."""
    lines = linecache.getlines(code.co_filename)[code.co_firstlineno - 1 :]
    try:
        source = "".join(inspect.getblock(lines))
        # Not dedented, as that would change strings of several lines.
        [node] = ast.parse(f"if 1:\n{source}" if source[:1].isspace() else source).body
    except Exception:  # there is no source, or the file has changed
        return None
    node = node.body[0] if isinstance(node, ast.If) else node
    if not isinstance(node, ast.FunctionDef):
        return None
    node.decorator_list = []
    module = compile(
        ast.Module([node], []), code.co_filename, "exec", dont_inherit=True
    )
    return node if any(_is_alike(each, code) for each in module.co_consts) else None


def _is_alike(made: Any, code: CodeType) -> bool:
    # repr(), because 1 equals True.
    return (
        isinstance(made, CodeType)
        and all(getattr(made, name) == getattr(code, name) for name in _CODE)
        and repr(made.co_consts) == repr(code.co_consts)
    )


def _is_text(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(ast.Constant(str())):
            return True
    return False


def _is_there(value: ast.expr, hook: _Hook) -> bool:
    """Return True if a value is read without running the project's code."""
    match value:
        case ast.Constant():
            return True
        case ast.Attribute(ast.Attribute(ast.Name(name), "request"), "user"):
            return name == hook.view
        case ast.Attribute(ast.Attribute(attr="user") as user, "pk" | "id"):
            return _is_there(user, hook)
        case ast.Subscript(ast.Attribute(ast.Name(name), attribute), ast.Constant()):
            return (name, attribute) in (
                (hook.view, "kwargs"),
                (hook.serializer, "validated_data"),
            )
    return False


def _is_harmless(node: ast.AST, serializer: str) -> bool:
    """Return True if a part of a hook uses only allowed parts of the serializer."""
    match node:
        case ast.Attribute(ast.Name(name), attribute) if name == serializer:
            return attribute in _READABLE and isinstance(node.ctx, ast.Load)
        case ast.Name(name) | ast.Attribute(attr=name) if (
            name == serializer or name in _REACHING
        ):
            return False
        case ast.Attribute() | ast.Subscript() if not isinstance(node.ctx, ast.Load):
            return False
    return isinstance(node, _KNOWN) and all(
        _is_harmless(each, serializer) for each in ast.iter_child_nodes(node)
    )
