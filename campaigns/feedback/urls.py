from django.urls import path

from . import views

urlpatterns = [
    path("<slug:provider>/", views.receive, name="webhook"),
    path(
        "<slug:provider>/inbound/",
        views.receive,
        {"inbound": True},
        name="webhook_inbound",
    ),
]
