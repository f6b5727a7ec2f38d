"""A real server with the demo's catalog, and a connection to it that can be cut."""

import re
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from onsale import Onsale, Shop

TOP = Path(__file__).parents[3]
ADMIN_KEY = "an-admin-key-for-tests-0123456789"


class Server:
    def __init__(self, data: Path, **settings: str | int) -> None:
        self._data = data
        named = {"admin.key": ADMIN_KEY} | {name.replace("__", "."): value for name, value in settings.items()}
        self._flags = [part for name, value in named.items() for part in ("--set", f"{name}={value}")]
        self.url = "http://127.0.0.1:0"
        self.start()

    def start(self) -> None:
        """Starts it: again where it was, if it was."""
        program = TOP / "target/release/onsale"
        listen = self.url.removeprefix("http://")
        command = [str(program), "serve", "--demo", "--listen", listen, "--data", str(self._data), *self._flags]
        with (self._data.parent / f"{self._data.name}.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := re.search(r"listening on (\S+)", line):
                self.url = found[1]
                # What it says later is read, so that it never waits for somebody to do so.
                threading.Thread(target=self._process.stdout.read, daemon=True).start()
                return
        raise AssertionError("the server ended: " + Path(log.name).read_text())

    def pause(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


class Line:
    """Can be cut where it hurts: when the server has answered, and nobody has heard it."""

    def __init__(self, far: str) -> None:
        host, port = far.removeprefix("http://").split(":")
        self._far = (host, int(port))
        self._lost: bytes | None = None
        self.losses = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_next_answer_to(self, path: str) -> None:
        self._lost = path.encode()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        asked = b""
        with near, socket.create_connection(self._far) as far:
            while True:
                for ready in select.select([near, far], [], [])[0]:
                    part = ready.recv(65536)
                    if not part:
                        return
                    if ready is near:
                        asked += part
                        far.sendall(part)
                    elif self._lost is not None and self._lost in asked:
                        self._lost = None
                        self.losses += 1
                        return
                    else:
                        near.sendall(part)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    # Four writes at once are enough for a purchase: whoever makes more is told to wait a second.
    server = Server(
        tmp_path_factory.mktemp("server") / "data",
        rate__user_per_minute=60,
        rate__user_burst=4,
        http__streams_max=1,
        queue__waiting_ttl="3s",
    )
    yield server
    server.kill()


@pytest.fixture
def onsale(server: Server) -> Iterator[Onsale]:
    with Onsale(server.url) as onsale:
        yield onsale


@pytest.fixture
def shop(server: Server) -> Iterator[Shop]:
    with Shop(server.url, ADMIN_KEY) as shop:
        yield shop


@pytest.fixture
def line(server: Server) -> Iterator[Line]:
    line = Line(server.url)
    yield line
    line.close()
