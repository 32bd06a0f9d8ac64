"""The adoption figures as definitions: what is divided by what, and who is apart."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.adoption.flags import APART, NOTHING, Flag, Test
from campaigns.adoption.frames import Unit

Label = str | Promise

BOTH = (Unit.BUYER, Unit.ACCOUNT)


@dataclass(frozen=True, slots=True)
class Rate:
    """``done`` ÷ invited, of those for whom ``base`` is true.

    Who has not ``reached`` it counts as still possible while ``may`` holds. ``formula``
    is a sentence for each unit.
    """

    slug: str
    short: Label
    label: Label
    formula: dict[Unit, Label]
    reads_as: Label
    done: Test
    done_label: Label
    reached: Flag
    may: Flag
    base: Flag = NOTHING
    units: tuple[Unit, ...] = BOTH

    @property
    def invited(self) -> Test:
        return Test(self.base, APART)

    @property
    def possible(self) -> Test:
        return self.invited & Test(self.may, self.reached)

    @property
    def over(self) -> Test:
        """Time has run out; they still count once they do it."""
        return self.invited & Test(lacks=self.reached | self.may)

    @property
    def beyond(self) -> Test:
        """Reached it, and yet not in the numerator: ordered more than once."""
        return self.invited & Test(self.reached & ~self.done.has, self.done.has)


REGISTRATION = Rate(
    slug="rr",
    short=_("RR"),
    label=_("Registration rate"),
    formula={
        Unit.BUYER: _("buyers registered ÷ buyers invited"),
        Unit.ACCOUNT: _("accounts with a registered buyer ÷ accounts invited"),
    },
    reads_as=_("Does the invitation work, is there interest?"),
    done=Test(Flag.REGISTERED),
    done_label=_("Registered since being invited"),
    reached=Flag.REGISTERED,
    may=Flag.MAY_REGISTER,
)
ONE_TIME = Rate(
    slug="otar",
    short=_("OTAR"),
    label=_("One-time adoption rate: at least one online order"),
    formula={
        Unit.BUYER: _("buyers with at least one online order ÷ buyers invited"),
        Unit.ACCOUNT: _("accounts with at least one online order ÷ accounts invited"),
    },
    reads_as=_(
        "High here with a low adoption rate: the buying experience falls short."
    ),
    done=Test(Flag.ORDERED),
    done_label=_("With at least one online order"),
    reached=Flag.ORDERED,
    may=Flag.MAY_ORDER,
)
EXACTLY_ONCE = Rate(
    slug="once",
    short=_("OTAR = 1"),
    label=_("One-time adoption rate: exactly one online order"),
    formula={
        Unit.BUYER: _("buyers with exactly one online order ÷ buyers invited"),
        Unit.ACCOUNT: _("accounts with exactly one online order ÷ accounts invited"),
    },
    reads_as=_("Tried it once and did not come back, so far."),
    done=Test(Flag.ONCE),
    done_label=_("With exactly one online order"),
    reached=Flag.ORDERED,
    may=Flag.MAY_ORDER,
)
ADOPTION = Rate(
    slug="wsar",
    short=_("WSAR"),
    label=_("Web-store adoption rate"),
    formula={
        Unit.BUYER: _("buyers who order online regularly ÷ buyers invited"),
        Unit.ACCOUNT: _("accounts that order online regularly ÷ accounts invited"),
    },
    reads_as=_("The overall figure."),
    done=Test(Flag.REGULAR),
    done_label=_("Ordering online regularly"),
    reached=Flag.REGULAR,
    may=Flag.MAY_BE_REGULAR,
)
KEY_ACCOUNTS = Rate(
    slug="kaar",
    short=_("KAAR"),
    label=_("Key-account adoption rate"),
    formula={
        Unit.ACCOUNT: _("key accounts with an online order ÷ key accounts invited")
    },
    reads_as=_("For companies that live from few accounts."),
    done=Test(Flag.ORDERED),
    done_label=_("Key accounts with an online order"),
    reached=Flag.ORDERED,
    may=Flag.MAY_ORDER,
    base=Flag.KEY,
    units=(Unit.ACCOUNT,),
)
RATES = (REGISTRATION, ONE_TIME, EXACTLY_ONCE, ADOPTION, KEY_ACCOUNTS)

#: The guide divides key accounts by buyers; shown beside ours, under its own name.
GUIDE_SLUG = "kaar-guide"
GUIDE_LABEL = _("Key-account adoption rate, guide’s formula")
GUIDE_FORMULA = _("key accounts with an online order ÷ all buyers invited")


@dataclass(frozen=True, slots=True)
class Named:
    """A set of people or companies that has a number and a list of names."""

    slug: str
    label: Label
    test: Test


INVITED = Named("invited", _("Invited"), Test(lacks=APART))
BEFORE = Named(
    "before",
    _("In the store before being invited"),
    Test(Flag.BEFORE, Flag.INELIGIBLE),
)
INELIGIBLE = Named("ineligible", _("May not order online"), Test(Flag.INELIGIBLE))

#: Where the invited stand, each at the furthest stage reached.
STAGES = (
    INVITED,
    Named("in-store", _("Registered"), INVITED.test & Test(Flag.IN_STORE)),
    Named("ordered", _("First online order"), INVITED.test & Test(Flag.ORDERED)),
    Named("repeat", _("Ordered again"), INVITED.test & Test(Flag.REPEAT)),
    Named("regular", _("Regular"), INVITED.test & Test(Flag.REPEAT | Flag.REGULAR)),
)


@cache
def lists() -> dict[str, Named]:
    """Every list of names of the rates by its slug."""
    fixed = (*STAGES, BEFORE, INELIGIBLE)
    return {named.slug: named for named in (*fixed, *_of_rates())}


def _of_rates() -> Iterator[Named]:
    for rate in RATES:
        invited = _("Key accounts invited") if rate.base else INVITED.label
        yield Named(f"{rate.slug}.invited", invited, rate.invited)
        yield Named(f"{rate.slug}.done", rate.done_label, rate.invited & rate.done)
        yield Named(f"{rate.slug}.possible", _("Still possible"), rate.possible)
        yield Named(f"{rate.slug}.over", _("Time has run out"), rate.over)
    yield Named("once.beyond", _("More than one online order"), EXACTLY_ONCE.beyond)
