"""Ends Lambda processes from outside, as AWS does when it reclaims an environment."""
from __future__ import annotations

from ministack.core import lambda_runtime


def kill(function: str) -> int:
    """Kills the running processes of a function; returns how many there were."""
    killed = 0
    with lambda_runtime._lock:
        workers = [w for pool in lambda_runtime._workers.values() for w in pool]
    for worker in workers:
        process = worker._proc
        if worker.func_name == function and process is not None and process.poll() is None:
            process.kill()
            killed += 1
    return killed
