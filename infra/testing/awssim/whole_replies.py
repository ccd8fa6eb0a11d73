"""The head of a reply leaves together with the body.

The SDK for Go closes a request's body when it sees the head of the reply. If that is before net/http has looked for the
body's end, which happens with a server as near as this one, net/http drops the connection: a reply that has arrived by
then is read all the same, for another one the SDK makes the call again, though it was carried out.
"""
from __future__ import annotations

import h11
from hypercorn.events import RawData
from hypercorn.protocol.h11 import H11Protocol


async def send_event(self, event) -> None:
    try:
        data = self.connection.send(event)
    except h11.LocalProtocolError:
        if self.connection.their_state != h11.ERROR:
            raise
        return
    self.awssim_head = getattr(self, "awssim_head", b"") + (data or b"")
    if not isinstance(event, h11.Response):
        data, self.awssim_head = self.awssim_head, b""
        await self.send(RawData(data=data))


def install() -> None:
    H11Protocol._send_h11_event = send_event
