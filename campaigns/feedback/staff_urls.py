"""Within the admin's address: its policy and its log-in hold for these pages."""

from django.contrib import admin
from django.urls import path

from . import staff

app_name = "openings"

guard = admin.site.admin_view

urlpatterns = [
    path("<int:campaign_id>/", guard(staff.campaign), name="campaign"),
    path("<int:campaign_id>/names/", guard(staff.names), name="names"),
    path("<int:campaign_id>/names.csv", guard(staff.names_csv), name="names-csv"),
    path("<int:campaign_id>/switch/", guard(staff.switch), name="switch"),
]
