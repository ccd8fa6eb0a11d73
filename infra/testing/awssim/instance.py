"""One stand-in among several on a machine: its number, its folder, and what dead ones left behind."""
from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import tempfile

PREFIX = "awssim-"
NUMBERS = range(1, 120)


class Instance:
    """A number that no other living stand-in of this network namespace has, and a folder of its own.

    The number names addresses, bridges and namespaces. It is held as an abstract Unix socket: the kernel frees it
    when we die, and its scope is the network namespace, as that of the things that it names.
    """

    def __init__(self):
        for folder in dead_folders():
            sweep_folder(folder)
        self.number, self._socket = claim_number()
        self.folder = tempfile.mkdtemp(prefix=PREFIX)
        self._lock = open(os.path.join(self.folder, "lock"), "w", encoding="utf-8")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def close(self) -> None:
        sweep_folder(self.folder)
        self._lock.close()
        self._socket.close()


def claim_number() -> tuple[int, socket.socket]:
    for number in NUMBERS:
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            claim.bind(f"\0bbf-awssim-{number}")
            return number, claim
        except OSError:
            claim.close()
    raise SystemExit("awssim: too many stand-ins run on this machine")


def is_alive(number: int) -> bool:
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        claim.bind(f"\0bbf-awssim-{number}")
        return False
    except OSError:
        return True
    finally:
        claim.close()


def dead_folders() -> list[str]:
    """Folders of stand-ins that ended without cleaning up: nobody holds their lock."""
    found = []
    for name in os.listdir(tempfile.gettempdir()):
        lock = os.path.join(tempfile.gettempdir(), name, "lock")
        if not name.startswith(PREFIX):
            continue
        try:
            with open(lock, "w", encoding="utf-8") as f:
                fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
                found.append(os.path.dirname(lock))
        except OSError:
            continue
    return found


def sweep_folder(folder: str) -> None:
    """Ends the processes, mounts and files of a stand-in."""
    for pid in processes_of(folder):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    for mount in mounts_below(folder):
        subprocess.run(["umount", "-l", mount], capture_output=True, check=False)
    shutil.rmtree(folder, ignore_errors=True)


def processes_of(folder: str) -> list[int]:
    mark = f"AWSSIM_STATE={folder}".encode()
    found = []
    for name in os.listdir("/proc") if os.path.isdir("/proc") else []:
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as f:
                if mark in f.read().split(b"\0"):
                    found.append(int(name))
        except OSError:
            continue
    return found


def mounts_below(folder: str) -> list[str]:
    try:
        with open("/proc/mounts", encoding="utf-8") as f:
            points = [line.split(" ")[1] for line in f]
    except OSError:
        return []
    return sorted((p for p in points if p.startswith(folder + "/")), key=len, reverse=True)
