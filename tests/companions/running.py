"""Runs operations singly and in a batch, through the test client, and compares."""

from __future__ import annotations

import re
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from typing import Any, Final

from django.conf import settings
from django.core.signals import got_request_exception
from django.db import connection
from django.urls import NoReverseMatch, reverse
from rest_framework.settings import api_settings
from rest_framework.test import APIClient

from tests.companions import worlds
from tests.companions.manifests import Manifest
from tests.companions.scenarios import SEEDED, Asked, Scenario, get_scenarios
from tests.parity import oracle

# What keeps operations apart, and what the commit would have asked: transactions,
# savepoints, constraints (`integrity`).
_KEEPING: Final = re.compile(
    r"(?:SELECT set_config\(.*?; )?(?:"  # prepended by django-pghistory
    r"BEGIN|COMMIT|ROLLBACK$|SAVEPOINT|RELEASE|ROLLBACK TO|SET CONSTRAINTS"
    r"|PRAGMA foreign_key"
    r'|SELECT DISTINCT ("\w+" FROM|format\()|SELECT m\.name, k\.)'
)


_ONCE: Final = 2
"""Statements that a batch has for itself, however many operations it holds."""


class Counter:
    """Counts statements and CPU time."""

    def __init__(self) -> None:
        self.statements = self.keeping = 0
        self.seconds = 0.0

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count what is done meanwhile.

        By the log, not by a wrapper: where others wrap statements there are no sets.
        """
        connection.queries_log = deque()
        connection.force_debug_cursor = True
        began = time.process_time()
        try:
            yield
        finally:
            connection.force_debug_cursor = False
        self.seconds += time.process_time() - began
        for each in connection.queries_log:
            if _KEEPING.match(each["sql"] or ""):
                self.keeping += 1
            else:
                self.statements += 1


class Comparison:
    """Compares the two ways for one library."""

    def __init__(self, library: ModuleType, manifest: Manifest) -> None:
        self.library = library
        self.manifest = manifest
        self.differences: dict[str, list[str]] = {}
        self.costs: dict[str, Any] = {}
        self.has_late = _has_route("late-list") and manifest.LATE

    def run(self) -> dict[str, Any]:
        """Run all scenarios; return what differed, and what it cost."""
        scenarios = get_scenarios(self.library, self.manifest, has_late=self.has_late)
        for scenario in scenarios:
            self.compare(scenario)
        if hasattr(self.library, "check"):
            self.library.check(self.begin())
        return {
            "differences": self.differences,
            "costs": self.costs,
            "scenarios": [each.name for each in scenarios],
        }

    def compare(self, scenario: Scenario) -> None:
        """Run one scenario both ways."""
        with _atomic_requests(scenario.is_late):
            expected, counts = self.run_singly(scenario)
            counted = self.run_in_batches(scenario, expected)
        self.costs[scenario.name] = {
            "single": [counts.statements, counts.keeping, counts.seconds],
            "batch": [counted.statements, counted.keeping, counted.seconds],
        }
        allowed = counts.statements + _ONCE * len(scenario.requests)
        if counted.statements > allowed:
            self.note(scenario, "statements", counts.statements, counted.statements)

    def run_singly(
        self, scenario: Scenario
    ) -> tuple[list[tuple[list[oracle.Said], worlds.World]], Counter]:
        """Send each operation in a request of its own."""
        client = self.begin()
        counter = Counter()
        before = {} if scenario.is_kept else self.see(client)
        before.pop("caches", None)
        found = []
        for request in scenario.requests:
            said = []
            for asked in self.give_keys(request):
                with counter.counting(), _noting() as noted:
                    response = self.send(client, self.get_path(scenario), asked)
                raised, handled = noted["raised"], noted["handled"]
                said.append(self.expect(response, raised, handled))
            if scenario.is_good and any(each.status >= 300 for each in said):
                self.note(scenario, "good", "2xx", [vars(each) for each in said])
            found.append((said, self.see(client) if scenario.is_kept else before))
        if scenario.name == "mixed":
            for table in self.manifest.FILLS:
                if not found[-1][1].get(f"table {table}"):
                    self.note(scenario, f"fills {table}", "rows", "none")
        return found, counter

    def run_in_batches(
        self,
        scenario: Scenario,
        expected: Sequence[tuple[list[oracle.Said], worlds.World]],
    ) -> Counter:
        """Send the same operations, all that stand together in one request."""
        client = self.begin()
        counter = Counter()
        for number, (request, (said, world)) in enumerate(
            zip(scenario.requests, expected, strict=True)
        ):
            part = f" {number + 1}" if len(scenario.requests) > 1 else ""
            with counter.counting():
                response = self.send_batch(client, scenario, request)
            if response.status_code != 207:
                self.note(
                    scenario, f"response{part}", 207, response.content.decode()[:300]
                )
                continue
            self.compare_results(scenario, part, response, said)
            seen = self.see(client)
            if not scenario.is_kept:
                # What was only read is there, too; the list shows what was not.
                seen.pop("caches", None)
            for name in sorted({*world, *seen}):
                if world.get(name) != seen.get(name):
                    self.note(scenario, f"{name}{part}", *_narrow(world, seen, name))
        return counter

    def compare_results(
        self, scenario: Scenario, part: str, response: Any, said: list[oracle.Said]
    ) -> None:
        """Compare what the batch says of each operation with what was said singly."""
        results = response.json()["results"]
        is_undone = scenario.options == "?atomic=true"
        for expected, result in zip(said, results, strict=True):
            read = oracle.read(result)
            read.data = worlds.mask(read.data)
            if is_undone and expected.status < 400:
                expected = oracle.Said(status=424)
            difference = expected.get_difference(read)
            if difference is not None:
                what = difference.partition(":")[0]
                where = f"{what} of {result['method']}{part}"
                self.note(scenario, where, vars(expected), vars(read))

    def expect(self, response: Any, raised: Any, handled: Any) -> oracle.Said:
        """Return what the batch must say; the module may know better."""
        if hasattr(self.library, "expect"):
            return self.library.expect(response, raised, handled)
        said = oracle.expect(response, raised, handled)
        said.data = worlds.mask(said.data)
        if hasattr(self.library, "point") and isinstance(said.errors, list):
            said.errors = [
                (self.library.point(pointer), *rest) for pointer, *rest in said.errors
            ]
        return said

    def see(self, client: Any) -> worlds.World:
        """Take down all there is."""
        return worlds.see(client, self.manifest.PATH, self.manifest.VOLATILE)

    def begin(self) -> APIClient:
        """Begin anew, logged in."""
        from django.contrib.auth import get_user_model

        made: list[APIClient] = []

        def seed() -> None:
            user = get_user_model().objects.create_user("ann", "ann@example.org", "x")
            client = APIClient()
            client.force_login(user)
            made.append(client)
            if hasattr(self.library, "log_in"):
                self.library.log_in(client, user)
            if hasattr(self.library, "seed"):
                self.library.seed(client)
                return
            make = getattr(self.library, "make", None)
            for number in range(1, SEEDED + 1):
                data = make(number) if make else {"name": f"City {number}"}
                asked = Asked("POST", None, data)
                response = self.send(client, self.manifest.PATH, asked)
                if response.status_code != 201:
                    raise RuntimeError(f"Not seeded: {response.content.decode()}")

        worlds.clean(self.library, seed)
        made[0].raise_request_exception = False
        return made[0]

    def send(self, client: Any, path: str, asked: Asked) -> Any:
        """Send one operation by itself."""
        if asked.key is not None:
            path = f"{path}{asked.key}/"
        send = getattr(client, asked.method.lower())
        if hasattr(self.library, "send"):
            return self.library.send(send, path, asked.data)
        return send(path) if asked.data is None else send(path, asked.data)

    def send_batch(
        self, client: Any, scenario: Scenario, request: Sequence[Asked]
    ) -> Any:
        """Send operations together: in `bulk/` where they have one method."""
        request = self.give_keys(request)
        path = self.get_path(scenario)
        methods = {each.method for each in request}
        if not self.is_bulk(request):
            operations = [
                {name: value for name, value in vars(each).items() if value is not None}
                for each in request
            ]
            return client.post(
                f"{path}batch/{scenario.options}",
                {"operations": operations},
                format="json",
            )
        [method] = methods
        if method == "POST":
            body = [each.data for each in request]
        elif method == "DELETE":
            body = [each.key for each in request]
        else:
            body = [each.data for each in request]
        send = getattr(client, method.lower())
        return send(f"{path}bulk/{scenario.options}", body, format="json")

    def is_bulk(self, request: Sequence[Asked]) -> bool:
        """Whether operations can go to `bulk/`: of one method, none renaming a key."""
        name = self.manifest.KEY_NAME
        return len({each.method for each in request}) == 1 and all(
            (each.data or {}).get(name, each.key) == each.key for each in request
        )

    def give_keys(self, request: Sequence[Asked]) -> Sequence[Asked]:
        """Put the keys into the data, where `bulk/` wants them; singly, too."""
        name = self.manifest.KEY_NAME
        if request[0].method not in ("PUT", "PATCH") or not self.is_bulk(request):
            return request
        return [replace(each, data={name: each.key} | each.data) for each in request]

    def get_path(self, scenario: Scenario) -> str:
        """Return the path of the collection."""
        return "/late/" if scenario.is_late else self.manifest.PATH

    def note(self, scenario: Scenario, what: str, single: Any, batch: Any) -> None:
        """Take down a difference, the first of its kind."""
        found = [repr(single)[:600], repr(batch)[:600]]
        self.differences.setdefault(f"{scenario.name}/{what}", found)


def _narrow(world: worlds.World, seen: worlds.World, name: str) -> tuple[Any, Any]:
    """Leave out of a difference what is equal."""
    single, batch = world.get(name), seen.get(name)
    if isinstance(single, dict) and isinstance(batch, dict):
        names = [
            each for each in {*single, *batch} if single.get(each) != batch.get(each)
        ]
        return (
            {each: single.get(each) for each in names},
            {each: batch.get(each) for each in names},
        )
    if isinstance(single, list) and isinstance(batch, list):
        return (
            [len(single), *(each for each in single if each not in batch)],
            [len(batch), *(each for each in batch if each not in single)],
        )
    return single, batch


def _has_route(name: str) -> bool:
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


@contextmanager
def _atomic_requests(is_on: bool) -> Iterator[None]:
    """Let single requests undo what they refuse, as operations do."""
    connection.settings_dict["ATOMIC_REQUESTS"] = is_on
    try:
        yield
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = False


@contextmanager
def _noting() -> Iterator[dict[str, Any]]:
    """Note what comes out of the view of a single request, and what is handled."""
    noted: dict[str, Any] = {"raised": None, "handled": None}

    def note_raised(**kwargs: Any) -> None:
        if noted["handled"] is None or noted["is_passed_on"]:
            noted["raised"] = sys.exc_info()[1]

    def note_handled(exc: Any, context: Any) -> Any:
        noted["handled"] = exc
        response = handler(exc, context)
        noted["is_passed_on"] = response is None
        return response

    handler = api_settings.EXCEPTION_HANDLER
    api_settings.EXCEPTION_HANDLER = note_handled
    got_request_exception.connect(note_raised)
    try:
        yield noted
    finally:
        got_request_exception.disconnect(note_raised)
        api_settings.EXCEPTION_HANDLER = handler


def run(library: ModuleType) -> dict[str, Any]:
    """Compare the two ways for the library of this process."""
    return Comparison(library, settings.COMPANION).run()
