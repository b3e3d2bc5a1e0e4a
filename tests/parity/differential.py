"""Runs a history as single requests and as one batch, and compares all that is left."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest import mock
from urllib.parse import quote

from django.conf import settings
from django.db import DatabaseError, connection
from django.test import override_settings
from rest_framework import views
from rest_framework.settings import api_settings
from rest_framework.test import APIClient
from rest_framework.views import set_rollback

from multistatus_app.requests.endpoints import get_key_name
from tests.parity import oracle
from tests.parity.databases import Database
from tests.parity.documents import get_body
from tests.parity.histories import History
from tests.parity.oracle import Said
from tests.parity.stages import CACHE
from tests.parity.traces import Trace, trace, tracing
from tests.parity.undoing import undo_if_failed
from tests.parity.viewsets import get_urlconf, make_viewset
from tests.xml import get_facts, get_json_facts

_NEGOTIATED = ("renderer", "type")
"""What hooks see of the negotiation, which another format of the batch changes."""

_SAFE = "/~:@!$&'()*+,;=-._"
"""What Django's `reverse` leaves as it is."""


class Divergence(AssertionError):
    """The batch did not do what the single requests did."""


@dataclass
class Run:
    """What one of the two runs left."""

    said: list[Said]
    trace: Trace
    rows: dict[str, list[Any]] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    refused: int | None = None
    """The status with which the batch was refused as a whole."""
    facts: Any = None
    """What its two formats say; why it was refused."""


class Differential:
    """Runs histories, both ways, on one database."""

    def __init__(self, smallest_set: int | None = 1) -> None:
        """Start with nothing run; sets are of so many operations, or never made."""
        self.multistatus = {
            "MIN_SET_SIZE": smallest_set,
            "QUIET_RECEIVERS": ["tests.parity.receivers.hear_quietly"],
        }
        self.database = Database()
        self.behaviours: Counter[str] = Counter()
        self.histories = self.operations = 0

    def check(self, history: History) -> None:
        """Run a history both ways.

        Raises:
            Divergence: they differ.
        """
        viewset = make_viewset(history.spec)
        body, content_type, singles = get_body(history, get_key_name(viewset))
        urlconf = get_urlconf(history.spec)
        changed = {
            "ROOT_URLCONF": urlconf,
            "MULTISTATUS": self.multistatus,
            "MIDDLEWARE": [*settings.MIDDLEWARE, "tests.parity.stages.Middleware"],
        }
        atomic = {"ATOMIC_REQUESTS": history.atomic_requests}
        with (
            override_settings(**changed),
            mock.patch.dict(connection.settings_dict, atomic),
            _silence(),
        ):
            single = self._run(lambda: self._run_singles(history, singles))
            batch = self._run(lambda: self._run_batch(history, body, content_type))
            written = single.written | batch.written
            # Of what is not there now, the rows of the first run were read before.
            single.rows, batch.rows = self._read_both(single, batch, written)
        self._count(history, single)
        self._compare(history, single, batch)

    def _run(self, do: Any) -> Run:
        self.database.reset()
        CACHE.clear()
        with tracing() as heard, self.database.watching() as written:
            run: Run = do()
        run.trace, run.written = heard, written
        run.rows = self.database.read(written)
        return run

    def _read_both(self, single: Run, batch: Run, written: set[str]) -> Any:
        """Return the rows of both runs; a table that one did not write is as seeded."""
        lacking = written - single.written
        lacked = written - batch.written
        if lacked:
            batch.rows |= self.database.read(lacked)
        if lacking:
            self.database.reset()
            single.rows |= self.database.read(lacking)
        return single.rows, batch.rows

    def _get_headers(self, history: History) -> dict[str, str]:
        headers = {"User-Agent": "history", **history.headers}
        if history.user is not None:
            headers["Authorization"] = f"User {history.user}"
        return headers

    def _run_singles(self, history: History, singles: list[Any]) -> Run:
        client = APIClient(
            raise_request_exception=False, headers=self._get_headers(history)
        )
        said = []
        with _recording():
            said = [self._run_single(client, history, *each) for each in singles]
        return Run(said=said, trace=trace)

    def _run_single(
        self, client: Any, history: History, method: str, key: Any, data: Any
    ) -> Said:
        path = history.spec.path
        if method != "POST":
            path += "/" + quote(str(key), safe="")
        path += history.spec.slash + (f"?{history.query}" if history.query else "")
        heard = len(trace.exceptions)
        raised: BaseException | None = None
        response = None
        send = partial(
            client.generic, method, path, content_type="application/json",
            headers={"Accept": "application/json"},
            **({} if data is None else {"data": _dump(data)}),
        )  # fmt: skip
        is_alone = history.spec.option == "alone"
        try:
            response = send() if is_alone else undo_if_failed(send)
        except DatabaseError as exc:
            raised = exc
        if response is not None and getattr(response, "exc_info", None):
            raised = response.exc_info[1]
        handled = trace.exceptions[-1] if len(trace.exceptions) > heard else None
        if handled is raised:
            handled = None
        said = oracle.expect(response, raised, handled)
        said.href = _get_href(history, method, key, said)
        return said

    def _run_batch(self, history: History, body: bytes, content_type: str) -> Run:
        client = APIClient(
            raise_request_exception=False, headers=self._get_headers(history)
        )
        path = f"{history.spec.path}/{history.route}{history.spec.slash}"
        method = history.operations[0].method if history.route == "bulk" else "POST"
        accept = "application/xml" if history.xml_answer else "application/json"
        # An XML answer is made of the same document; its values are read off the JSON.
        with _remembering() as documents:
            response: Any = client.generic(
                method, f"{path}?{history.query}" if history.query else path, body,
                content_type=content_type, headers={"Accept": accept},
            )  # fmt: skip
        if response.status_code != 207:
            why = response.exc_info and repr(response.exc_info[1])
            return Run(said=[], trace=trace, refused=response.status_code, facts=why)
        if history.xml_answer:
            document = _load(documents[-1].to_dict())
            facts = get_facts(response.content)
        else:
            document = response.json()
            facts = get_json_facts(document)
        results = document["results"]
        return Run(
            said=[oracle.read(each) for each in results],
            trace=trace,
            facts=(facts, get_json_facts(document)),
        )

    def _compare(self, history: History, single: Run, batch: Run) -> None:
        try:
            self._compare_runs(history, single, batch)
        except Divergence as divergence:
            divergence.add_note(repr(history))
            raise

    def _compare_runs(self, history: History, single: Run, batch: Run) -> None:
        if batch.refused is not None:
            # A key that no URL carries: asked first is whether anything is permitted.
            statuses = {
                each.status
                for each in single.said
                if each.status != 404 or each.errors is not oracle.ANYTHING
            }
            if batch.refused in (401, 403) and statuses <= {401, 403}:
                return
            if batch.refused == 429 and statuses <= {429}:
                return
            if batch.refused == 405 and history.is_off:
                return
            _tell("refused", statuses, (batch.refused, batch.facts))
        for index, (one, other) in enumerate(zip(single.said, batch.said, strict=True)):
            difference = one.get_difference(other)
            if difference:
                raise Divergence(
                    f"operation {index}: {difference}\nsingle {one}\nbatch  {other}"
                )
            if list(_get_order(one.data)) != list(_get_order(other.data)):
                _tell(f"operation {index}: order of fields", one.data, other.data)
        if batch.facts[0] != batch.facts[1]:
            _tell("XML", *batch.facts)
        for table, rows in single.rows.items():
            if rows != batch.rows[table]:
                _tell(f"rows of {table}", rows, batch.rows[table])
        # A replay runs hooks again, which is what those who ask for it allow.
        heard = (
            ("commits",) if history.spec.replays else ("commits", "signals", "hooks")
        )
        for name in heard:
            one, other = (
                _get_heard(history, single, name),
                _get_heard(history, batch, name),
            )
            if one != other:
                for index, (mine, others) in enumerate(zip(one, other, strict=False)):
                    if mine != others:
                        _tell(f"{name} {index}", mine, others)
                _tell(name, one, other)
        reads = [
            set(map(repr, _get_heard(history, each, "reads")))
            for each in (single, batch)
        ]
        if reads[0] != reads[1]:
            _tell("reads", *map(sorted, reads))
        if all(each.errors is oracle.ANYTHING for each in single.said):
            return  # no key has a URL: only then is asked for kinds, not operations
        unseen = [
            each for each in _get_heard(history, batch, "glimpses")
            if each not in _get_heard(history, single, "glimpses")
            # An entity tag is that of the representation which a GET has.
            and each[1] != "retrieve"
        ]  # fmt: skip
        if unseen:
            _tell("glimpses", _get_heard(history, single, "glimpses"), unseen)

    def _count(self, history: History, single: Run) -> None:
        self.histories += 1
        self.operations += len(history.operations)
        spec = history.spec
        done = any(each.status < 300 for each in single.said)
        failed = any(each.status >= 400 for each in single.said)
        for name in (
            *(f"trait {each}" for each in spec.traits),
            f"serializer {spec.serializer}",
            f"lookup {spec.lookup}",
            f"route {spec.route}",
            f"option {spec.option}",
            f"format {'xml' if history.xml else 'json'} {history.route}",
        ):
            self.behaviours[f"{name} done"] += done
            self.behaviours[f"{name} failed"] += failed
        for each, asked in zip(single.said, history.operations, strict=True):
            self.behaviours[f"{asked.method} {each.status}"] += 1


def _get_href(history: History, method: str, key: Any, said: Said) -> Any:
    """Return the path that a result must have, where the single endpoint tells."""
    spec = history.spec
    if said.status >= 400:
        if method == "POST" or said.status in (404, 410):
            return None
        return f"{spec.path}/{quote(str(key), safe=_SAFE)}{spec.slash}"
    by_id = spec.lookup in ("pk", "id", "converter") and spec.resource != "genre"
    if not by_id or not isinstance(said.data, dict) or "id" not in said.data:
        return oracle.ANYTHING
    return f"{spec.path}/{said.data['id']}{spec.slash}"


def _tell(what: str, single: Any, batch: Any) -> None:
    raise Divergence(f"{what}:\nsingle {single!r}\nbatch  {batch!r}")


def _get_heard(history: History, run: Run, name: str) -> list[Any]:
    heard = getattr(run.trace, name)
    if history.spec.option == "lock":
        # What was read before the row was locked is read, and permitted, again.
        heard = [
            each
            for index, each in enumerate(heard)
            if heard[index - 1 : index] != [each]
        ]
    if history.xml or history.xml_answer:
        return [_without_negotiation(each) for each in heard]
    return heard


def _without_negotiation(heard: Any) -> Any:
    if isinstance(heard, tuple):
        return tuple(map(_without_negotiation, heard))
    if isinstance(heard, dict):
        return {
            name: _without_negotiation(each)
            for name, each in heard.items()
            if name not in _NEGOTIATED
        }
    return heard


def _get_order(data: Any) -> Iterator[Any]:
    if isinstance(data, dict):
        for name, each in data.items():
            yield name
            yield from _get_order(each)
    elif isinstance(data, list):
        for each in data:
            yield from _get_order(each)


def _dump(data: Any) -> bytes:
    import json

    return json.dumps(data).encode()


def _load(document: Any) -> Any:
    import json

    from rest_framework.utils.encoders import JSONEncoder

    return json.loads(json.dumps(document, cls=JSONEncoder))


@contextmanager
def _recording() -> Iterator[None]:
    """Hear what DRF's exception handler is asked, and what it asks for."""
    handler = api_settings.EXCEPTION_HANDLER

    def record(exc: Exception, context: Any) -> Any:
        trace.exceptions.append(exc)
        return handler(exc, context)

    def doom() -> None:
        trace.doomed = connection.settings_dict["ATOMIC_REQUESTS"]
        set_rollback()

    with (
        mock.patch.object(api_settings, "EXCEPTION_HANDLER", record),
        mock.patch.object(views, "set_rollback", doom),
    ):
        yield


@contextmanager
def _remembering() -> Iterator[list[Any]]:
    """Keep the MultiStatus of each answer."""
    from multistatus_app import views as ours

    documents: list[Any] = []

    class Remembering(ours.MultiStatusResponse):
        def __init__(self, multistatus: Any, *args: Any, **kwargs: Any) -> None:
            documents.append(multistatus)
            super().__init__(multistatus, *args, **kwargs)

    with mock.patch.object(ours, "MultiStatusResponse", Remembering):
        yield documents


@contextmanager
def _silence() -> Iterator[None]:
    """Log nothing: histories fail by the thousand."""
    with ExitStack() as stack:
        for name in ("django.request", "multistatus_app"):
            stack.enter_context(
                mock.patch.object(logging.getLogger(name), "disabled", True)
            )
        yield
