from django.urls import path

from . import unsubscribe, views

urlpatterns = [
    path("p/<str:token>", unsubscribe.choose, name="preferences"),
    path("me/", views.show, name="me"),
    path("u/<str:token>", unsubscribe.unsubscribe, name="unsubscribe"),
    # Some programs add the slash; a redirect would lose what they post.
    path("u/<str:token>/", unsubscribe.unsubscribe),
]
