import stat

from onboarding.bundled import addresses


def test_what_runs_is_found_by_other_commands(tmp_path):
    written = addresses.Addresses(database="postgresql://a", redis="redis://b")
    addresses.write(tmp_path, written)
    assert addresses.read(tmp_path) == written
    assert stat.S_IMODE((tmp_path / addresses.FILE).stat().st_mode) == 0o600


def test_once_forgotten_nothing_answers(tmp_path):
    addresses.write(tmp_path, addresses.Addresses(database="x"))
    addresses.forget(tmp_path)
    addresses.forget(tmp_path)
    assert addresses.read(tmp_path).database == addresses.NOWHERE_DATABASE


def test_a_torn_file_counts_as_none(tmp_path):
    (tmp_path / addresses.FILE).write_text('{"database": "x"')
    assert addresses.read(tmp_path) == addresses.Addresses()
