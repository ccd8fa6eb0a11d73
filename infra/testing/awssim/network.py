"""Where tasks live when no isolation is wanted: an address of 127/8 each, in the network of this process."""
from __future__ import annotations

import itertools
from dataclasses import dataclass


@dataclass(frozen=True)
class Interface:
    """What a task got: addresses, and the namespace to run its processes in."""

    private: str
    public: str | None
    namespace: str | None = None

    def command(self, argv: list[str]) -> list[str]:
        return ["ip", "netns", "exec", self.namespace, *argv] if self.namespace else argv


class Loopback:
    """127.<100 + number>.x.y, so that two stand-ins never give the same address."""

    def __init__(self, number: int, port: int):
        self.endpoint = f"http://127.0.0.1:{port}"
        self.metadata = "127.0.0.1"
        self._addresses = (f"127.{100 + number}.{i // 250}.{i % 250 + 1}" for i in itertools.count())

    def listeners(self) -> list:
        return []

    def attach(self, task_id: str, cidr: str, public: bool) -> Interface:
        address = next(self._addresses)
        return Interface(address, address if public else None)

    def detach(self, interface: Interface) -> None:
        pass

    def close(self) -> None:
        pass
