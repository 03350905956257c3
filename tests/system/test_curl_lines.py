"""The pages' curl lines, run by curl itself in a shell, verbatim but for the host."""

from __future__ import annotations

import json
import math
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ordermux.emulator import Emulator
from ordermux.providers.crossmint.emulator import CREDENTIALS as CROSSMINT
from ordermux.providers.zephyr.emulator import CREDENTIALS as ZEPHYR

LINES = {
    "Croissant, Order Lifecycle, Authentication: obtain a token": (
        "https://api.retailer.sbx.croissant.com",
        r"""
curl -X POST https://api.retailer.sbx.croissant.com/v0/token \
-H "Content-Type: application/json" \
-d '{"clientId": "your-client-id", "clientSecret": "your-client-secret"}'
""",
    ),
    "Croissant, Order Lifecycle, Fulfill Order: fulfill an order": (
        "https://api.retailer.sbx.croissant.com",
        r"""
curl -X POST https://api.retailer.sbx.croissant.com/v0/carts/550e8400-e29b-41d4-a716-446655440000/fulfill \
-H "Authorization: Bearer eyJhbGciOiJSUzI1NiIs..."
""",
    ),
    "ZephyrCart, Orders, Refunds": (
        "https://api.zephyrcart.io",
        r"""
curl -sS https://api.zephyrcart.io/v1/orders/order_01HXY8.../refunds \
  -H "Authorization: Bearer $ZEPHYR_API_KEY" \
  -H "Idempotency-Key: $(uuidgen)" \
  -d '{
    "amount_cents": 1490,
    "reason": "requested_by_customer",
    "metadata": { "ticket": "ZD-31427" }
  }'
""",
    ),
    "ZephyrCart, Orders, Cancellation": (
        "https://api.zephyrcart.io",
        r"""
curl -X POST https://api.zephyrcart.io/v1/orders/order_…/cancel \
  -H "Authorization: Bearer $ZEPHYR_API_KEY"
""",
    ),
    "Crossmint, Orders, GET /api/orders: curl Example": (
        "http://localhost:3000",
        'curl -b cookies.txt "http://localhost:3000/api/orders?limit=10&type=checkout&status=payment_confirmed"',
    ),
    "Crossmint, Orders, GET /api/orders/:orderId: curl Example": (
        "http://localhost:3000",
        "curl -b cookies.txt http://localhost:3000/api/orders/d1e2f3a4-b5c6-7890-defg-234567890123",
    ),
}
EXPECTED: dict[str, dict[str, Any]] = {
    "Croissant, Order Lifecycle, Authentication: obtain a token": {"token_type": "Bearer", "expires_in": 3600},
    "Croissant, Order Lifecycle, Fulfill Order: fulfill an order": {},
    "ZephyrCart, Orders, Refunds": {"amount_cents": 1490, "metadata": {"ticket": "ZD-31427"}},
    "ZephyrCart, Orders, Cancellation": {"id": "order_…", "status": "cancelled"},
    "Crossmint, Orders, GET /api/orders: curl Example": {"total": 1, "limit": 10},
    "Crossmint, Orders, GET /api/orders/:orderId: curl Example": {"status": "payment_confirmed"},
}


@pytest.fixture
def prepared(emulator: Emulator) -> Emulator:
    """Give an emulator that has what the lines name: their ids, as elided as they are, and their credentials."""
    emulator.state("croissant").clients["your-client-id"] = "your-client-secret"
    emulator.state("croissant").tokens["eyJhbGciOiJSUzI1NiIs..."] = math.inf
    for order_id in ("order_01HXY8...", "order_…"):
        emulator.state("zephyr").add(emulator.world, id=order_id)
    return emulator


@pytest.mark.parametrize("place", LINES)
def test_a_curl_line_of_the_pages_succeeds(prepared: Emulator, tmp_path: Path, place: str) -> None:
    """Curl's own settings make it fail on an error status; the line itself is as the page prints it."""
    host, line = LINES[place]
    provider = place.partition(",")[0].lower().removesuffix("cart")
    jwt = f"127.0.0.1\tFALSE\t/\tFALSE\t0\tcrossmint-jwt\t{CROSSMINT['jwt']}\n"
    jwt += f"127.0.0.1\tFALSE\t/\tFALSE\t0\tcrossmint-refresh-token\t{CROSSMINT['refresh_token']}\n"
    (tmp_path / "cookies.txt").write_text(f"# Netscape HTTP Cookie File\n{jwt}")
    (tmp_path / ".curlrc").write_text("fail-with-body\n")
    done = subprocess.run(
        ["bash", "-c", line.replace(host, f"{prepared.address}/{provider}")],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "CURL_HOME": str(tmp_path), "ZEPHYR_API_KEY": ZEPHYR["api_key"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    assert "not found" not in done.stderr  # bash goes on where uuidgen is missing
    answer = json.loads(done.stdout or "{}")
    assert EXPECTED[place] == {name: answer[name] for name in EXPECTED[place]}
