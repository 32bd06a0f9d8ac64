import json
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.journal import clock, invariants
from accounts.journal.invariants import Finding


class Command(BaseCommand):
    help = "Checks the invariants on the live database; fails when one is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = invariants.audit(clock.now())
        if options["json"]:
            self.stdout.write(json.dumps([_as_dict(one) for one in findings]))
        else:
            for finding in findings:
                self.stdout.write(self._line(finding))
        broken = [one.invariant.code for one in findings if not one.holds]
        if broken:
            raise CommandError(f"Broken: {', '.join(sorted(set(broken)))}.")

    def _line(self, finding: Finding) -> str:
        one, broken = finding.invariant, finding.broken
        if finding.holds:
            return self.style.SUCCESS(f"holds   {one.code:4} {one.sentence}")
        text = f"BROKEN  {one.code:4} {one.sentence} {broken.count} cases, such as "
        return self.style.ERROR(text + _enumerate(broken.examples))


def _enumerate(examples: Sequence[str]) -> str:
    return "; ".join(examples) + "."


def _as_dict(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.invariant.code,
        "sentence": finding.invariant.sentence,
        "holds": finding.holds,
        "count": finding.broken.count,
        "examples": list(finding.broken.examples),
    }
