"""Random histories: a viewset, and operations on it that get in each other's way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from hypothesis import strategies as st

from tests.parity.resources import RESOURCES
from tests.parity.traits import TRAITS
from tests.parity.viewsets import OPTIONS, Spec


@dataclass(frozen=True)
class Asked:
    """One operation."""

    method: str
    key: Any = None
    data: Any = None


@dataclass(frozen=True)
class History:
    """A viewset, operations, and all else that a request has."""

    spec: Spec
    operations: tuple[Asked, ...]
    user: str | None = "ann"
    route: str = "batch"
    xml: bool = False
    """Whether the request is XML."""
    xml_answer: bool = False
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    atomic_requests: bool = False

    @property
    def is_off(self) -> bool:
        """Whether it is a bulk request with a method that the routes do not map."""
        lacking = {"other": "PUT", "hand": "DELETE"}.get(self.spec.route)
        return self.route == "bulk" and self.operations[0].method == lacking


ROUTES = ("plain", "tenant", "namespace", "noslash", "other", "hand")
_METHODS = ("POST", "POST", "PUT", "PATCH", "PATCH", "DELETE")
# Twice what shows the most.
_TRAITS = [*TRAITS, "WritesSiblings", "WritesSiblings", "Fails", "SaysWhenCommitted"]
_QUERIES = ("", "", "", "", "omit=note,extra", "mine=1", "from=2", "one=1", "version=2")
_HEADERS: tuple[dict[str, str], ...] = (
    {}, {}, {}, {}, {}, {}, {}, {}, {"X-Refuse": "partial_update"}, {"X-Throttle": "1"},
)  # fmt: skip


@st.composite
def histories(draw: Any, resource: str, trait: str | None = None) -> History:
    """Draw a history of one resource, of viewsets with one trait and perhaps others."""
    spec = draw(specs(resource, trait))
    uniform = draw(st.integers(0, 3)) == 0
    methods = (
        st.just(draw(st.sampled_from(_METHODS)))
        if uniform
        else st.sampled_from(_METHODS)
    )
    operations = draw(st.lists(asked(spec, methods), min_size=1, max_size=8))
    xml = draw(st.integers(0, 5)) == 5
    return History(
        spec=spec,
        operations=tuple(operations),
        user=draw(st.sampled_from(("ann", "ann", "ann", "bob", None, "nobody"))),
        route="bulk"
        if len({each.method for each in operations}) == 1 and uniform
        else "batch",
        xml=xml,
        xml_answer=draw(st.integers(0, 5)) == 5,
        query=draw(st.sampled_from(_QUERIES)),
        headers=draw(st.sampled_from(_HEADERS)),
        atomic_requests=draw(st.booleans()),
    )


@st.composite
def specs(draw: Any, resource: str, trait: str | None) -> Spec:
    """Draw what a viewset is made of."""
    traits = draw(st.lists(st.sampled_from(_TRAITS), unique=True, max_size=3))
    about = RESOURCES[resource]
    serializer = draw(st.sampled_from(list(about.serializers)))
    hyperlinked = serializer == "hyperlinked"
    routes = ("plain", "noslash") if hyperlinked else ("plain", *ROUTES)
    return Spec(
        resource=resource,
        serializer=serializer,
        lookup=draw(st.sampled_from(list(about.lookups))),
        traits=tuple(dict.fromkeys([*([trait] if trait else []), *traits])),
        mixin_first=draw(st.booleans()),
        route=draw(st.sampled_from(routes)),
        option=draw(st.sampled_from(get_options(resource))),
    )


def get_options(resource: str) -> list[str]:
    """Return the ways in which batches of a resource can be run."""
    options = ["none", "none", "none", *OPTIONS]
    # What is run again has other ids where a rollback does not give them back.
    if connection.vendor != "sqlite" or resource == "ticket":
        options.remove("replayable")
    return options


@st.composite
def asked(draw: Any, spec: Spec, methods: Any) -> Asked:
    """Draw an operation."""
    method = draw(methods)
    key = None if method == "POST" else draw(st.sampled_from(spec.keys))
    return Asked(method, key, None if method == "DELETE" else draw(data(spec, method)))


@st.composite
def data(draw: Any, spec: Spec, method: str) -> dict[str, Any]:
    """Draw a representation, mostly valid."""
    about = spec.about
    drawn: dict[str, Any] = {}
    for name in {**about.valid, **about.invalid}:
        valid, invalid = about.valid.get(name), about.invalid.get(name)
        luck = draw(st.integers(0, 19))
        if method == "PATCH" and luck > 8:
            continue
        if luck == 19 or (not valid and luck > 1):
            continue
        values = invalid if invalid and (luck in (7, 18) or not valid) else valid
        drawn[name] = draw(st.sampled_from(values))
    return drawn
