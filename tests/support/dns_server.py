"""A name server of our own on loopback, which knows what a test tells it."""

import socketserver
import threading
from collections import Counter
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class Zone:
    """``records``: (name, kind) → the records' text; silent names are not answered."""

    def __init__(self):
        self.records, self.silent, self.asked = {}, set(), Counter()
        self.port = 0

    def add(self, name, kind, *texts):
        self.records.setdefault((name, kind), []).extend(texts)

    def answer(self, question):
        asked = question.question[0]
        name = asked.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(asked.rdtype)
        self.asked[name, kind] += 1
        if name in self.silent or "*" in self.silent:
            return None
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        if texts := self.records.get((name, kind)):
            answer.answer.append(
                dns.rrset.from_text(asked.name, 60, "IN", kind, *texts)
            )
        elif not any(known == name for known, _kind in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer


class _Handler(socketserver.BaseRequestHandler):
    def handle(self):
        data, socket = self.request
        answer = self.server.zone.answer(dns.message.from_wire(data))
        if answer is not None:
            socket.sendto(answer.to_wire(), self.client_address)


@contextmanager
def running():
    zone = Zone()
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), _Handler) as server:
        server.zone, zone.port = zone, server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield zone
        finally:
            server.shutdown()
            thread.join()
