"""What people call whatever carries mail, or reports of it: rows keep the slug."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NAMES: Mapping[str, str | Promise] = {
    "outbox": _("Outbox (nothing leaves this installation)"),
    "smtp": _("Mail server (SMTP)"),
    "own": _("Our own links and images"),
    "mailbox": _("Bounce mailbox"),
    "amazon_ses": "Amazon SES",
    "brevo": "Brevo",
    "mailersend": "MailerSend",
    "mailgun": "Mailgun",
    "mailjet": "Mailjet",
    "mailtrap": "Mailtrap",
    "mandrill": "Mandrill",
    "postal": "Postal",
    "postmark": "Postmark",
    "resend": "Resend",
    "scaleway": "Scaleway",
    "sendgrid": "SendGrid",
    "sparkpost": "SparkPost",
    "unisender_go": "Unisender Go",
}


def name(slug: str) -> str:
    """In the reader's language; whatever nobody has named goes by its own word."""
    return str(NAMES.get(slug, slug))
