"""The locked lists agree with pyproject.toml and with one another."""

import re
import tomllib
from itertools import pairwise

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LISTS = ("base", "demo", "dev", "bench")
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==([^ ;\\]+)", re.MULTILINE)


def read(name):
    return (ROOT / "requirements" / f"{name}.txt").read_text()


def pins(name):
    return dict(PIN.findall(read(name)))


def wanted(*parts):
    """The direct dependencies of the parts, by normalised name."""
    extras = PROJECT["project"]["optional-dependencies"]
    named = {
        "base": PROJECT["project"]["dependencies"],
        "dev": PROJECT["dependency-groups"]["dev"],
        **extras,
    }
    lines = [line for part in parts for line in named[part]]
    return {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in lines}


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("base", ["base"]),
        ("demo", ["base", "bundled"]),
        ("dev", ["base", "bundled", "dev"]),
        ("bench", ["base", "bundled", "dev", "bench"]),
    ],
)
def test_a_list_holds_every_dependency_it_is_for(name, parts):
    missing = wanted(*parts) - set(pins(name))
    assert not missing, f"requirements/{name}.txt lacks {missing}: run `make lock`"


@pytest.mark.parametrize("name", LISTS)
def test_every_pin_has_a_hash_and_no_address(name):
    text = read(name)
    assert "://" not in text
    assert not re.search(r"^--", text, re.MULTILINE), "an option names an index"
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)
    assert not [e for e in entries if e.strip() and "--hash=sha256:" not in e]


def test_each_list_holds_the_one_before_it():
    """So that whoever has installed the longer one needs not install the shorter."""
    for shorter, longer in pairwise(LISTS):
        assert set(pins(shorter)) <= set(pins(longer))


def test_all_lists_pin_the_same_versions():
    longest = pins("bench")
    for name in LISTS:
        differing = {k: v for k, v in pins(name).items() if longest.get(k) != v}
        assert not differing, f"requirements/{name}.txt differs: {differing}"
