from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagesConfig(AppConfig):
    name = "campaigns.messages"
    label = "campaign_messages"
    verbose_name = _("Messages")
    default_auto_field = "django.db.models.BigAutoField"
