from django.urls import path

from .views import dates, feedback, joining, materials, opening, seats, sessions

app_name = "training"

urlpatterns = [
    path("", dates.dates, name="dates"),
    path("preview", dates.preview, name="preview"),
    path("sessions/<uuid:uuid>/", sessions.session, name="session"),
    path("sessions/<uuid:uuid>/book", sessions.book, name="book"),
    path("sessions/<uuid:uuid>/recording/", materials.recording, name="recording"),
    path("sessions/<uuid:uuid>/watch", materials.watch, name="watch"),
    path("seats/<uuid:uuid>/", seats.seat, name="seat"),
    path("seats/<uuid:uuid>/accept", seats.accept, name="accept"),
    path("seats/<uuid:uuid>/decline", seats.decline, name="decline"),
    path("seats/<uuid:uuid>/cancel", seats.cancel, name="cancel"),
    path("seats/<uuid:uuid>/move", seats.move, name="move"),
    path("seats/<uuid:uuid>/coming", seats.reconfirm, name="reconfirm"),
    path("seats/<uuid:uuid>/training.ics", seats.calendar, name="calendar"),
    path("seats/<uuid:uuid>/join/", joining.join, name="join"),
    path("seats/<uuid:uuid>/enter", joining.enter, name="enter"),
    path("seats/<uuid:uuid>/feedback/", feedback.give, name="feedback"),
    path("materials/<uuid:uuid>", materials.open_material, name="material"),
    path("<str:token>", opening.open_link, name="open"),
    path("<str:token>/<path:to>", opening.open_link, name="open-page"),
]
