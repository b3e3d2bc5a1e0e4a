"""Hooks that end with `serializer.save(...)`, told from their bytecode.

Of such a hook, only the values passed to `save` are needed: the row may be written
later. Nothing here runs a hook or writes a row.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Iterator
from enum import Enum, auto
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeGuard

if TYPE_CHECKING:
    from rest_framework.serializers import BaseSerializer

# Another Python may give these opcodes another meaning: it proves nothing.
_PYTHONS: Final = frozenset({(3, 11), (3, 12), (3, 13), (3, 14)})

# What a hook may read of its serializer before it saves.
_READABLE: Final = frozenset({"validated_data", "context"})

# Names by which code gets at the locals of a frame, so at the serializer.
_REACHING: Final = frozenset(
    {"locals", "vars", "eval", "exec", "f_locals", "_getframe", "currentframe"}
)

_IGNORED: Final = frozenset({"RESUME", "NOP", "PRECALL"})

# Accesses of locals, one after another.
_LOCALS: Final = {
    "LOAD_FAST_BORROW": ("LOAD_FAST",),
    "LOAD_FAST_LOAD_FAST": ("LOAD_FAST", "LOAD_FAST"),
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW": ("LOAD_FAST", "LOAD_FAST"),
}

# How many values these take, by their argument; each makes one of them.
_TAKES: Final[dict[str, Callable[[int], int]]] = {
    "LOAD_SMALL_INT": lambda _: 0,
    "UNARY_INVERT": lambda _: 1,
    "UNARY_NEGATIVE": lambda _: 1,
    "UNARY_NOT": lambda _: 1,
    "TO_BOOL": lambda _: 1,
    "BINARY_OP": lambda _: 2,
    "BINARY_SUBSCR": lambda _: 2,
    "BINARY_SLICE": lambda _: 3,
    "BUILD_SLICE": lambda count: count,
    "COMPARE_OP": lambda _: 2,
    "CONTAINS_OP": lambda _: 2,
    "IS_OP": lambda _: 2,
    "BUILD_LIST": lambda count: count,
    "BUILD_SET": lambda count: count,
    "BUILD_TUPLE": lambda count: count,
    "BUILD_MAP": lambda count: 2 * count,
    "BUILD_CONST_KEY_MAP": lambda count: count + 1,
    "BUILD_STRING": lambda count: count,
    "CONVERT_VALUE": lambda _: 1,
    "FORMAT_SIMPLE": lambda _: 1,
    "FORMAT_WITH_SPEC": lambda _: 2,
    "FORMAT_VALUE": lambda flags: 2 if flags & 4 else 1,
}

# All that may follow `save`: its result is returned or dropped.
_ENDS: Final = (
    [("RETURN_VALUE", None)],
    [("POP_TOP", None), ("LOAD_CONST", None), ("RETURN_VALUE", None)],
    [("POP_TOP", None), ("RETURN_CONST", None)],
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

    The proof: it is straight-line code of `self` and a serializer, uses the serializer
    only to read `validated_data` and `context` and to call `save` with keywords alone,
    and returns right after that call. False where there is no such proof, as of code
    that was not understood.
    """
    if not _is_readable(function):
        return False
    code = function.__code__
    steps = _read(code)
    proof = _Proof(code.co_varnames[1])
    try:
        while not proof.is_saved:
            proof.follow(next(steps))
    except (_Unproven, StopIteration):
        return False
    return [(step.name, step.value) for step in steps] in _ENDS


def calls_save_alone(function: Callable[..., Any]) -> bool:
    """Whether a hook ends with save, and calls nothing before it.

    It only reads attributes then: if it is stopped, it can be run again.
    """
    return (
        ends_with_save(function)
        and sum(step.name.startswith("CALL") for step in _read(function.__code__)) == 1
    )


def _is_readable(function: Callable[..., Any]) -> TypeGuard[FunctionType]:
    """Whether it is a plain function of two arguments, on a Python known here."""
    if not isinstance(function, FunctionType) or hasattr(function, "__wrapped__"):
        return False
    code = function.__code__
    return (
        sys.implementation.name == "cpython"
        and sys.version_info[:2] in _PYTHONS
        and (code.co_argcount, code.co_kwonlyargcount) == (2, 0)
        and not code.co_flags & (CO_VARARGS | CO_VARKEYWORDS)
        and function.__defaults__ is None
        and not code.co_exceptiontable
        and _REACHING.isdisjoint(code.co_names)
    )


class _Step(NamedTuple):
    """One instruction, spelled alike for every Python."""

    name: str
    arg: int | None
    value: Any


def _read(code: CodeType) -> Iterator[_Step]:
    """Yield the instructions as compiled, whoever runs or traces the code."""
    for instruction in dis.get_instructions(code, adaptive=False):
        name, arg, value = instruction.opname, instruction.arg, instruction.argval
        if name in _LOCALS:
            variables = value if isinstance(value, tuple) else (value,)
            for access, variable in zip(_LOCALS[name], variables, strict=True):
                yield _Step(access, None, variable)
        elif name == "KW_NAMES" and arg is not None:
            yield _Step(name, arg, code.co_consts[arg])  # not told by dis of 3.12.1
        elif name == "LOAD_ATTR" and sys.version_info[:2] != (3, 11):
            # Since 3.12, LOAD_METHOD is a bit of it.
            yield _Step("LOAD_METHOD" if (arg or 0) & 1 else name, None, value)
        elif name not in _IGNORED:
            yield _Step(name, arg, value)


class _Kind(Enum):
    """What may lie on the stack; a constant tuple lies there as itself."""

    VALUE = auto()
    NULL = auto()
    SERIALIZER = auto()
    SAVE = auto()


_NO_VALUES: Final = (_Kind.NULL, _Kind.SERIALIZER, _Kind.SAVE)


class _Unproven(Exception):
    """The code does what is not known to be harmless."""


class _Proof:
    """The stack of a hook, as far as it tells where the serializer is."""

    def __init__(self, serializer: str) -> None:
        """Start with the serializer in the local variable of this name."""
        self.serializer = serializer
        self.stack: list[_Kind | tuple[Any, ...]] = []
        self.keywords = 0
        self.is_saved = False

    def follow(self, step: _Step) -> None:
        """Do one step; raises where the serializer goes out of sight."""
        arg = step.arg or 0
        match step.name:
            case name if name in _TAKES:
                self.make(_TAKES[name](arg))
            case "DICT_MERGE" | "DICT_UPDATE" | "LIST_EXTEND" if arg == 1:
                self.make(2)
            case "LOAD_CONST" if isinstance(step.value, tuple):
                self.stack.append(step.value)
            case "LOAD_CONST":
                self.stack.append(_Kind.VALUE)
            case "LOAD_GLOBAL":
                self.stack += [_Kind.VALUE, _Kind.NULL][: 1 + (arg & 1)]
            case "LOAD_FAST" if step.value == self.serializer:
                self.stack.append(_Kind.SERIALIZER)
            case "LOAD_FAST":
                self.stack.append(_Kind.VALUE)
            case "STORE_FAST" if step.value != self.serializer:
                self.take(1)
            case "POP_TOP":
                self.take(1)
            case "PUSH_NULL":
                self.stack.append(_Kind.NULL)
            case "LOAD_ATTR":
                self.load(step.value)
            case "LOAD_METHOD":
                self.load(step.value, is_method=True)
            case "KW_NAMES":
                self.keywords = len(step.value)
            case "CALL":
                self.call(arg)
            case "CALL_KW":
                (names,) = self.take(1)
                self.keywords = len(names) if isinstance(names, tuple) else 0
                self.call(arg)
            case "CALL_FUNCTION_EX":
                self.call_spread(has_keywords=step.arg != 0)
            case _:
                raise _Unproven

    def pop(self, count: int) -> list[_Kind | tuple[Any, ...]]:
        """Take so many from the stack, whatever they are."""
        start = len(self.stack) - count
        if start < 0:
            raise _Unproven
        popped = self.stack[start:]
        del self.stack[start:]
        return popped

    def take(self, count: int) -> list[_Kind | tuple[Any, ...]]:
        """Take so many from the stack, all of them values."""
        taken = self.pop(count)
        if any(kind in _NO_VALUES for kind in taken):
            raise _Unproven
        return taken

    def make(self, count: int) -> None:
        """Make one value of so many."""
        self.take(count)
        self.stack.append(_Kind.VALUE)

    def load(self, name: str, *, is_method: bool = False) -> None:
        """Replace what is on top by its attribute of this name."""
        if self.stack[-1:] != [_Kind.SERIALIZER]:
            self.make(1)
        elif name == "save":
            self.stack[-1] = _Kind.SAVE
        elif name in _READABLE and not is_method:
            self.stack[-1] = _Kind.VALUE
        else:
            raise _Unproven
        if is_method:
            self.stack.append(_Kind.NULL)

    def call(self, count: int) -> None:
        """Call with so many arguments, of which the last have names."""
        self.take(count)
        self.finish(is_named=self.keywords == count)
        self.keywords = 0

    def call_spread(self, *, has_keywords: bool) -> None:
        """Call with a tuple of arguments, and maybe a dict of those with names."""
        if has_keywords and self.stack[-1:] == [_Kind.NULL]:
            self.pop(1)  # since 3.14, there in place of no dict
        elif has_keywords:
            self.take(1)
        self.finish(is_named=self.take(1) == [()])

    def finish(self, *, is_named: bool) -> None:
        """Call what is left of the call: the callable and, on either side, a NULL."""
        called = [kind for kind in self.pop(2) if kind is not _Kind.NULL]
        if called == [_Kind.SAVE] and is_named:
            self.is_saved = True
        elif called == [_Kind.VALUE]:
            self.stack.append(_Kind.VALUE)
        else:
            raise _Unproven
