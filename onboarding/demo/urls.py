"""What the demonstration mounts below /demo-store/: the stand-in for a web store."""

from django.urls import path

from .store import views

app_name = "demo_store"

urlpatterns = [
    path("", views.show, name="show"),
    path("register", views.register, name="register"),
    path("log-in", views.log_in, name="log_in"),
    path("log-out", views.log_out, name="log_out"),
    path("order", views.order, name="order"),
    path("retry", views.retry, name="retry"),
]
