from django.urls import path

from . import views

app_name = "invitations"

urlpatterns = [
    path("", views.show, name="show"),
    path("accept", views.accept, name="accept"),
    path("seen", views.see, name="seen"),
    path("renew", views.renew, name="renew"),
    path("preview", views.preview, name="preview"),
    path("<str:token>", views.open_link, name="open"),
]
