"""The pages about sending itself, within the admin's frame and behind its log-in."""

from django.contrib import admin
from django.urls import path

from campaigns.sequences.views import live, sending

app_name = "sending"

guard = admin.site.admin_view

urlpatterns = [
    path("live/", guard(live.show), name="live"),
    path("live/figures/", guard(live.figures), name="figures"),
    path("stop/", guard(live.stop), name="stop"),
    path("resume/", guard(live.resume), name="resume"),
    path("arming/", guard(sending.show), name="arming"),
    path("arm/", guard(sending.arm), name="arm"),
    path("disarm/", guard(sending.disarm), name="disarm"),
]
