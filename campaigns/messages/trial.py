"""A trial of sources in a process of its own, with little time and memory.

Limits inside the template engine are one layer; this is the other. Run as
``python -m campaigns.messages.trial`` it reads a JSON list of sources and a context
from standard input and writes what went wrong, or null, to standard output. It
never loads Django, and nothing of it but the renderer runs in the child.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .syntax import BUILT_LIMIT, STRICT_HTML, STRICT_TEXT, BadSource, parse, render

_ROOT = Path(__file__).resolve().parent.parent.parent
CPU_SECONDS = 3
WALL_SECONDS = 10
MEMORY_BYTES = 512 * 1024 * 1024


def run(sources: Sequence[tuple[str, bool]], context: dict[str, Any]) -> None:
    """Parse and fill each (source, is_html); raise `BadSource` where that fails.

    Costs a third of a second: for publishing, not for every keystroke.
    """
    request = json.dumps({"sources": list(sources), "context": context})
    try:
        done = subprocess.run(
            [sys.executable, "-m", "campaigns.messages.trial"],
            input=request,
            capture_output=True,
            encoding="utf-8",
            cwd=_ROOT,
            env={"PYTHONIOENCODING": "utf-8"},
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BadSource("trial") from error
    if done.returncode:
        raise BadSource("trial")
    wrong = json.loads(done.stdout)
    if wrong:
        raise BadSource(**wrong)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    request = json.load(sys.stdin)
    json.dump(_try(request["sources"], request["context"]), sys.stdout)


def _try(
    sources: Sequence[tuple[str, bool]], context: dict[str, Any]
) -> dict[str, Any] | None:
    try:
        for source, is_html in sources:
            environment = STRICT_HTML if is_html else STRICT_TEXT
            render(parse(source, environment, limit=BUILT_LIMIT), context)
    except BadSource as error:
        return {"code": error.code, "about": error.about, "line": error.line}
    return None


if __name__ == "__main__":
    main()
