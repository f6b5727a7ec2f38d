"""What is done to the cluster, and how it is mended."""

import contextlib
import json
import subprocess
import time
import urllib.error

from machine import Failed, until

# How long a leader that stands still or is cut off stays so after another was found.
LINGER = 3
# As deploy/patroni/patroni.yml has it.
TTL = 20
# Writes that have to be acknowledged for a failure to count as over.
ENOUGH = 40


def leader_killed(cluster, notes):
    """PostgreSQL and Patroni of the leader end at once, as with their machine."""
    leader = cluster.leader()
    leader.kill()
    yield leader.name
    leader.process.start()


def leader_paused(cluster, notes):
    """The leader's machine stands still, and goes on when another leads: it must not go on as a leader."""
    leader = cluster.leader()
    leader.pause()
    yield leader.name
    time.sleep(LINGER)
    leader.go_on()
    insist_not_leading(cluster, notes, leader)


def leader_partitioned(cluster, notes):
    """The leader reaches nobody, and nobody reaches the leader."""
    leader = cluster.leader()
    cluster.cut_off(leader, from_nodes=True)
    yield leader.name
    insist_not_leading(cluster, notes, leader)
    cluster.heal()


def leader_isolated(cluster, notes):
    """The leader reaches neither etcd nor the other members; the nodes still reach the leader."""
    leader = cluster.leader()
    cluster.cut_off(leader, from_nodes=False)
    yield leader.name
    insist_not_leading(cluster, notes, leader)
    cluster.heal()


def patroni_paused(cluster, notes):
    """Patroni stands still on the leader, and its PostgreSQL goes on: nobody demotes it."""
    leader = cluster.leader()
    subprocess.run(["kill", "-STOP", str(leader.process.child.pid)], check=True)
    yield leader.name
    # It leads with every right until its time is over.
    until("another member leads", lambda: cluster.named("leader") not in (None, leader))
    done = notes.done
    until("writes go on there", lambda: notes.done >= done + ENOUGH, 180)
    # It takes itself for the primary still; what it acknowledges now would be lost.
    insist_commits_nothing(cluster, notes, leader)
    subprocess.run(["kill", "-CONT", str(leader.process.child.pid)], check=True)
    insist_not_leading(cluster, notes, leader)


def etcd_paused(cluster, notes):
    """etcd says nothing for longer than a leader's time lasts."""
    etcd = cluster.others[0].child.pid
    subprocess.run(["kill", "-STOP", str(etcd)], check=True)
    try:
        yield "etcd"
        time.sleep(TTL + LINGER)
    finally:
        subprocess.run(["kill", "-CONT", str(etcd)], check=True)


def standby_killed(cluster, notes):
    """The standby for which commits wait ends."""
    standby = until("there is a synchronous standby", lambda: cluster.named("sync_standby" if cluster.is_synchronous else "replica"))
    standby.kill()
    yield standby.name
    standby.process.start()


def switchover(cluster, notes):
    """An operator has the synchronous standby lead."""
    leader = cluster.leader()
    other = until("there is a standby", lambda: cluster.named("sync_standby" if cluster.is_synchronous else "replica"))
    try:
        leader.ask("/switchover", {"leader": leader.name, "candidate": other.name})
    except urllib.error.HTTPError as error:
        raise Failed(f"the switchover was refused: {error.read().decode()}") from error
    yield f"{leader.name}→{other.name}"


def insist_commits_nothing(cluster, notes, leader):
    """Where commits wait for a standby, one at a leader that was replaced must wait for ever."""
    if not cluster.is_synchronous:
        return
    try:
        # What is cancelled is committed there and acknowledged to nobody who knows what the warning says.
        _, said = leader.sql("set statement_timeout = 3000; insert into drill default values", patience=15)
    except (OSError, subprocess.SubprocessError):
        return
    if "synchronous replication" not in said:
        notes.finding(f"{leader.name} was replaced, and acknowledged a commit: {said!r}")


def insist_not_leading(cluster, notes, leader):
    """Until it knows that it is a leader no more, it must acknowledge nothing; and that must be soon."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(OSError, subprocess.SubprocessError, ValueError):
            if leader.sql("select pg_is_in_recovery()", patience=5)[0] == "t":
                return
            insist_commits_nothing(cluster, notes, leader)
        with contextlib.suppress(OSError, ValueError):
            if json.loads(leader.ask("/patroni"))["role"] not in ("master", "primary", "leader"):
                return
        time.sleep(0.2)
    notes.finding(f"{leader.name} was replaced, and leads still a minute later")


KINDS = {
    "leader-killed": leader_killed,
    "leader-paused": leader_paused,
    "leader-partitioned": leader_partitioned,
    "leader-isolated": leader_isolated,
    "patroni-paused": patroni_paused,
    "standby-killed": standby_killed,
    "etcd-paused": etcd_paused,
    "switchover": switchover,
}
