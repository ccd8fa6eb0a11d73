"""Tasks with a network of their own: one network namespace a task, all on one bridge. Needs root.

    host ── veth 198.19.N.1 ──┐
                              bridge in the namespace awssim-N ── 169.254.170.2 (metadata, credentials, the API)
    task ── eth0 ─────────────┘
    eth0: the address from the subnet, and a public one out of 198.18.N.0/24

N is the instance's number. The bridge is in a namespace of its own, so that two stand-ins may use the same
subnets, and both the link-local address. Everything is on one link and found by ARP: nothing is routed or forwarded,
which would want a writable /proc/sys. 198.18.0.0/15 is for tests (RFC 2544).
"""
from __future__ import annotations

import ctypes
import ipaddress
import itertools
import os
import re
import socket
import subprocess
import threading

from .instance import is_alive
from .network import Interface

METADATA = "169.254.170.2"
CLONE_NEWNET = 0x40000000


def ip(*args: str, check: bool = True) -> str:
    done = subprocess.run(["ip", *args], capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(args)}: {done.stderr.strip()}")
    return done.stdout


class Namespaces:
    def __init__(self, number: int):
        sweep()
        self.endpoint = f"http://{METADATA}"
        self.metadata = METADATA
        self.name = f"awssim-{number}"
        self._host_end = f"awssim{number}"
        self._public = ipaddress.ip_network(f"198.18.{number}.0/24")
        self._lock, self._used = threading.Lock(), set()
        self.close()  # of one that had our number, and was killed
        ip("netns", "add", self.name)
        ip("-n", self.name, "link", "set", "lo", "up")
        ip("-n", self.name, "link", "add", "tasks", "type", "bridge")
        ip("-n", self.name, "addr", "add", f"{METADATA}/32", "dev", "tasks")
        ip("-n", self.name, "link", "set", "tasks", "up")
        ip("-n", self.name, "route", "add", "default", "dev", "tasks")
        ip("link", "add", self._host_end, "type", "veth", "peer", "name", "host", "netns", self.name)
        ip("-n", self.name, "link", "set", "host", "master", "tasks", "up")
        ip("addr", "add", f"198.19.{number}.1/32", "dev", self._host_end)
        ip("link", "set", self._host_end, "up")
        ip("route", "add", str(self._public), "dev", self._host_end, "src", f"198.19.{number}.1")

    def listeners(self) -> list[socket.socket]:
        """The socket that tasks reach: port 80 of the link-local address, inside the namespace."""
        return [listen_in(self.name, METADATA, 80)]

    def attach(self, task_id: str, cidr: str, public: bool) -> Interface:
        subnet = ipaddress.ip_network(cidr)
        private = self._take(subnet)
        extra = self._take(self._public) if public else None
        name, veth = f"{self.name}-{task_id[:8]}", f"t{task_id[:8]}"
        ip("netns", "add", name)
        ip("-n", self.name, "link", "add", veth, "type", "veth", "peer", "name", "eth0", "netns", name)
        ip("-n", self.name, "link", "set", veth, "master", "tasks", "up")
        ip("-n", name, "link", "set", "lo", "up")
        ip("-n", name, "addr", "add", f"{private}/{subnet.prefixlen}", "dev", "eth0")
        if extra:
            ip("-n", name, "addr", "add", f"{extra}/32", "dev", "eth0")
        ip("-n", name, "link", "set", "eth0", "up")
        ip("-n", name, "route", "add", "default", "dev", "eth0", "src", private)
        return Interface(private, extra, name)

    def detach(self, interface: Interface) -> None:
        remove(interface.namespace)
        with self._lock:
            self._used -= {interface.private, interface.public}

    def close(self) -> None:
        ip("link", "del", self._host_end, check=False)
        for name in of_instance(self.name):
            remove(name)

    def _take(self, net) -> str:
        """The first free address; AWS keeps the first ones of each subnet for itself."""
        with self._lock:
            free = next(str(a) for a in itertools.islice(net.hosts(), 9, None) if str(a) not in self._used)
            self._used.add(free)
            return free


def existing() -> list[str]:
    return [line.split()[0] for line in ip("netns", "list", check=False).splitlines() if line.strip()]


def of_instance(name: str) -> list[str]:
    return [n for n in existing() if n == name or n.startswith(name + "-")]


def remove(name: str) -> None:
    """The kernel ends it later, in its own time: delete a link to the host first, if the name is needed again."""
    ip("netns", "del", name, check=False)


def sweep() -> None:
    """Removes the namespaces of stand-ins that are dead."""
    for name in existing():
        match = re.match(r"awssim-(\d+)(-|$)", name)
        if match and not is_alive(int(match[1])):
            remove(name)


def listen_in(namespace: str, address: str, port: int) -> socket.socket:
    """A socket keeps the namespace that it was made in, so a thread that visits it is enough."""
    made = []

    def visit():
        with open(f"/run/netns/{namespace}", "rb") as f:
            if ctypes.CDLL(None, use_errno=True).setns(f.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind((address, port))
        made.append(listener)

    thread = threading.Thread(target=visit)
    thread.start()
    thread.join()
    if not made:
        raise RuntimeError(f"cannot listen on {address}:{port} in {namespace}")
    return made[0]
