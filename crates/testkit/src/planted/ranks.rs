//! Who waits, by arrival, and how many wait before somebody: a Fenwick tree of ones and zeros.

/// Marks on indices from 0, with ranks in logarithmic time.
#[derive(Debug)]
pub(super) struct Ranks {
    /// Node `i` (from 1) counts the marks of the `i & -i` indices that end with `i - 1`.
    sums: Vec<u32>,
    total: u32,
}

impl Ranks {
    pub(super) fn new() -> Self {
        Self { sums: vec![0], total: 0 }
    }

    pub(super) fn total(&self) -> u32 {
        self.total
    }

    /// Adds the next index, marked.
    pub(super) fn push_marked(&mut self) {
        let node = self.sums.len();
        let below = node - (node & node.wrapping_neg());
        let sum = self.before(node - 1) - self.before(below);
        self.sums.push(sum + 1);
        self.total += 1;
    }

    /// Takes a mark away.
    pub(super) fn unmark(&mut self, index: usize) {
        let mut node = index + 1;
        while node < self.sums.len() {
            self.sums[node] -= 1;
            node += node & node.wrapping_neg();
        }
        self.total -= 1;
    }

    /// How many indices below this one are marked.
    pub(super) fn before(&self, index: usize) -> u32 {
        let (mut node, mut sum) = (index, 0);
        while node > 0 {
            sum += self.sums[node];
            node &= node - 1;
        }
        sum
    }

    /// The index of the mark with so many marks before it.
    pub(super) fn nth(&self, marks_before: u32) -> Option<usize> {
        if marks_before >= self.total {
            return None;
        }
        let (mut node, mut left) = (0, marks_before);
        let mut step = self.sums.len().next_power_of_two();
        while step > 0 {
            let next = node + step;
            if next < self.sums.len() && self.sums[next] <= left {
                left -= self.sums[next];
                node = next;
            }
            step /= 2;
        }
        Some(node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_a_plain_list() {
        let (mut ranks, mut plain) = (Ranks::new(), Vec::new());
        for round in 0..300_usize {
            ranks.push_marked();
            plain.push(true);
            let gone = round * 7 % (round + 1);
            if plain[gone] && round % 3 != 0 {
                ranks.unmark(gone);
                plain[gone] = false;
            }
            let marked: Vec<usize> = (0..plain.len()).filter(|&index| plain[index]).collect();
            assert_eq!(ranks.total() as usize, marked.len());
            for (rank, &index) in marked.iter().enumerate() {
                let rank = u32::try_from(rank).unwrap();
                assert_eq!((ranks.before(index), ranks.nth(rank)), (rank, Some(index)));
            }
            assert_eq!(ranks.nth(ranks.total()), None);
        }
    }
}
