"""Hooks that end with `serializer.save(...)`, told from their source.

Of such a hook, only the values passed to `save` are needed: the row may be written
later. A source counts if the code that runs is compiled from it. Nothing here runs a
hook or writes a row.
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

# What a hook may read of its serializer before it saves.
_READABLE: Final = frozenset({"validated_data", "context"})

# Names by which code gets at the locals of a frame, so at the serializer.
_REACHING: Final = frozenset(
    {"locals", "vars", "eval", "exec", "f_locals", "_getframe", "currentframe"}
)

# All that statements before the last one, and values, may be made of.
_KNOWN: Final = (
    *(ast.AnnAssign, ast.Assign, ast.Expr, ast.Pass),
    *(ast.Attribute, ast.BinOp, ast.BoolOp, ast.Call, ast.Compare, ast.Constant),
    *(ast.Dict, ast.FormattedValue, ast.IfExp, ast.JoinedStr, ast.List, ast.Name),
    *(ast.Set, ast.Slice, ast.Starred, ast.Subscript, ast.Tuple, ast.UnaryOp),
    *(ast.boolop, ast.cmpop, ast.expr_context, ast.keyword, ast.operator, ast.unaryop),
)

# Two functions with one body have these alike, wherever they were compiled.
_CODE: Final = (
    *("co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_code"),
    *("co_names", "co_varnames", "co_freevars", "co_cellvars", "co_exceptiontable"),
)


class RecordedSave:
    """Stands in for a serializer whose hook ends with `save`: keeps what was passed."""

    __slots__ = ("_serializer", "values")

    def __init__(self, serializer: BaseSerializer[Any]) -> None:
        """Stand in for this one, whose data is valid."""
        self._serializer = serializer
        self.values: dict[str, Any] | None = None

    @property
    def validated_data(self) -> Any:
        """The serializer's own: a hook may take values out of it."""
        return self._serializer.validated_data

    @property
    def context(self) -> Any:
        """The serializer's own."""
        return self._serializer.context

    @property
    def is_plain(self) -> bool:
        """Whether `BaseSerializer.save` would merge these values: it refuses `commit`.

        If not, what the hook would have done is `serializer.save(**values)`; the hook
        has run and is not run again.
        """
        return self.values is not None and "commit" not in self.values

    def save(self, **values: Any) -> None:
        """Keep the values."""
        if self.values is not None:
            raise RuntimeError("A hook whose save is recorded calls it once.")
        self.values = values


def ends_with_save(function: Callable[..., Any]) -> bool:
    """Whether a hook does nothing after `serializer.save(...)`, nor with its result.

    It is one statement after the other, uses the serializer only to read
    `validated_data` and `context` and to call `save` with keywords alone, and ends with
    that call. What it calls before may do anything. False where there is no source.
    """
    hook = _read(function)
    return hook is not None and all(
        _is_harmless(each, hook.serializer)
        for each in (*hook.before, *(keyword.value for keyword in hook.keywords))
    )


def calls_save_alone(function: Callable[..., Any]) -> bool:
    """Whether a hook is `serializer.save(...)`, of values that are only there.

    Those are constants, the user of the request, and values of the URL and of the data.
    If it is stopped, it can be run again.
    """
    hook = _read(function)
    return (
        hook is not None
        and all(map(_is_text, hook.before[:1]))
        and not hook.before[1:]
        and all(each.arg and _is_there(each.value, hook) for each in hook.keywords)
    )


class _Hook(NamedTuple):
    """A function that ends with `save`."""

    view: str
    serializer: str
    before: list[ast.stmt]
    keywords: list[ast.keyword]


def _read(function: Callable[..., Any]) -> _Hook | None:
    """Return a function that ends with `save` as it was written, or None."""
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
        # Not dedented: that would change texts of several lines.
        [node] = ast.parse(f"if 1:\n{source}" if source[:1].isspace() else source).body
    except Exception:  # there is none, or another file by now
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
    # Equal are 1 and True, too, but not their spelling.
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
    """Whether a value is read without running any code of a project's."""
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
    """Whether a part of a hook gets at no more of the serializer than may be read."""
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
