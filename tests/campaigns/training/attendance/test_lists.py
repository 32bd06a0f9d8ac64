"""Files of Zoom, Teams and Meet, read as their documentation describes them."""

import pytest

from accounts.customers import readers
from accounts.customers.columns import guess
from accounts.customers.jobs import Kind
from campaigns.training.attendance import sections
from campaigns.training.attendance.fields import FIELDS
from campaigns.training.attendance.reading import Refused, read

from . import files

KIND = Kind("attendance", "", FIELDS, check=lambda job: {}, apply=lambda job: {})


def people(tmp_path, content):
    """What a person need not match by hand: columns found, lines read."""
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    kept = sections.of_list(readers.Path(path))
    if kept is not None:
        path.write_bytes(kept)
    seen = readers.look(readers.Path(path))
    columns = guess(KIND, seen)
    return [read(row, columns) for row in readers.open_path(path, seen.layout)]


def said(participant):
    address = participant.address.email if participant.address else None
    return (
        participant.line,
        participant.name,
        address,
        participant.minutes,
        participant.attended,
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            files.ZOOM_MEETING,
            [
                (5, "Ana Ruiz", "ana@ebro.example", 61, True),
                (6, "Luis Pérez", None, 6, True),
            ],
        ),
        (
            files.ZOOM_WEBINAR,
            [
                (10, "Ana Ruiz", "ana@ebro.example", 19, True),
                (11, "Ana Ruiz", "ana@ebro.example", 38, True),
                (12, "Eva Gil", "eva@sur.example", None, False),
            ],
        ),
        (
            files.TEAMS,
            [
                (11, "Ana Ruiz", "ana@ebro.example", 57, True),
                (12, "Tom Hill", None, 61, True),
            ],
        ),
        (
            files.TEAMS_ES,
            [
                (7, "Ana Ruiz", "ana@ebro.example", 57, True),
                (8, "Eva Ruiz Gil", None, 61, True),
            ],
        ),
        (
            files.MEET,
            [
                (2, "Ana Ruiz", "ana@ebro.example", 58, True),
                (3, "Tom Hill", None, 62, True),
            ],
        ),
        (files.MEET_ES, [(2, "Ana Ruiz", "ana@ebro.example", 58, True)]),
    ],
    ids=["zoom", "zoom-webinar", "teams", "teams-es", "meet", "meet-es"],
)
def test_each_tools_list_is_read_without_a_question(tmp_path, content, expected):
    assert [said(each) for each in people(tmp_path, content)] == expected


def test_without_looking_for_the_list_a_teams_report_cannot_be_read(tmp_path):
    """The control: the summary above the list is what stands in the way."""
    path = tmp_path / "list.csv"
    path.write_bytes(files.TEAMS)
    with pytest.raises(readers.BadFile):
        readers.look(readers.Path(path))


def test_a_list_of_another_tool_is_left_as_it_is(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(b"Who,Mail,Time\nAna,ana@ebro.example,50\n")
    assert sections.of_list(readers.Path(path)) is None


def test_a_value_over_two_lines_keeps_its_list_together(tmp_path):
    content = (
        b"2. Participants\n"
        b"Name,Email,Duration\n"
        b'"Ana\nRuiz",ana@ebro.example,58\n'
        b"Eva Gil,eva@sur.example,57\n"
    )
    found = people(tmp_path, content)
    assert [each.name for each in found] == ["Ana Ruiz", "Eva Gil"]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["", "", ""], "participant_unnamed"),
        (["Ana", "ana@", ""], "address_domain"),
        (["Ana", "ana@ebro.example", "a while"], "duration_unknown"),
    ],
)
def test_a_line_that_cannot_be_taken_says_why(cells, code):
    row = readers.Row(2, cells)
    with pytest.raises(Refused) as refused:
        read(row, {"full_name": 0, "email": 1, "minutes": 2})
    assert refused.value.code == code


def test_lines_are_those_of_the_file_after_blank_lines_and_breaks(tmp_path):
    """As an editor counts them, so that a wrong line can be found."""
    content = (
        "Meeting ID,Topic\n"
        "1,First steps\n"
        "\n"
        "Name (Original Name),User Email,Duration (Minutes)\n"
        "Ana Ruiz,ana@ebro.example,61\n"
        "\n"
        "\n"
        '"Luis\nPérez",luis@sur.example,6\n'
        ",,\n"
        "Eva Gil,eva@sur.example,7\n"
    )
    found = people(tmp_path, content.encode())
    lines = content.splitlines()
    assert [(one.line, one.minutes) for one in found] == [(5, 61), (8, 6), (11, 7)]
    assert [lines[one.line - 1][:3] for one in found] == ["Ana", '"Lu', "Eva"]
