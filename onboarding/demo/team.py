"""The distributor's own people, its brand, and the key of its web store."""

from accounts.staff.models import Role, User
from campaigns.messages.models import Brand
from onboarding.summary import Login

COMPANY = "Suministros Alborada"
DOMAIN = "alborada.example"
PASSWORD = "alborada-demo-2026"  # noqa: S105 - printed on start; a demo has no secrets

#: (role, name, local part, sales rep code, language)
TEAM = (
    (Role.ADMINISTRATOR, "Adela Ruano", "admin", "", "es"),
    (Role.MARKETING_MANAGER, "Marina Otero", "marketing", "", "es"),
    (Role.MARKETING_EDITOR, "Elliot Page-Marsh", "editor", "", "en"),
    (Role.ANALYST, "Andrea Lima", "analyst", "", "es"),
    (Role.TRAINER, "Irene Sastre", "trainer", "", "es"),
    (Role.SALES_REP, "Julia Vidal", "jvidal", "jvidal", "es"),
    (Role.SALES_REP, "Mateo Robles", "mrobles", "mrobles", "es"),
    (Role.SALES_REP, "Kate Lynch", "klynch", "klynch", "en"),
    (Role.SALES_REP, "Tomás Galán", "tgalan", "tgalan", "es"),
)
LOGINS = (
    Role.ADMINISTRATOR,
    Role.MARKETING_MANAGER,
    Role.MARKETING_EDITOR,
    Role.ANALYST,
    Role.TRAINER,
)


def hire() -> dict[str, User]:
    """Make the team; by local part of the address."""
    return {local: _hire(*person) for person in TEAM for local in [person[2]]}


def _hire(role: Role, name: str, local: str, rep_code: str, language: str) -> User:
    return User.objects.create_user(
        f"{local}@{DOMAIN}",
        PASSWORD,
        name=name,
        role=role,
        rep_code=rep_code,
        language=language,
        phone="+34 555 010 200" if rep_code else "",
    )


def logins() -> list[Login]:
    """One log-in for each role that may enter the admin."""
    return [
        Login(str(role.label), f"{local}@{DOMAIN}", PASSWORD)
        for role, _name, local, _code, _language in TEAM
        if role in LOGINS
    ]


def found_brand() -> Brand:
    return Brand.objects.create(
        name=COMPANY,
        sender_name=COMPANY,
        sender_email=f"clientes@{DOMAIN}",
        reply_to=f"atencion@{DOMAIN}",
        postal_address=f"{COMPANY}, S.L.\nCalle del Alba 18\n28000 Madrid, España",
        colour="#0b6e4f",
        store_name="Tienda Alborada",
        is_default=True,
    )
