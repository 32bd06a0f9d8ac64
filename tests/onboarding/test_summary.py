from onboarding import summary
from onboarding.summary import Link, Login, Summary

DEMO = Summary(
    logins=[Login("Administrator", "ada@house.example", "open sesame")],
    links=[Link("Her personal page", "http://localhost:8000/i/abc")],
)


def test_what_a_newcomer_needs_survives_a_restart(tmp_path):
    summary.keep(tmp_path, DEMO)
    assert summary.recall(tmp_path) == DEMO


def test_without_demo_data_there_is_nothing_to_recall(tmp_path):
    assert summary.recall(tmp_path) is None


def test_addresses_log_ins_and_links_are_shown():
    said = summary.describe("http://localhost:8000", DEMO)
    for needed in ("http://localhost:8000/admin/", "open sesame", "/i/abc", "Ctrl-C"):
        assert needed in said
