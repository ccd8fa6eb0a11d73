"""Ends Lambda processes from outside, as AWS does when it reclaims an environment."""
from __future__ import annotations

from ministack.core import lambda_runtime


def kill(function: str) -> int:
    """Kills the running processes of a function, and waits until they are gone; returns how many there were.

    ministack gives a call to a process that it does not know to be dead, and then answers 502.
    """
    killed = 0
    with lambda_runtime._lock:
        workers = [w for pool in lambda_runtime._workers.values() for w in pool]
    for worker in workers:
        process = worker._proc
        if worker.func_name == function and process is not None and process.poll() is None:
            process.kill()
            process.wait()
            killed += 1
    return killed
