"""The names behind each number of the report, by the slug of the number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.customers.barriers import Barrier
from campaigns.training.models import Feedback

from . import comparison, said
from .report import LISTS, Label, of_list
from .rows import Row, read
from .scope import Scope
from .standing import Other, Standing

#: Lists of the comparison, in which each company is told with how it stood.
COMPARED: Mapping[str, Label] = {
    "compared": _("Compared: trained"),
    "compared_ordered": _("Compared: trained, and ordered within the window"),
    "like": _("Compared: like companies not trained"),
    "like_ordered": _("Compared: not trained, and ordered within the window"),
    "unlike": _("Trained, without any like company"),
    "pending": _("Trained, and its window is still open"),
}
SAID = "said"
#: Begins the slug of those who named a barrier.
STOPS = "barrier-"


@dataclass(frozen=True, slots=True)
class Company:
    """``standing`` is how it stood at that time, where it is compared."""

    account_id: int
    number: str
    name: str
    segment: str
    came_at: datetime | None
    online_first: datetime | None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """Companies or, of what was said, people: one of the two is empty."""

    slug: str
    label: Label
    companies: Sequence[Company] = ()
    words: Sequence[Feedback] = ()

    @property
    def is_of_people(self) -> bool:
        return self.slug == SAID or self.slug.startswith(STOPS)

    @property
    def rows(self) -> Sequence[Company] | Sequence[Feedback]:
        return self.words if self.is_of_people else self.companies


def find(slug: str, scope: Scope) -> Listed | None:
    """The list, of which the report shows the length; None for no such number."""
    if slug in LISTS:
        rows = of_list(slug, read(scope), scope)
        return Listed(slug, LISTS[slug][0], [_company(row) for row in rows])
    if slug in COMPARED:
        return Listed(slug, COMPARED[slug], _compared(slug, scope))
    return _said(slug, scope)


def _compared(slug: str, scope: Scope) -> list[Company]:
    rows = read(scope)
    if slug.startswith("like"):
        found = comparison.others(rows, scope.at)
        return [_other(one) for one in found if one.ordered or slug == "like"]
    groups = comparison.compare(rows, scope.at).groups
    chosen = {"unlike": groups.unlike, "pending": groups.pending}.get(
        slug, groups.compared.keys()
    )
    return [
        _company(row, groups.compared.get(row.account_id))
        for row in rows
        if row.account_id in chosen and (slug != "compared_ordered" or row.activated)
    ]


def _company(row: Row, standing: Standing | None = None) -> Company:
    return Company(
        row.account_id,
        row.number,
        row.name,
        row.segment,
        row.came_at,
        row.online_first,
        standing,
    )


def _other(one: Other) -> Company:
    return Company(
        one.account_id,
        one.number,
        one.name,
        one.standing.segment,
        None,
        one.online_first,
        one.standing,
    )


def _said(slug: str, scope: Scope) -> Listed | None:
    if slug == SAID:
        return Listed(slug, _("What they said"), words=list(said.given(scope)))
    barrier = slug.removeprefix(STOPS)
    if barrier == slug or barrier not in Barrier.values:
        return None
    words = list(said.given(scope, barrier))
    return Listed(slug, Barrier(barrier).label, words=words)
