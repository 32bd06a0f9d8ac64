"""A stand-in web store on loopback: registers and orders through the public API."""

import html
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

PAGE = """<!doctype html><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stand-in store</title><h1>Stand-in store (a test, no real shop)</h1>
<p id="said">{said}</p>
<form method="post" action="/register?invitation={invitation}">
<button id="register">Register</button></form>
<form method="post" action="/order?invitation={invitation}">
<button id="order">Order for 120.50 EUR</button></form>
"""


class Shop:
    """``now`` is the time of the story; ``answers`` are those of the API."""

    def __init__(self, api: str, key: str, now) -> None:
        self.api, self.key, self.now = api, key, now
        self.answers: list[dict] = []
        self.url = ""

    def report(self, kind: str, invitation: str) -> dict:
        at: datetime = self.now()
        event = {
            "key": f"{kind}-{invitation}-{len(self.answers) * (kind == 'ordered')}",
            "kind": kind,
            "occurred_at": at.isoformat(),
            "buyer": {"invitation": invitation},
        }
        if kind == "ordered":
            event |= {
                "channel": "online",
                "amount": "120.50",
                "currency": "EUR",
                "document": f"SHOP-{len(self.answers)}",
            }
        request = Request(
            f"{self.api}/api/v1/events",
            json.dumps({"events": [event]}).encode(),
            {
                "Authorization": f"Bearer {self.key}",
                "Content-Type": "application/json",
            },
        )
        with urlopen(request, timeout=30) as response:
            answer = json.load(response)
        self.answers.append(answer)
        return answer


def _handler(shop: Shop) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.show("")

        def do_POST(self) -> None:
            deed = urlsplit(self.path).path
            kind = {"/register": "registered", "/order": "ordered"}[deed]
            answer = shop.report(kind, self.invitation)
            self.show(f"{kind}: {answer['results'][0]['result']}")

        @property
        def invitation(self) -> str:
            return parse_qs(urlsplit(self.path).query).get("invitation", [""])[0]

        def show(self, said: str) -> None:
            page = PAGE.format(said=said, invitation=html.escape(self.invitation))
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Quiet: it stands in a test."""

    return Handler


@contextmanager
def open_shop(shop: Shop) -> Iterator[Shop]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(shop))
    shop.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
