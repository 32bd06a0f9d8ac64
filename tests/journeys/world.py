"""An installation for browsers: its people, its messages, and its machinery."""

from datetime import datetime, timedelta

from django.db.models import Max

from accounts.customers import lifecycle as imports
from accounts.journal import clock, react
from accounts.staff import keys
from accounts.staff.models import Role, User
from campaigns.messages.models import Brand, OutboxMail
from campaigns.sequences import arming
from campaigns.sequences.models import Enrolment
from campaigns.sequences.sending import advance
from campaigns.sequences.sending.deliver import deliver

PASSWORD = "correct horse battery"
#: The sixth line cannot be taken: its address is none.
EXPORT = """\
Customer No;Company;Country;City;Key account;First name;Last name;E-mail;Language
1001;Ferretería Sol SL;Spain;Sevilla;yes;Marta;Ruiz;marta@ferreteria.example;es
1001;Ferretería Sol SL;Spain;Sevilla;yes;Iñaki;Peña;inaki@ferreteria.example;es
1002;Hotel Levante SA;Spain;Alicante;no;Lucía;Gómez;lucia@levante.example;es
1003;Harbour Supplies Ltd;United Kingdom;Hull;no;Emma;Brown;emma@harbour.example;en
1004;Northgate Ltd;United Kingdom;Leeds;yes;John;Smith;john@northgate.example;en
1005;Taller Río SL;Spain;Huelva;no;Luis;Mora;not an address;es
1006;Bolton & Sons;United Kingdom;Bolton;no;Ann;Bolton;ann@bolton.example;en
"""


class World:
    """Dispatcher and worker in one: `work` does what they would have done by then."""

    def __init__(self, language: str, worker) -> None:
        self.at: datetime = clock.now()
        self.language, self.worker = language, worker
        self.marketer = User.objects.create_user(
            "marta@distributor.example",
            PASSWORD,
            name="Marta Marketing",
            role=Role.MARKETING_MANAGER,
            language=language,
        )
        Brand.objects.create(
            name="Distribuciones Ejemplo",
            sender_name="Distribuciones Ejemplo",
            sender_email="tienda@distributor.example",
            postal_address="Calle Ejemplo 1, 41001 Sevilla",
            store_name="Tienda Ejemplo",
            is_default=True,
        )
        arming.arm(self.marketer, self.at)
        self.key = keys.issue("Store", "store", ["events"]).secret

    def now(self) -> datetime:
        return self.at

    def work(self) -> None:
        for batch in imports.waiting():
            imports.run(batch, clock.now)
        react.react_to_all(self.at)
        while advance.advance(self.at):
            pass
        while deliver(self.at, worker=self.worker).claimed:
            pass
        # Sending took a while; nobody answers before she got it.
        self.at += timedelta(minutes=1)

    def wait_for_mail(self) -> None:
        """Until the next message is due in every zone, and a minute more."""
        due = Enrolment.objects.filter(state="active").aggregate(due=Max("due_at"))
        self.at = due["due"] + timedelta(minutes=1)
        self.work()

    def mails_to(self, address: str) -> list[OutboxMail]:
        return list(OutboxMail.objects.filter(recipient=address).order_by("id"))
