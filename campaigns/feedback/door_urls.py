from django.urls import path

from . import door

urlpatterns = [
    path("<str:token>.gif", door.pixel, name="pixel"),
    path("<str:token>", door.follow, name="follow"),
    # Some programs add the slash.
    path("<str:token>/", door.follow),
]
