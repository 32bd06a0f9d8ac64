"""What a newcomer wants to know once the demo runs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "demo.json"


@dataclass(frozen=True)
class Login:
    """A staff member of the demo."""

    role: str
    email: str
    password: str


@dataclass(frozen=True)
class Link:
    """A page worth trying, as an absolute address."""

    label: str
    url: str


@dataclass(frozen=True)
class Summary:
    """What `onboarding.demo.load(at)` returns."""

    logins: Sequence[Login]
    links: Sequence[Link]


def keep(data: Path, summary: Summary) -> None:
    (data / FILE).write_text(json.dumps(asdict(summary)), encoding="utf-8")


def recall(data: Path) -> Summary | None:
    try:
        kept = json.loads((data / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Summary(
        logins=[Login(**login) for login in kept["logins"]],
        links=[Link(**link) for link in kept["links"]],
    )


def describe(site: str, summary: Summary | None) -> str:
    """The lines printed when everything is ready."""
    lines = ["", f"  Ready: {site}", f"  Admin: {site}/admin/"]
    if summary is not None:
        lines += ["", "  Log in as:"]
        lines += [
            f"    {login.role:<20} {login.email:<34} {login.password}"
            for login in summary.logins
        ]
        lines += ["", "  Try:"]
        lines += [f"    {link.label:<28} {link.url}" for link in summary.links]
    return "\n".join([*lines, "", "  Ctrl-C stops everything.", ""])
