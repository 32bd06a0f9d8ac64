"""A supervisor over small made-up parts, in a process of its own.

Run as `python -m tests.onboarding.supervisor.trial DATA PORT [NAME=CODE …]`; each
CODE is a Python program. A part named `web` answers /readyz from the start.
"""

import os
import sys
from pathlib import Path

from onboarding.supervisor.lock import AlreadyUp
from onboarding.supervisor.parts import Part
from onboarding.supervisor.plan import Plan
from onboarding.supervisor.run import CannotStart, Supervisor

WEB = """
import http.server, json, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"parts": {"database": "fine"}}).encode())
    def log_message(self, *args):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


def main() -> int:
    data, port, *codes = sys.argv[1:]
    named = dict(code.split("=", 1) for code in codes)
    parts = [Part("web", (sys.executable, "-c", WEB, port))]
    parts += [Part(name, (sys.executable, "-c", code)) for name, code in named.items()]
    plan = Plan(
        base=str(Path.cwd()),
        data=data,
        url=f"http://localhost:{port}",
        host="127.0.0.1",
        port=int(port),
        preparations=(),
        parts=parts,
    )
    try:
        env = {**os.environ, "PYTHONUNBUFFERED": "1"}
        return Supervisor(plan, lambda: "READY", env).run()
    except (AlreadyUp, CannotStart) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
