"""Hooks that only pass values to `save` are told from all others."""

from __future__ import annotations

import contextlib
import dis
import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from types import FunctionType, SimpleNamespace
from typing import Any

import pytest

from multistatus_app.hooks import RecordedSave, ends_with_save

Hook = Callable[..., Any]
Instruction = tuple[str, int | None, Any]


class Spy:
    """Notes whatever is done with it; what comes of that is another spy."""

    def __init__(self, path: str, events: list[str]) -> None:
        """Be what this path leads to."""
        self.path = path
        self.events = events

    def note(self, path: str) -> Spy:
        """Return what came of doing this."""
        self.events.append(path)
        return Spy(path, self.events)

    def __getattr__(self, name: str) -> Spy:
        return self.note(f"{self.path}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Spy:
        return self.note(f"{self.path}({args}, {kwargs})")

    def __getitem__(self, key: Any) -> Spy:
        return self.note(f"{self.path}[{key!r}]")

    def __add__(self, other: Any) -> Spy:
        return self.note(f"{self.path} + {other!r}")

    def __neg__(self) -> Spy:
        return self.note(f"-{self.path}")

    def __invert__(self) -> Spy:
        return self.note(f"~{self.path}")

    def __lt__(self, other: Any) -> Spy:
        return self.note(f"{self.path} < {other!r}")

    def __contains__(self, other: Any) -> bool:
        return self.note(f"{other!r} in {self.path}").path != ""

    def __bool__(self) -> bool:
        return self.note(f"bool {self.path}").path != ""

    def __format__(self, spec: str) -> str:
        return self.note(f"{self.path}:{spec}").path

    def __iter__(self) -> Iterator[Spy]:
        yield self.note(f"*{self.path}")

    def keys(self) -> list[str]:
        """Be spread as keywords."""
        return [self.note(f"**{self.path}").path]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spy) and self.path == other.path

    def __hash__(self) -> int:
        return hash(self.path)

    def __repr__(self) -> str:
        return self.path


class SpySerializer:
    """Notes what is read of it, and when it saves."""

    def __init__(self, events: list[str]) -> None:
        """Hold valid data."""
        self.events = events
        self.data = {"name": "a", "code": "b"}
        self.values: dict[str, Any] | None = None

    @property
    def validated_data(self) -> dict[str, str]:
        """Note that it was read."""
        self.events.append("validated_data")
        return self.data

    @property
    def context(self) -> dict[str, Any]:
        """Note that it was read."""
        self.events.append("context")
        return {"request": Spy("request", self.events)}

    def save(self, **values: Any) -> Spy:
        """Note what was passed."""
        self.events.append("save")
        self.values = values
        return Spy("row", self.events)


LIMIT = 3


def stamp(*args: Any, **kwargs: Any) -> Any:
    """Be a function that hooks call."""
    return args[0].stamp(*args[1:], **kwargs)


class Ending:
    """Hooks that end with `save`."""

    def bare(self, serializer):
        serializer.save()

    def documented(self, serializer):
        """Save."""
        serializer.save()

    def annotated(self: Any, serializer: Any) -> None:
        count: int = 3
        serializer.save(count=count)

    def owner(self, serializer):
        serializer.save(owner=self.request.user)

    def constants(self, serializer):
        serializer.save(a=None, b=7, c=1000, d="text", e=(1, 2), f=2.5, g=())

    def renamed(view, form):  # noqa: N805 -- any names will do
        form.save(owner=view.owner)

    def positional_only(self, serializer, /):
        serializer.save(owner=self.owner)

    def returned(self, serializer):
        return serializer.save(owner=self.request.user)

    def calls(self, serializer):
        serializer.save(
            a=stamp(self),
            b=stamp(self, 1, 2),
            c=stamp(self, prefix="x"),
            d=stamp(*self.parts),
            e=stamp(self, **self.options),
            f=self.get_owner(),
            g=self.get_owner(1, name=self.name).pk,
        )

    def spread_in_statement(self, serializer):
        found = self.find(*self.parts)
        serializer.save(found=found)

    def statements_first(self, serializer):
        self.check_limits(1)
        self.request  # noqa: B018 -- only read
        owner = self.request.user
        owner = owner.profile
        serializer.save(owner=owner)

    def two_locals(self, serializer):
        first = self.first
        second = self.second
        serializer.save(pair=[first, second], total=first + second)

    def globals_read(self, serializer):
        serializer.save(limit=LIMIT, kind=Ending.bare)

    def nothing_around(self, serializer):
        pass
        serializer.save()
        pass

    def operators(self, serializer):
        serializer.save(
            a=self.a + 1,
            b=-self.b,
            c=not self.c,
            d=self.d < 3,
            e=1 in self.e,
            f=self.f is None,
            g=~self.g,
        )

    def subscripts(self, serializer):
        serializer.save(a=self.kwargs["pk"], b=self.name[1:], c=self.name[1:9:2])

    def displays(self, serializer):
        serializer.save(
            a=[self.a, 1],
            b=(self.b, 2),
            c={self.c, 3},
            d={"x": self.d},
            e={"x": self.e, "y": 1},
            f={**self.f, "z": 2},
            g=[*self.g],
            h=[1, 2, 3],
        )

    def formatted(self, serializer):
        serializer.save(name=f"{self.a} {self.b!r} {self.c:>3} {self.d:{self.e}}")

    def spread(self, serializer):
        serializer.save(**self.values)

    def spread_local(self, serializer):
        values = {"owner": self.owner}
        return serializer.save(**values)

    def spread_with_keywords(self, serializer):
        serializer.save(a=1, **self.values, b=self.b)

    def spread_nothing(self, serializer):
        serializer.save(*())

    def reads_data(self, serializer):
        serializer.save(title=serializer.validated_data["name"] + "!")

    def reads_data_first(self, serializer):
        self.check_name(serializer.validated_data.get("name"))
        serializer.save()

    def takes_from_data(self, serializer):
        code = serializer.validated_data.pop("code")
        serializer.save(secret=code)

    def spreads_data(self, serializer):
        serializer.save(**serializer.validated_data)

    def reads_context(self, serializer):
        serializer.save(owner=serializer.context["request"].user)


class Going:
    """Hooks that do something else with the serializer, or go on after `save`."""

    def nothing(self, serializer):
        pass

    def no_save(self, serializer):
        self.check()

    def not_called(self, serializer):
        serializer.save  # noqa: B018 -- on purpose

    def call_after(self, serializer):
        serializer.save()
        self.notify()

    def read_after(self, serializer):
        serializer.save()
        self.request  # noqa: B018 -- on purpose

    def local_after(self, serializer):
        serializer.save()
        name = self.name  # noqa: F841 -- on purpose

    def result_used(self, serializer):
        thing = serializer.save()
        self.notify(thing)

    def result_kept(self, serializer):
        thing = serializer.save()  # noqa: F841 -- on purpose

    def result_on_self(self, serializer):
        self.thing = serializer.save()

    def result_attribute(self, serializer):
        return serializer.save().pk

    def result_attribute_dropped(self, serializer):
        serializer.save().pk  # noqa: B018 -- on purpose

    def result_called(self, serializer):
        serializer.save().refresh_from_db()

    def result_passed(self, serializer):
        self.notify(serializer.save())

    def result_passed_with_name(self, serializer):
        self.notify(thing=serializer.save(owner=1))

    def result_in_list(self, serializer):
        return [serializer.save()]

    def result_in_sum(self, serializer):
        return self.count + serializer.save()

    def result_negated(self, serializer):
        return not serializer.save()

    def result_returned_later(self, serializer):
        thing = serializer.save()
        return thing

    def something_returned(self, serializer):
        serializer.save()
        return True

    def tuple_returned(self, serializer):
        serializer.save()
        return ()

    def twice(self, serializer):
        serializer.save()
        serializer.save()

    def save_in_save(self, serializer):
        serializer.save(parent=serializer.save())

    def passes_itself(self, serializer):
        serializer.save(by=serializer)

    def passes_its_save(self, serializer):
        serializer.save(by=serializer.save)

    def positional(self, serializer):
        serializer.save(self.owner)

    def positional_and_keyword(self, serializer):
        serializer.save(self.owner, name=1)

    def positional_after_a_call_with_keywords(self, serializer):
        self.check(name=1)
        serializer.save(self.owner)

    def spread_positional(self, serializer):
        serializer.save(*self.args)

    def spread_both(self, serializer):
        serializer.save(*self.args, **self.kwargs)

    def spread_positional_and_keyword(self, serializer):
        serializer.save(1, **self.kwargs)

    def spread_itself(self, serializer):
        serializer.save(**serializer)

    def conditional(self, serializer):
        if self.request.user:
            serializer.save()

    def condition_first(self, serializer):
        if not self.request.user:
            self.refuse()
        serializer.save()

    def conditional_value(self, serializer):
        serializer.save(owner=self.owner if self.known else None)

    def default_value(self, serializer):
        serializer.save(owner=self.owner or 1)

    def chained_comparison(self, serializer):
        serializer.save(small=0 < self.size < 3)

    def matched(self, serializer):
        match self.action:
            case "create":
                serializer.save()

    def asserted(self, serializer):
        assert self.request
        serializer.save()

    def raised(self, serializer):
        raise ValueError(serializer.save())

    def raised_after(self, serializer):
        serializer.save()
        raise ValueError

    def tried(self, serializer):
        try:
            serializer.save()
        except ValueError:
            self.notify()

    def tried_finally(self, serializer):
        try:
            serializer.save()
        finally:
            self.notify()

    def tried_first(self, serializer):
        try:
            owner = self.owner
        finally:
            self.notify()
        serializer.save(owner=owner)

    def with_block(self, serializer):
        with self.lock:
            serializer.save()

    def with_block_first(self, serializer):
        with self.lock as owner:
            self.notify()
        serializer.save(owner=owner)

    def loop(self, serializer):
        for owner in self.owners:
            serializer.save(owner=owner)

    def loop_first(self, serializer):
        for owner in self.owners:
            self.check(owner)
        serializer.save()

    def endless(self, serializer):
        while True:
            serializer.save()

    def comprehension(self, serializer):
        serializer.save(names=[owner.name for owner in self.owners])

    def generator_expression(self, serializer):
        serializer.save(names=tuple(owner.name for owner in self.owners))

    def lambda_of_it(self, serializer):
        self.later(lambda: serializer.save())
        serializer.save()

    def lambda_of_nothing(self, serializer):
        serializer.save(default=lambda: 1)

    def nested(self, serializer):
        def save():
            serializer.save()

        save()

    def generator(self, serializer):
        yield
        serializer.save()

    def generator_after(self, serializer):
        serializer.save()
        yield

    async def coroutine(self, serializer):
        serializer.save()

    async def awaiting(self, serializer):
        await serializer.save()

    def super_call(self, serializer):
        super().perform_create(serializer)

    def super_value(self, serializer):
        serializer.save(owner=super().get_owner())

    def passed_on(self, serializer):
        stamp(self, serializer)

    def passed_on_first(self, serializer):
        self.check(serializer)
        serializer.save()

    def passed_with_name(self, serializer):
        self.check(serializer=serializer)
        serializer.save()

    def passed_in_list(self, serializer):
        self.check([serializer])
        serializer.save()

    def passed_in_pair(self, serializer):
        self.check((self, serializer))
        serializer.save()

    def save_passed_on(self, serializer):
        self.later(serializer.save)

    def save_attribute(self, serializer):
        serializer.save.run()

    def save_got(self, serializer):
        getattr(serializer, "save")()  # noqa: B009 -- on purpose

    def save_in_local(self, serializer):
        save = serializer.save
        save()

    def kept_on_self(self, serializer):
        self.serializer = serializer
        serializer.save()

    def kept_in_local(self, serializer):
        form = serializer
        form.save()

    def walrus(self, serializer):
        self.check(form := serializer)
        form.save()

    def replaced(self, serializer):
        serializer = self.wrap()
        serializer.save()

    def replaced_after(self, serializer):
        serializer.save()
        serializer = None

    def deleted(self, serializer):
        serializer.save()
        del serializer

    def compared(self, serializer):
        self.check(serializer is None)
        serializer.save()

    def formatted(self, serializer):
        serializer.save(name=f"{serializer}")

    def subscripted(self, serializer):
        serializer.save(name=serializer["name"])

    def called(self, serializer):
        serializer(self)
        serializer.save()

    def of_another(self, serializer):
        self.save(owner=1)

    def instance_read(self, serializer):
        serializer.save(name=serializer.instance.name)

    def data_read(self, serializer):
        serializer.save(name=serializer.data["name"])

    def other_method(self, serializer):
        serializer.is_valid()
        serializer.save()

    def context_called(self, serializer):
        serializer.context()
        serializer.save()

    def data_changed(self, serializer):
        serializer.validated_data["name"] = 1
        serializer.save()

    def self_changed(self, serializer):
        self.count = 1
        serializer.save()

    def serializer_changed(self, serializer):
        serializer.partial = True
        serializer.save()

    def global_changed(self, serializer):
        global changed
        changed = 1
        serializer.save()

    def imported(self, serializer):
        import os  # noqa: F401 -- on purpose

        serializer.save()

    def locals_read(self, serializer):
        self.check(locals())
        serializer.save()

    def locals_saved(self, serializer):
        serializer.save(**locals())

    def vars_read(self, serializer):
        self.check(vars())
        serializer.save()

    def evaluated(self, serializer):
        self.check(eval("serializer"))  # noqa: S307 -- on purpose
        serializer.save()

    def executed(self, serializer):
        exec("self.check(serializer)")  # noqa: S102 -- on purpose
        serializer.save()

    def frame_passed_on(self, serializer):
        self.check(sys._getframe())
        serializer.save()

    def frame_inspected(self, serializer):
        self.check(inspect.currentframe())
        serializer.save()

    def frame_read(self, serializer):
        self.check(self.frame.f_locals)
        serializer.save()


def decorate(function: Hook) -> Hook:
    """Do something after the hook, as decorators may."""

    @functools.wraps(function)
    def wrapper(self, serializer):
        function(self, serializer)
        self.notify()

    return wrapper


def mark_wrapped(function: Hook) -> Hook:
    """Say that it wraps another."""

    def wrapper(self, serializer):
        serializer.save()

    return functools.update_wrapper(wrapper, function)


def close_over(owner: Any) -> Hook:
    """Return a hook that has a closure."""

    def hook(self, serializer):
        serializer.save(owner=owner)

    return hook


class Signature:
    """Functions that are not called with a serializer alone."""

    def no_serializer(serializer):  # noqa: N805 -- on purpose
        serializer.save()

    def three(self, serializer, other):
        serializer.save()

    def default(self, serializer=None):
        serializer.save()

    def keyword_only(self, serializer, *, owner):
        serializer.save(owner=owner)

    def keyword_default(self, serializer, *, owner=1):
        serializer.save(owner=owner)

    def any_arguments(self, serializer, *args):
        serializer.save()

    def any_keywords(self, serializer, **kwargs):
        serializer.save()


def get_hooks(holder: type) -> list[Any]:
    """Return the functions of a class, for `parametrize`."""
    functions = [value for value in vars(holder).values() if callable(value)]
    assert functions
    return [pytest.param(function, id=function.__name__) for function in functions]


def run(hook: Hook, stands_in: bool) -> tuple[Any, SpySerializer, list[str]]:
    """Run a hook; return the values that it passed, and what happened."""
    events: list[str] = []
    serializer = SpySerializer(events)
    saver: Any = RecordedSave(serializer) if stands_in else serializer
    hook(Spy("self", events), saver)
    return saver.values, serializer, events


@pytest.mark.parametrize("hook", get_hooks(Ending))
def test_hook_ends_with_save(hook: Hook) -> None:
    assert ends_with_save(hook) is True


@pytest.mark.parametrize("hook", get_hooks(Ending))
def test_recorded_save_keeps_what_the_hook_passes(hook: Hook) -> None:
    values, serializer, events = run(hook, stands_in=False)
    recorded, unsaved, recorded_events = run(hook, stands_in=True)

    assert events == [*recorded_events, "save"]
    assert list(recorded.items()) == list(values.items())
    assert unsaved.data == serializer.data


@pytest.mark.parametrize("hook", get_hooks(Going))
def test_hook_does_not_end_with_save(hook: Hook) -> None:
    assert ends_with_save(hook) is False


@pytest.mark.parametrize("hook", get_hooks(Signature))
def test_hook_takes_a_serializer_alone(hook: Hook) -> None:
    assert ends_with_save(hook) is False


@pytest.mark.parametrize(
    "hook",
    [
        pytest.param(decorate(Ending.bare), id="decorated"),
        pytest.param(mark_wrapped(Ending.bare), id="wrapped"),
        pytest.param(close_over(1), id="closure"),
        pytest.param(contextlib.contextmanager(Going.generator), id="context"),
        pytest.param(functools.partial(Ending.bare, None), id="partial"),
        pytest.param(Ending().bare, id="bound"),
        pytest.param(Ending, id="class"),
        pytest.param(setattr, id="builtin"),
    ],
)
def test_hook_is_a_plain_function(hook: Hook) -> None:
    assert ends_with_save(hook) is False


def test_hook_has_no_exception_table() -> None:
    table = Going.tried.__code__.co_exceptiontable
    code = Ending.bare.__code__.replace(co_exceptiontable=table)

    assert table
    assert ends_with_save(FunctionType(code, {})) is False


def test_hook_that_has_run_often_is_read_as_written() -> None:
    for _ in range(100):
        run(Ending.calls, stands_in=True)

    assert ends_with_save(Ending.calls) is True


def test_hook_that_is_traced_is_read_as_written() -> None:
    lines = []

    def trace(frame: Any, event: str, arg: Any) -> Any:
        lines.append(event)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run(Ending.owner, stands_in=True)
        answers = ends_with_save(Ending.owner), ends_with_save(Going.call_after)
    finally:
        sys.settrace(before)

    assert "line" in lines
    assert answers == (True, False)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring is new in 3.12")
def test_hook_that_is_monitored_is_read_as_written() -> None:
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined]
    tool, events = 4, monitoring.events
    seen = []
    monitoring.use_tool_id(tool, "test")
    try:
        for event in (events.LINE, events.CALL, events.PY_RETURN):
            monitoring.register_callback(tool, event, lambda *args: seen.append(args))
        monitoring.set_events(tool, events.LINE | events.CALL | events.PY_RETURN)
        run(Ending.owner, stands_in=True)
        answers = ends_with_save(Ending.owner), ends_with_save(Going.call_after)
    finally:
        monitoring.set_events(tool, 0)
        monitoring.free_tool_id(tool)

    assert seen
    assert answers == (True, False)


def test_a_python_that_was_not_read_proves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version_info", (3, 99, 0))
        newer = ends_with_save(Ending.bare)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "implementation", SimpleNamespace(name="pypy"))
        other = ends_with_save(Ending.bare)

    assert (newer, other) == (False, False)


# Listings of Python 3.14, by its documentation of dis, for where it does not run.
SAVE: list[Instruction] = [
    ("RESUME", 0, None),
    ("LOAD_FAST_BORROW", 1, "serializer"),
]
DROP: list[Instruction] = [
    ("POP_TOP", None, None),
    ("LOAD_CONST", 0, None),
    ("RETURN_VALUE", None, None),
]
OWNER: list[Instruction] = [
    ("LOAD_ATTR", 1, "save"),
    ("LOAD_FAST_BORROW", 0, "self"),
    ("LOAD_ATTR", 2, "owner"),
]
SPREAD: list[Instruction] = [
    ("LOAD_ATTR", 0, "save"),
    ("PUSH_NULL", None, None),
    ("LOAD_CONST", 2, ()),
    ("BUILD_MAP", 0, 0),
]
FIND: list[Instruction] = [
    ("RESUME", 0, None),
    ("LOAD_FAST_BORROW", 0, "self"),
    ("LOAD_ATTR", 2, "find"),
    ("PUSH_NULL", None, None),
    ("LOAD_FAST_BORROW", 0, "self"),
    ("LOAD_ATTR", 4, "parts"),
]


@pytest.mark.parametrize(
    ("listing", "answer"),
    [
        pytest.param(
            [*SAVE, *OWNER, ("LOAD_CONST", 1, ("owner",)), ("CALL_KW", 1, 1), *DROP],
            True,
            id="owner=self.owner",
        ),
        pytest.param([*SAVE, *OWNER, ("CALL", 1, 1), *DROP], False, id="self.owner"),
        pytest.param(
            [
                *SAVE,
                ("LOAD_ATTR", 1, "save"),
                ("LOAD_SMALL_INT", 3, 3),
                ("LOAD_CONST", 1, ("owner",)),
                ("CALL_KW", 1, 1),
                ("RETURN_VALUE", None, None),
            ],
            True,
            id="return owner=3",
        ),
        pytest.param(
            [
                *SAVE,
                *SPREAD,
                ("LOAD_FAST_BORROW", 0, "self"),
                ("LOAD_ATTR", 2, "values"),
                ("DICT_MERGE", 1, 1),
                ("CALL_FUNCTION_EX", None, None),
                *DROP,
            ],
            True,
            id="**self.values",
        ),
        pytest.param(
            [
                *SAVE,
                *SPREAD,
                ("LOAD_FAST_BORROW", 1, "serializer"),
                ("DICT_MERGE", 1, 1),
                ("CALL_FUNCTION_EX", None, None),
                *DROP,
            ],
            False,
            id="**serializer",
        ),
        pytest.param(
            [
                *FIND,
                ("PUSH_NULL", None, None),
                ("CALL_FUNCTION_EX", None, None),
                ("POP_TOP", None, None),
                ("LOAD_FAST_BORROW", 1, "serializer"),
                ("LOAD_ATTR", 1, "save"),
                ("CALL", 0, 0),
                *DROP,
            ],
            True,
            id="self.find(*self.parts)",
        ),
        pytest.param([*SAVE, ("LOAD_ATTR", 1, "save")], False, id="no end"),
        pytest.param(
            [
                ("RESUME", 0, None),
                ("LOAD_FAST_BORROW_LOAD_FAST_BORROW", 0, ("self", "self")),
                ("CALL", 0, 0),
                ("POP_TOP", None, None),
                *SAVE,
                ("LOAD_ATTR", 1, "save"),
                ("CALL", 0, 0),
                *DROP,
            ],
            False,
            id="no NULL in a call",
        ),
        pytest.param(
            [
                ("RESUME", 0, None),
                ("LOAD_FAST_BORROW_LOAD_FAST_BORROW", 1, ("self", "serializer")),
                ("BUILD_TUPLE", 2, 2),
                ("POP_TOP", None, None),
                ("LOAD_FAST_BORROW", 1, "serializer"),
                ("LOAD_ATTR", 1, "save"),
                ("CALL", 0, 0),
                *DROP,
            ],
            False,
            id="self, serializer",
        ),
        pytest.param(
            [
                *SAVE,
                ("LOAD_ATTR", 1, "save"),
                ("LOAD_FAST_BORROW_LOAD_FAST_BORROW", 0, ("self", "self")),
                ("BINARY_OP", 26, 26),
                ("LOAD_CONST", 1, ("owner",)),
                ("CALL_KW", 1, 1),
                *DROP,
            ],
            True,
            id="owner=self[self]",
        ),
        pytest.param(
            [
                ("BINARY_OP", 0, 0),
                ("POP_TOP", None, None),
                *SAVE,
                ("LOAD_ATTR", 1, "save"),
                ("CALL", 0, 0),
                *DROP,
            ],
            False,
            id="more taken than there is",
        ),
        pytest.param(
            [
                ("PUSH_NULL", None, None),
                ("POP_TOP", None, None),
                *SAVE,
                ("LOAD_ATTR", 1, "save"),
                ("CALL", 0, 0),
                *DROP,
            ],
            False,
            id="NULL as a value",
        ),
        pytest.param(
            [
                *SAVE,
                ("LOAD_FAST_BORROW", 0, "self"),
                ("DICT_UPDATE", 1, 1),
                ("LOAD_ATTR", 1, "save"),
                ("CALL", 0, 0),
                *DROP,
            ],
            False,
            id="serializer updated",
        ),
        pytest.param(
            [
                *SAVE,
                ("LOAD_ATTR", 1, "save"),
                ("BUILD_MAP", 0, 0),
                ("LOAD_SMALL_INT", 3, 3),
                ("LOAD_FAST_BORROW", 0, "self"),
                ("DICT_UPDATE", 2, 2),
                ("LOAD_CONST", 1, ("a", "b")),
                ("CALL_KW", 2, 2),
                *DROP,
            ],
            False,
            id="update of what lies deeper",
        ),
    ],
)
def test_hook_on_python_3_14(
    monkeypatch: pytest.MonkeyPatch, listing: list[Instruction], answer: bool
) -> None:
    instructions = [
        SimpleNamespace(opname=opname, arg=arg, argval=argval)
        for opname, arg, argval in listing
    ]
    code = Ending.bare.__code__.replace(co_consts=(None, ("owner",), ()))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version_info", (3, 14, 0))
        patch.setattr(dis, "get_instructions", lambda *args, **kwargs: instructions)
        found = ends_with_save(FunctionType(code, {}))

    assert found is answer


def test_recorded_save_starts_with_nothing() -> None:
    recorded = RecordedSave(SpySerializer([]))

    assert recorded.values is None
    assert recorded.is_plain is False


def test_recorded_save_keeps_no_values() -> None:
    recorded = RecordedSave(SpySerializer([]))
    recorded.save()

    assert recorded.values == {}
    assert recorded.is_plain is True


def test_fail_second_save() -> None:
    recorded = RecordedSave(SpySerializer([]))
    recorded.save()

    with pytest.raises(RuntimeError) as caught:
        recorded.save(owner=1)

    assert str(caught.value) == "A hook whose save is recorded calls it once."
    assert recorded.values == {}


@pytest.mark.parametrize("name", ["data", "instance", "errors", "is_valid", "fields"])
def test_fail_other_attribute(name: str) -> None:
    recorded = RecordedSave(SpySerializer([]))

    with pytest.raises(AttributeError):
        getattr(recorded, name)
    with pytest.raises(AttributeError):
        setattr(recorded, name, 1)


@pytest.mark.parametrize(
    "values", [{}, {"owner": 1}, {"commit": False}, {"commit": True, "owner": 1}]
)
def test_is_plain_where_the_serializer_would_merge(values: dict[str, Any]) -> None:
    serializers = pytest.importorskip("rest_framework.serializers")
    merged = []

    class Serializer(serializers.Serializer):
        def create(self, validated_data: dict[str, Any]) -> Any:
            merged.append(validated_data)
            return object()

    recorded = RecordedSave(Serializer())
    recorded.save(**values)
    serializer = Serializer(data={})
    serializer.is_valid(raise_exception=True)
    with contextlib.suppress(AssertionError):
        serializer.save(**values)

    assert merged == ([values] if recorded.is_plain else [])
