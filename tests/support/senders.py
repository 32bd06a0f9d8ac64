"""Senders as processes, forked from one that has loaded everything: in an instant.

``python -m tests.support.senders`` forks a "dispatcher" or a "worker" for each such
line on its standard input, and answers with its process id. As Celery's own prefork
does, a worker runs the task again and again in a child.
"""

import os
import signal
import sys
import time

import django


def main() -> None:
    django.setup()
    from campaigns.sequences import tasks
    from campaigns.sequences.sending import transports
    from campaigns.sequences.sending.dispatcher import Dispatcher

    def dispatch() -> None:
        Dispatcher().run()

    def work() -> None:
        while True:
            tasks.send()
            time.sleep(0.05)

    transports.make()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    answer("ready")
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            os.setsid()
            (dispatch if line.strip() == "dispatcher" else work)()
            os._exit(0)
        answer(str(pid))


def answer(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
