"""Training by hand: mail → page → queue → promoted → booked → moved → attended → word.

A customer and a trainer at real browsers; pictures stay in artefacts/browser/.
"""

import re
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest
import vobject
from django.urls import reverse

from accounts.customers.models import Account, Buyer
from accounts.journal import clock
from accounts.journal.models import Event
from accounts.staff.models import Role, User
from campaigns.sequences import notices, shipped
from campaigns.sequences.notices import Notice
from campaigns.sequences.sending import transports, workers
from campaigns.sequences.sending.spool import Spool
from campaigns.training import handouts, seats
from campaigns.training.models import Course, Feedback, Material, Seat, Session
from campaigns.training.telling import tell
from onboarding import mail
from tests.factories import PermissionFactory

from . import browsing
from . import world as worlds
from .browsing import Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.journey,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

LINK = re.compile(r"https?://[^\s<>\"]+(/t/[^\s<>\")\]]+)")
ZONE = ZoneInfo("Europe/Madrid")


@pytest.fixture(scope="module")
def browser():
    with browsing.started() as browser:
        yield browser


@pytest.fixture(params=[("es", 390), ("en", 1280)], ids=["es-390", "en-1280"])
def screen(request):
    return request.param


@pytest.fixture
def world(live_server, settings, monkeypatch, tmp_path, screen):
    settings.SITE_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.EMAIL_BACKEND = mail.OUTBOX
    sender = workers.Worker("sender", transports.make(), Spool(settings.SPOOL_DIR, "s"))
    world = worlds.World(screen[0], sender)
    world.at = next_morning(world.at)
    monkeypatch.setattr(clock, "now", world.now)
    yield world
    sender.close()


def next_morning(at):
    """A Tuesday at ten in Madrid: people are awake, and offers go out at once."""
    day = (at + timedelta(days=1)).astimezone(ZONE).date()
    day += timedelta(days=(1 - day.weekday()) % 7)
    return datetime.combine(day, time(10), ZONE).astimezone(UTC)


@pytest.fixture
def visitor(browser, live_server, screen):
    opened = []

    def enter(who, width=None):
        language = screen[0]
        one = Visitor(browser, live_server.url, language, width or screen[1], who)
        opened.append(one)
        return one

    yield enter
    for one in opened:
        one.close()


@pytest.fixture
def trainer(world):
    return User.objects.create_user(
        "teo@distributor.example",
        worlds.PASSWORD,
        name="Teo Trainer",
        role=Role.TRAINER,
        language=world.language,
    )


@pytest.fixture
def course(world):
    titles = {"es": "Su primer pedido en línea", "en": "Your first online order"}
    made = Course.objects.create(
        title=titles[world.language], language=world.language, topic="Tienda Ejemplo"
    )
    guide = Material.objects.create(course=made, title="PDF", kind="link")
    handouts.publish_link(guide, "https://norte.example/guide.pdf", None, world.at)
    return made


def make_session(world, course, trainer, days, **fields):
    day = (world.at + timedelta(days=days)).date()
    session = Session.objects.create(
        course=course,
        day=day,
        hour=time(10),
        kind="on_site",
        place="Calle Ejemplo 1, Sevilla",
        **fields,
    )
    session.trainers.add(trainer)
    return session


def buyer_of(world, name, email):
    account = Account.objects.create(number=name[:8], name=name, country="ES")
    buyer = Buyer.objects.create(
        account=account,
        first_name="Marta",
        last_name="Ruiz",
        email=email,
        language=world.language,
    )
    PermissionFactory(buyer=buyer)
    return buyer


def deliver(world):
    """What the dispatcher would have done by now."""
    tell(world.at)
    world.work()


def newest_to(world, buyer):
    raw = world.mails_to(buyer.email)[-1].raw
    return message_from_bytes(bytes(raw), policy=policy.default)


def follow(customer, message, name):
    html = message.get_body(("html",)).get_content()
    customer.page.goto("about:blank")  # a mail is not under our pages' policy
    customer.page.set_content(html)
    customer.page.screenshot(path=customer.folder / f"00-{name}.png", full_page=True)
    text = message.get_body(("plain",)).get_content()
    found = next(match for match in LINK.finditer(text))
    page = customer.go(found[0])
    assert found[1].split("/")[2] not in page.url, "the token has left the address"
    return page


def appointment(message):
    (file,) = [
        part
        for part in message.iter_attachments()
        if "calendar" in part["Content-Type"]
    ]
    return vobject.readOne(file.get_content())


def test_from_a_mail_to_her_word_after_the_session(
    world, visitor, trainer, course, screen
):
    marta = buyer_of(world, "Ferretería Sol SL", "marta@ferreteria.example")
    rival = buyer_of(world, "Hotel Levante SA", "lucia@levante.example")
    full = make_session(world, course, trainer, 7, capacity=1)
    other = make_session(world, course, trainer, 14, capacity=8)
    first = book(world, full, rival)
    invite(world, marta)

    customer = visitor("training")
    page = follow(customer, newest_to(world, marta), "mail")
    customer.look("dates")
    customer.press(f"a[href$='{full.uuid}/']")
    customer.look("full")
    customer.press("#book button[type=submit]")
    assert "<strong>1</strong>" in page.content()
    customer.look("waiting")
    seat = Seat.objects.get(buyer=marta)
    assert seat.state == Seat.State.WAITING

    seats.cancel(first, seats.Act(world.at, by=world.marketer))
    deliver(world)
    follow(customer, newest_to(world, marta), "offer")
    customer.look("offered")
    customer.press("#accept button[type=submit]")
    customer.look("booked")
    deliver(world)
    booked = appointment(newest_to(world, marta))
    assert booked.method.value == "REQUEST"

    page.select_option("#to", str(other.uuid))
    customer.press("#move button")
    customer.look("moved")
    deliver(world)
    moved = appointment(newest_to(world, marta))
    assert moved.vevent.uid.value == booked.vevent.uid.value
    assert int(moved.vevent.sequence.value) > int(booked.vevent.sequence.value)
    seat.refresh_from_db()
    assert seat.session == other

    world.at = other.starts_at - timedelta(minutes=5)
    door = visitor("trainer", 390)
    take_attendance(door, trainer, other)
    seat.refresh_from_db()
    assert seat.state == Seat.State.ATTENDED

    world.at = other.ends_at + timedelta(hours=1)
    customer.go(reverse("training:seat", args=[seat.uuid]))
    customer.look("attended")
    customer.press(f"a[href*='{seat.uuid}/feedback']")
    page.locator("input[name=rating][value='5']").check(force=True)
    page.fill("textarea[name=answer]", "Más ejemplos")
    page.check("input[name=barrier][value=distrust]")
    customer.look("feedback")
    customer.press("#feedback button[type=submit]")
    customer.look("thanked")
    assert Feedback.objects.get().rating == 5
    kinds = set(Event.objects.filter(buyer=marta).values_list("kind", flat=True))
    assert {"waitlisted", "booked", "attended", "trained", "feedback"} <= kinds

    world.work()
    marketing = visitor("planner")
    look_at_results(world, marketing, full, other)
    for one in (customer, door, marketing):
        assert one.complaints == []


def book(world, session, buyer):
    booked = seats.book(
        session.pk,
        [seats.Guest(buyer.pk)],
        seats.Act(world.at, by=world.marketer),
        account_id=buyer.account_id,
    )
    return booked.seats[0]


def invite(world, buyer):
    """The shipped invitation to training, as a campaign's step would send it."""
    version = shipped.version("training", "training_invitation", world.at)
    notices.plan([Notice("test.invitation", version.pk, buyer.pk, world.at)])
    deliver(world)


def take_attendance(door, trainer, session):
    page = door.go("/admin/")
    page.fill("input[name=login]", trainer.email)
    page.fill("input[name=password]", worlds.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/admin/sessions/$"))
    door.go(f"{reverse('training-staff:sessions')}?month={session.day:%Y-%m}")
    door.look("my-sessions")
    door.press(f"a[href$='/{session.pk}/door/']")
    door.look("door")
    door.press("form[action$='/check-in'] button")
    door.look("door-checked-in")


def look_at_results(world, marketing, full, other):
    marketing.log_in(world.marketer.email, worlds.PASSWORD)
    marketing.go(f"{reverse('training-staff:sessions')}?month={other.day:%Y-%m}")
    marketing.look("calendar")
    marketing.go(reverse("training-staff:session", args=[other.pk]))
    marketing.look("session")
    marketing.go(reverse("training-staff:session", args=[full.pk]))
    marketing.look("session-freed")
    for name in ("series", "reschedule", "cancel", "edit"):
        marketing.go(reverse(f"training-staff:{name}", args=[other.pk]))
        marketing.look(name)
    marketing.go(reverse("training-staff:results"))
    marketing.look("results")
    marketing.press("a[href*='list=attended']")
    marketing.look("names")
    marketing.go(reverse("training-staff:attendance", args=[other.pk]))
    marketing.look("attendance")
    marketing.go(reverse("training-staff:feed"))
    marketing.look("feed")
