import os
import stat
import tempfile
from pathlib import Path

import pytest

from onboarding.bundled import folders


def modes(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_folder_of_ours_is_for_us_alone(tmp_path):
    made = folders.make_private(tmp_path / "data")
    assert modes(made) == 0o700


def test_a_link_in_the_place_of_ours_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(folders.UnsafeFolder):
        folders.make_private(tmp_path / "data")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
def test_a_folder_of_somebody_else_is_refused(tmp_path):
    (tmp_path / "data").mkdir()
    folders.give(tmp_path / "data", "nobody")
    with pytest.raises(folders.UnsafeFolder):
        folders.make_private(tmp_path / "data")


def test_a_closed_folder_above_closes_those_below():
    # Not tmp_path: pytest closes the folders above it to everybody else.
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        inner = Path(made) / "closed" / "open"
        inner.mkdir(parents=True)
        inner.parent.chmod(0o700)
        assert not folders.is_open_to(inner, "nobody")
        inner.parent.chmod(0o711)
        assert folders.is_open_to(inner, "nobody")


def test_a_copy_is_made_once_and_can_be_read_by_others(tmp_path):
    source = tmp_path / "source"
    (source / "bin").mkdir(parents=True)
    (source / "bin" / "tool").write_text("first")
    (source / "other").mkdir()
    copy = folders.copy_once(source, tmp_path / "copy", ("bin",))
    (source / "bin" / "tool").write_text("second")
    again = folders.copy_once(source, tmp_path / "copy", ("bin",))
    assert again == copy
    assert (copy / "bin" / "tool").read_text() == "first"
    assert not (copy / "other").exists()
    assert modes(copy) == 0o755


def test_two_checkouts_never_share_a_folder(tmp_path):
    one = folders.below_temp("data", tmp_path / "one")
    assert one == folders.below_temp("data", tmp_path / "one")
    assert one != folders.below_temp("data", tmp_path / "two")
