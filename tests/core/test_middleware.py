"""What happens around every request."""

import logging
import re

import pytest

from core.middleware import RequestIdFilter, request_id
from core.models import AuditEntry
from tests.factories import make_project

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    [
        "/inventering/?q=%00",
        "/inventering/?q=a%00b",
        "/inventering/?%00=a",
        "/inventering/?q=%ff",
        "/inventering/?q=%C3",
        "/inventering/?q=%ED%A0%80",
        "/inventering/?q=%F5%80%80%80",
        "/?x=%00",
        "/stadsdelar/?%ff",
        "/finns%00inte/",
        "/stadsdelar/%00/",
    ],
)
def test_what_is_no_text_is_refused_with_a_page(client, address):
    response = client.get(address)
    assert response.status_code == 400
    assert "<h1>Vi förstod inte adressen</h1>" in response.content.decode()


@pytest.mark.parametrize("address", ["/finns%ffinte/", "/stadsdelar/%C3/", "/%ED%A0%80/"])
def test_a_path_that_is_no_text_names_nothing(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/inventering/?q=%C3%85ngest",
        "/inventering/?q=a+b%2Bc",
        "/inventering/?q=%F0%9F%98%80",
        "/?%",
    ],
)
def test_text_of_any_kind_is_let_through(client, address):
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", ["/", "/finns/inte/", "/driftstatus/", "/inventering/?q=%00"])
def test_every_answer_has_a_number_of_its_own(client, address):
    numbers = [client.get(address)["X-Request-ID"] for _ in range(2)]
    assert [bool(re.fullmatch("[0-9a-f]{32}", number)) for number in numbers] == [True, True]
    assert numbers[0] != numbers[1]


def test_a_visitor_cannot_choose_the_number(client):
    assert client.get("/", headers={"x-request-id": "min-egen"})["X-Request-ID"] != "min-egen"


def test_the_number_stands_on_log_lines_and_in_the_history():
    record = logging.makeLogRecord({})
    token = request_id.set("0123abcd")
    try:
        RequestIdFilter().filter(record)
        entry = AuditEntry.about(make_project())[0]
    finally:
        request_id.reset(token)
    assert (record.request_id, entry.request_id) == ("0123abcd", "0123abcd")
