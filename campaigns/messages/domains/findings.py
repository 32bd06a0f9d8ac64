"""One thing found about a domain, kept as facts and told in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Level:
    GOOD, WARN, BAD, UNKNOWN = "good", "warn", "bad", "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` is of `SAID`; ``facts`` fill its sentences."""

    subject: str
    level: str
    code: str
    facts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Finding":
        return cls(
            str(stored["subject"]),
            str(stored["level"]),
            str(stored["code"]),
            dict(stored.get("facts") or {}),
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "subject": self.subject,
            "level": self.level,
            "code": self.code,
            "facts": dict(self.facts),
        }

    @property
    def title(self) -> str:
        return TITLES.get(self.subject, self.subject)

    @property
    def said(self) -> str:
        return self._fill(SAID.get(self.code, self.code))

    @property
    def to_do(self) -> str:
        """What to do about it; empty when nothing is."""
        return self._fill(TO_DO.get(self.code, ""))

    def _fill(self, sentence: str | Promise) -> str:
        facts = {"provider": getattr(settings, "MAIL_TRANSPORT", ""), **self.facts}
        return str(sentence) % facts if sentence else ""


TITLES = {
    "spf": "SPF",
    "dkim": "DKIM",
    "dmarc": "DMARC",
    "mx": "MX",
    "one_click": "List-Unsubscribe",
}

_S = str | Promise
SAID: dict[str, _S] = {
    "no_answer": _("The name server did not answer."),
    # SPF
    "spf_missing": _("%(domain)s does not say which servers may send for it."),
    "spf_several": _(
        "There are %(number)s SPF records. Receivers then ignore all of them."
    ),
    "spf_everybody": _("“+all” lets everybody send in your name."),
    "spf_open_end": _("The record does not end in “~all” or “-all”."),
    "spf_too_long": _(
        "Reading it takes %(number)s look-ups. After ten, receivers give up."
    ),
    "spf_no_provider": _("The record does not name the provider (%(include)s)."),
    "spf_good": _("The record is in order."),
    # DKIM
    "dkim_not_found": _("No key under the names tried: %(selectors)s."),
    "dkim_revoked": _("The key “%(selector)s” has been withdrawn: it is empty."),
    "dkim_weak": _("The key “%(selector)s” is short (about %(bits)s bits)."),
    "dkim_good": _("The key “%(selector)s” is there."),
    # DMARC
    "dmarc_missing": _("There is no DMARC record."),
    "dmarc_several": _(
        "There are %(number)s DMARC records. Receivers then ignore all of them."
    ),
    "dmarc_broken": _("The record has no valid policy (p=)."),
    "dmarc_no_reports": _("The policy is “%(policy)s”, and nobody gets the reports."),
    "dmarc_none": _("The policy is “none”: receivers only watch. Enough for the rule."),
    "dmarc_good": _("The policy is “%(policy)s”."),
    # MX
    "mx_missing": _("%(domain)s receives no mail: replies and bounces are lost."),
    "mx_only_address": _("There is no MX record, only an address. Some refuse that."),
    "mx_good": _("Replies go to %(hosts)s."),
    # One click
    "one_click_no_https": _("The links to unsubscribe begin with http://."),
    "one_click_no_host": _("The name %(host)s of this site is not in DNS."),
    "one_click_good": _(
        "Every commercial message carries the headers for unsubscribing by one click, "
        "over https."
    ),
}
TO_DO: dict[str, _S] = {
    "no_answer": _("Check again in a moment. If it stays so, tell an administrator."),
    "spf_missing": _(
        "Add a TXT record at %(domain)s: %(record)s (ask the provider for its part)."
    ),
    "spf_several": _("Make one of them: one “v=spf1”, all “include:”, one “~all”."),
    "spf_everybody": _("Put “~all” in its place."),
    "spf_open_end": _("Add “~all” at its end."),
    "spf_too_long": _("Take out “include:” parts of services no longer used."),
    "spf_no_provider": _(
        "Add “include:%(include)s” before its end, unless the provider’s own page says "
        "that it uses a return address of its own."
    ),
    "dkim_not_found": _(
        "Create the DKIM record that your provider shows for this domain, and enter "
        "its selector here: the part before “._domainkey”."
    ),
    "dkim_revoked": _("Publish the key anew, as your provider shows it."),
    "dkim_weak": _("Have the provider make a key of 2048 bits."),
    "dmarc_missing": _("Add a TXT record at %(name)s: %(record)s"),
    "dmarc_several": _("Keep one of them."),
    "dmarc_broken": _("Write it like this: %(record)s"),
    "dmarc_no_reports": _(
        "Add “rua=mailto:” with an address of yours, to see who sends in your name."
    ),
    "dmarc_none": _(
        "Once the reports show only senders you know, change it to “quarantine”."
    ),
    "mx_missing": _("Add an MX record, or write from a domain that receives mail."),
    "mx_only_address": _("Add an MX record for %(domain)s."),
    "one_click_no_https": _(
        "Set SITE_URL to an https:// address: Gmail and Yahoo demand unsubscribing by "
        "one click, and only over https."
    ),
    "one_click_no_host": _("Add the name to DNS, or correct SITE_URL."),
}
