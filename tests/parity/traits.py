"""What projects override in a viewset, one class each, to be put together at random.

Each goes on with `super()`, so that any of them stand in one MRO.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Count, F, Prefetch
from django.http import Http404
from rest_framework import exceptions, filters, permissions, status
from rest_framework.exceptions import ErrorDetail
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.serializers import ValidationError
from rest_framework.throttling import BaseThrottle
from rest_framework.versioning import AcceptHeaderVersioning, QueryParameterVersioning
from rest_framework.views import exception_handler

from tests.parity import models
from tests.parity.shapes import SHAPES
from tests.parity.stages import STAGES, STARTS
from tests.parity.traces import look, say_instance_when_committed, trace


class Teapot(exceptions.APIException):
    """A status that no table has."""

    status_code = 418
    default_detail = "Short and stout."
    default_code = "teapot"


def react(text: Any) -> None:
    """Raise what a text asks for."""
    match text:
        case "late":
            raise ValidationError({"deep": [{"a": ["Too late."]}]}, code="late")
        case "boom":
            raise RuntimeError("the secret inside")
        case "teapot":
            raise Teapot
        case "denied":
            raise DjangoPermissionDenied("Denied.")
        case "gone":
            raise Http404("It is gone.")
        case "django":
            raise DjangoValidationError({"text": ["No.", "Good."]}, code="bad")


class Fails:
    """Hooks that fail after saving."""

    def perform_create(self, serializer: Any) -> None:
        """Save, then fail."""
        super().perform_create(serializer)  # type: ignore[misc]
        react(getattr(serializer.instance, self.resource.text, None))  # type: ignore[attr-defined]

    def perform_update(self, serializer: Any) -> None:
        """Save, then fail."""
        super().perform_update(serializer)  # type: ignore[misc]
        react(getattr(serializer.instance, self.resource.text, None))  # type: ignore[attr-defined]

    def perform_destroy(self, instance: Any) -> None:
        """Delete, then fail."""
        super().perform_destroy(instance)  # type: ignore[misc]
        if str(instance) in ("b", "low"):
            raise ValidationError(f"{instance} stays.", code="stays")


class Looks:
    """Hooks that look at everything."""

    def perform_create(self, serializer: Any) -> None:
        """Look before and after."""
        trace.hooks.append(("create", look(self), dict(serializer.validated_data)))
        super().perform_create(serializer)  # type: ignore[misc]
        trace.hooks.append(("created", str(serializer.instance)))

    def perform_update(self, serializer: Any) -> None:
        """Look before and after; an instance of its own says what was."""
        before = self.get_object()  # type: ignore[attr-defined]
        trace.hooks.append(("update", look(self), str(serializer.instance)))
        super().perform_update(serializer)  # type: ignore[misc]
        trace.hooks.append(("updated", str(before), str(serializer.instance)))

    def perform_destroy(self, instance: Any) -> None:
        """Look before."""
        trace.hooks.append(("destroy", look(self), str(instance)))
        super().perform_destroy(instance)  # type: ignore[misc]


class Owns:
    """Saves an extra value, as projects save the owner."""

    def perform_create(self, serializer: Any) -> None:
        """Save with the user, or with a text."""
        names = {each.name for each in self.resource.model._meta.get_fields()}  # type: ignore[attr-defined]
        user = self.request.user  # type: ignore[attr-defined]
        if "owner" in names and user.is_authenticated:
            serializer.save(owner=user)
        elif "note" in names:
            serializer.save(note=f"by {user}")
        else:
            super().perform_create(serializer)  # type: ignore[misc]

    def get_queryset(self) -> Any:
        """Only the user's own, where there is an owner."""
        queryset = super().get_queryset()  # type: ignore[misc]
        if hasattr(queryset.model, "owner") and "mine" in self.request.query_params:  # type: ignore[attr-defined]
            return queryset.filter(owner=self.request.user.pk)  # type: ignore[attr-defined]
        return queryset


class WritesSiblings:
    """Hooks that write other rows, of the same table and of others."""

    def perform_create(self, serializer: Any) -> None:
        """Write a row beside it."""
        super().perform_create(serializer)  # type: ignore[misc]
        models.Audit.objects.create(text=f"created {serializer.instance}")
        models.Book.objects.update(price=F("price") + 1)
        models.Shelf.objects.update(note=f"of {serializer.instance.pk}"[:20])

    def perform_update(self, serializer: Any) -> None:
        """Change the row before it."""
        super().perform_update(serializer)  # type: ignore[misc]
        model, text = type(serializer.instance), self.resource.text  # type: ignore[attr-defined]
        others = model.objects.exclude(pk=serializer.instance.pk).order_by("pk")
        other = others.first()
        names = {each.name for each in model._meta.get_fields()}
        if other is not None and text in names:
            model.objects.filter(pk=other.pk).update(**{text: f"moved {other.pk}"})
        models.Shelf.objects.update(note=f"of {serializer.instance.pk}"[:20])

    def perform_destroy(self, instance: Any) -> None:
        """Delete another, too."""
        pk = instance.pk
        super().perform_destroy(instance)  # type: ignore[misc]
        models.Label.objects.filter(pk=pk).delete()
        models.Cover.objects.all().delete()


class SaysWhenCommitted:
    """Speaks in on_commit callbacks, of the serializer and of the instance."""

    def perform_create(self, serializer: Any) -> None:
        """Keep the instance until the commit."""
        super().perform_create(serializer)  # type: ignore[misc]
        say_instance_when_committed(serializer.instance)

    def perform_update(self, serializer: Any) -> None:
        """Keep the serializer until the commit."""
        super().perform_update(serializer)  # type: ignore[misc]
        from django.db import transaction

        transaction.on_commit(
            lambda: trace.commits.append((self.action, dict(serializer.validated_data)))  # type: ignore[attr-defined]
        )
        react(getattr(serializer.instance, self.resource.text, None))  # type: ignore[attr-defined]

    def perform_destroy(self, instance: Any) -> None:
        """Keep the view until the commit."""
        super().perform_destroy(instance)  # type: ignore[misc]
        from django.db import transaction

        transaction.on_commit(
            lambda: trace.commits.append((self.action, dict(self.kwargs)))  # type: ignore[attr-defined]
        )


class QuerysetByAction:
    """Its queryset depends on the action."""

    def get_queryset(self) -> Any:
        """Leave one row out for each action."""
        queryset = super().get_queryset()  # type: ignore[misc]
        pks = list(queryset.model.objects.order_by("pk").values_list("pk", flat=True))
        hidden = {"update": 0, "partial_update": 1, "destroy": 2}.get(self.action)  # type: ignore[attr-defined]
        if hidden is None or hidden >= len(pks):
            return queryset
        return queryset.exclude(pk=pks[hidden])


class QuerysetByText:
    """Its queryset depends on a column that operations write."""

    def get_queryset(self) -> Any:
        """Leave out what says so."""
        queryset = super().get_queryset()  # type: ignore[misc]
        text = self.resource.text  # type: ignore[attr-defined]
        names = {each.name for each in queryset.model._meta.get_fields()}
        return queryset.exclude(**{text: "x"}) if text in names else queryset


class QuerysetByRequest:
    """Its queryset depends on the request: the data, the key, the user."""

    def get_queryset(self) -> Any:
        """Leave out one row."""
        queryset = super().get_queryset()  # type: ignore[misc]
        data = self.request.data  # type: ignore[attr-defined]
        if isinstance(data, dict) and "Ada" in map(str, data.values()):
            return queryset.exclude(pk__in=list(queryset.values_list("pk")[:1]))
        if "1" in map(str, self.kwargs.values()) and "one" in self.request.query_params:  # type: ignore[attr-defined]
            return queryset.none()
        return queryset


class Joins:
    """Reads rows with what they are related to."""

    def get_queryset(self) -> Any:
        """Join, prefetch and annotate whatever there is."""
        queryset = super().get_queryset()  # type: ignore[misc]
        for field in queryset.model._meta.get_fields():
            if field.many_to_one:
                queryset = queryset.select_related(field.name)
        if hasattr(queryset.model, "labels"):
            queryset = queryset.prefetch_related("labels")
        if hasattr(queryset.model, "children"):
            queryset = queryset.annotate(count=Count("children"))
        if queryset.model is models.Order:
            queryset = queryset.prefetch_related(
                Prefetch("lines", queryset=models.Line.objects.order_by("-number"))
            )
        return queryset


class Defers:
    """Reads only some columns."""

    def get_queryset(self) -> Any:
        """Defer the text."""
        queryset = super().get_queryset()  # type: ignore[misc]
        names = {each.name for each in queryset.model._meta.get_fields()}
        text = self.resource.text  # type: ignore[attr-defined]
        return queryset.defer(text) if text in names else queryset


class Filters:
    """Filter backends, of DRF and of the project."""

    class Backend(filters.BaseFilterBackend):
        """Only those from a pk on."""

        def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
            """Filter."""
            trace.glimpses.append(("filter", view.action, request.method))
            least = request.query_params.get("from")
            return queryset.filter(pk__gte=least) if least else queryset

    filter_backends = (Backend, filters.OrderingFilter)
    ordering = ("-pk",)
    pagination_class = PageNumberPagination


class ObjectPermission(permissions.BasePermission):
    """Refuses what says so, and tells what it saw."""

    message = "Not this one."
    code = "not_this_one"

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        """Refuse."""
        trace.reads.append(("object", view.action, request.method, str(obj), obj.pk))
        return str(obj) not in ("b", "low", "lent", "old", "x", "Red", "denied", "t1")


class ObjectPermissions:
    """Refuses some objects."""

    permission_classes = [ObjectPermission]


class DataPermission(permissions.BasePermission):
    """Reads the data of the request."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Refuse data that says so."""
        trace.glimpses.append(("permission", look(view)))
        data = request.data
        if isinstance(data, dict) and "denied" in map(str, data.values()):
            raise exceptions.PermissionDenied(ErrorDetail("Not so.", "not_so"))
        return True


class DataPermissions:
    """Refuses some data."""

    permission_classes = [DataPermission]


class PermissionsByAction:
    """Anybody creates, users change, only ann deletes."""

    def get_permissions(self) -> Any:
        """Ask by action."""
        assert self.action in STARTS, self.action  # type: ignore[attr-defined]
        more = super().get_permissions()  # type: ignore[misc]
        if self.action in ("update", "partial_update"):  # type: ignore[attr-defined]
            return [*more, permissions.IsAuthenticated()]
        return [*more, permissions.IsAdminUser()] if self.action == "destroy" else more  # type: ignore[attr-defined]


class SerializerByAction:
    """Its serializer depends on the action and the method."""

    def get_serializer_class(self) -> Any:
        """Take another one for PATCH, and for data that says so."""
        if self.action not in ("create", "update", "partial_update", "destroy"):  # type: ignore[attr-defined]
            raise KeyError(self.action)  # type: ignore[attr-defined]
        trace.glimpses.append(("serializer", self.action, self.request.method))  # type: ignore[attr-defined]
        classes = list(self.resource.serializers.values())  # type: ignore[attr-defined]
        if self.action == "partial_update":  # type: ignore[attr-defined]
            return classes[-1]
        if len(self.request.data) == 1:  # type: ignore[attr-defined]
            return classes[0]
        return super().get_serializer_class()  # type: ignore[misc]


class ContextOfItsOwn:
    """Its serializer context holds what the request says."""

    def get_serializer_context(self) -> dict[str, Any]:
        """Add the keys of the data."""
        return super().get_serializer_context() | {  # type: ignore[misc]
            "names": list(self.request.data),  # type: ignore[attr-defined]
            "seen": look(self),
        }


class CreatesInItsOwnWay:
    """Overrides create()."""

    def create(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Answer in its own way."""
        serializer = self.get_serializer(data=request.data)  # type: ignore[attr-defined]
        if not serializer.is_valid():
            return Response(serializer.errors, status=422)
        self.perform_create(serializer)  # type: ignore[attr-defined]
        trace.hooks.append(("own create", look(self)))
        if str(serializer.instance) in ("new", "Z"):
            return Response({"detail": "We have no room."}, status=409)
        return Response(
            {"made": str(serializer.instance)}, status=status.HTTP_202_ACCEPTED
        )


class UpdatesInItsOwnWay:
    """Overrides update(); a PUT of what is not there creates it."""

    def update(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Create or update."""
        try:
            return super().update(request, *args, **kwargs)  # type: ignore[misc,no-any-return]
        except Http404:
            if request.method == "PATCH":
                raise
            serializer = self.get_serializer(data=request.data)  # type: ignore[attr-defined]
            serializer.is_valid(raise_exception=True)
            serializer.save()
            return Response(serializer.data, status=status.HTTP_201_CREATED)


class DestroysInItsOwnWay:
    """Overrides destroy()."""

    def destroy(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Answer with what is gone."""
        instance = self.get_object()  # type: ignore[attr-defined]
        trace.hooks.append(("own destroy", look(self), str(instance)))
        data = self.get_serializer(instance).data  # type: ignore[attr-defined]
        instance.delete()
        return Response({"gone": data.get("id", "?")})


class PatchesInItsOwnWay:
    """Overrides partial_update() and goes on."""

    def partial_update(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Look, and go on."""
        trace.hooks.append(("own patch", look(self), kwargs))
        response: Response = super().partial_update(request, *args, **kwargs)  # type: ignore[misc]
        if isinstance(response.data, dict):
            response.data["patched"] = True
        return response


class GetsInItsOwnWay:
    """Overrides get_object()."""

    def get_object(self) -> Any:
        """Refuse one that says so."""
        instance = super().get_object()  # type: ignore[misc]
        if str(instance) in ("Ada", "new", "c"):
            raise Http404("Nobody sees it.")
        return instance


class SerializesInItsOwnWay:
    """Overrides get_serializer()."""

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Always partial."""
        if "data" in kwargs:
            kwargs["partial"] = True
        return super().get_serializer(*args, **kwargs)  # type: ignore[misc]


class Initialises:
    """Overrides initial() and dispatches what it finds."""

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Refuse by method and key, and keep something on the view."""
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        trace.hooks.append(("initial", look(self)))
        if "X-Refuse" in request.headers and self.action == request.headers["X-Refuse"]:  # type: ignore[attr-defined]
            raise Teapot


class Handles:
    """Has an exception handler of the project."""

    def get_exception_handler(self) -> Any:
        """Return it."""

        def handle(exc: Exception, context: Any) -> Any:
            trace.exceptions.append(exc)
            if isinstance(exc, RuntimeError):
                return Response({"detail": "The project knows it."}, status=502)
            if isinstance(exc, Http404):
                return Response({"detail": "The project says so."}, status=410)
            response = exception_handler(exc, context)
            if response is not None:
                response.data = {"errors": response.data}
            return response

        return handle


class Versions:
    """Versioned by the Accept header."""

    versioning_class = AcceptHeaderVersioning


class VersionsByQuery:
    """Versioned by the query."""

    versioning_class = QueryParameterVersioning


class Closed(BaseThrottle):
    """Throttles whom a header names."""

    def allow_request(self, request: Any, view: Any) -> bool:
        """Refuse."""
        return "X-Throttle" not in request.headers

    def wait(self) -> float:
        """Return seconds."""
        return 6.5


class Throttles:
    """Throttled."""

    throttle_classes = [Closed]


class ReadsData:
    """Changes the data of the request, as some projects do."""

    def create(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Put something into the data, and go on."""
        if isinstance(request.data, dict):
            request.data["note"] = "put"
            request.data.pop("text", None)
        return super().create(request, *args, **kwargs)  # type: ignore[misc,no-any-return]

    def perform_update(self, serializer: Any) -> None:
        """Change the data after the fact."""
        for value in self.request.data.values():  # type: ignore[attr-defined]
            if isinstance(value, list | dict):
                value.clear()
        self.request.data.clear()  # type: ignore[attr-defined]
        super().perform_update(serializer)  # type: ignore[misc]


TRAITS: dict[str, type] = {
    each.__name__: each
    for each in (
        Fails, Looks, Owns, WritesSiblings, SaysWhenCommitted, QuerysetByAction,
        QuerysetByText, QuerysetByRequest, Joins, Defers, Filters, ObjectPermissions,
        DataPermissions, PermissionsByAction, SerializerByAction, ContextOfItsOwn,
        CreatesInItsOwnWay, UpdatesInItsOwnWay, DestroysInItsOwnWay, PatchesInItsOwnWay,
        GetsInItsOwnWay, SerializesInItsOwnWay, Initialises, Handles, Versions,
        VersionsByQuery, Throttles, ReadsData,
    )
} | STAGES | SHAPES  # fmt: skip
"""By name."""
