"""Processes, ports, and ways between them that can be cut."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

NOBODY = 65534


class Failed(Exception):
    """The drill cannot go on, and why."""


def free_ports(count):
    """Ports that were free a moment ago, all different."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def until(what, look, seconds=90):
    """Looks again and again until `look` gives something, and gives that."""
    left, before = float(seconds), time.monotonic()
    while True:
        try:
            seen = look()
        except (OSError, ValueError, subprocess.SubprocessError):
            seen = None
        if seen:
            return seen
        if left < 0:
            raise Failed(f"waited {seconds} s in vain: {what}")
        time.sleep(0.2)
        # A drill that stood still itself has not waited.
        now = time.monotonic()
        left, before = left - min(now - before, 10), now


class Process:
    """A program that runs, with a log; its children go with it."""

    def __init__(self, name, words, directory, environment=None, unprivileged=True):
        # PostgreSQL refuses to run as root.
        if unprivileged and os.geteuid() == 0:
            words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *words]
        self.name, self.words = name, [str(word) for word in words]
        self.log = pathlib.Path(directory) / f"{name}.log"
        self.directory, self.environment = directory, {**os.environ, **(environment or {})}
        self.child = None

    def start(self):
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                self.words, cwd=self.directory, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )
        return self

    def ended(self):
        return self.child is not None and self.child.poll() is not None

    def stop(self, patience=20):
        if self.child is None or self.ended():
            return
        self.child.terminate()
        try:
            self.child.wait(patience)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def last_words(self, count=6):
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"    {line}" for line in lines[-count:])


def family(roots):
    """The processes with these ids and all that descend from them."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                # The name is in parentheses and may have any character in it.
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found = {root for root in roots if root in parents}
    while True:
        more = {child for child, parent in parents.items() if parent in found} - found
        if not more:
            return found
        found |= more


def send_all(roots, number):
    """Sends a signal to all of a family, and to those who were born meanwhile."""
    reached = set()
    while True:
        new = family(roots) - reached
        if not new:
            return reached
        for one in new:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, number)
        reached |= new


def has_port(pids, port):
    """Whether one of these processes has a TCP connection of this machine's that begins at `port`."""
    inodes = set()
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if int(words[1].partition(":")[2], 16) == port:
            inodes.add(f"socket:[{words[9]}]")
    for pid in pids:
        with contextlib.suppress(OSError):
            for descriptor in os.scandir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    if os.readlink(descriptor.path) in inodes:
                        return True
    return False


class Way:
    """A TCP proxy to a port of this machine. Cut, it passes nothing on and ends nothing, as a network that is gone."""

    def __init__(self, port):
        self.target = port
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.connections = set()
        # Whose connections are cut: told by the port where they begin.
        self.is_cut_for = lambda port: False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, is_cut_for=lambda port: True):
        """For all, or for those who come from some ports."""
        self.is_cut_for = is_cut_for
        with self.lock:
            connections = list(self.connections)
        for connection in connections:
            if is_cut_for(connection.source):
                connection.passes.clear()

    def heal(self):
        """What was silent is ended, as by a machine that has forgotten it; new connections pass."""
        self.is_cut_for = lambda port: False
        with self.lock:
            silent = [connection for connection in self.connections if not connection.passes.is_set()]
        for connection in silent:
            connection.end()

    def _accept(self):
        while True:
            try:
                client, (_, source) = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client, source), daemon=True).start()

    def _serve(self, client, source):
        connection = Connection(client, source)
        with self.lock:
            self.connections.add(connection)
        if self.is_cut_for(source):
            connection.passes.clear()
        connection.serve(self.target)
        with self.lock:
            self.connections.discard(connection)


class Connection:
    """What goes through a way, in both directions."""

    def __init__(self, client, source):
        self.source, self.sockets, self.is_over = source, [client], False
        self.passes = threading.Event()
        self.passes.set()

    def serve(self, port):
        # Whoever comes while the way is cut hears nothing, and is gone when it heals.
        self.passes.wait()
        try:
            if self.is_over:
                return
            self.sockets.append(socket.create_connection(("127.0.0.1", port), 2))
            for one in self.sockets:
                one.settimeout(None)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client, server = self.sockets
            back = threading.Thread(target=self._pass, args=(server, client), daemon=True)
            back.start()
            self._pass(client, server)
            back.join()
        except OSError:
            pass
        finally:
            for one in self.sockets:
                one.close()

    def end(self):
        self.is_over = True
        for one in self.sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self.passes.set()

    def _pass(self, source, sink):
        try:
            while data := source.recv(1 << 16):
                # What arrives at a cut way is held, and lost with its connection.
                self.passes.wait()
                if self.is_over:
                    break
                sink.sendall(data)
        except OSError:
            pass
        self.passes.wait()
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


KILL, STOP, CONTINUE = signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT
