from django.urls import path

from .staff import feeds, reps

app_name = "training-feed"

urlpatterns = [
    path("", reps.mine, name="mine"),
    path("renew", reps.renew, name="renew"),
    path("close", reps.close, name="close"),
    path("<str:token>.ics", feeds.feed, name="feed"),
]
