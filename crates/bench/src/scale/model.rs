//! What a journal carries, and what a sale asks of it: from a few figures that are measured.

/// Behind an entry of so many commands the next waits, so that those which come meanwhile are one (`node::core::interval`).
const CROWD: f64 = 8.0;
/// From the beginning of such an entry to the next.
const PACE_S: f64 = 0.003;

/// How long an entry takes: `alone_s` for whatever is in it, and `each_s` for each command.
///
/// Clients that each wait for their answer are all in one entry: the answers to it go out together, and so their next commands come
/// together. Some come too late for it where whoever makes them shares the node's cores, and while they are few the next begins
/// without them: `late` is how often they take an entry more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Carries {
    pub(super) alone_s: f64,
    pub(super) each_s: f64,
    pub(super) late: f64,
}

impl Carries {
    /// From commands a second of one client, and of so many that an entry's own cost is hardly felt.
    pub(super) fn of(one: f64, (many, rate): (usize, f64), late: f64) -> Self {
        let (whole, many) = (1.0 / one, many as f64);
        let each_s = (many / rate - whole) / (many - 1.0);
        Self { alone_s: whole - each_s, each_s, late }
    }

    /// Commands a second of so many clients.
    pub(super) fn per_second(&self, clients: usize) -> f64 {
        let count = clients as f64;
        let takes_s = count.mul_add(self.each_s, self.alone_s);
        let late_s = if clients > 1 && count < CROWD { self.late * self.alone_s } else { 0.0 };
        let least_s = if count < CROWD { 0.0 } else { PACE_S };
        count / (takes_s + late_s).max(least_s)
    }

    /// The most, of however many clients.
    pub(super) fn most_per_second(&self) -> f64 {
        1.0 / self.each_s
    }
}

/// Nodes that share a database and the cores with it and with whoever makes the load: CPU time of a command.
///
/// Each command costs its own node what it costs alone, and each other node what it takes to follow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shared {
    /// Of one node, its database and its clients.
    pub(super) own_s: f64,
    /// Of each node more.
    pub(super) follow_s: f64,
}

impl Shared {
    /// From the CPU time of a command with one node and with two.
    pub(super) fn of(one_s: f64, two_s: f64) -> Self {
        Self { own_s: one_s, follow_s: two_s - one_s }
    }

    /// CPU time of a command with so many nodes.
    pub(super) fn cpu_s(&self, nodes: usize) -> f64 {
        (nodes as f64 - 1.0).mul_add(self.follow_s, self.own_s)
    }
}

/// What calls and people cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Costs {
    /// Seconds of a core, each until the tables have it.
    pub(super) token_s: f64,
    pub(super) poll_s: f64,
    pub(super) hold_s: f64,
    pub(super) payment_s: f64,
    /// Memory of somebody who waits.
    pub(super) waiting_bytes: f64,
    /// Storage of a command: the journal, and the tables with their history.
    pub(super) command_bytes: f64,
}

/// A sale, as its organiser knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sale {
    pub(super) people: f64,
    pub(super) seats: f64,
    /// Everybody joins in this time.
    pub(super) joining_s: f64,
    /// From the opening until the last seat is sold, which is how long the last of them waits.
    pub(super) selling_s: f64,
}

/// What it takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Needs {
    pub(super) joins_per_second: f64,
    /// While everybody joins, and while the seats are sold.
    pub(super) joining_polls: f64,
    pub(super) polls_per_second: f64,
    pub(super) purchases_per_second: f64,
    /// Cores that are busy while everybody joins, and while the seats are sold.
    pub(super) joining_cores: f64,
    pub(super) selling_cores: f64,
    pub(super) memory_bytes: f64,
    pub(super) storage_bytes: f64,
}

/// Polls until somebody's turn is there, by `http::place::polls`: an eighth of the time that is left passes between two.
pub(super) fn polls_in(wait_s: f64) -> f64 {
    if wait_s <= 8.0 { wait_s } else { 8.0 * (1.0 + (wait_s / 8.0).ln()) }
}

impl Sale {
    pub(super) fn needs(&self, costs: &Costs) -> Needs {
        // While they join they poll as rarely as anybody does; who joins early waits longest.
        const RARELY_S: f64 = 18.0;
        let joins_per_second = self.people / self.joining_s;
        // Turns are spread over the sale: the mean over all waits up to it.
        const STEPS: u32 = 1_000;
        let mean = (0..STEPS).map(|step| polls_in(self.selling_s * (f64::from(step) + 0.5) / f64::from(STEPS)));
        let polls_per_second = self.people * mean.sum::<f64>() / f64::from(STEPS) / self.selling_s;
        let purchases_per_second = self.seats / self.selling_s;
        let joining_polls = self.people / RARELY_S;
        Needs {
            joins_per_second,
            joining_polls,
            polls_per_second,
            purchases_per_second,
            joining_cores: joins_per_second.mul_add(costs.token_s, joining_polls * costs.poll_s),
            selling_cores: polls_per_second
                .mul_add(costs.poll_s, purchases_per_second * (costs.hold_s + costs.payment_s)),
            memory_bytes: self.people * costs.waiting_bytes,
            storage_bytes: 2.0_f64.mul_add(self.seats, self.people) * costs.command_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_is_made_of_comes_out_again() {
        let carries = Carries { alone_s: 0.001, each_s: 0.000_020, late: 0.0 };
        let again = Carries::of(carries.per_second(1), (1_024, carries.per_second(1_024)), 0.0);
        assert!((again.alone_s - carries.alone_s).abs() < 1e-9, "{again:?}");
        assert!((again.each_s - carries.each_s).abs() < 1e-9, "{again:?}");
    }

    #[test]
    fn few_are_held_up_by_the_disk_a_crowd_by_the_pace_and_many_by_the_core() {
        let carries = Carries { alone_s: 0.001, each_s: 0.000_020, late: 0.0 };
        assert!((Carries { late: 0.5, ..carries }.per_second(4) - 4.0 / 0.001_58).abs() < 1e-6);
        assert!((carries.per_second(4) - 4.0 / 0.001_08).abs() < 1e-6);
        assert!((carries.per_second(32) - 32.0 / PACE_S).abs() < 1e-6);
        assert!(carries.per_second(100_000) > 0.99 * carries.most_per_second());
    }

    #[test]
    fn a_node_more_follows_all() {
        let shared = Shared::of(50e-6, 58e-6);
        assert!((shared.cpu_s(1) - 50e-6).abs() < 1e-12 && (shared.cpu_s(3) - 66e-6).abs() < 1e-12);
    }

    #[test]
    fn ten_times_the_people_are_ten_times_the_polls_and_the_memory_and_the_same_purchases() {
        let costs = Costs {
            token_s: 30e-6,
            poll_s: 10e-6,
            hold_s: 30e-6,
            payment_s: 50e-6,
            waiting_bytes: 100.0,
            command_bytes: 300.0,
        };
        let sale = |people| Sale { people, seats: 50_000.0, joining_s: 300.0, selling_s: 1_800.0 }.needs(&costs);
        let (few, many) = (sale(100_000.0), sale(1_000_000.0));
        assert!((many.polls_per_second / few.polls_per_second - 10.0).abs() < 1e-9);
        assert!((many.memory_bytes - 1e8).abs() < 1.0);
        assert!((many.purchases_per_second - few.purchases_per_second).abs() < 1e-12);
        // Half an hour: between what a minute and half an hour of waiting take.
        let each = few.polls_per_second * 1_800.0 / 100_000.0;
        assert!(polls_in(60.0) < each && each < polls_in(1_800.0), "{each}");
    }
}
