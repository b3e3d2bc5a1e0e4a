"""Asks a viewset that answers what it is told."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from multistatus_app.formats.renderers import (
    MultiStatusJSONRenderer,
    MultiStatusTextXMLRenderer,
    MultiStatusXMLRenderer,
)
from multistatus_app.outcomes import MultiStatus, Operation, Outcome, Problem


class Answer(APIView):
    authentication_classes: ClassVar = []
    permission_classes: ClassVar = []
    renderer_classes: ClassVar = [
        MultiStatusJSONRenderer,
        MultiStatusXMLRenderer,
        MultiStatusTextXMLRenderer,
    ]
    answer = None

    def post(self, request, **kwargs):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def ask(answer, *, accept="application/xml", path="/api/cities/bulk/", method="POST"):
    request = APIRequestFactory().generic(method, path, headers={"accept": accept})
    return Answer.as_view(answer=answer)(request).render()


def failed(**members):
    operation = Operation(index=0, method="POST", data={"name": ""}, ref="a")
    members = {"problem": Problem(code="invalid", detail="No.")} | members
    return MultiStatus(
        outcomes=(Outcome(operation=operation, status=400, **members),), committed=True
    )


def done(data):
    operation = Operation(index=0, method="POST")
    return MultiStatus(
        outcomes=(Outcome(operation=operation, status=201, data=data),), committed=True
    )
