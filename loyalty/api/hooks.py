"""Webhooks of suppliers: that an order changed. What it says is not believed; the supplier is asked."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from standardwebhooks import Webhook, WebhookVerificationError
from standardwebhooks.webhooks import EmptyWebhookSecretError

from core.rules.texts import is_storable
from rewards.models import Supplier, SupplierOrder
from rewards.rules.supplying import Locked
from rewards.services.supplying import wake

MOST_BYTES = 65_536
NUMBERS = ("poNumber", "externalId")


@csrf_exempt
@require_POST
def supplier_hook(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Look at an order again, where the signature (Standard Webhooks) is the supplier's; else 401 and nothing.

    A message that came before only has the supplier asked once more.
    """
    supplier = Supplier.objects.filter(uuid=uuid).first()
    body = request.body if _is_short(request.headers.get("Content-Length") or "0") else b""
    if supplier is None or not _signed(supplier, request, body):
        return JsonResponse({"error": "unauthorized"}, status=401)
    orders = SupplierOrder.objects.filter(supplier=supplier, po_number=_number(body))
    wake(orders=orders, at=timezone.now())
    return HttpResponse(status=204)


def _is_short(length: str) -> bool:
    """Whether a body is not larger than what suppliers send; what counts otherwise than in digits is not."""
    is_number = length.isascii() and length.isdigit() and len(length) <= len(str(MOST_BYTES))
    return is_number and int(length) <= MOST_BYTES


def _signed(supplier: Supplier, request: HttpRequest, body: bytes) -> bool:
    try:
        secret = supplier.opened("webhook_secret")
        if not secret:
            return False
        Webhook(secret).verify(body, dict(request.headers), json_parse=False)
    except (
        WebhookVerificationError,
        EmptyWebhookSecretError,
        ValueError,
        Locked,
    ):  # ValueError: what is no text or key
        return False
    return True


def _number(body: bytes) -> str:
    """The number of the order, wherever suppliers write it; empty where there is none."""
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    data = said.get("data", said) if isinstance(said, dict) else None
    found = next((data[name] for name in NUMBERS if name in data), "") if isinstance(data, dict) else ""
    return found if isinstance(found, str) and is_storable(found) else ""
