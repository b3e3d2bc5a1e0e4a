"""DRF's browsable page for our routes: the response, and a form for each method.

Forms show rows that the user may see, or the data of DRF's own forms if there are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import iscoroutinefunction
from itertools import islice
from typing import Any, Final

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, QueryDict
from django.utils.encoding import force_str
from rest_framework.exceptions import APIException
from rest_framework.fields import FileField, HiddenField
from rest_framework.relations import ManyRelatedField, RelatedField
from rest_framework.renderers import BaseRenderer, BrowsableAPIRenderer
from rest_framework.request import Request, clone_request

from multistatus_app.outcomes import Operation
from multistatus_app.requests.endpoints import SINGLE_ACTIONS, get_key_name
from multistatus_app.settings import get_bulk_limit

# The most rows read to find two that the user may see.
_LOOKED_AT: Final = 10


class MultiStatusBrowsableRenderer(BrowsableAPIRenderer):
    """DRF's page. A batch is raw data, so there are no HTML forms."""

    template = "multistatus_app/api.html"

    def get_default_renderer(self, view: Any) -> BaseRenderer:
        """Show the response in the JSON of the viewset, which always comes first."""
        renderer: BaseRenderer = view.get_renderers()[0]
        return renderer

    def get_rendered_html_form(
        self, data: Any, view: Any, method: str, request: Request
    ) -> Any:
        """Return no form for writing methods, and DRF's placeholder for OPTIONS."""
        if method in SINGLE_ACTIONS:
            return None
        return super().get_rendered_html_form(data, view, method, request)

    def get_raw_data_form(
        self, data: Any, view: Any, method: str, request: Request
    ) -> Any:
        """Return a form with an example that can be sent as it is."""
        if not self.show_form_for_method(view, method, request, None):
            return None
        try:
            document = _get_document(view, method, request)
        except Exception:  # the response is shown, with or without an example
            document = []
        content: Any = self.get_default_renderer(view).render(
            document, None, {"indent": 4}
        )
        media_types = [parser.media_type for parser in view.get_parsers()]
        return _RawDataForm(media_types=media_types, content=force_str(content))

    def show_form_for_method(
        self, view: Any, method: str, request: Request, obj: Any
    ) -> bool:
        """Return True if the user may send this method."""
        if method not in view.allowed_methods:
            return False
        try:
            view.check_methods(view.get_asked_methods(clone_request(request, method)))
        except (APIException, PermissionDenied):
            return False
        return True

    def get_context(
        self,
        data: Any,
        accepted_media_type: str | None,
        renderer_context: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Return the context of DRF's page, with a form for every method."""
        context: dict[str, Any] = super().get_context(
            data, accepted_media_type, renderer_context
        )
        view: Any = context["view"]
        request: Request = context["request"]
        # DRF's page has no body for a DELETE, so the forms are ours.
        return context | {
            "available_formats": [each.format for each in view.get_renderers()],
            "bulk_forms": [
                (method, form)
                for method in SINGLE_ACTIONS
                if (form := self.get_raw_data_form(data, view, method, request))
            ],
            "delete_form": None,
            "display_edit_forms": False,
            "filter_form": None,
        }


def _get_document(view: Any, method: str, request: Any) -> Any:
    """Return the document just sent, or an example made from existing rows."""
    sent = request._full_data
    document = isinstance(sent, list | dict) and not isinstance(sent, QueryDict)
    if request.method == method and document and sent:
        return sent
    limit = get_bulk_limit(view.bare)
    if view.bulk_kind == "bulk":
        elements = [_join(view, method, *each) for each in _get_elements(view, method)]
        return elements[:limit]
    operations: list[dict[str, Any]] = []
    for each in view.offered:
        key, data = _get_elements(view, each)[-1]
        operation: dict[str, Any] = {"method": each}
        operation |= {"ref": "a"} if each == "POST" else {"key": key}
        operations.append(operation | ({} if each == "DELETE" else {"data": data}))
    return {"operations": operations[:limit]}


def _join(view: Any, method: str, key: Any, data: dict[str, Any]) -> Any:
    """Return an element of a bulk body."""
    if method == "DELETE":
        return key
    return data if method == "POST" else {get_key_name(view.bare): key} | data


def _get_elements(view: Any, method: str) -> list[tuple[Any, dict[str, Any]]]:
    """Return keys and data of real rows, or the data of DRF's raw data form.

    The example for POST takes only its references from a real row.
    """
    initial, references = _get_initial(view, method)
    rows = _get_rows(view, method)
    if method == "POST":
        shown = rows[0][1] if rows else {}
        data = {name: shown[name] for name in references if name in shown}
        return [(None, initial | data)]
    elements = [
        (key, {name: shown[name] for name in initial if name in shown})
        for key, shown in rows or [(None, initial)]
    ]
    if method == "PATCH":
        elements = [(key, _get_part(data)) for key, data in elements]
    return elements


def _get_part(data: dict[str, Any]) -> dict[str, Any]:
    """Return one member, preferably of a plain value."""
    plain = {k: v for k, v in data.items() if not isinstance(v, list | dict)}
    return dict([*(plain or data).items()][:1])


def _get_initial(view: Any, method: str) -> tuple[dict[str, Any], list[str]]:
    """Return the initial data of a form, without files, and the names of references."""
    try:
        serializer = view.get_single_view(method).get_serializer()
        fields = {
            name: field
            for name, field in serializer.fields.items()
            if not field.read_only and not isinstance(field, HiddenField | FileField)
        }
        initial = {name: field.get_initial() for name, field in fields.items()}
    except Exception:  # a hook of the project needs a real request
        return {}, []
    kinds = (RelatedField, ManyRelatedField)
    return initial, [name for name in fields if isinstance(fields[name], kinds)]


def _get_rows(view: Any, method: str) -> list[tuple[Any, Mapping[str, Any]]]:
    """Return two rows, by key, that the user may read and may send the method for."""
    try:
        single = view.get_single_view(method)
        rows = single.filter_queryset(single.get_queryset())[:_LOOKED_AT]
        found = (
            (_get_key(single, row), _get_representation(view, method, row))
            for row in rows
        )
        return [*islice((each for each in found if each[1] is not None), 2)]
    except Exception:  # as above: the page shows no rows
        return []


def _get_representation(view: Any, method: str, row: Any) -> Any:
    """Return the representation by GET, or None if the user has no permission."""
    key = str(_get_key(view.bare, row))
    operation = Operation(
        index=-1, method="PUT" if method == "POST" else method, key=key
    )
    place = view.paths.get_detail(key)
    if place is None or iscoroutinefunction(place.match.func):
        return None
    try:
        if method != "POST":
            writer = view.batch.get_view(operation)
            writer.check_object_permissions(writer.request, row)
    except (APIException, Http404, PermissionDenied):
        return None
    http, _ = view.batch.open(operation, place, method="GET")
    with transaction.atomic(using=row._state.db):
        response = place.match.func(http, *place.match.args, **place.match.kwargs)
        # Undo writes such as view counts, as no client sent this request.
        transaction.set_rollback(True, using=row._state.db)
    data = getattr(response, "data", None)
    shows = response.status_code == 200 and isinstance(data, Mapping)
    return data if shows else None


def _get_key(view: Any, row: Any) -> Any:
    key = row.pk if view.lookup_field == "pk" else getattr(row, view.lookup_field, None)
    return key if isinstance(key, int) else str(key)


class _RawDataForm(forms.Form):
    """A body and its media type. DRF's script sends them unchanged."""

    _content_type = forms.ChoiceField(
        label="Media type",
        widget=forms.Select(attrs={"data-override": "content-type"}),
    )
    _content = forms.CharField(
        label="Content",
        widget=forms.Textarea(attrs={"data-override": "content"}),
        required=False,
    )

    def __init__(self, *, media_types: list[str], content: str) -> None:
        initial = {"_content_type": media_types[0], "_content": content}
        super().__init__(initial=initial)
        field: Any = self.fields["_content_type"]
        field.choices = [(each, each) for each in media_types]
