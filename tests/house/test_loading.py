"""What a process need not carry along for days, it does not load."""

import os
import subprocess
import sys

#: Tens of MiB, or half a second, each; who needs one loads it then.
HEAVY = ("boto3", "dns", "holidays", "openpyxl", "django.test.runner", "vobject")
LOADED = f"""
import sys, django
django.setup()
from django.urls import reverse
from campaigns.sequences import tasks
reverse("admin:index")
print(*sorted(set(sys.modules) & set({HEAVY!r})))
"""


def loaded(before=""):
    run = [sys.executable, "-c", LOADED.replace("print(", f"{before}\nprint(")]
    done = subprocess.run(
        run, check=True, capture_output=True, text=True, env=os.environ
    )
    return done.stdout.split()


def test_a_sender_and_the_pages_load_nothing_heavy():
    assert loaded() == []


def test_who_looks_would_see_it():
    view = "from campaigns.feedback.providers import PROVIDERS"
    assert loaded(f"{view}; PROVIDERS['amazon_ses'].view(inbound=False)") == ["boto3"]
