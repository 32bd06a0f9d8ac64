"""Whatever carries mail has a name that people use."""

from django.utils.translation import override

from campaigns.feedback import mails, noticed, providers
from campaigns.messages import carriers
from onboarding import mail


def test_every_way_out_and_every_teller_is_named():
    own = {"outbox", "smtp", noticed.OWN, mails.MAILBOX}
    slugs = own | set(mail.PROVIDERS) | set(providers.PROVIDERS)
    assert {one for one in slugs if carriers.name(one) == one} == set()


def test_the_reader_s_language_names_it():
    with override("en"):
        assert carriers.name("smtp") == "Mail server (SMTP)"
    with override("es"):
        assert carriers.name("smtp") == "Servidor de correo (SMTP)"


def test_what_nobody_named_goes_by_its_own_word():
    assert carriers.name("pigeon") == "pigeon"
    assert carriers.name("") == ""
