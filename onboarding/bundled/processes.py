"""Child processes which never outlive the one that started them."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1
UNPRIVILEGED = "nobody"


def spawn(
    command: Sequence[str | Path],
    *,
    farewell: signal.Signals = signal.SIGTERM,
    user: str | None = None,
    env: Mapping[str, str] | None = None,
    output: IO[Any] | int | None = None,
    text_in: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child of its own session, which gets `farewell` when we die.

    Its own session keeps a Ctrl-C in the terminal for us alone, so that we decide
    in which order things stop.
    """
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL if text_in is None else subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=None if env is None else dict(env),
        start_new_session=True,
        # Runs two system calls and takes no lock, so threads do not matter.
        preexec_fn=die_with_parent(farewell),  # noqa: PLW1509
        **identity(user),
    )
    if text_in is not None and process.stdin is not None:
        with process.stdin as pipe, contextlib.suppress(BrokenPipeError):
            pipe.write(text_in.encode())
    return process


def stop(
    process: subprocess.Popen[bytes],
    signals: Iterable[signal.Signals] = (signal.SIGTERM,),
    patience: float = 10,
) -> int:
    """Ask politely, then less so; return the exit status."""
    for asked in (*signals, signal.SIGKILL):
        if process.poll() is not None:
            break
        process.send_signal(asked)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    return process.wait()


def identity(user: str | None) -> dict[str, Any]:
    """Popen's arguments to run as somebody else, with none of our groups."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def unprivileged() -> str | None:
    """Whom to run PostgreSQL as, which refuses to run as root: nobody, or ourselves."""
    return UNPRIVILEGED if os.geteuid() == 0 else None


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def send(pid: int, asked: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, asked)


def die_with_parent(
    farewell: signal.Signals = signal.SIGKILL,
) -> Callable[[], None] | None:
    """What a child runs first, as Popen's `preexec_fn`; None where nothing does."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def arrange() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(farewell))
        if os.getppid() != parent:
            # It died between the fork and the line above.
            os.kill(os.getpid(), farewell)

    return arrange
