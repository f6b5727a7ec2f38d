"""etcd, PostgreSQL under Patroni, HAProxy or PgBouncer before it, and nodes of onsale: on loopback, in a directory of the drill's own."""

import base64
import contextlib
import functools
import json
import os
import pathlib
import re
import secrets
import shutil
import subprocess
import sys
import threading
import time
import urllib.request

from machine import CONTINUE, KILL, NOBODY, STOP, Failed, Process, Way, family, free_ports, has_port, send_all, until

TOP = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = TOP / "deploy" / "patroni"
# Longer than `loop_wait` in deploy/patroni/patroni.yml.
SETTLED = 7
# Program, and the Debian package that has it.
NEEDED = {
    "patroni": "patroni", "etcd": "etcd-server", "haproxy": "haproxy", "pgbouncer": "pgbouncer", "setpriv": "util-linux",
}
NODES, MEMBERS = 3, 3


def bin_dir():
    """Where the newest PostgreSQL has its programs: Debian keeps them out of the path."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    beside = shutil.which("postgres")
    return pathlib.Path(beside).parent if beside else None


def missing_packages():
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    missing = {package for program, package in NEEDED.items() if not shutil.which(program, path=path)}
    if not bin_dir():
        missing.add("postgresql")
    # Debian's Patroni speaks to etcd and PostgreSQL with these, and only suggests them.
    for module, package in (("psycopg2", "python3-psycopg2"), ("etcd", "python3-etcd")):
        if subprocess.run(["/usr/bin/python3", "-c", f"import {module}"], capture_output=True, check=False).returncode:
            missing.add(package)
    return sorted(missing)


@functools.cache
def etcd_api():
    """Which of etcd's interfaces Patroni is to use, as its settings are named. Before 3.0.3 it takes the leader's key from whoever has it by now,
    by the third one, where it stood still for longer than its time lasts."""
    said = subprocess.run(["patroni", "--version"], capture_output=True, text=True, check=True).stdout
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:3])
    return "ETCD3" if version >= (3, 0, 3) else "ETCD"


class Member:
    """One machine with PostgreSQL and Patroni."""

    def __init__(self, number, directory, etcd_port, secret):
        self.name = f"pg{number}"
        self.home = directory / self.name
        self.home.mkdir()
        self.port, self.rest_port = free_ports(2)
        # Its ways: to etcd; from the other members; from the nodes and their load balancer.
        self.etcd = Way(etcd_port)
        self.peers, self.peers_rest = Way(self.port), Way(self.rest_port)
        self.clients, self.clients_rest = Way(self.port), Way(self.rest_port)
        self.secret = secret
        configuration = (DEPLOY / "patroni.yml").read_text().replace("/var/run/postgresql", str(self.home))
        (self.home / "patroni.yml").write_text(configuration)
        if os.geteuid() == 0:
            for path in (self.home, self.home / "patroni.yml"):
                os.chown(path, NOBODY, NOBODY)
        self.home.chmod(0o700)
        environment = {
            "HOME": str(self.home),
            "PATRONI_NAME": self.name,
            "PATRONI_RESTAPI_LISTEN": f"127.0.0.1:{self.rest_port}",
            "PATRONI_RESTAPI_CONNECT_ADDRESS": f"127.0.0.1:{self.peers_rest.port}",
            "PATRONI_POSTGRESQL_LISTEN": f"127.0.0.1:{self.port}",
            "PATRONI_POSTGRESQL_CONNECT_ADDRESS": f"127.0.0.1:{self.peers.port}",
            "PATRONI_POSTGRESQL_DATA_DIR": str(self.home / "data"),
            "PATRONI_POSTGRESQL_BIN_DIR": str(bin_dir()),
            "PATRONI_POSTGRESQL_PGPASS": str(self.home / "pgpass"),
            f"PATRONI_{etcd_api()}_HOSTS": f"'127.0.0.1:{self.etcd.port}'",
            # Else it asks etcd where else it is, and goes there past the proxy.
            f"PATRONI_{etcd_api()}_USE_PROXIES": "on",
            "PATRONI_SUPERUSER_USERNAME": "postgres",
            "PATRONI_SUPERUSER_PASSWORD": secret,
            "PATRONI_REPLICATION_USERNAME": "replicator",
            "PATRONI_REPLICATION_PASSWORD": secret,
            "PATRONI_RESTAPI_USERNAME": "patroni",
            "PATRONI_RESTAPI_PASSWORD": secret,
        }
        words = ["patroni", self.home / "patroni.yml"]
        self.process = Process(self.name, words, directory, environment)
        # Patroni makes its log where it is started, and `directory` is the caller's.
        self.process.directory = self.home

    def roots(self):
        """Patroni and PostgreSQL, which is none of its children."""
        roots = [self.process.child.pid]
        with contextlib.suppress(OSError, ValueError, IndexError):
            roots.append(int((self.home / "data" / "postmaster.pid").read_text().splitlines()[0]))
        return roots

    def kill(self):
        send_all(self.roots(), KILL)
        self.process.child.wait()

    def pause(self):
        send_all(self.roots(), STOP)

    def go_on(self):
        send_all(self.roots(), CONTINUE)

    def has_connection_from(self, port):
        return has_port(family(self.roots()), port)

    def ask(self, path, body=None, method=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.rest_port}{path}", method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            token = base64.b64encode(f"patroni:{self.secret}".encode()).decode()
            request.add_header("Authorization", f"Basic {token}")
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30 if body is not None else 3) as answer:
            return answer.read().decode()

    def sql(self, statement, database="postgres", user="postgres", patience=15):
        """What a statement prints, and what the server has to say beside it."""
        url = f"postgres://{user}:{self.secret}@127.0.0.1:{self.port}/{database}"
        words = [bin_dir() / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement]
        environment = {**os.environ, "PGCONNECT_TIMEOUT": "3"}
        done = subprocess.run(words, capture_output=True, text=True, timeout=patience, env=environment, check=False)
        if done.returncode:
            raise OSError(done.stderr.strip())
        return done.stdout.strip(), done.stderr.strip()


class Cluster:
    def __init__(self, directory, program, way, is_synchronous, admin_key):
        self.directory, self.program, self.way, self.admin_key = directory, program, way, admin_key
        self.is_synchronous, self.is_stopping = is_synchronous, False
        self.secret = secrets.token_hex(16)
        self.others, self.nodes, self.members, self.exits = [], [], [], []

    def start(self):
        directory = self.directory
        client, peer = free_ports(2)
        home = directory / "etcd"
        home.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(home, NOBODY, NOBODY)
        local = "http://127.0.0.1"
        # One member: that etcd itself survives is its own affair. In production there are three, on three machines.
        self.others.append(Process("etcd", [
            "etcd", "--data-dir", home / "data", "--listen-client-urls", f"{local}:{client}",
            "--advertise-client-urls", f"{local}:{client}", "--listen-peer-urls", f"{local}:{peer}",
            "--initial-advertise-peer-urls", f"{local}:{peer}", "--initial-cluster", f"default={local}:{peer}",
            "--logger", "zap", *(["--enable-v2"] if etcd_api() == "ETCD" else []),
        ], directory).start())
        until("etcd answers", lambda: urllib.request.urlopen(f"{local}:{client}/health", timeout=2).status == 200)
        self.members = [Member(number, directory, client, self.secret) for number in range(1, MEMBERS + 1)]
        for member in self.members:
            member.process.start()
        until("three members, one of them the leader", self.is_whole, 180)
        if not self.is_synchronous:
            self.leader().ask("/config", {"synchronous_mode": False, "synchronous_mode_strict": False}, "PATCH")
            until("no commit waits for a standby", self.is_whole)
        leader = self.leader()
        leader.sql(f"create role onsale login password '{self.secret}'")
        leader.sql("create database onsale owner onsale")
        leader.sql("create table drill (at timestamptz default now())")
        self.url = self._url()
        # A node that does not reach its database at its start ends, and is started again.
        threading.Thread(target=self.watch_nodes, daemon=True).start()
        for number, port in enumerate(free_ports(NODES)):
            environment = {"ONSALE_STORE__URL": self.url, "ONSALE_ADMIN__KEY": self.admin_key}
            words = [self.program, "serve", "--listen", f"127.0.0.1:{port}"]
            for setting in ("queue.active_limit=8", "access.users=open", "access.charge=open", "wallet.charge_limit=1000000"):
                words += ["--set", setting]
            node = Process(f"node{number + 1}", words, directory, environment, unprivileged=False)
            node.port = port
            self.nodes.append(node.start())
            until(f"{node.name} is ready", lambda at=port: self.is_ready(at), 180)
        self.exits.clear()

    def _url(self):
        hosts = ",".join(f"127.0.0.1:{member.clients.port}" for member in self.members)
        if self.way != "hosts":
            hosts = f"127.0.0.1:{self._haproxy()}"
        if self.way == "pgbouncer":
            hosts = f"127.0.0.1:{self._pgbouncer(hosts)}"
        return f"postgres://onsale:{self.secret}@{hosts}/onsale?sslmode=disable"

    def _haproxy(self):
        [port] = free_ports(1)
        text = (DEPLOY / "haproxy.cfg").read_text().replace("127.0.0.1:5000", f"127.0.0.1:{port}")
        for member, address in zip(self.members, ("10.0.0.11", "10.0.0.12", "10.0.0.13"), strict=True):
            old, new = f"{address}:5432 check port 8008", f"127.0.0.1:{member.clients.port} check port {member.clients_rest.port}"
            if old not in text:
                raise Failed(f"deploy/patroni/haproxy.cfg does not name {old}")
            text = text.replace(old, new)
        path = self.directory / "haproxy.cfg"
        path.write_text(text)
        self.others.append(Process("haproxy", [shutil.which("haproxy") or "/usr/sbin/haproxy", "-db", "-f", path], self.directory).start())
        return port

    def _pgbouncer(self, server):
        [port] = free_ports(1)
        host, _, server_port = server.partition(":")
        path, users = self.directory / "pgbouncer.ini", self.directory / "users.txt"
        text = (DEPLOY / "pgbouncer.ini").read_text()
        for old, new in (
            ("host=127.0.0.1 port=5000", f"host={host} port={server_port}"), ("listen_port = 6432", f"listen_port = {port}"),
            ("/etc/pgbouncer/userlist.txt", str(users)),
        ):
            if old not in text:
                raise Failed(f"deploy/patroni/pgbouncer.ini does not say {old}")
            text = text.replace(old, new)
        path.write_text(text)
        users.write_text(f'"onsale" "{self.secret}"\n')
        program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
        self.others.append(Process("pgbouncer", [program, path], self.directory).start())
        return port

    def is_ready(self, port, path="/readyz"):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=3) as answer:
            return answer.status == 200

    def view(self):
        """What Patroni says of its members, by the first that answers."""
        for member in self.members:
            with contextlib.suppress(OSError, ValueError):
                return json.loads(member.ask("/cluster"))["members"]
        return []

    def is_whole(self):
        """Whether there is one leader, all others follow it on its timeline, and a commit waits for one of them, if any should."""
        seen = self.view()
        roles = sorted(one["role"] for one in seen)
        wanted = ["leader", "replica", "sync_standby"] if self.is_synchronous else ["leader", "replica", "replica"]
        states = all(one["state"] in ("running", "streaming") for one in seen)
        return roles == wanted and states and len({one.get("timeline") for one in seen}) == 1

    def settle(self):
        """Waits until it is whole, and stays so for as long as Patroni may take to think otherwise: while it gives the standby's task to another, no standby may
        lead, and writes wait for a leader that is lost just then to come back."""
        since, roles = None, None
        def is_settled():
            nonlocal since, roles
            seen = sorted((one["name"], one["role"]) for one in self.view()) if self.is_whole() else None
            if seen is None or seen != roles:
                since, roles = time.monotonic(), seen
            return roles is not None and time.monotonic() - since > SETTLED
        until("the cluster is whole again", is_settled, 180)

    def named(self, role):
        names = [one["name"] for one in self.view() if one["role"] == role]
        return next((member for member in self.members if member.name in names), None)

    def leader(self):
        return until("there is a leader", lambda: self.named("leader"))

    def cut_off(self, member, from_nodes):
        """Nobody hears anything from a member, nor the member from anybody; the nodes may, unless it is to be cut off from them too."""
        ways = [member.etcd, member.peers, member.peers_rest]
        for way in ways + ([member.clients, member.clients_rest] if from_nodes else []):
            way.cut()
        for other in self.members:
            if other is not member:
                for way in (other.peers, other.peers_rest):
                    way.cut(member.has_connection_from)

    def heal(self):
        for member in self.members:
            for way in (member.etcd, member.peers, member.peers_rest, member.clients, member.clients_rest):
                way.heal()

    def watch_nodes(self):
        """Starts nodes again that have ended, as systemd does, and notes what they said."""
        while not self.is_stopping:
            for node in list(self.nodes):
                if node.ended() and not self.is_stopping:
                    self.exits.append(f"{node.name} ended by itself ({node.child.returncode}):\n{node.last_words()}")
                    time.sleep(1)
                    node.start()
            time.sleep(0.3)

    def run(self, *words):
        environment = {**os.environ, "ONSALE_STORE__URL": self.url}
        done = subprocess.run([self.program, *words], capture_output=True, text=True, env=environment, check=False)
        return done.returncode, done.stdout, done.stderr

    def stop(self):
        self.is_stopping = True
        for node in self.nodes:
            node.stop()
        for member in self.members:
            if member.process.child:
                member.go_on()
                member.kill()
        for other in reversed(self.others):
            other.stop()


def program():
    """The onsale that was built here last, unless another is named."""
    built = TOP / "target" / "release" / "onsale"
    named = os.environ.get("ONSALE", str(built))
    if not os.access(named, os.X_OK):
        sys.exit(f"{named} is not there: cargo build --release, or name the program in ONSALE")
    return named
