import asyncio
import unittest
from types import SimpleNamespace

import h11

from awssim.whole_replies import send_event


class Replies(unittest.TestCase):
    def test_head_and_body_are_one(self):
        sent = []

        async def send(event):
            sent.append(event.data)

        server = h11.Connection(h11.SERVER)
        server.receive_data(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        server.next_event()
        protocol = SimpleNamespace(connection=server, send=send)
        for event in (h11.Response(status_code=200, headers=[("content-length", "4")]), h11.Data(data=b"body"),
                      h11.EndOfMessage()):
            asyncio.run(send_event(protocol, event))
        self.assertTrue(sent[0].startswith(b"HTTP/1.1 200 ") and sent[0].endswith(b"\r\n\r\nbody"), sent)
        self.assertEqual([b""], sent[1:])
