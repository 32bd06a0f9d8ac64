from django.urls import path

from .staff import feeds

app_name = "training-feed"

urlpatterns = [path("<str:token>.ics", feeds.feed, name="feed")]
