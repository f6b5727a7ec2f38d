//! A draw, step by step as it is written down for everybody.

use onsale_domain::queue::{Order, Phase, State};
use onsale_domain::reply::{Outcome, Refusal, Reply};
use sha2::{Digest, Sha256};

use super::{Line, Model};
use onsale_domain::ids::QueueId;

#[derive(Clone, Debug)]
pub(crate) struct Draw {
    seed: [u8; 32],
    beacon: Option<String>,
    /// The first that takes part, once the pre-queue has begun.
    first: Option<usize>,
    /// Of those who take part the numbers, the times of joining and the tiers.
    joins: Vec<(u32, u64, Option<u8>)>,
    /// Once it is drawn: who has which place.
    order: Option<Vec<usize>>,
}

fn sha(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}

impl Draw {
    fn key(&self) -> [u8; 32] {
        let mut chain = sha(&[&self.seed]);
        for (number, at, tier) in &self.joins {
            let tier: Vec<u8> = tier.iter().copied().collect();
            chain = sha(&[&chain, &number.to_be_bytes(), &at.to_be_bytes(), &tier]);
        }
        sha(&[b"onsale-draw-1", &self.seed, &chain, self.beacon.as_deref().unwrap_or_default().as_bytes()])
    }

    /// Everybody's place, from 0, in order of joining: tier by tier, those who have none, and the surplus of networks last.
    fn places(&self) -> Vec<usize> {
        let mut places = vec![0; self.joins.len()];
        let mut before = 0;
        for tier in (1..=9).map(Some).chain([None, Some(10)]) {
            let members: Vec<_> = (0..places.len()).filter(|&nth| self.joins[nth].2 == tier).collect();
            for (&nth, place) in members.iter().zip(self.drawn(tier, members.len())) {
                places[nth] = before + place;
            }
            before += members.len();
        }
        places
    }

    /// The places of so many who have this tier, among themselves.
    fn drawn(&self, tier: Option<u8>, n: usize) -> Vec<usize> {
        let key = tier.map_or(self.key(), |tier| sha(&[&self.key(), &[tier]]));
        let squares = n.max(256);
        let a = (1..).find(|a| a * a >= squares).expect("there is a root");
        let b = squares.div_ceil(a);
        let added = |round: u32, at: usize| {
            let block = sha(&[&key, &round.to_be_bytes(), &(at as u32 / 8).to_be_bytes()]);
            let word = &block[at % 8 * 4..][..4];
            u32::from_be_bytes(word.try_into().expect("four bytes")) as usize
        };
        let step = |x: usize| {
            let (mut l, mut r) = (x % a, x / a);
            for round in (0..10).step_by(2) {
                l = (l + added(round, r)) % a;
                r = (r + added(round + 1, l)) % b;
            }
            r * a + l
        };
        (0..n)
            .map(|x| core::iter::successors(Some(step(x)), |&y| Some(step(y))).find(|&y| y < n).expect("it ends"))
            .collect()
    }
}

impl Line {
    /// Where tickets stand: in order of joining, but for those that were drawn.
    pub(super) fn place(&self, number: usize) -> usize {
        let drawn = self.draw.as_ref().and_then(|draw| Some((draw.first?, draw.order.as_ref()?)));
        let tiered = || self.tiered.as_ref().and_then(|tiered| Some((tiered.first, tiered.order.as_ref()?)));
        match drawn.or_else(tiered) {
            Some((first, order)) if number >= first && number - first < order.len() => first + order[number - first],
            _ => number,
        }
    }

    pub(super) fn set_order(&mut self, order: Order) -> Outcome {
        let is_to_come = self.draw.as_ref().is_some_and(|draw| draw.order.is_none());
        let is_so = match order {
            Order::Fifo => self.draw.is_none(),
            Order::Draw { .. } => is_to_come,
        };
        if is_so {
            return Ok(Reply::Done);
        }
        let waits = |state| matches!(state, State::Waiting | State::Absent { .. } | State::Returned { .. });
        if self.tickets.iter().any(|ticket| waits(ticket.state)) {
            return Err(Refusal::QueueInUse);
        }
        self.draw = match order {
            Order::Fifo => None,
            Order::Draw { seed } => Some(Draw { seed, beacon: None, first: None, joins: Vec::new(), order: None }),
        };
        self.tiered = None;
        self.networks.clear();
        self.begin_draw();
        self.begin_tiers();
        Ok(Reply::Done)
    }

    pub(super) fn set_beacon(&mut self, beacon: &str) -> Outcome {
        match &mut self.draw {
            Some(draw) if draw.order.is_none() => match draw.beacon {
                _ if beacon.is_empty() => Err(Refusal::SettingInvalid("beacon")),
                Some(_) => Err(Refusal::BeaconGiven),
                None => {
                    draw.beacon = Some(beacon.to_owned());
                    Ok(Reply::Done)
                }
            },
            _ => Err(Refusal::DrawMissing),
        }
    }

    pub(super) fn begin_draw(&mut self) {
        let (next, phase) = (self.tickets.len(), self.phase);
        if let Some(draw) = &mut self.draw {
            if phase == Phase::Prequeue && draw.order.is_none() {
                draw.first.get_or_insert(next);
            }
            if phase == Phase::Open && draw.order.is_none() && draw.first.is_some() {
                draw.order = Some(draw.places());
            }
        }
    }

    /// Somebody comes from a network, and is surplus where as many as have places came from it before.
    pub(super) fn count_network(&mut self, network: u64) -> Option<u8> {
        let places = self.settings.network_places?;
        let draw = self.draw.as_ref()?;
        if draw.first.is_none() || draw.order.is_some() {
            return None;
        }
        let before = self.networks.iter().filter(|other| **other == network).count();
        self.networks.push(network);
        (before >= places as usize).then_some(10)
    }

    /// A queue that opens without a pre-queue has drawn nobody's place.
    pub(super) fn open_draw(&mut self) {
        self.networks.clear();
        let next = self.tickets.len();
        if let Some(draw) = &mut self.draw {
            draw.first.get_or_insert(next);
        }
        self.begin_draw();
    }

    pub(super) fn join_draw(&mut self, (number, tier): (usize, Option<u8>), at: u64) {
        if let Some(draw) = &mut self.draw
            && draw.first.is_some()
            && draw.order.is_none()
        {
            draw.joins.push((number as u32, at, tier));
        }
    }
}

impl Model {
    pub(super) fn set_order(&mut self, queue: QueueId, order: Order) -> Outcome {
        self.line(queue)?.set_order(order)
    }

    pub(super) fn set_beacon(&mut self, queue: QueueId, beacon: &str) -> Outcome {
        self.line(queue)?.set_beacon(beacon)
    }
}
