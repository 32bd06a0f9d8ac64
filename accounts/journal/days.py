"""Days as people ask for them."""

from datetime import date

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

#: Between these lies every day that anything is asked for.
FIRST, LAST = date(2000, 1, 1), date(2100, 1, 1)


class Day(forms.DateField):
    """A day that somebody can mean: not the year 1, of which every month is shown."""

    default_validators = [MinValueValidator(FIRST), MaxValueValidator(LAST)]
