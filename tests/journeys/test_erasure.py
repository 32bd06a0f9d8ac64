"""A canary goes through everything, is erased, and is nowhere to be found.

Every text, JSON and byte of every table is searched, and the folders of media and of
the senders' notes. What may be found is declared here, with its reason.
"""

import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.urls import reverse

from accounts.consent import choices, links, suppression
from accounts.consent.models import (
    Choice,
    Permission,
    PrivacyAct,
    Suppression,
)
from accounts.consent.privacy import care
from accounts.customers import uploads
from accounts.customers.models import Buyer, CustomerImport, ImportPart
from accounts.journal import clock, intake, invariants, react
from accounts.journal.models import (
    AccountProgress,
    BuyerProgress,
    ChannelMonth,
    Event,
)
from accounts.journal.reports import Report
from accounts.staff.models import Role
from campaigns.adoption import figures, funnel
from campaigns.adoption.frames import Frame, Unit
from campaigns.feedback import process
from campaigns.feedback.models import Post
from campaigns.feedback.models import Report as Heard
from campaigns.invitations.links import address as invitation_link
from campaigns.invitations.models import Invitation
from campaigns.messages.models import OutboxMail
from campaigns.sequences.models import Delivery, Enrolment
from campaigns.sequences.sending import transports
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import deliver
from campaigns.training import feedback as opinions
from campaigns.training import seats
from campaigns.training.links import of_buyer
from campaigns.training.models import Seat
from campaigns.training.telling import deed as telling
from tests.accounts.customers.conftest import Importing, quiet  # noqa: F401
from tests.campaigns.feedback.scenes import postmark
from tests.campaigns.sequences.conftest import (  # noqa: F401 - fixtures
    sink,
    smtp,
    spool_folder,
    worker,
)
from tests.campaigns.sequences.scenes import (
    MORNING,
    make_campaign,
    make_message,
    make_worker,
    start,
)
from tests.campaigns.training.scenes import make_session
from tests.factories import BuyerFactory, UserFactory
from tests.support.smtp_sink import Reply

pytestmark = [pytest.mark.django_db, pytest.mark.journey]

ADDRESS = "Xiomara.Zorrilla-Quint@canary.example"
#: Any of these gives her away. The domain is her company's.
NEEDLES = ("xiomara", "zorrilla-quint", "699 424 242", "webcanary")
EXPORT = f"""\
Customer No;Company;Country;First name;Last name;E-mail;Phone;Language;Buyer ID
C100;Molinos SL;ES;Xiomara;Zorrilla-Quint;{ADDRESS};+34 699 424 242;en;WEBCANARY-7
C100;Molinos SL;ES;Pedro;Pan;pedro@canary.example;;en;
"""
TEXT = (
    "Dear {{ buyer.first_name }}: {{ links.invitation }} {{ links.training }} "
    "{{ links.store }}"
)
#: What still tells something of her, in which table, and why that is right.
DECLARED: dict[str, str] = {}
#: Else the search would prove nothing.
MUST_HAVE_HELD_HER = {
    "campaign_messages_outboxmail",
    "consent_choice",
    "consent_suppression",
    "customers_buyer",
    "customers_customerimport",
    "customers_importchange",
    "customers_importissue",
    "customers_importpart",
    "customers_stagedbuyer",
    "django_admin_log",
    "feedback_post",
    "feedback_report",
    "journal_event",
    "journal_eventkey",
    "journal_unknownbuyer",
    "journal_unmatchedevent",
    "sequences_attempt",
    "sequences_deliveryattachment",
    "training_feedback",
    "training_seat",
    "training_seatchange",
}


def where():
    """Tables, and how many of their rows hold any needle, also as bytes."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace ORDER BY 1"
        )
        tables = [row[0] for row in cursor.fetchall()]
        patterns = [f"%{needle}%" for needle in NEEDLES]
        patterns += [
            f"%{written.encode().hex()}%"
            for needle in NEEDLES
            for written in (needle, needle.title(), needle.upper())
        ]
        for table in tables:
            cursor.execute(
                f"SELECT count(*) FROM {table} AS held"
                " WHERE lower(held::text) LIKE ANY(%s)",
                [patterns],
            )
            if number := cursor.fetchone()[0]:
                # Of a partition, the table it is part of.
                found[re.sub(r"_\d{4}_\d\d$", "", table)] = number
    return found


def files(*folders):
    return [
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
        and any(needle in path.read_text("latin-1").lower() for needle in NEEDLES)
    ]


class Canary:
    """Everything that can happen to a person, one deed after the other."""

    def __init__(self, sender, server, client, settings):
        self.worker, self.smtp, self.client = sender, server, client
        self.settings = settings
        self.manager = UserFactory(role=Role.MARKETING_MANAGER)

    def is_named_by_an_event_before_we_know_her(self):
        BuyerFactory(
            account__number="C100", account__name="Molinos SL", first_name="Old"
        )
        self.report("registered", key=f"reg:{ADDRESS}", buyer={"email": ADDRESS})
        self.report("logged_in", key="in-1", account="NOBODY", buyer={"email": ADDRESS})

    def is_imported(self):
        importing = Importing()
        importing.apply(EXPORT)
        self.buyer = Buyer.objects.get(email=ADDRESS)
        again = EXPORT.replace("699 424 242", "699 424 242 ext. 1")
        importing.check(again, "again.csv")
        wrong = EXPORT.replace("@canary", "").replace("Pedro", "Pablo")
        importing.check(wrong, "wrong.csv")
        uploads.receive(io.BytesIO(EXPORT.encode() + b"\n"), "left.csv", "customers")

    def report(self, kind, *, key, account="C100", **told):
        report = Report(key, kind, self.at, account=account, **told)
        taken = intake.take([report], "store", clock.now())
        react.react_to_all(clock.now())
        return taken[0]

    at = MORNING - timedelta(days=3)

    def chooses(self):
        choices.grant(self.buyer, "Xiomara rang us", "Yes, Xiomara agrees", self.at)
        Permission.objects.create(
            buyer=self.buyer, topic="tracking", allowed=True, chosen=True, since=self.at
        )
        suppression.suppress(
            bytes(self.buyer.address_hash),
            "marketing",
            reason="by_hand",
            source="Xiomara wants none",
            at=self.at,
        )
        suppression.lift(
            Suppression.objects.get(), "Xiomara does", at=self.at, by=self.manager
        )

    def gets_mail(self):
        message = make_message(text=TEXT)
        steps = [
            {"message": message},
            {"message": make_message("Again"), "wait_days": 1},
            {"message": make_message("Later"), "wait_days": 1},
        ]
        self.campaign = start(make_campaign(*steps, goal="trained", measures=True))
        refused = []

        def come_later(stage, address):
            if stage != "RCPT" or "xiomara" not in address.lower() or refused:
                return None
            refused.append(address)
            return Reply(f"451 4.7.1 <{ADDRESS}> come later")

        self.smtp.tricks.append(come_later)
        self.send(MORNING)
        self.smtp.tricks.clear()
        self.send(MORNING + timedelta(minutes=5))
        self.settings.EMAIL_BACKEND = "campaigns.messages.outbox.EmailBackend"
        outbox = make_worker(self.settings.SPOOL_DIR, transports.make(), "outbox")
        self.send(MORNING + timedelta(days=1, hours=1), outbox)
        outbox.close()
        assert OutboxMail.objects.filter(recipient=ADDRESS).exists()
        self.sent = Delivery.objects.filter(buyer=self.buyer, state="sent").first()
        self.sent.email = ADDRESS

    def send(self, at, by=None):
        while advance(at):
            pass
        deliver(at, worker=by or self.worker)

    def opens_her_links(self):
        invitation = Invitation.objects.get(buyer=self.buyer)
        self.link = invitation_link(invitation.uuid, invitation.generation)
        self.client.get(self.link)
        self.client.post(reverse("invitations:accept"))
        self.reference = str(invitation.reference)
        self.report("registered", key="reg-2", buyer={"invitation": self.reference})

    def is_reported_of(self):
        for body in (
            postmark(self.sent),
            postmark(
                self.sent,
                "Bounce",
                Type="SoftBounce",
                ID=3,
                Details=f"4.2.2 <{ADDRESS}> mailbox of Xiomara is full",
            ),
            postmark(self.sent, "Open"),
            postmark(self.sent, "Click", OriginalLink="https://shop.example/"),
        ):
            Post.objects.create(provider="postmark", body=body)
        Post.objects.create(provider="postmark", body=f"nonsense {ADDRESS}".encode())
        process.process(clock.now())
        assert Post.objects.filter(state="aside").exists()
        assert Heard.objects.filter(kind="clicked").exists()

    def orders(self):
        self.order = {
            "amount": "120.50",
            "currency": "EUR",
            "document": "AB-1",
            "channel": "online",
        }
        self.report(
            "ordered",
            key="order-1",
            buyer={"external_id": "WEBCANARY-7"},
            data={**self.order, "note": "for Xiomara"},
        )

    def sits_in_training(self):
        past = make_session(capacity=5)
        course = past.course
        now = clock.now()
        coming = make_session(
            capacity=1, course=course, day=(now + timedelta(days=9)).date()
        )
        act = seats.Act(past.starts_at - timedelta(days=2), by=self.manager)
        booked = seats.book(
            past.pk, [seats.Guest(self.buyer.pk)], act, account_id=self.buyer.account_id
        )
        seat = booked.booking.seats.get()
        came = seats.Act(
            past.starts_at,
            source=Seat.Source.STAFF,
            by=self.manager,
            reason="Xiomara was late",
        )
        seats.check_in(seat, came)
        seats.walk_in(
            past.pk,
            seats.Guest(name="Xiomara Zorrilla-Quint"),
            came,
            account_id=self.buyer.account_id,
        )
        seat.refresh_from_db()
        opinions.give(seat, past.ends_at, rating=4, answer="Xiomara liked it")
        colleague = BuyerFactory()
        staff = seats.Act(now, source=Seat.Source.STAFF, by=self.manager)
        self.coming = seats.book(
            coming.pk,
            [seats.Guest(self.buyer.pk)],
            staff,
            account_id=self.buyer.account_id,
        ).booking.seats.get()
        waiting = seats.book(
            coming.pk,
            [seats.Guest(colleague.pk)],
            staff,
            account_id=colleague.account_id,
        )
        self.waiting = waiting.booking.seats.get()
        telling.tell(now)

    def is_edited_by_staff(self):
        self.client.force_login(self.manager)
        page = reverse("admin:customers_buyer_change", args=[self.buyer.pk])
        form = self.client.get(page).context["adminform"].form
        posted = {
            name: "" if form.initial.get(name) is None else form.initial[name]
            for name in form.fields
        }
        posted |= {"phone": "+34 699 424 242 (Xiomara)", "active": "on"}
        for inline in ("permissions", "choices"):
            posted |= {f"{inline}-TOTAL_FORMS": 0, f"{inline}-INITIAL_FORMS": 0}
        response = self.client.post(page, posted)
        assert response.status_code == 302, response.context["errors"]

    def erase(self):
        page = reverse("admin:consent_privacyact_erase", args=[self.buyer.pk])
        return self.client.post(
            page,
            {"reason": "request", "leave_alone": "on", "confirmation": ADDRESS.upper()},
        )


@pytest.fixture
def canary(worker, smtp, client, settings, tmp_path, quiet):  # noqa: F811
    settings.MEDIA_ROOT = tmp_path / "media"
    canary = Canary(worker, smtp, client, settings)
    canary.is_named_by_an_event_before_we_know_her()
    canary.is_imported()
    canary.chooses()
    canary.gets_mail()
    canary.opens_her_links()
    canary.is_reported_of()
    canary.orders()
    canary.sits_in_training()
    canary.is_edited_by_staff()
    return canary


def finish():
    for act in care.unfinished():
        care.go_on(act, clock.now() + care.AFTERWARDS)


def test_she_is_found_nowhere(canary, settings):
    assert set(where()) >= MUST_HAVE_HELD_HER

    assert canary.erase().status_code == 302
    finish()

    assert where() == DECLARED
    assert files(settings.MEDIA_ROOT, settings.SPOOL_DIR) == []
    assert PrivacyAct.objects.get().finished_at
    assert not ImportPart.objects.filter(batch__file_name="customers.csv").exists()
    left = CustomerImport.objects.get(file_name="left.csv")
    assert left.state == CustomerImport.State.CANCELLED


def sums(campaign):
    """What nobody's erasure may change."""
    at = max(clock.now(), MORNING + timedelta(days=3))
    told = figures.report(Frame(at))
    bars = funnel.funnel(Frame(at).narrowed(campaign.pk), Unit.BUYER)
    of_all = Delivery.objects.order_by().values("campaign", "step")
    return {
        "figures": [
            (one.slug, str(one.unit), one.numerator.count, one.denominator.count)
            for one in told.figures
        ],
        "funnel": [(step.slug, step.reached.count) for step in bars.steps],
        "planned": sorted(map(str, of_all.annotate(number=Count("id")))),
        "sent": Delivery.objects.filter(state="sent").count(),
        "buyers": list(BuyerProgress.objects.order_by("pk").values()),
        "accounts": list(AccountProgress.objects.order_by("pk").values()),
        "months": list(ChannelMonth.objects.order_by("account_id").values()),
        "events": Event.objects.exclude(kind__in=["erased", "seat_cancelled"]).count(),
    }


def test_sums_stay_and_what_was_open_is_over(canary):
    before = sums(canary.campaign)
    assert before["funnel"][0][1]
    later = Delivery.objects.filter(buyer=canary.buyer, state="planned")
    assert later.exists()

    canary.erase()
    finish()
    react.react_to_all(clock.now())

    assert sums(canary.campaign) == before
    assert not Delivery.objects.open().filter(buyer=canary.buyer).exists()
    reasons = Delivery.objects.filter(buyer=canary.buyer, state="skipped")
    assert set(reasons.values_list("reason", flat=True)) == {"erased"}
    enrolment = Enrolment.objects.get(buyer=canary.buyer)
    assert (enrolment.state, enrolment.exit_reason) == ("exited", "erased")
    canary.coming.refresh_from_db()
    canary.waiting.refresh_from_db()
    assert canary.coming.state == Seat.State.CANCELLED
    assert canary.waiting.state in {Seat.State.OFFERED, Seat.State.BOOKED}
    assert [each for each in invariants.audit(clock.now()) if not each.holds] == []
    assert Event.objects.filter(kind="erased", buyer=canary.buyer).count() == 1


def test_late_news_brings_nothing_back(canary):
    canary.erase()
    finish()
    events = Event.objects.count()
    late = [
        ("reg:" + ADDRESS, "registered", {"email": ADDRESS}, {}, "repeated"),
        ("order-2", "ordered", {"email": ADDRESS.upper()}, "AB-2", "recorded"),
        ("order-3", "ordered", {"external_id": "WEBCANARY-7"}, "AB-3", "recorded"),
        ("order-4", "ordered", {"invitation": canary.reference}, "AB-4", "recorded"),
        (f"in:{ADDRESS}", "logged_in", {"email": ADDRESS}, {}, "recorded"),
    ]
    for key, kind, buyer, document, expected in late:
        data = {**canary.order, "document": document} if document else {}
        for repeat in (expected, "repeated"):
            taken = canary.report(kind, key=key, buyer=buyer, data=data)
            assert taken.status == repeat, (key, taken)
    gone = canary.report(
        "logged_in", key="x", account="ELSEWHERE", buyer={"email": ADDRESS}
    )
    assert gone.status == "unmatched"
    assert Event.objects.count() == events + 4
    assert not Event.objects.filter(buyer=canary.buyer, key__startswith="order-2")

    for body in (
        postmark(
            canary.sent,
            "Bounce",
            Type="HardBounce",
            ID=9,
            Details=f"5.1.1 <{ADDRESS}> no Xiomara here",
        ),
        postmark(canary.sent, "Click", OriginalLink="https://shop.example/late"),
        postmark(canary.sent, "SpamComplaint", Type="SpamComplaint", ID=7),
    ):
        Post.objects.create(provider="postmark", body=body)
    process.process(clock.now())
    assert not Post.objects.filter(state="waiting").exists()
    assert not Heard.objects.filter(kind="clicked").exists()
    assert Heard.objects.filter(kind="hard").count() == 1
    finish()

    named = {name: n for name, n in where().items() if name not in DECLARED}
    assert named == {}
    assert [each for each in invariants.audit(clock.now()) if not each.holds] == []


def test_her_links_are_dead_but_leaving_works_and_lasts(canary, settings):
    leave = links.unsubscribe(canary.buyer.uuid, canary.sent.uuid)
    visitor = Client()
    visitor.get(canary.link)
    assert visitor.get(reverse("me")).status_code == 200
    training = of_buyer(canary.buyer)

    canary.erase()
    finish()

    for page in (reverse("me"), reverse("invitations:show")):
        assert visitor.get(page).status_code == 404
    visitor.get(canary.link)
    assert visitor.get(reverse("invitations:show")).status_code == 404
    visitor.get(training)
    assert visitor.get(reverse("training:dates")).status_code == 404
    visitor.post(reverse("invitations:renew"), {"address": ADDRESS})
    assert not Delivery.objects.open().filter(buyer=canary.buyer).exists()

    Suppression.objects.update(lifted_at=clock.now(), lift_reason="for this test")
    settings.LINK_KEY_FALLBACKS = [settings.LINK_KEY]
    settings.LINK_KEY = "another-key-that-is-32-characters-long"
    choices_before = Choice.objects.count()
    path = leave.removeprefix(settings.SITE_URL)
    for _again in range(2):
        answer = visitor.post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert Choice.objects.count() == choices_before + 1
    page = visitor.get(path)
    assert page.status_code == 200
    assert "has erased your personal data" in page.content.decode()
    assert visitor.post(path, {"answer": "take_back"}).status_code == 200
    assert visitor.post(path, {"answer": "choose", "frequency": 0}).status_code == 200
    assert not Permission.objects.filter(buyer=canary.buyer).exists()

    Importing().apply(EXPORT, "back.csv")
    back = Buyer.objects.get(email=ADDRESS)
    assert back.pk != canary.buyer.pk
    assert choices.standing(back).stopped
    assert suppression.active(bytes(back.address_hash)).exists()
    assert Buyer.objects.get(pk=canary.buyer.pk).full_name == ""
