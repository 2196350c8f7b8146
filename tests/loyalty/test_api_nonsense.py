"""Generated requests, sensible and not: no fault of ours, nothing that the description does not say."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, settings
from pytest_django.plugin import DjangoDbBlocker
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from loyalty.wsgi import application
from tests.loyalty.api import Caller, make_caller
from tests.loyalty.demo_program import load_demo
from tests.loyalty.test_api_events import payment

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.timeout(900)]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
schema = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", application)


@pytest.fixture(scope="module")
def partner(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Caller]:
    """A client of the demo program, for all tests of this module; what one of them does is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        partner = make_caller(load_demo(), requests_per_second=1_000_000)
        partner.post("members", {"external_id": "M-0001", "market": "SG"})
        partner.post("events", payment("t-1", subject="M-0001"))
        for signal in (request_started, request_finished):  # the transaction goes on after a request
            signal.disconnect(close_old_connections)
        yield partner
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
        transaction.set_rollback(True)


@schema.parametrize()
@settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
def test_no_nonsense_breaks_the_api(case: schemathesis.Case[Any], partner: Caller) -> None:
    case.headers["Authorization"] = f"Bearer {partner.token}"
    case.call_and_validate(checks=CHECKS)
