"""Starts one stand-in and cleans up after it."""
from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import sys
import threading

from . import docker_client
from .images import Images
from .instance import Instance
from .network import Loopback
from .settings import Settings


def main() -> None:
    settings = Settings.from_environment()
    instance = Instance()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", settings.port))
    port = listener.getsockname()[1]
    settings.tell_ministack(port, instance.folder)
    network = make_network(settings, instance.number, port)
    images = Images(settings, port, os.path.join(instance.folder, "images"))
    docker = docker_client.Docker(settings, images, network, instance.folder)
    docker_client.install(docker)
    try:
        serve(install(settings, docker), [listener, *network.listeners()], settings, port)
    finally:
        docker.close()
        network.close()
        instance.close()


def make_network(settings: Settings, number: int, port: int):
    if settings.network == "netns":
        from .namespaces import Namespaces

        return Namespaces(number)
    return Loopback(number, port)


def install(settings: Settings, docker):
    """Imports ministack, which reads its environment as it loads, mends it, and returns the application."""
    from ministack import app

    from . import (bucket_owner, change_sets, cloudformation, ecs_tasks, event_rules, function_url, iam_arns,
                   oidc_provider, quotas_and_prices, request_log, sessions, simulation, task, task_role, web_identity,
                   whole_replies)
    from .control import Control

    for module in (request_log, sessions, task, task_role, iam_arns, function_url, event_rules, bucket_owner,
                   change_sets, oidc_provider, web_identity, simulation, whole_replies):
        module.install()
    ecs_tasks.install(docker)
    cloudformation.install(settings)
    quotas_and_prices.install(settings)
    return Control(app.app)


def serve(application, listeners: list[socket.socket], settings: Settings, port: int) -> None:
    """Until SIGTERM or SIGINT, which hypercorn waits for, or the end of standard input."""
    from hypercorn.asyncio import serve as hypercorn
    from hypercorn.config import Config

    logging.getLogger("hypercorn.access").disabled = True
    config = Config()
    config.bind = [f"fd://{listener.fileno()}" for listener in listeners]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.5
    if settings.info_file:
        with open(settings.info_file + ".part", "w", encoding="utf-8") as f:
            json.dump({"port": port, "pid": os.getpid()}, f)
        os.rename(settings.info_file + ".part", settings.info_file)

    async def until_told():
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        if settings.follow_stdin:
            def follow():
                sys.stdin.buffer.read()
                loop.call_soon_threadsafe(stop.set)
            threading.Thread(target=follow, daemon=True).start()
        await hypercorn(application, config, shutdown_trigger=stop.wait)

    asyncio.run(until_told())


if __name__ == "__main__":
    main()
