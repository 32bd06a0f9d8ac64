"""What an account was, and who or what said so, in words for people."""

from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.staff.models import User

from .models import AccountFact

#: The first word of `AccountFact.source`; what follows a colon says which one.
_SOURCES: dict[str, Promise] = {
    "import": gettext_lazy("File imported"),
    "undo": gettext_lazy("Import undone"),
    "api": gettext_lazy("Store or ERP"),
    "rep": gettext_lazy("Code given to a colleague"),
    "dates": gettext_lazy("Its dates"),
}


def with_names(facts: QuerySet[AccountFact]) -> QuerySet[AccountFact]:
    """The same facts, with the names of the users whom they mention."""
    users = User.objects.annotate(text=Cast("pk", CharField()))
    by = users.annotate(said=Concat(Value("user:"), "text"))
    return facts.annotate(
        rep_name=Subquery(users.filter(text=OuterRef("value")).values("name")[:1]),
        by_name=Subquery(by.filter(said=OuterRef("source")).values("name")[:1]),
    )


def value(fact: AccountFact) -> str:
    """The fact's value; needs `with_names` for a sales rep's name."""
    if fact.kind == AccountFact.Kind.REP:
        return str(getattr(fact, "rep_name", None) or _("a former colleague"))
    if fact.kind == AccountFact.Kind.SEGMENT:
        return fact.value
    return str(_("yes") if fact.value == "yes" else _("no"))


def source(fact: AccountFact) -> str:
    """Who or what said so; empty where nobody knows."""
    if by := getattr(fact, "by_name", None):
        return str(by)
    word = fact.source.partition(":")[0]
    return str(_SOURCES.get(word, ""))
