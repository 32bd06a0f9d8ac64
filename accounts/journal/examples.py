"""What a call may look like, for the API's documentation; a test sends them all."""

from typing import Any

ORDER = {
    "kind": "ordered",
    "key": "order-104711",
    "occurred_at": "2026-11-20T09:41:07+01:00",
    "account": "0000104000",
    "buyer": {"email": "ana.ruiz@ferreteria-ruiz.example"},
    "channel": "online",
    "amount": "1249.90",
    "currency": "EUR",
    "document": "AB-2026-10233",
}
REGISTRATION = {
    "kind": "registered",
    "key": "registration-5521",
    "occurred_at": "2026-11-19T16:20:00Z",
    "buyer": {
        "invitation": "0c7d9fd2-5a0e-4b5b-9a36-6f5c2d2f9c11",
        "external_id": "web-5521",
    },
}
PHONE_ORDER = {
    "kind": "ordered",
    "key": "erp-88120",
    "occurred_at": "2026-11-18T11:05:00+01:00",
    "account": "104000",
    "channel": "phone",
    "amount": 89.5,
    "currency": "EUR",
    "document": "AB-2026-10188",
}
ON_BEHALF = {
    **PHONE_ORDER,
    "key": "order-104720",
    "channel": "online",
    "placed_by": "on_behalf",
    "document": "AB-2026-10240",
}
LOG_IN = {
    "kind": "logged_in",
    "key": "session-99812",
    "occurred_at": "2026-11-20T09:38:44+01:00",
    "account": "104000",
    "buyer": {"external_id": "web-5521"},
}
CREDIT_NOTE = {
    "kind": "credit_note",
    "key": "note-3021",
    "occurred_at": "2026-11-21T08:00:00+01:00",
    "account": "104000",
    "amount": "-49.90",
    "currency": "EUR",
    "document": "GS-2026-00321",
}

REQUESTS = {
    "order": {
        "summary": "An order in the web store",
        "value": {"events": [ORDER]},
    },
    "registration": {
        "summary": "A buyer who came by an invitation has registered",
        "value": {"events": [REGISTRATION]},
    },
    "several": {
        "summary": "What an ERP reports at night",
        "value": {"events": [PHONE_ORDER, ON_BEHALF, LOG_IN, CREDIT_NOTE]},
    },
}
ANSWER = {
    "recorded": 1,
    "repeated": 0,
    "conflict": 0,
    "unmatched": 1,
    "refused": 0,
    "results": [
        {
            "index": 0,
            "key": "order-104711",
            "result": "recorded",
            "event": 90210,
            "problems": [],
        },
        {
            "index": 1,
            "key": "session-99812",
            "result": "unmatched",
            "event": None,
            "problems": [
                {
                    "field": "account",
                    "code": "unknown_account",
                    "message": "No account has this number yet. "
                    "The event waits for it.",
                }
            ],
        },
    ],
}

OF_EVENTS: dict[str, Any] = {
    "requestBody": {"content": {"application/json": {"examples": REQUESTS}}},
    "responses": {200: {"content": {"application/json": {"example": ANSWER}}}},
}
