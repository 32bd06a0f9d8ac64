"""The parts of the product as the supervisor starts them, each with its own log."""

import urllib.error
import urllib.request

import psutil
from django.conf import settings

from onboarding.bundled import ports, processes
from onboarding.supervisor import parts


class House:
    """The parts as the supervisor starts them, and what they say."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment
        port, self.running = ports.find_free(), {}
        self.known = parts.list_parts(
            settings.BASE_DIR, host="127.0.0.1", port=port, threads=4
        )
        self.address = f"http://127.0.0.1:{port}"

    def start(self, *names):
        for part in self.known:
            if part.name in names:
                with self._log(part.name).open("ab") as log:
                    self.running[part.name] = processes.spawn(
                        part.command, env=self.environment, output=log
                    )

    def heard(self, name, words):
        return self._log(name).read_text().count(words)

    def ask(self, path, posted=None):
        """(status, words) of a page; (0, "") where nobody answers."""
        url = self.address + path
        try:
            with urllib.request.urlopen(url, posted, timeout=10) as page:
                return page.status, page.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def is_ready(self):
        """Every part but `jobs` shows that it lives."""
        return self.ask("/readyz")[0] == 200

    def spent(self):
        """Seconds of a processor, of all parts and their children."""
        return sum(cpu(process.pid) for process in self.running.values())

    def are_alive(self):
        return all(process.poll() is None for process in self.running.values())

    def end(self):
        for process in self.running.values():
            processes.stop(process)

    def _log(self, name):
        return self.folder / f"{name}.log"


def cpu(pid):
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(sum(one.cpu_times()[:2]) for one in family)
