"""What projects do around an action: before it, after it, and instead of it.

One class each, as in `traits`, to be put together with those at random.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any, Final

from django.core.cache.backends.locmem import LocMemCache
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle, UserRateThrottle
from rest_framework.views import exception_handler

from tests.parity import models
from tests.parity.traces import leave, look, trace

STARTS: Final = {
    "create": "c",
    "update": "u",
    "partial_update": "p",
    "destroy": "d",
    "amend": "a",
    "archive": "x",
    "retrieve": "r",
}
"""What a viewset knows of its actions; a KeyError is for any other."""

CACHE: Final = LocMemCache("parity", {})
"""Where throttles count."""


class Middleware:
    """Hangs things on each HttpRequest."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        """Hang them on."""
        request.limits = {"left": 3, "used": [1]}
        request.roles = ["reader"]
        request.number = 7
        return self.get_response(request)


class Mapped:
    """Actions that a router may map in place of DRF's; all viewsets have them."""

    def amend(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Say what would be amended."""
        instance = self.get_object()  # type: ignore[attr-defined]
        models.Audit.objects.create(text=f"amended {instance}")
        return Response({"amended": str(instance), "action": self.action})  # type: ignore[attr-defined]

    def archive(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Keep it, and say so."""
        instance = self.get_object()  # type: ignore[attr-defined]
        if str(instance) in ("b", "low", "Red"):
            raise exceptions.PermissionDenied("It stays where it is.")
        models.Audit.objects.create(text=f"archived {instance}")
        return Response({"archived": str(instance)})


class Dispatches:
    """Overrides dispatch(): it sets, writes, and knows its actions."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Set what the hooks need, refuse some, and look at the answer."""
        action = self.action_map.get(request.method.lower())  # type: ignore[attr-defined]
        self.start = STARTS[action] if action else "?"
        if action != "retrieve":
            trace.hooks.append(("dispatch", action, request.path, sorted(kwargs)))
            models.Audit.objects.create(text=f"{self.start} begins")
        if request.headers.get("X-Refuse") == action:
            raise Http404("Not before the action.")
        response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        if action != "retrieve":
            trace.hooks.append(("dispatched", action, response.status_code))
        return response

    def get_queryset(self) -> Any:
        """Need what was set."""
        assert self.start in STARTS.values()
        return super().get_queryset()  # type: ignore[misc]


class Catches:
    """Its dispatch() answers what nobody else does."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer a bug."""
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except RuntimeError as exc:
            return JsonResponse({"detail": f"Caught {exc}."}, status=503)


class BeginsWithRows:
    """Overrides initial(): it writes and sets, before and after DRF's own."""

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Write, go on, and set."""
        start = STARTS[self.action or "retrieve"]  # type: ignore[attr-defined]
        if start != "r":
            models.Audit.objects.create(text=f"{start} is initial")
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if start != "r":
            trace.hooks.append(("began", start, look(self)))


class InitializesData:
    """Overrides initialize_request(): it reads the data and adds to it."""

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Add a note where there is none."""
        made = super().initialize_request(request, *args, **kwargs)  # type: ignore[misc]
        if request.method in ("POST", "PUT") and isinstance(made.data, dict):
            made.data.setdefault("note", "y")
        return made


class FinalizesWithRows:
    """Overrides finalize_response(): it logs, failures too."""

    def finalize_response(
        self, request: Any, response: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Log."""
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if self.action != "retrieve":  # type: ignore[attr-defined]
            leave(f"{request.method} {response.status_code} {self.action}")  # type: ignore[attr-defined]
        return response


class HandlesWithRows:
    """Its exception handler writes a row, and leaves the answer to DRF."""

    def get_exception_handler(self) -> Any:
        """Return it."""

        def handle(exc: Exception, context: Any) -> Any:
            trace.exceptions.append(exc)
            leave(f"{type(exc).__name__} of {context['view'].action}")
            return exception_handler(exc, context)

        return handle


class HandlesEverything:
    """Its exception handler answers unexpected exceptions, and adds to documents."""

    def get_exception_handler(self) -> Any:
        """Return it."""

        def handle(exc: Exception, context: Any) -> Any:
            # What is added to a document is added to the exception's own detail.
            trace.exceptions.append(copy.deepcopy(exc))
            response = exception_handler(exc, context)
            if response is None:
                return Response({"detail": "Sorry."}, status=500)
            if isinstance(response.data, dict):
                response.data["status_code"] = response.status_code
            return response

        return handle


class _Clockless:
    """A minute that does not pass."""

    cache = CACHE
    rate = "3/min"

    @staticmethod
    def timer() -> float:
        """Return the time."""
        return 1000.0


class PerUser(_Clockless, UserRateThrottle):
    """Three for each user."""


class PerPath(_Clockless, SimpleRateThrottle):
    """Three for each resource."""

    scope = "path"

    def get_cache_key(self, request: Any, view: Any) -> str:
        """Read the path."""
        return f"{request.method}{request.path}".replace(" ", "_")


class ThrottlesByUser:
    """Throttled by user."""

    throttle_classes = [PerUser]


class ThrottlesByAction:
    """Its throttles depend on the action."""

    def get_throttles(self) -> Any:
        """Choose."""
        more = super().get_throttles()  # type: ignore[misc]
        start = STARTS[self.action]  # type: ignore[attr-defined]
        return {"c": [PerUser()], "p": [PerPath()]}.get(start, []) + more


class Durable:
    """Its hooks open a transaction that cannot stand in another."""

    def perform_create(self, serializer: Any) -> None:
        """Save in it."""
        with transaction.atomic(durable=True):
            super().perform_create(serializer)  # type: ignore[misc]


class Tags:
    """Has entity tags of its own, which ask the database."""

    def get_etag(self, instance: Any) -> str:
        """Count."""
        return f'"{instance.pk}-{type(instance)._default_manager.count()}"'


class HangsOn:
    """Reads and changes what middleware hung on the request, and more of it."""

    def perform_create(self, serializer: Any) -> None:
        """Change it."""
        self._change()
        super().perform_create(serializer)  # type: ignore[misc]

    def perform_update(self, serializer: Any) -> None:
        """Change it."""
        self._change()
        super().perform_update(serializer)  # type: ignore[misc]

    def perform_destroy(self, instance: Any) -> None:
        """Change it."""
        self._change()
        super().perform_destroy(instance)  # type: ignore[misc]

    def _change(self) -> None:
        request = self.request  # type: ignore[attr-defined]
        http = request._request
        trace.hooks.append((
            dict(http.limits), list(http.limits["used"]), list(http.roles),
            http.number, http.META.get("mark"), dict(http.COOKIES),
            request.query_params.dict(), getattr(request.user, "mark", None),
        ))  # fmt: skip
        http.limits["left"] -= 1
        http.limits["used"].append(2)
        http.roles.append("writer")
        http.number += 1
        http.META["mark"] = http.COOKIES["mark"] = request.user.mark = "changed"
        request.query_params._mutable = True
        request.query_params["mark"] = "changed"


class SoftDeletes:
    """Marks what is deleted, where there is a column for it, and shows it no more."""

    def _get_flag(self) -> str | None:
        names = {each.name for each in self.resource.model._meta.get_fields()}  # type: ignore[attr-defined]
        return next((each for each in ("archived", "hidden") if each in names), None)

    def get_queryset(self) -> Any:
        """Leave out what is marked."""
        queryset, flag = super().get_queryset(), self._get_flag()  # type: ignore[misc]
        return queryset.exclude(**{flag: True}) if flag else queryset

    def perform_destroy(self, instance: Any) -> None:
        """Mark it."""
        flag = self._get_flag()
        if flag is None:
            super().perform_destroy(instance)  # type: ignore[misc]
        else:
            setattr(instance, flag, True)
            instance.save()


class JoinsAndFilters:
    """Its queryset looks at other tables, which operations write, too."""

    def get_queryset(self) -> Any:
        """Join, annotate and filter by what was annotated."""
        queryset = super().get_queryset()  # type: ignore[misc]
        audits = models.Audit.objects.filter(text__startswith="none")
        queryset = queryset.annotate(audited=Exists(audits)).filter(audited=False)
        for field in queryset.model._meta.get_fields():
            if field.many_to_one and field.related_model is models.Shelf:
                queryset = queryset.annotate(place=F(f"{field.name}__note")).exclude(
                    place="x"
                )
            elif field.many_to_one and field.related_model is models.Book:
                lent = models.Loan.objects.filter(book=OuterRef(f"{field.name}_id"))
                queryset = queryset.annotate(lent=Exists(lent.filter(text="x")))
                queryset = queryset.filter(lent=False)
        return queryset


class Wrapped:
    """Something stands around its view in urls.py; see `wrap()`."""


def wrap(view: Any) -> Any:
    """Put something around the view of a single route, as urls.py does."""

    @functools.wraps(view)
    def wrapped(request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method == "GET":
            return view(request, *args, **kwargs)
        trace.hooks.append(("wrapper", request.method, request.path, sorted(kwargs)))
        request.wrapped = request.META["HTTP_X_WRAPPED"] = "yes"
        if request.headers.get("X-Refuse") and request.method == "PATCH":
            return JsonResponse({"detail": "Not through here."}, status=403)
        response = view(request, *args, **kwargs)
        trace.hooks.append(("wrapped", response.status_code))
        if response.status_code == 201:
            response.status_code = 202
        return response

    return wrapped


STAGES: dict[str, type] = {
    each.__name__: each
    for each in (
        Dispatches, Catches, BeginsWithRows, InitializesData, FinalizesWithRows,
        HandlesWithRows, HandlesEverything, ThrottlesByUser, ThrottlesByAction, Durable,
        Tags, HangsOn, SoftDeletes, JoinsAndFilters, Wrapped,
    )
}  # fmt: skip
"""By name."""
