"""Training's pages for staff, within the admin's address: its policy holds for them."""

from django.urls import path

from .staff import (
    attendance,
    calendar,
    door,
    feeds,
    materials,
    planning,
    results,
    session,
)

app_name = "training-staff"

urlpatterns = [
    path("", calendar.sessions, name="sessions"),
    path("add/", planning.add, name="add"),
    path("calendar/", feeds.manage, name="feed"),
    path("calendar/renew", feeds.renew, name="feed-renew"),
    path("calendar/close", feeds.close, name="feed-close"),
    path("results/", results.results, name="results"),
    path("results.csv", results.results_csv, name="results-csv"),
    path("results/names/", results.names, name="names"),
    path("results/names.csv", results.names_csv, name="names-csv"),
    path("courses/<int:course_id>/", materials.materials, name="materials"),
    path("materials/<int:material_id>/", materials.publish, name="publish"),
    path("materials/<int:material_id>/readers/", materials.readers, name="readers"),
    path("<int:session_id>/", session.session, name="session"),
    path("<int:session_id>/edit/", planning.edit, name="edit"),
    path("<int:session_id>/seats/", planning.resize, name="resize"),
    path("<int:session_id>/pool/", planning.share, name="share"),
    path("<int:session_id>/move/", planning.reschedule, name="reschedule"),
    path("<int:session_id>/cancel/", planning.cancel, name="cancel"),
    path("<int:session_id>/copy/", planning.copy, name="copy"),
    path("<int:session_id>/series/", planning.series, name="series"),
    path("<int:session_id>/people", session.add_people, name="add-people"),
    path("<int:session_id>/people.csv", session.people_csv, name="people-csv"),
    path("<int:session_id>/attendance/", attendance.bring, name="attendance"),
    path("attendance/<int:line_id>/", attendance.match, name="match"),
    path("<int:session_id>/door/", door.door, name="door"),
    path("<int:session_id>/walk-in", door.walk_in, name="walk-in"),
    path("<int:session_id>/close", door.close, name="close"),
    path("<int:session_id>/put-back", door.put_back, name="put-back"),
    path("seats/<uuid:uuid>/", door.scan, name="scan"),
    path("seats/<int:seat_id>/check-in", door.check_in, name="check-in"),
    path("seats/<int:seat_id>/correct", door.correct, name="correct"),
    path("seats/<int:seat_id>/cancel", session.cancel_seat, name="cancel-seat"),
    path("seats/<int:seat_id>/move", session.move_seat, name="move-seat"),
    path("seats/<int:seat_id>/prefer", session.prefer_seat, name="prefer-seat"),
    path("seats/<int:seat_id>/links/", session.withdraw_links, name="withdraw-links"),
]
