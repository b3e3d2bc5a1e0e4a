"""Hooks that only pass values to `save` are told from all others."""

from __future__ import annotations

import contextlib
import functools
import itertools
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from multistatus_app.overrides.hooks import (
    RecordedSave,
    calls_save_alone,
    ends_with_save,
)

Hook = Callable[..., Any]
Make = Callable[..., Hook]

ALONE, ENDS, NEITHER = (True, True), (False, True), (False, False)

_HEAD = "def hook(self, serializer):"
_NUMBERS = itertools.count()


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return what makes a function of its statements, in a file."""

    def make(body: str, head: str = _HEAD) -> Hook:
        source = f"{head}\n{textwrap.indent(body, '    ')}\n"
        file = tmp_path / f"hooks_{next(_NUMBERS)}.py"
        file.write_text(source)
        names: dict[str, Any] = {}
        exec(compile(source, str(file), "exec"), names)  # noqa: S102 -- our own
        hook: Hook = names["hook"]
        return hook

    return make


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        # Values that are only there
        ("serializer.save()", ALONE),
        ('"""Save."""\nserializer.save()', ALONE),
        ('"""Save.\n\nAnd go.\n"""\nreturn serializer.save()', ALONE),
        ("serializer.save(a=None, b=7, c='text', d=2.5, e=b'')", ALONE),
        ("serializer.save(owner=self.request.user)", ALONE),
        ("return serializer.save(owner=self.request.user)", ALONE),
        ("serializer.save(a=self.request.user.pk, b=self.request.user.id)", ALONE),
        ("serializer.save(category_id=self.kwargs['category'])", ALONE),
        ("serializer.save(title=serializer.validated_data['name'])", ALONE),
        # Attributes, operators and calls may do anything
        ("serializer.save(n=seq.next)", ENDS),
        ("serializer.save(n=seq['x'])", ENDS),
        ("serializer.save(tag=f'{seq}')", ENDS),
        ("serializer.save(n=self.slot)", ENDS),
        ("serializer.save(owner=self.request.user.profile)", ENDS),
        ("serializer.save(owner=other.request.user)", ENDS),
        ("serializer.save(pk=self.args['pk'])", ENDS),
        ("serializer.save(pk=self.kwargs[self.name])", ENDS),
        ("serializer.save(pk=other.kwargs['pk'])", ENDS),
        ("serializer.save(title=self.validated_data['name'])", ENDS),
        ("serializer.save(title=serializer.validated_data['name'] + '!')", ENDS),
        ("serializer.save(n=Row.objects.filter(n=0).update(tag='x'))", ENDS),
        ("serializer.save(a=-self.b, c=not self.c, d=self.d < 3, e=1 in self.e)", ENDS),
        ("serializer.save(a=(1, 2), b=[*self.b], c={self.c}, d={'x': 1})", ENDS),
        ("serializer.save(a=self.name[1:9:2], b=f'{self.b!r:{self.e}}')", ENDS),
        ("serializer.save(a=self.get(*self.a, b=1, **self.c))", ENDS),
        ("serializer.save(owner=self.owner if self.known else None)", ENDS),
        ("serializer.save(owner=self.owner or 1, small=0 < self.size < 3)", ENDS),
        ("serializer.save(**self.values)", ENDS),
        ("serializer.save(a=1, **serializer.validated_data)", ENDS),
        ("serializer.save(owner=serializer.context['request'].user)", ENDS),
        ("pass\nserializer.save()", ENDS),
        ("count: int = 3\nserializer.save(count=count)", ENDS),
        ("self.check(1)\nowner = self.owner\nserializer.save(owner=owner)", ENDS),
        ("a, b = self.pair\nreturn serializer.save(a=a, b=b)", ENDS),
        ("c = serializer.validated_data.pop('c')\nserializer.save(d=c)", ENDS),
        (
            "d = serializer.validated_data\nd.setdefault('a', 1)\nserializer.save()",
            ENDS,
        ),
        # It goes on after `save`, or does not come to it
        ("pass", NEITHER),
        ("serializer.save", NEITHER),
        ("self.save(owner=1)", NEITHER),
        ("serializer.save()\nself.notify()", NEITHER),
        ("serializer.save()\nreturn True", NEITHER),
        ("serializer.save()\nserializer.save()", NEITHER),
        ("thing = serializer.save()", NEITHER),
        ("self.thing = serializer.save()", NEITHER),
        ("return serializer.save().pk", NEITHER),
        ("return [serializer.save()]", NEITHER),
        ("self.notify(serializer.save())", NEITHER),
        ("serializer.save(parent=serializer.save())", NEITHER),
        ("raise ValueError(serializer.save())", NEITHER),
        ("yield\nserializer.save()", NEITHER),
        ("serializer.save(a=(yield))", NEITHER),
        # With more than keywords
        ("serializer.save(self.owner)", NEITHER),
        ("serializer.save(*self.args)", NEITHER),
        ("serializer.save(1, **self.kwargs)", NEITHER),
        # It is not one statement after the other
        ("if self.request.user:\n    serializer.save()", NEITHER),
        ("if self.a:\n    self.refuse()\nserializer.save()", NEITHER),
        ("assert self.request\nserializer.save()", NEITHER),
        ("try:\n    serializer.save()\nfinally:\n    self.notify()", NEITHER),
        ("with self.lock:\n    serializer.save()", NEITHER),
        ("with self.lock:\n    self.notify()\nserializer.save()", NEITHER),
        ("for each in self.owners:\n    self.check(each)\nserializer.save()", NEITHER),
        ("while True:\n    serializer.save()", NEITHER),
        ("serializer.save(names=[each.name for each in self.owners])", NEITHER),
        ("serializer.save(default=lambda: 1)", NEITHER),
        ("def save():\n    serializer.save()\nsave()\nserializer.save()", NEITHER),
        ("import os\nserializer.save()", NEITHER),
        ("global changed\nchanged = 1\nserializer.save()", NEITHER),
        ("name = 1\ndel name\nserializer.save()", NEITHER),
        ("self.count = 1\nserializer.save()", NEITHER),
        ("self.counts[0] += 1\nserializer.save()", NEITHER),
        # The serializer goes out of sight, or is changed
        ("self.check(serializer)\nserializer.save()", NEITHER),
        ("self.check([1, serializer])\nserializer.save()", NEITHER),
        ("self.check(form := serializer)\nserializer.save()", NEITHER),
        ("self.serializer = serializer\nserializer.save()", NEITHER),
        ("form = serializer\nform.save()", NEITHER),
        ("serializer = self.wrap()\nserializer.save()", NEITHER),
        ("serializer.save(by=serializer)", NEITHER),
        ("serializer.save(by=serializer.save)", NEITHER),
        ("serializer.save(**serializer)", NEITHER),
        ("serializer.save(name=f'{serializer}')", NEITHER),
        ("serializer.save(name=serializer['name'])", NEITHER),
        ("serializer.save(name=serializer.instance.name)", NEITHER),
        ("serializer.save(name=serializer.data['name'])", NEITHER),
        ("serializer.is_valid()\nserializer.save()", NEITHER),
        ("serializer.partial = True\nserializer.save()", NEITHER),
        ("serializer.validated_data['name'] = 1\nserializer.save()", NEITHER),
        ("serializer.save.run()", NEITHER),
        ("getattr(serializer, 'save')()", NEITHER),
        ("super().perform_create(serializer)", NEITHER),
        ("serializer.save(**locals())", NEITHER),
        ("self.check(eval('serializer'))\nserializer.save()", NEITHER),
        ("self.check(sys._getframe())\nserializer.save()", NEITHER),
        ("self.check(self.frame.f_locals)\nserializer.save()", NEITHER),
    ],
)
def test_body(make: Make, body: str, verdict: tuple[bool, bool]) -> None:
    hook = make(body)

    assert (calls_save_alone(hook), ends_with_save(hook)) == verdict


@pytest.mark.parametrize(
    ("head", "verdict"),
    [
        ("def hook(view, serializer, /):", ALONE),
        ("def hook(self: object, serializer: object) -> None:", ALONE),
        ("def hook(serializer):", NEITHER),
        ("def hook(self, serializer, other):", NEITHER),
        ("def hook(self, serializer=None):", NEITHER),
        ("def hook(self, serializer, *, owner):", NEITHER),
        ("def hook(self, serializer, *, owner=1):", NEITHER),
        ("def hook(self, serializer, *args):", NEITHER),
        ("def hook(self, serializer, **kwargs):", NEITHER),
        ("async def hook(self, serializer):", NEITHER),
        ("hook = lambda self, serializer:\\", NEITHER),
    ],
)
def test_signature(make: Make, head: str, verdict: tuple[bool, bool]) -> None:
    hook = make("serializer.save()", head)

    assert (calls_save_alone(hook), ends_with_save(hook)) == verdict


def mark(function: Hook) -> Hook:
    """Say something of a function, which stays what it is."""
    function.mark = True  # type: ignore[attr-defined]
    return function


class Holder:
    """Hooks as they stand in a class."""

    owner = 1

    @mark
    def documented(self, serializer):
        """Save.

        With the owner.
        """
        serializer.save(owner=self.request.user)

    def private(self, serializer):
        serializer.save(name=self.__name)


def close_over(owner: Any) -> Hook:
    """Return a hook that has a closure."""

    def hook(self, serializer):
        serializer.save(owner=owner)

    return hook


def nest() -> Hook:
    """Return a hook that stands in a function."""

    def hook(self, serializer):
        serializer.save(owner=1)

    return hook


def decorate(function: Hook) -> Hook:
    """Do something after the hook, as decorators may."""

    def wrapper(self, serializer):
        function(self, serializer)
        self.notify()

    return wrapper


@pytest.mark.parametrize(
    ("hook", "verdict"),
    [
        pytest.param(Holder.documented, ALONE, id="method"),
        pytest.param(nest(), ALONE, id="nested"),
        pytest.param(Holder.private, NEITHER, id="mangled name"),
        pytest.param(close_over(1), NEITHER, id="closure"),
        pytest.param(decorate(nest()), NEITHER, id="decorated"),
        pytest.param(functools.wraps(decorate)(nest()), NEITHER, id="wrapped"),
        pytest.param(functools.partial(nest(), None), NEITHER, id="partial"),
        pytest.param(Holder().documented, NEITHER, id="bound"),
        pytest.param(Holder, NEITHER, id="class"),
        pytest.param(setattr, NEITHER, id="builtin"),
    ],
)
def test_function(hook: Hook, verdict: tuple[bool, bool]) -> None:
    assert (calls_save_alone(hook), ends_with_save(hook)) == verdict


def test_no_source() -> None:
    names: dict[str, Any] = {}
    exec(f"{_HEAD} serializer.save()", names)  # noqa: S102 -- as a console does

    assert ends_with_save(names["hook"]) is False


@pytest.mark.parametrize(
    ("running", "written"),
    [
        ("serializer.save(a=1)", "serializer.save(a=True)"),
        ("serializer.save(a=self.kwargs['x'])", "serializer.save(a=self.kwargs['y'])"),
        ("serializer.save(a=self.kwargs)", "serializer.save(a=self.request)"),
        ("serializer.save()\nself.notify()", "serializer.save()"),
        ("serializer.save(a=1001)", "serializer.save("),
        ("serializer.save(a=1002)", "'''"),
    ],
)
def test_source_that_is_another_by_now(make: Make, running: str, written: str) -> None:
    hook = make(running)
    Path(hook.__code__.co_filename).write_text(f"{_HEAD}\n    {written}\n")

    assert ends_with_save(hook) is False


def test_default_that_was_given_later(make: Make) -> None:
    hook: Any = make("serializer.save()")
    hook.__defaults__ = (None,)

    assert ends_with_save(hook) is False


def test_code_that_was_replaced(make: Make) -> None:
    hook = make("serializer.save(owner=self.owner)")
    code = hook.__code__.replace(co_names=("save", "pop"))

    assert ends_with_save(FunctionType(code, {})) is False


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring is new in 3.12")
def test_hook_that_is_monitored_is_read_as_written(make: Make) -> None:
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined]
    tool, events = 4, monitoring.events
    hook = make("serializer.save(owner=self.owner)")
    monitoring.use_tool_id(tool, "test")
    try:
        monitoring.set_events(tool, events.LINE | events.CALL | events.PY_RETURN)
        hook(Holder, RecordedSave(SpySerializer()))
        answer = ends_with_save(hook)
    finally:
        monitoring.set_events(tool, 0)
        monitoring.free_tool_id(tool)

    assert answer is True


class SpySerializer:
    """A serializer whose data is valid."""

    def __init__(self) -> None:
        """Hold data."""
        self.validated_data = {"name": "a", "code": "b"}
        self.context = {"request": "request"}


def test_recorded_save_keeps_what_the_hook_passes(make: Make) -> None:
    hook = make(
        "code = serializer.validated_data.pop('code')\n"
        "serializer.save(code=code + '!', by=serializer.context['request'])"
    )
    serializer: Any = SpySerializer()
    recorded = RecordedSave(serializer)

    hook(None, recorded)

    assert recorded.values == {"code": "b!", "by": "request"}
    assert serializer.validated_data == {"name": "a"}


def test_recorded_save_starts_with_nothing() -> None:
    recorded = RecordedSave(SpySerializer())

    assert recorded.values is None
    assert recorded.is_plain is False


def test_recorded_save_keeps_no_values() -> None:
    recorded = RecordedSave(SpySerializer())
    recorded.save()

    assert recorded.values == {}
    assert recorded.is_plain is True


def test_fail_second_save() -> None:
    recorded = RecordedSave(SpySerializer())
    recorded.save()

    with pytest.raises(RuntimeError) as caught:
        recorded.save(owner=1)

    assert str(caught.value) == "A hook whose save is recorded calls it once."
    assert recorded.values == {}


@pytest.mark.parametrize("name", ["data", "instance", "errors", "is_valid", "fields"])
def test_fail_other_attribute(name: str) -> None:
    recorded = RecordedSave(SpySerializer())

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
