"""Folders of ours, and only of ours: no permission elsewhere is ever changed."""

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from pathlib import Path


class UnsafeFolder(Exception):
    """A folder where ours should be belongs to somebody else."""


def make_private(path: Path, *, mode: int = 0o700) -> Path:
    """The folder, made by us now or earlier; refused when it is not ours."""
    path.mkdir(mode=mode, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise UnsafeFolder(f"{path} is not a folder of ours: please remove it.")
    path.chmod(mode)
    return path


def give(path: Path, user: str) -> None:
    """Hand one of our folders to the user who shall work in it."""
    entry = pwd.getpwnam(user)
    os.chown(path, entry.pw_uid, entry.pw_gid)


def below_temp(name: str, of: Path) -> Path:
    """A folder of ours below the system's temporary one, the same for the same `of`."""
    mark = hashlib.sha256(str(of.resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"onboarding-{os.geteuid()}-{name}-{mark}"


def is_open_to(path: Path, user: str) -> bool:
    """May `user`, who owns none of it, enter every folder down to `path`?"""
    entry = pwd.getpwnam(user)
    return all(_may_enter(folder.stat(), entry) for folder in (path, *path.parents))


def copy_once(source: Path, target: Path, names: tuple[str, ...]) -> Path:
    """Copy what `names` names below `source`, so that others can read it; once."""
    if target.is_dir():
        return make_private(target, mode=0o755)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=target.name) as made:
        draft = Path(made) / "copy"
        draft.mkdir(mode=0o755)
        for name in names:
            shutil.copytree(source / name, draft / name, symlinks=True)
        try:
            draft.rename(target)
        except OSError:
            # Another start, beside this one, was quicker.
            if not target.is_dir():
                raise
    return make_private(target, mode=0o755)


def _may_enter(found: os.stat_result, entry: pwd.struct_passwd) -> bool:
    if found.st_uid == entry.pw_uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == entry.pw_gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)
