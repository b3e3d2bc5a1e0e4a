"""Hypothesis: any text, any data, any MultiStatus."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from multistatus_app.outcomes import ABSENT, MultiStatus, Operation, Outcome, Problem
from multistatus_app.problems import get_pointer
from tests.xml import clean

# Lone surrogates and control characters included; XML's own marks come often.
texts = st.text(st.characters(exclude_categories=())) | st.text(
    st.sampled_from("a_x0041&<>]\"'\r\n\t :/~%#?.\x0b\ud800\ufffe\U0001f600ä")
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
data = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=8,
)
pointers = (
    st.none()
    | st.just("#")
    | st.text("ab/~%# é&<'").map(lambda name: get_pointer("#", name))
)
problems = st.builds(Problem, code=texts, detail=texts, pointer=st.none())
errors = st.builds(Problem, code=texts, detail=texts, pointer=pointers.filter(bool))
hrefs = st.none() | texts | st.sampled_from(["/a/", "/b/1/", "/c/bulk/items/1/"])


@st.composite
def outcomes(draw: st.DrawFn, index: int) -> Outcome:
    """Return any outcome that can be."""
    operation = Operation(
        index=index,
        method=draw(st.sampled_from(["POST", "PUT", "PATCH", "DELETE", None])),
        data=draw(st.just(ABSENT) | data),
        ref=draw(st.none() | texts),
    )
    status = draw(st.sampled_from([200, 201, 204, 400, 404, 409, 423, 424, 429, 500]))
    href = draw(hrefs)
    if status < 300:
        return Outcome(
            operation=operation,
            status=status,
            href=href,
            data=draw(st.just(ABSENT) | data),
            etag=draw(st.none() | st.text("ab&'<").map('"{}"'.format)),
        )
    return Outcome(
        operation=operation,
        status=status,
        href=href,
        problem=draw(problems),
        errors=tuple(draw(st.lists(errors, max_size=3))),
        retry_after=draw(st.none() | st.integers(0, 9)),
    )


@st.composite
def multistatuses(draw: st.DrawFn) -> MultiStatus:
    """Return any document."""
    count = draw(st.integers(0, 5))
    return MultiStatus(
        outcomes=tuple(draw(outcomes(index)) for index in range(count)),
        committed=draw(st.booleans()),
    )


def to_texts(value: Any) -> Any:
    """Return data as its XML says it: text at the leaves."""
    if isinstance(value, dict):
        return {key: to_texts(each) for key, each in value.items()}
    if isinstance(value, list):
        return [to_texts(each) for each in value]
    if value is None:
        return None
    return clean(value) if isinstance(value, str) else json.dumps(value)
