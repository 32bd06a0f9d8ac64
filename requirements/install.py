#!/usr/bin/env python3
"""Build .venv and install one of the locked lists beside this file into it.

Uses uv where it is on the PATH, else venv and pip. Done already: nothing to do.
Runs on any Python from 3.11 on, with nothing installed.
"""

import argparse
import fcntl
import hashlib
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE.parent / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
# Each holds the one before it.
LISTS = ("base", "demo", "dev", "bench")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=LISTS)
    name: str = parser.parse_args().name
    refuse_old_python()
    VENV.mkdir(exist_ok=True)
    # Two `make` beside each other take turns here.
    with (VENV / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_installed(name):
            install(name)


def install(name: str) -> None:
    uv = shutil.which("uv")
    if not PYTHON.exists():
        build(uv)
    print(f"Installing requirements/{name}.txt into .venv …", flush=True)
    source = str(HERE / f"{name}.txt")
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    else:
        command = [str(PYTHON), "-m", "pip", "install", "--quiet"]
        command.append("--disable-pip-version-check")
    run([*command, "--require-hashes", "-r", source])
    stamp(name).write_text(digest(name), encoding="utf-8")


def build(uv: str | None) -> None:
    if uv:
        # Allowed to exist: it holds our lock.
        run([uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable,
             str(VENV)])  # fmt: skip
        return
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        version = ".".join(map(str, sys.version_info[:2]))
        sys.exit(
            f"Python {version} is here without its venv module. On Debian or Ubuntu:\n"
            f"    apt-get install python{version}-venv\n"
            "Or install uv, which needs none. Then run the same command again."
        )
    run([sys.executable, "-m", "venv", str(VENV)])


def is_installed(name: str) -> bool:
    """Itself, or a longer list which holds it."""
    longer = LISTS[LISTS.index(name) :]
    return PYTHON.exists() and any(is_stamped(one) for one in longer)


def is_stamped(name: str) -> bool:
    try:
        return stamp(name).read_text(encoding="utf-8") == digest(name)
    except FileNotFoundError:
        return False


def digest(name: str) -> str:
    return hashlib.sha256((HERE / f"{name}.txt").read_bytes()).hexdigest()


def stamp(name: str) -> Path:
    return VENV / f".{name}-installed"


def refuse_old_python() -> None:
    if sys.version_info < OLDEST:
        wanted, found = (".".join(map(str, v[:2])) for v in (OLDEST, sys.version_info))
        sys.exit(
            f"Python {wanted} or newer is needed and this is {found}. "
            "Name another one: make PYTHON=python3.12 …"
        )


def run(command: list[str]) -> None:
    finished = subprocess.run(command, check=False)
    if finished.returncode:
        sys.exit(finished.returncode)


if __name__ == "__main__":
    main()
