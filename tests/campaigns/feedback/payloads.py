"""What each provider posts, by hand from its documentation: one maker per provider.

A maker gets the delivery and what happened ("delivered", "hard", "soft", "complained",
"unsubscribed", "opened", "clicked"), and returns the body as JSON, a form, or bytes.
"""

import hashlib
import hmac
import json
from urllib.parse import urlencode

from .scenes import THEN, TOPIC

LINK = "https://shop.example/spring"
DEAD = "550 5.1.1 <ana@company.example>: Recipient address rejected: User unknown"
FULL = "452 4.2.2 The email account that you tried to reach is over quota"
EPOCH = int(THEN.timestamp())


def meta(delivery):
    return {"delivery": str(delivery.uuid)}


def amazon_ses(delivery, what):
    mail = {
        "timestamp": THEN.isoformat(),
        "messageId": "0102018a7b3c-5d6e-000000",
        "source": "hello@distributor.example",
        "destination": [delivery.email],
        "headers": [{"name": "X-Metadata", "value": json.dumps(meta(delivery))}],
    }
    bounced = {"emailAddress": delivery.email, "action": "failed"}
    parts = {
        "delivered": (
            "Delivery",
            {"recipients": [delivery.email], "smtpResponse": "250 2.6.0 accepted"},
        ),
        "hard": (
            "Bounce",
            {
                "bounceType": "Permanent",
                "bounceSubType": "General",
                "bouncedRecipients": [
                    {**bounced, "status": "5.1.1", "diagnosticCode": f"smtp; {DEAD}"}
                ],
            },
        ),
        "soft": (
            "Bounce",
            {
                "bounceType": "Transient",
                "bounceSubType": "MailboxFull",
                "bouncedRecipients": [bounced],
            },
        ),
        "complained": (
            "Complaint",
            {
                "complainedRecipients": [{"emailAddress": delivery.email}],
                "complaintFeedbackType": "abuse",
            },
        ),
        "opened": ("Open", {"userAgent": "Mozilla/5.0"}),
        "clicked": ("Click", {"link": LINK, "userAgent": "Mozilla/5.0"}),
    }
    name, part = parts[what]
    event = {"eventType": name, "mail": mail, name.lower(): part}
    return sns(json.dumps(event))


def sns(message, **fields):
    """What SNS wraps around a message; unsigned."""
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": TOPIC,
            "Message": message,
            "Timestamp": THEN.isoformat(timespec="milliseconds"),
            "SignatureVersion": "2",
            "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/Simple-1.pem",
            **fields,
        }
    )


def brevo(delivery, what):
    names = {
        "delivered": "delivered",
        "hard": "hard_bounce",
        "soft": "soft_bounce",
        "complained": "spam",
        "unsubscribed": "unsubscribe",
        "opened": "unique_opened",
        "clicked": "click",
    }
    event = {
        "event": names[what],
        "email": delivery.email,
        "id": 26224,
        "date": "2026-11-09 09:50:00",
        "ts_epoch": EPOCH * 1000,
        "message-id": f"<{delivery.uuid}@distributor.example>",
        "X-Mailin-custom": json.dumps(meta(delivery)),
        "tags": [],
    }
    if what in {"hard", "soft"}:
        event["reason"] = DEAD if what == "hard" else FULL
    if what == "clicked":
        event["link"] = LINK
    return json.dumps(event)


def mailersend(delivery, what):
    names = {
        "delivered": "delivered",
        "hard": "hard_bounced",
        "soft": "soft_bounced",
        "complained": "spam_complaint",
        "unsubscribed": "unsubscribed",
        "opened": "opened",
        "clicked": "clicked",
    }
    data = {
        "object": "activity",
        "id": f"62f11499{what}",
        "type": names[what],
        "created_at": THEN.strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
        "email": {
            "object": "email",
            "id": "62f114f8165fe0d8db0288e3",
            "tags": [str(delivery.uuid)],
            "message": {"object": "message", "id": "62fb66bef54a112e920b5493"},
            "recipient": {"object": "recipient", "email": delivery.email},
        },
        "morph": None,
    }
    if what == "hard":
        data["morph"] = {"object": "recipient_bounce", "reason": DEAD}
    if what == "clicked":
        data["morph"] = {"object": "click", "ip": "192.0.2.1", "url": LINK}
    return json.dumps({"type": f"activity.{names[what]}", "data": data})


def mailgun(delivery, what, at=None):
    names = {
        "delivered": "delivered",
        "hard": "failed",
        "soft": "failed",
        "complained": "complained",
        "unsubscribed": "unsubscribed",
        "opened": "opened",
        "clicked": "clicked",
    }
    data = {
        "event": names[what],
        "id": "CPgfbmQMTCKtHW6uIWtuVe",
        "timestamp": float(EPOCH),
        "recipient": delivery.email,
        "user-variables": meta(delivery),
        "message": {"headers": {"message-id": f"{delivery.uuid}@distributor.example"}},
        "tags": [],
        "client-info": {"user-agent": "Mozilla/5.0"},
    }
    if what == "hard":
        data |= {
            "severity": "permanent",
            "reason": "bounce",
            "delivery-status": {"code": 550, "message": DEAD},
        }
    if what == "soft":
        data |= {
            "severity": "permanent",
            "reason": "generic",
            "delivery-status": {"code": 452, "message": FULL},
        }
    if what == "clicked":
        data["url"] = LINK
    return json.dumps({"signature": mailgun_signature(at), "event-data": data})


def mailgun_signature(at=None, token="a" * 50):
    stamp = str(int((at or THEN).timestamp()))
    signed = hmac.new(b"mailgun-signing", f"{stamp}{token}".encode(), hashlib.sha256)
    return {"timestamp": stamp, "token": token, "signature": signed.hexdigest()}


def mailjet(delivery, what):
    names = {
        "delivered": "sent",
        "hard": "bounce",
        "soft": "bounce",
        "complained": "spam",
        "unsubscribed": "unsub",
        "opened": "open",
        "clicked": "click",
    }
    event = {
        "event": names[what],
        "time": EPOCH,
        "MessageID": 19421777835146490,
        "Message_GUID": "1ab23cd4-e567-8901-2345-6789f0gh1i2j",
        "email": delivery.email,
        "CustomID": "",
        "Payload": json.dumps(meta(delivery)),
    }
    if what == "hard":
        event |= {"hard_bounce": True, "blocked": False, "error": "user unknown"}
    if what == "soft":
        event |= {"hard_bounce": False, "blocked": False, "error": "quota exceeded"}
    if what == "clicked":
        event["url"] = LINK
    return json.dumps([event])


def mailtrap(delivery, what):
    names = {
        "delivered": "delivery",
        "hard": "bounce",
        "complained": "spam",
        "unsubscribed": "unsubscribe",
        "opened": "open",
        "clicked": "click",
    }
    event = {
        "event": names[what],
        "message_id": "a1b2c3d4-0000-1111-2222-333344445555",
        "sending_stream": "transactional",
        "email": delivery.email,
        "timestamp": EPOCH,
        "event_id": f"event-{what}",
        "custom_variables": meta(delivery),
    }
    if what == "hard":
        event |= {
            "response": DEAD,
            "response_code": 550,
            "bounce_category": "badmailbox",
        }
    if what == "clicked":
        event["url"] = LINK
    return json.dumps({"events": [event]})


def mandrill(delivery, what):
    names = {
        "delivered": "delivered",
        "hard": "hard_bounce",
        "soft": "soft_bounce",
        "complained": "spam",
        "unsubscribed": "unsub",
        "opened": "open",
        "clicked": "click",
    }
    event = {
        "event": names[what],
        "_id": "exampleaaaaaaaaaaaaaaaaaaaaaaaaa",
        "ts": EPOCH,
        "msg": {
            "_id": "exampleaaaaaaaaaaaaaaaaaaaaaaaaa",
            "email": delivery.email,
            "metadata": meta(delivery),
            "tags": [],
            "diag": {"hard": f"smtp;{DEAD}", "soft": f"smtp;{FULL}"}.get(what, ""),
        },
    }
    if what == "clicked":
        event["url"] = LINK
    return urlencode({"mandrill_events": json.dumps([event])})


def postal(delivery, what):
    message = {
        "id": 12345,
        "token": "abcdef123",
        "direction": "outgoing",
        "message_id": f"{delivery.uuid}@distributor.example",
        "to": delivery.email,
        "from": "hello@distributor.example",
        "subject": "Welcome",
        "timestamp": EPOCH,
        "tag": str(delivery.uuid),
    }
    payloads = {
        "delivered": {
            "message": message,
            "status": "Sent",
            "details": "Message sent by SMTP",
            "output": "250 2.0.0 OK",
            "time": 0.22,
        },
        "hard": {
            "original_message": message,
            "bounce": {"id": 12347, "subject": DEAD},
            "details": DEAD,
        },
        "clicked": {"message": message, "url": LINK, "user_agent": "Mozilla/5.0"},
    }
    event = {
        "event": "MessageSent",
        "timestamp": float(EPOCH),
        "uuid": f"0fcc8603-0000-4000-8000-{what:0>12}",
        "payload": payloads[what],
    }
    return json.dumps(event)


def postmark(delivery, what):
    event = {
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "ServerID": 23,
        "MessageStream": "outbound",
        "Metadata": meta(delivery),
        "Tag": "",
    }
    when = THEN.strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = {
        "delivered": {
            "RecordType": "Delivery",
            "Recipient": delivery.email,
            "DeliveredAt": when,
            "Details": "Test delivery webhook details",
        },
        "hard": {
            "RecordType": "Bounce",
            "ID": 4323372036854775807,
            "Type": "HardBounce",
            "TypeCode": 1,
            "Description": "The server was unable to deliver your message.",
            "Details": f"smtp;{DEAD}",
            "Email": delivery.email,
            "BouncedAt": when,
            "Inactive": True,
        },
        "soft": {
            "RecordType": "Bounce",
            "ID": 4323372036854775808,
            "Type": "SoftBounce",
            "TypeCode": 4096,
            "Details": f"smtp;{FULL}",
            "Email": delivery.email,
            "BouncedAt": when,
        },
        "complained": {
            "RecordType": "SpamComplaint",
            "ID": 42,
            "Type": "SpamComplaint",
            "TypeCode": 512,
            "Email": delivery.email,
            "BouncedAt": when,
        },
        "unsubscribed": {
            "RecordType": "SubscriptionChange",
            "Recipient": delivery.email,
            "SuppressSending": True,
            "SuppressionReason": "ManualSuppression",
            "ChangedAt": when,
        },
        "opened": {
            "RecordType": "Open",
            "Recipient": delivery.email,
            "FirstOpen": True,
            "UserAgent": "Mozilla/5.0",
            "ReceivedAt": when,
        },
        "clicked": {
            "RecordType": "Click",
            "Recipient": delivery.email,
            "OriginalLink": LINK,
            "UserAgent": "Mozilla/5.0",
            "ReceivedAt": when,
        },
    }
    return json.dumps({**event, **parts[what]})


def resend(delivery, what):
    names = {
        "delivered": "email.delivered",
        "hard": "email.bounced",
        "soft": "email.bounced",
        "complained": "email.complained",
        "opened": "email.opened",
        "clicked": "email.clicked",
    }
    data = {
        "created_at": THEN.isoformat(),
        "email_id": "56761188-7520-42d8-8898-ff6fc54ce618",
        "from": "Distributor <hello@distributor.example>",
        "to": [delivery.email],
        "subject": "Welcome",
        "headers": [{"name": "X-Metadata", "value": json.dumps(meta(delivery))}],
    }
    if what == "hard":
        data["bounce"] = {
            "type": "Permanent",
            "subType": "General",
            "message": "The recipient's email provider sent a hard bounce message",
        }
    if what == "soft":
        data["bounce"] = {
            "type": "Transient",
            "subType": "MailboxFull",
            "message": "a bounce message because the recipient's inbox was full",
        }
    if what == "clicked":
        data["click"] = {"link": LINK, "userAgent": "Mozilla/5.0"}
    when = THEN.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return json.dumps({"type": names[what], "created_at": when, "data": data})


def sendgrid(delivery, what):
    names = {
        "delivered": "delivered",
        "hard": "bounce",
        "soft": "bounce",
        "complained": "spamreport",
        "unsubscribed": "unsubscribe",
        "opened": "open",
        "clicked": "click",
    }
    event = {
        "email": delivery.email,
        "timestamp": EPOCH,
        "smtp-id": f"<{delivery.uuid}@distributor.example>",
        "event": names[what],
        "sg_event_id": f"rbtnWrG1DVDGGGFHFyun0A-{what}",
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
        **meta(delivery),
    }
    if what == "hard":
        event |= {"type": "bounce", "status": "5.1.1", "reason": DEAD}
    if what == "soft":
        event |= {"type": "blocked", "status": "4.2.2", "reason": FULL}
    if what == "clicked":
        event["url"] = LINK
    return json.dumps([event])


def sparkpost(delivery, what):
    names = {
        "delivered": ("message_event", "delivery"),
        "hard": ("message_event", "bounce"),
        "soft": ("message_event", "bounce"),
        "complained": ("message_event", "spam_complaint"),
        "unsubscribed": ("unsubscribe_event", "list_unsubscribe"),
        "opened": ("track_event", "open"),
        "clicked": ("track_event", "click"),
    }
    family, name = names[what]
    event = {
        "type": name,
        "event_id": f"92356927693813856-{what}",
        "timestamp": str(EPOCH),
        "transmission_id": "65832150921904138",
        "message_id": "000443ee14578172be22",
        "raw_rcpt_to": delivery.email,
        "rcpt_to": delivery.email,
        "rcpt_meta": meta(delivery),
    }
    if what == "hard":
        event |= {"bounce_class": "10", "error_code": "550", "raw_reason": DEAD}
    if what == "soft":
        event |= {"bounce_class": "22", "error_code": "452", "raw_reason": FULL}
    if what == "clicked":
        event["target_link_url"] = LINK
    return json.dumps([{"msys": {family: event}}])


def unisender_go(delivery, what):
    names = {
        "delivered": "delivered",
        "hard": "hard_bounced",
        "complained": "spam",
        "unsubscribed": "unsubscribed",
        "opened": "opened",
        "clicked": "clicked",
    }
    data = {
        "job_id": "1ZymBc-00041N-9X",
        "email": delivery.email,
        "status": names[what],
        "event_time": THEN.strftime("%Y-%m-%d %H:%M:%S"),
        "metadata": meta(delivery),
        "delivery_info": {},
    }
    if what == "hard":
        data["delivery_info"] = {
            "delivery_status": "err_user_unknown",
            "destination_response": DEAD,
        }
    if what == "clicked":
        data["url"] = LINK
    body = {
        "auth": "unisender-key",
        "events_by_user": [
            {
                "user_id": 456,
                "events": [
                    {"event_name": "transactional_email_status", "event_data": data}
                ],
            }
        ],
    }
    auth = hashlib.md5(json.dumps(body).encode()).hexdigest()
    return json.dumps({**body, "auth": auth})


MAKERS = {
    one.__name__: one
    for one in (
        *(amazon_ses, brevo, mailersend, mailgun, mailjet, mailtrap, mandrill),
        *(postal, postmark, resend, sendgrid, sparkpost, unisender_go),
    )
}
#: What a provider has no report for.
LACKS = {
    "amazon_ses": {"unsubscribed"},
    "mailtrap": {"soft"},
    "postal": {"soft", "complained", "unsubscribed", "opened"},
    "resend": {"unsubscribed"},
    "unisender_go": {"soft"},
}
# Anymail has no word for Mandrill's newest report.
LACKS["mandrill"] = {"delivered"}
FORMS = {"mandrill": "application/x-www-form-urlencoded"}
