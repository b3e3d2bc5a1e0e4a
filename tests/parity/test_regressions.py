"""What the differential test found, as small as it gets."""

from __future__ import annotations

import pytest

from tests.parity.differential import Differential
from tests.parity.histories import Asked, History, get_options
from tests.parity.resources import UUIDS
from tests.parity.viewsets import Spec

pytestmark = pytest.mark.django_db(transaction=True)

HISTORIES = {
    "a key without a URL is a 404 before anybody is asked": History(
        Spec("ticket", lookup="converter", traits=("PermissionsByAction", "Looks")),
        (Asked("PATCH", "x", {}), Asked("POST", None, {"text": "new"})),
        user=None,
    ),
    "hooks never see a key without a URL": History(
        Spec("order", lookup="pk", traits=("Initialises",)),
        (Asked("PUT", "", {"text": "two"}), Asked("PUT", 1, {"text": "two"})),
    ),
    "permissions never see a key without a URL": History(
        Spec("loan", traits=("DataPermissions",)),
        (Asked("PATCH", "a/b", {"text": "x"}), Asked("PATCH", 1, {"text": "x"})),
    ),
    "hooks see the route, the HEAD and the query of the single request": History(
        Spec("shelf", traits=("Looks",)),
        (Asked("POST", None, {"name": "new"}), Asked("PATCH", 3, {"note": "x"})),
        query="omit=a,b",
    ),
    "whoever cannot read what was written has no tag, and no error": History(
        Spec("shelf", traits=("SerializerByAction",)),
        (Asked("POST", None, {"name": "new", "note": "x"}), Asked("PATCH", 3, {})),
    ),
    "a lookup column that the queryset defers stays deferred": History(
        Spec("ticket", lookup="text", traits=("Defers", "Fails")),
        (Asked("DELETE", "t1"), Asked("DELETE", "t0")),
    ),
    "a replay has the data as it came, whatever a hook did to it": History(
        Spec("book", traits=("ReadsData",), option="replayable"),
        (
            Asked("POST", None, {"slug": "a", "title": "x", "shelf": 1}),
            Asked("PATCH", 1, {"title": "Bel"}),
        ),
    ),
    "a key is converted as the URL would": History(
        Spec("ticket", lookup="converter", traits=("Looks",)),
        (Asked("PATCH", UUIDS[0].upper(), {}), Asked("PATCH", UUIDS[0], {"text": "x"})),
    ),
    "what is written before an action that fails is undone, in a set too": History(
        Spec("label", traits=("BeginsWithRows",), option="replayable"),
        (Asked("POST", None, {"name": "Red", "hidden": True}),),
        route="bulk",
    ),
    "a throttle sees the operation that it is asked about, in a set too": History(
        Spec("shelf", traits=("ThrottlesByAction",)),
        tuple(Asked("PATCH", key, {"note": "x"}) for key in (1, 2, 1, 2, 1, 1, 1)),
    ),
    "what a handler wrote is kept, if nobody asked for a rollback": History(
        Spec("label", traits=("FinalizesWithRows", "HandlesEverything", "Fails")),
        (
            Asked("POST", None, {"name": "boom"}),
            Asked("POST", None, {"name": "late"}),
            Asked("DELETE", 9),
        ),
        atomic_requests=True,
    ),
    "what a handler wrote of an exception that nobody answers is kept": History(
        Spec("label", traits=("HandlesWithRows", "Fails")),
        (Asked("POST", None, {"name": "boom"}), Asked("POST", None, {"name": "a"})),
    ),
    "a tag that queries does not undo a set": History(
        Spec("label", traits=("ThrottlesByAction", "Tags")),
        (Asked("POST", None, {"name": "green", "hidden": True}),),
        route="bulk",
    ),
    "a wrapper of the view stands around each operation": History(
        Spec("label", traits=("Wrapped", "Looks"), route="hand"),
        (Asked("POST", None, {"name": "a"}), Asked("PATCH", 1, {"name": "b"})),
    ),
    "a bug in permissions is not a refusal": History(
        Spec("genre", traits=("PermissionsByAction",), route="hand"),
        (Asked("PUT", "X", {"code": "X"}), Asked("DELETE", "X")),
        user=None,
    ),
    "alone, a failure leaves what it leaves singly": History(
        Spec("book", traits=("Fails", "Dispatches"), option="alone"),
        (
            Asked("POST", None, {"slug": "d", "title": "late", "shelf": 1}),
            Asked("PATCH", 1, {"title": "boom"}),
        ),
    ),
    "a project's exception handler decides the status": History(
        Spec("label", traits=("Handles",)),
        (Asked("DELETE", 9), Asked("PATCH", 1, {"name": ""}), Asked("DELETE", 1)),
    ),
}


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_history(history: History) -> None:
    if history.spec.option not in ("none", *get_options(history.spec.resource)):
        pytest.skip("A rollback does not give the ids back.")
    Differential().check(history)
