"""Entity tags and `If-Match` for the single endpoints."""

from __future__ import annotations

import contextlib
from typing import Any, Final

from django.core.exceptions import FieldError, ObjectDoesNotExist, PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags
from rest_framework.exceptions import APIException, ParseError

from multistatus_app.databases.aliases import get_databases
from multistatus_app.databases.locks import get_locked
from multistatus_app.handlers import get_state
from multistatus_app.handlers.preconditions import get_reader
from multistatus_app.mixins import BulkModelMixin
from multistatus_app.overrides.origins import get_provider
from multistatus_app.requests.preconditions import PreconditionFailed, matches

_TAGGED = ("retrieve", "update", "partial_update")
# The attribute of a request for the object that its view has fetched.
_TARGET: Final = "_multistatus_target"
_CONDITIONAL = ("update", "partial_update", "destroy")


class ETagMixin(BulkModelMixin[Any]):
    """Adds `ETag` to the single GET, PUT and PATCH, and honours `If-Match` on writes.

    The tags are those of the bulk routes: `get_etag(instance)`. A write with `If-Match`
    is compared on the locked row, in a transaction: of two clients with the same tag,
    one succeeds and the other gets a 412. A GET with `If-None-Match` may be a 304.
    """

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer the request. A conditional write gets its own transaction."""
        if get_state(request) is not None or not self._is_conditional(request):
            return super().dispatch(request, *args, **kwargs)
        try:
            using = get_databases(self, asks_hook=True)[0]
        except Exception:  # a hook needs attributes that `dispatch()` sets
            using = get_databases(self)[0]
        with transaction.atomic(using=using):
            response = super().dispatch(request, *args, **kwargs)
            if response.status_code >= 400:
                transaction.set_rollback(True, using=using)
        return response

    def get_object(self) -> Any:
        """Return the target. For a conditional write it is locked and compared."""
        if get_state(self.request) is not None:
            return super().get_object()
        is_conditional = self._is_conditional(self.request)
        instance = get_locked(super().get_object, "wait" if is_conditional else None)
        if is_conditional:
            self._check_if_match(instance)
        setattr(self.request, _TARGET, instance)
        return instance

    def finalize_response(
        self, request: Any, response: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Add the tag to the response with a representation."""
        response = super().finalize_response(request, response, *args, **kwargs)
        instance = vars(request).get(_TARGET)
        if (
            instance is None
            or self.action not in _TAGGED
            or response.status_code != 200
        ):
            return response
        if self.action != "retrieve":
            response["ETag"] = self._get_current_etag(instance)
            return response
        etag = response["ETag"] = self.get_etag(instance)
        return get_conditional_response(request._request, etag=etag, response=response)

    def _is_conditional(self, request: Any) -> bool:
        return (
            "If-Match" in request.headers
            and self.action_map.get(request.method.lower()) in _CONDITIONAL
        )

    def _check_if_match(self, instance: Any) -> None:
        tags = parse_etags(self.request.headers["If-Match"])
        if not tags:
            raise ParseError('If-Match takes entity tags, such as "5f1c", or *.')
        current = self._get_current_etag(instance)
        if not any(matches(tag, current=current) for tag in tags):
            raise PreconditionFailed(current=current if self._may_read() else None)

    def _may_read(self) -> bool:
        """Return True if the user may read the resource as it is now."""
        reader = get_reader(self)
        try:
            reader.check_permissions(reader.request)
            reader.get_object()
        except (APIException, Http404, PermissionDenied):
            return False
        return "get" in self.action_map

    def _get_current_etag(self, instance: Any) -> str:
        """Return the tag that the GET gives, independent of this request's action.

        The default tag covers everything that the GET shows, annotations included, so
        the instance is read as the GET reads it, if possible.
        """
        reader = get_reader(self)
        if get_provider(type(self), "get_etag") is None:
            with contextlib.suppress(ObjectDoesNotExist, FieldError, TypeError):
                queryset = reader.filter_queryset(reader.get_queryset())
                instance = queryset.get(pk=instance.pk)
        tag: str = reader.get_etag(instance)
        return tag
