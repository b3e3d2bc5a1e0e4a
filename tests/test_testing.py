from __future__ import annotations

import json
import traceback
from datetime import date
from http import HTTPStatus

import pytest
from django.http import HttpResponse, JsonResponse
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory, RequestsClient

from multistatus_app.outcomes import MultiStatus, Operation, Outcome, Problem
from multistatus_app.responses import MultiStatusResponse
from multistatus_app.testing import assert_multistatus, get_codes, get_results
from tests.factories import CategoryFactory
from tests.shop import views

FORMATS = ["application/json", "application/xml"]
URL = "/api/categories/bulk/"


@pytest.fixture
def post(db):
    """Return a function that creates categories in bulk."""

    def post(*names, accept="application/json", **query):
        return APIClient().post(
            URL,
            [{"name": name} for name in names],
            format="json",
            headers={"accept": accept},
            query_params=query,
        )

    return post


def get_message(response, statuses, **kwargs):
    """Return what `assert_multistatus` complains of."""
    with pytest.raises(AssertionError) as caught:
        assert_multistatus(response, statuses, **kwargs)
    return str(caught.value)


def respond(*outcomes, committed=True):
    return MultiStatusResponse(MultiStatus(outcomes=outcomes, committed=committed))


def created(index=0, **kwargs):
    operation = Operation(index=index, method="POST")
    return Outcome(operation=operation, status=201, **kwargs)


@pytest.mark.parametrize("accept", FORMATS)
def test_success(post, accept):
    CategoryFactory(name="taken")

    response = post("a", "taken", accept=accept)

    assert response.headers["Content-Type"].startswith(accept)
    results = assert_multistatus(response, [201, 400], committed=True)
    assert [result["status"] for result in results] == [201, 400]
    assert results[0]["data"]["name"] == "a"
    assert results == get_results(response)
    assert [get_codes(result) for result in results] == [{}, {"#/name": ["unique"]}]


def test_success_with_any_iterable(post):
    response = post("a", "b")

    assert_multistatus(response, (HTTPStatus.CREATED for _ in range(2)))


def test_results_are_the_same_in_both_formats(post):
    first, second = (
        get_results(post("a", "", accept=accept, dry_run="1")) for accept in FORMATS
    )

    for each in (first, second):
        del each[0]["data"]["id"]
    assert first == second


def test_success_without_client(db):
    view = views.CategoryViewSet.as_view({"post": "bulk"})
    request = APIRequestFactory().post(URL, [{"name": "a"}], format="json")

    results = assert_multistatus(view(request), [201])

    assert results[0]["data"]["name"] == "a"


def test_success_over_requests(db):
    response = RequestsClient().post(f"http://testserver{URL}", json=[{"name": "a"}])

    assert [each["status"] for each in assert_multistatus(response, [201])] == [201]


def test_data_is_as_in_json():
    (result,) = get_results(respond(created(data={"day": date(2020, 2, 3)})))

    assert result["data"] == {"day": "2020-02-03"}


@pytest.mark.parametrize("accept", FORMATS)
def test_fail_status(post, accept):
    CategoryFactory(name="taken")

    message = get_message(post("a", "taken", "", accept=accept), [201, 201, 400])

    assert message == (
        "1 of 3 statuses are not as expected:\n"
        "  index 1, POST: expected 201, got 400 invalid: 1 field is not valid.\n"
        "    #/name unique: category with this name already exists."
    )


def test_fail_statuses_of_a_batch(db):
    operations = [
        {"method": "DELETE", "key": 999, "ref": "gone"},
        {"method": "POST", "data": {"name": "a"}, "ref": 'a "b"'},
        {"method": "SING"},
        {"method": "POST", "data": {"name": "a", "parent": 999}},
    ]
    response = APIClient().post(
        "/api/categories/batch/", {"operations": operations}, format="json"
    )

    assert get_message(response, [204, 409, 400, 201]).splitlines() == [
        "3 of 4 statuses are not as expected:",
        '  index 0, ref "gone", DELETE: expected 204, got 404 not_found: '
        "No Category matches the given query.",
        '  index 1, ref "a \\"b\\"", POST: expected 409, got 201 Created',
        "  index 3, POST: expected 201, got 400 invalid: 2 fields are not valid.",
        "    #/name unique: category with this name already exists.",
        '    #/parent does_not_exist: Invalid pk "999" - object does not exist.',
    ]


def test_fail_too_many_results():
    assert get_message(respond(created(), created(1)), [201]) == (
        "Expected 1 results, got 2.\n"
        "1 of 2 statuses are not as expected:\n"
        "  index 1, POST: expected no result, got 201 Created"
    )


def test_fail_shows_the_ref_as_it_is():
    operation = Operation(index=0, method="PUT", ref="äiti")
    response = respond(Outcome(operation=operation, status=200))

    assert get_message(response, [201]).endswith(
        '  index 0, ref "äiti", PUT: expected 201, got 200 OK'
    )


def test_fail_too_few_results():
    assert get_message(respond(created()), [201, 204]) == (
        "Expected 2 results, got 1.\n"
        "1 of 2 statuses are not as expected:\n"
        "  index 1: expected 204, got no result"
    )


def test_fail_committed(post):
    response = post("a", dry_run="true")

    assert_multistatus(response, [201])
    assert_multistatus(response, [201], committed=False)
    assert get_message(response, [201], committed=True) == (
        "Expected committed to be True, got False."
    )


def test_fail_status_and_committed():
    assert get_message(respond(created()), [200], committed=False) == (
        "1 of 1 statuses are not as expected:\n"
        "  index 0, POST: expected 200, got 201 Created\n"
        "Expected committed to be False, got True."
    )


def test_fail_refusal(db):
    response = APIClient().post(URL, {"name": "a"}, format="json")

    message = get_message(response, [201])

    assert message == (
        f"Expected 207 Multi-Status, got 400 Bad Request:\n{response.content.decode()}"
    )
    assert json.loads(response.content)["detail"] in message


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (HttpResponse(status=204), "got 204 No Content without a body."),
        (HttpResponse("x" * 1001), f"got 200 OK:\n{'x' * 1000}…"),
        (HttpResponse("x" * 1000), f"got 200 OK:\n{'x' * 1000}"),
        (HttpResponse(b"\xff", status=599), "got 599 Server Error:\n\ufffd"),
        (Response({"a": 1}, status=400), "got 400 Bad Request:\n{'a': 1}"),
    ],
)
def test_fail_another_status(response, message):
    assert get_message(response, [201]) == f"Expected 207 Multi-Status, {message}"
    with pytest.raises(AssertionError):
        get_results(response)


@pytest.mark.parametrize(
    "response",
    [
        JsonResponse({"results": []}, status=207),
        JsonResponse([], status=207, safe=False),
        HttpResponse("<D:multistatus/>", status=207),
        HttpResponse(b"\xff", status=207),
    ],
)
def test_fail_a_207_of_somebody_else(response):
    body = response.content.decode(errors="replace")

    assert get_message(response, []) == (
        f"Expected results and a summary in the 207, got:\n{body}"
    )


@pytest.mark.parametrize(
    "response", [HttpResponse(status=404), HttpResponse("x", status=207), respond()]
)
def test_fail_hides_its_own_frames(response):
    """pytest shows the line of the test, and nothing of ours."""
    with pytest.raises(AssertionError) as caught:
        assert_multistatus(response, [201])

    hidden = [
        frame.f_locals.get("__tracebackhide__", False)
        for frame, _ in traceback.walk_tb(caught.tb)
    ]
    assert hidden[0] is False
    assert all(hidden[1:])


def test_codes_of_several_errors():
    problems = [
        Problem(code="invalid", detail="No.", pointer="#/a"),
        Problem(code="blank", detail="No.", pointer="#"),
        Problem(code="max_length", detail="No.", pointer="#/a"),
    ]
    outcome = Outcome(
        operation=Operation(index=0, method="PUT"),
        status=400,
        problem=Problem(code="invalid", detail="No."),
        errors=tuple(problems),
    )

    assert get_codes(outcome.to_dict()) == {
        "#/a": ["invalid", "max_length"],
        "#": ["blank"],
    }


def test_codes_of_no_value():
    outcome = Outcome(
        operation=Operation(index=0, method="DELETE"),
        status=404,
        problem=Problem(code="not_found", detail="No."),
    )

    assert get_codes(outcome.to_dict()) == {None: ["not_found"]}
