"""What every provider posts is understood alike, and each proves itself in its way."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from accounts.consent.models import Permission
from campaigns.feedback import machines, providers, sns
from campaigns.feedback.models import Post, Report
from onboarding import webhooks
from tests.factories import LONG_AGO

from . import payloads, scenes
from .payloads import FORMS, LACKS, MAKERS
from .scenes import THEN, TOPIC

pytestmark = pytest.mark.django_db
WHAT = ("delivered", "hard", "soft", "complained", "unsubscribed", "opened", "clicked")
CASES = [
    (provider, what)
    for provider in MAKERS
    for what in WHAT
    if what not in LACKS.get(provider, ())
]


def test_every_provider_has_its_payloads_here_and_its_proof_in_the_settings():
    assert set(MAKERS) == set(providers.PROVIDERS) == set(webhooks.PROOFS)


def test_only_what_anymail_itself_knows_is_left_out():
    from anymail import urls

    known = {str(one.pattern).split("/")[0].lstrip("^") for one in urls.urlpatterns}
    assert known - {"sendinblue"} == set(providers.PROVIDERS)


@pytest.mark.parametrize(("provider", "what"), CASES)
def test_reports_of_every_provider_are_understood(sent, take_in, provider, what):
    agree_to_tracking(sent.buyer)
    body = MAKERS[provider](sent, what).encode()
    headers = {"svix-id": "msg_1"} if provider == "resend" else {}
    take_in(provider, body, content_type=FORMS.get(provider, ""), headers=headers)
    assert not Post.objects.filter(state="aside").exists()
    report = Report.objects.get()
    assert (report.kind, report.delivery_id) == (what, sent.pk)
    assert report.occurred_at == THEN
    assert "@" not in report.detail
    if what == "clicked":
        assert bytes(report.link) == machines.digest(payloads.LINK)


@pytest.mark.parametrize("provider", sorted(MAKERS))
def test_an_unknown_message_is_settled_by_our_id_alone(db, take_in, state, provider):
    """Of a message without an answer nobody ever learnt the provider's own id."""
    delivery = scenes.make_sent(state="unknown")
    assert delivery.provider_id == ""
    what = "soft" if "delivered" in LACKS.get(provider, ()) else "delivered"
    body = MAKERS[provider](delivery, what).encode()
    headers = {"svix-id": "msg_1"} if provider == "resend" else {}
    take_in(provider, body, content_type=FORMS.get(provider, ""), headers=headers)
    assert state(delivery) == "sent"


def test_postal_gives_it_back_in_the_message_id_too(db, take_in, state):
    """By SMTP a message has no tag."""
    delivery = scenes.make_sent(state="unknown")
    event = json.loads(payloads.postal(delivery, "delivered"))
    del event["payload"]["message"]["tag"]
    take_in("postal", json.dumps(event).encode())
    assert state(delivery) == "sent"


def agree_to_tracking(buyer):
    Permission.objects.create(
        buyer=buyer, topic="tracking", allowed=True, chosen=True, since=LONG_AGO
    )


@pytest.mark.parametrize("provider", sorted(MAKERS))
@pytest.mark.parametrize("what", ["opened", "clicked"])
def test_without_her_consent_nobody_notes_what_she_opens(sent, take_in, provider, what):
    if what in LACKS.get(provider, ()):
        return
    body = MAKERS[provider](sent, what).encode()
    take_in(provider, body, content_type=FORMS.get(provider, ""))
    assert not Report.objects.exists()
    assert Post.objects.get().state == "read"


# -- Proofs ----------------------------------------------------------------------------


@pytest.fixture
def now(monkeypatch):
    """The door's clock stands at the time of the payloads."""

    def set_clock(at):
        monkeypatch.setattr("campaigns.feedback.views.clock.now", lambda: at)

    set_clock(THEN)
    return set_clock


def test_mailgun_signs_and_what_is_changed_or_old_is_refused(sent, post, now):
    body = payloads.mailgun(sent, "delivered")
    assert post("mailgun", body).status_code == 200
    changed = json.loads(body)
    changed["signature"]["timestamp"] = str(int(THEN.timestamp()) + 1)
    assert post("mailgun", json.dumps(changed)).status_code == 400
    now(THEN + timedelta(hours=10))
    assert post("mailgun", body).status_code == 400
    now(THEN - timedelta(minutes=6))
    assert post("mailgun", body).status_code == 400
    assert Post.objects.count() == 1


def test_a_captured_post_played_again_has_no_effect(sent, post, now, take_in):
    body = payloads.mailgun(sent, "soft")
    for _time in range(3):
        assert post("mailgun", body).status_code == 200
    take_in("mailgun", body.encode())
    assert Report.objects.count() == 1


def test_mailersend_signs_the_body(sent, post):
    body = payloads.mailersend(sent, "delivered")
    signed = hmac.new(b"mailersend-signing", body.encode(), hashlib.sha256).hexdigest()
    assert post("mailersend", body, Signature=signed).status_code == 200
    assert post("mailersend", body + " ", Signature=signed).status_code == 400
    assert post("mailersend", body).status_code == 400


def test_mandrill_signs_the_address_and_the_form(sent, post, settings):
    settings.ANYMAIL = {
        **settings.ANYMAIL,
        "MANDRILL_WEBHOOK_URL": "https://example.com/webhooks/mandrill/",
    }
    providers.door.cache_clear()
    body = payloads.mandrill(sent, "hard")
    from urllib.parse import parse_qs

    (events,) = parse_qs(body)["mandrill_events"]
    text = f"https://example.com/webhooks/mandrill/mandrill_events{events}"
    signed = hmac.new(b"mandrill-key", text.encode(), hashlib.sha1).digest()
    right = base64.b64encode(signed).decode()
    send = {"content_type": FORMS["mandrill"]}
    good = post("mandrill", body, **send, **{"X-Mandrill-Signature": right})
    assert good.status_code == 200
    bad = post("mandrill", body, **send, **{"X-Mandrill-Signature": right[::-1]})
    assert bad.status_code == 400


def test_unisender_signs_the_body(sent, post):
    body = payloads.unisender_go(sent, "delivered")
    assert post("unisender_go", body).status_code == 200
    assert post("unisender_go", body.replace("456", "457")).status_code == 400


def svix(body, at, name="msg_1", key=b"resend-signing-key"):
    stamp = str(int(at.timestamp()))
    signed = hmac.digest(key, f"{name}.{stamp}.{body}".encode(), "sha256")
    return {
        "svix-id": name,
        "svix-timestamp": stamp,
        "svix-signature": "v1,old v1," + base64.b64encode(signed).decode(),
    }


def test_resend_signs_as_standard_webhooks_do(sent, post, now, settings):
    key = base64.b64encode(b"resend-signing-key").decode()
    settings.WEBHOOK_RESEND = f"whsec_{key}"
    body = payloads.resend(sent, "delivered")
    assert post("resend", body, **svix(body, THEN)).status_code == 200
    assert Post.objects.get().headers == {"svix-id": "msg_1"}
    other = {**svix(body, THEN), "svix-id": "msg_2"}
    assert post("resend", body, **other).status_code == 400
    assert post("resend", body).status_code == 400
    assert post("resend", body, **svix(body, THEN, key=b"x")).status_code == 400
    old = THEN - timedelta(minutes=6)
    assert post("resend", body, **svix(body, old)).status_code == 400
    assert Post.objects.count() == 1


@pytest.fixture
def postal_key(settings):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    shown = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    settings.ANYMAIL = {
        **settings.ANYMAIL,
        "POSTAL_WEBHOOK_KEY": base64.b64encode(shown).decode(),
    }
    providers.door.cache_clear()
    return key


def test_postal_signs_with_a_key_of_its_own(sent, post, postal_key):
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    body = payloads.postal(sent, "delivered")
    signed = postal_key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA1())
    right = {"X-Postal-Signature": base64.b64encode(signed).decode()}
    assert post("postal", body, **right).status_code == 200
    assert post("postal", body + " ", **right).status_code == 400


# -- Amazon ----------------------------------------------------------------------------


@pytest.fixture
def amazon(monkeypatch):
    """Amazon's key, and a certificate for it at Amazon's address."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    asked = []
    monkeypatch.setattr(sns, "fetch", lambda place: asked.append(place) or pem)
    sns.forget()
    yield key, asked
    sns.forget()


def signed_by(key, text, **changes):
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    message = {**json.loads(text), **changes}
    names = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token")
    plain = "".join(
        f"{name}\n{message[name]}\n"
        for name in (*names, "TopicArn", "Type")
        if name in message
    )
    signature = key.sign(plain.encode(), padding.PKCS1v15(), hashes.SHA256())
    return {**message, "Signature": base64.b64encode(signature).decode()}


@pytest.fixture
def from_sns(post):
    def from_sns(message, **headers):
        told = {
            "x-amz-sns-message-type": message["Type"],
            "x-amz-sns-message-id": message["MessageId"],
        }
        return post("amazon_ses", json.dumps(message), **{**told, **headers})

    return from_sns


def test_what_amazon_signed_for_our_topic_is_taken_in(sent, from_sns, amazon, now):
    key, asked = amazon
    message = signed_by(key, payloads.amazon_ses(sent, "delivered"))
    assert from_sns(message).status_code == 200
    assert from_sns(message).status_code == 200
    assert asked == ["https://sns.eu-west-1.amazonaws.com/Simple-1.pem"]


@pytest.mark.parametrize(
    "forged",
    [
        {"Message": "{}"},
        {"Signature": "AAAA"},
        {"Signature": "no base64"},
        {"SignatureVersion": "3"},
        {"SigningCertURL": "https://evil.example/Simple-1.pem"},
        {"SigningCertURL": "http://sns.eu-west-1.amazonaws.com/Simple-1.pem"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem"},
    ],
)
def test_what_amazon_did_not_sign_is_not(sent, from_sns, amazon, now, forged):
    key, _asked = amazon
    message = signed_by(key, payloads.amazon_ses(sent, "hard")) | forged
    assert from_sns(message).status_code == 400
    assert not Post.objects.exists()


def test_what_it_signed_for_another_topic_is_not(sent, from_sns, amazon, now):
    key, _asked = amazon
    text = payloads.amazon_ses(sent, "hard")
    message = signed_by(key, text, TopicArn=TOPIC.replace("123", "666"))
    assert from_sns(message).status_code == 400


def test_what_it_signed_long_ago_is_not(sent, from_sns, amazon, now):
    key, _asked = amazon
    now(THEN + timedelta(hours=8))
    message = signed_by(key, payloads.amazon_ses(sent, "hard"))
    assert from_sns(message).status_code == 400


def test_amazon_is_asked_for_the_secret_before(client):
    answer = client.post("/webhooks/amazon_ses/", "{}", content_type="text/plain")
    assert answer.status_code == 401
    assert "Basic" in answer["WWW-Authenticate"]


def test_a_person_confirms_a_subscription(from_sns, amazon, now, take_in):
    key, _asked = amazon
    place = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2"
    text = payloads.sns("Confirm", Type="SubscriptionConfirmation", Token="2")
    message = signed_by(key, text, SubscribeURL=place)
    assert from_sns(message).status_code == 200
    take_in("amazon_ses", b"{}")
    assert Post.objects.get(state="aside", trouble__contains=place)
