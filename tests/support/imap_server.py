"""A mailbox on loopback that speaks as much IMAP as a reader of bounces needs."""

import re
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field

_LITERAL = re.compile(r"BODY\.PEEK\[(HEADER)?\](?:<0\.(\d+)>)?")


@dataclass
class Mailbox:
    """``mails`` by UID; ``commands`` is everything that was asked."""

    mails: dict[int, bytes] = field(default_factory=dict)
    validity: int = 1
    password: str = "secret"
    commands: list[str] = field(default_factory=list)
    broken: bool = False
    port: int = 0

    def add(self, mail):
        self.mails[max(self.mails, default=0) + 1] = mail


@contextmanager
def running():
    mailbox = Mailbox()
    handler = type("Handler", (_Handler,), {"mailbox": mailbox})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        mailbox.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield mailbox
        server.shutdown()
        thread.join()


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("* OK ready")
        while line := self.rfile.readline():
            tag, _, command = line.decode().strip().partition(" ")
            self.mailbox.commands.append(command)
            if self.mailbox.broken and command.startswith("UID FETCH"):
                return
            self._answer(tag, command)

    def _answer(self, tag, command):
        word = command.split()[0].upper()
        if word == "CAPABILITY":
            self._say("* CAPABILITY IMAP4rev1")
        elif word == "LOGIN" and self.mailbox.password not in command:
            self._say(f"{tag} NO wrong password")
            return
        elif word in {"EXAMINE", "SELECT"}:
            self._say(f"* {len(self.mailbox.mails)} EXISTS")
            self._say(f"* OK [UIDVALIDITY {self.mailbox.validity}] given")
        elif word == "UID":
            self._uid(command.split(maxsplit=2))
        self._say(f"{tag} OK done")

    def _uid(self, command):
        _uid, what, rest = command
        if what == "SEARCH":
            first = re.search(r"UID (\d+):\*", rest)
            last = max(self.mailbox.mails, default=0)
            least = min(int(first[1]), last) if first else 1
            found = [str(uid) for uid in self.mailbox.mails if uid >= least]
            self._say(" ".join(["* SEARCH", *found]))
            return
        for uid in map(int, rest.split()[0].split(",")):
            self._fetch(uid, rest)

    def _fetch(self, uid, asked):
        header, most = _LITERAL.search(asked).groups()
        mail = self.mailbox.mails[uid]
        part = mail.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if header else mail
        part = part[: int(most)] if most else part
        name = "BODY[HEADER]" if header else "BODY[]<0>"
        self.wfile.write(
            f"* {uid} FETCH (UID {uid} {name} {{{len(part)}}}\r\n".encode()
        )
        self.wfile.write(part + b")\r\n")

    def _say(self, line):
        self.wfile.write(line.encode() + b"\r\n")
