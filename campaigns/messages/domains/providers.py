"""What the providers usually ask their customers to put into DNS."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usual:
    """``include``: the SPF part, empty where the provider sends from an address of
    its own; ``selectors``: the names of its DKIM keys, where they are always alike."""

    include: str = ""
    selectors: tuple[str, ...] = ()


USUAL = {
    "brevo": Usual("spf.brevo.com", ("brevo1", "brevo2", "mail")),
    "mailersend": Usual("_spf.mailersend.net", ("mlsend", "mlsend2")),
    "mailgun": Usual("mailgun.org", ("pic", "k1", "mx", "smtp", "mailo", "s1")),
    "mailjet": Usual("spf.mailjet.com", ("mailjet",)),
    "mandrill": Usual("spf.mandrillapp.com", ("mandrill", "mte1", "mte2")),
    "resend": Usual("", ("resend",)),
    "scaleway": Usual("_spf.tem.scaleway.com"),
    "unisender_go": Usual("spf.unisender.com", ("us",)),
}
#: Tried where neither a person nor the provider says better.
COMMON = ("default", "mail", "dkim", "s1", "k1", "selector1", "google")


def usual(provider: str) -> Usual:
    return USUAL.get(provider, Usual())
