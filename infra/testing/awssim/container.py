"""One container of a task: a process group, with the methods of docker's Container that ministack calls."""
from __future__ import annotations

import os
import signal
import subprocess
import time


class Container:
    def __init__(self, container_id: str, name: str, task, folder: str):
        self.id, self.name, self.task, self.folder = container_id, name, task, folder
        self.status, self.exit_code, self.health = "created", None, None
        self.process: subprocess.Popen | None = None
        self.env: dict[str, str] = {}
        self.on_remove = lambda: None
        self.log = folder + ".log"

    @property
    def attrs(self) -> dict:
        return {"NetworkSettings": {"Networks": {"awsvpc": {"IPAddress": self.task.interface.private}}}}

    def start(self, argv: list[str], env: dict[str, str], cwd: str) -> None:
        self.env = env
        with open(self.log, "ab", buffering=0) as log:
            self.process = subprocess.Popen(self.task.interface.command(argv), stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, env=env, cwd=cwd, start_new_session=True)
        self.status = "running"

    def reload(self) -> None:
        if self.process and self.exit_code is None and self.process.poll() is not None:
            code = self.process.returncode
            self.exit_code = code if code >= 0 else 128 - code
            self.status = "exited"

    def wait(self, **_) -> dict:
        self.process.wait()
        self.reload()
        return {"StatusCode": self.exit_code}

    def logs(self, stream: bool = False, **_):
        if stream:
            return self._follow()
        with open(self.log, "rb") as f:
            return f.read()[-4096:]

    def _follow(self):
        with open(self.log, "rb") as f:
            while True:
                ended = self.process.poll() is not None  # before the read: what came until then is read below
                block = f.read(65536)
                if block:
                    yield block
                elif ended:
                    return
                else:
                    time.sleep(0.1)

    def stop(self, timeout: float = 30) -> None:
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
        self.reload()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        self.process.wait()
        self.reload()

    def remove(self, **_) -> None:
        self.stop(2)
        root = os.path.join(self.folder, "root")
        if os.path.ismount(root):
            subprocess.run(["umount", "-l", root], capture_output=True, check=False)
        self.on_remove()

    def _signal(self, number: int) -> None:
        if self.process.poll() is None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                pass
