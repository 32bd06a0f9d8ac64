"""The reports, within the admin's address: its policy and its log-in hold for them."""

from django.urls import path

from campaigns.adoption.views import campaign, dashboard, names

app_name = "adoption"
urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("figures.csv", dashboard.figures_csv, name="figures-csv"),
    path("channels/", dashboard.channel_mix, name="channels"),
    path("channels.csv", dashboard.channels_csv, name="channels-csv"),
    path("use/", dashboard.comparison, name="comparison"),
    path("campaigns/<int:campaign_id>/", campaign.campaign, name="campaign"),
    path("campaigns/<int:campaign_id>.csv", campaign.funnel_csv, name="funnel-csv"),
    path("names/", names.names, name="names"),
    path("names.csv", names.names_csv, name="names-csv"),
    path("buyers/<int:buyer_id>/", names.buyer, name="buyer"),
    path("accounts/<int:account_id>/", names.account, name="account"),
]
