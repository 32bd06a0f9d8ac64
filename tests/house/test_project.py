"""What holds for the repository as a whole."""

import io
import subprocess
import tomllib

import pytest
from django.conf import settings
from django.core.management import call_command
from django.template.loader import get_template

ROOT = settings.BASE_DIR
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates"))
)
def test_every_template_compiles(path):
    if path.suffix in {".html", ".txt", ".xml"}:
        get_template(str(path.relative_to(ROOT / "templates")))


def test_no_model_waits_for_a_migration(db):
    out = io.StringIO()
    call_command("makemigrations", check=True, dry_run=True, verbosity=0, stdout=out)


def test_the_licence_is_declared_alike():
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache-2.0" in (ROOT / "README.md").read_text()


def test_every_app_of_ours_is_under_the_layers():
    """A folder that no contract names would be nobody's."""
    layers = {}
    for contract in PROJECT["tool"]["importlinter"]["contracts"]:
        for container in contract.get("containers", []):
            named = [part.strip() for line in contract["layers"]
                     for part in line.split("|")]  # fmt: skip
            layers[container] = {name.strip("()") for name in named}
    for floor in ("accounts", "campaigns"):
        apps = {path.parent.name for path in (ROOT / floor).glob("*/__init__.py")}
        assert apps == layers[floor]


def test_nothing_is_tracked_that_is_built_or_run():
    tracked = subprocess.run(
        ["git", "ls-files", "-ci", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if tracked.returncode:
        pytest.skip("not a checkout of git")
    assert tracked.stdout == ""
