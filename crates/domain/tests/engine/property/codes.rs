//! What may happen to codes.

use onsale_domain::codes::{CampaignRules, CodeDigest};
use onsale_domain::command::{Command, Entrant, Entry};
use onsale_domain::ids::{CampaignId, KeyId, QueueId, UserId};
use onsale_domain::time::Time;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

/// Codes are numbers from 1; there are few, so that people want the same.
#[derive(Clone, Debug)]
pub(super) enum Coded {
    Join {
        user: u64,
        queue: u16,
        /// As if hashed with several keys.
        codes: Vec<u8>,
    },
    /// With an entry token, too.
    Enter {
        user: u64,
        queue: u16,
        code: u8,
        tier: Option<u8>,
    },
    Campaign {
        name: &'static str,
        queue: u16,
        from: Option<i64>,
        until: Option<i64>,
        rules: CampaignRules,
    },
    Add {
        campaign: u16,
        first: u32,
        codes: Vec<u8>,
    },
}

pub(super) fn with_code() -> impl Strategy<Value = Coded> {
    let (user, queue) = (1..7_u64, prop_oneof![8 => Just(0_u16), 2 => Just(1), 1 => 2..4_u16]);
    let code = || prop_oneof![8 => 1..4_u8, 1 => 4..7_u8];
    let tier = weighted(0.3, 1..4_u8);
    prop_oneof![
        4 => (user.clone(), queue.clone(), vec(code(), 1..3))
            .prop_map(|(user, queue, codes)| Coded::Join { user, queue, codes }),
        1 => (user, queue, code(), tier).prop_map(|(user, queue, code, tier)| Coded::Enter { user, queue, code, tier }),
    ]
}

pub(super) fn campaign() -> impl Strategy<Value = Coded> {
    let name = prop_oneof![6 => Just("fans"), 3 => Just("sponsors"), 1 => Just("")];
    let moment = || weighted(0.3, -200..800_i64);
    let (tier, seats) = (weighted(0.5, prop_oneof![9 => 1..4_u8, 1 => Just(0)]), weighted(0.4, 0..4_u32));
    let rules = (tier, seats, 0..4_u32, prop::bool::weighted(0.3), prop::bool::weighted(0.1)).prop_map(
        |(tier, seats, uses, required, stopped)| CampaignRules {
            from: None,
            until: None,
            tier,
            seats,
            uses,
            required,
            stopped,
        },
    );
    let add = (0..3_u16, 0..5_u32, vec(1..7_u8, 0..4));
    prop_oneof![
        2 => (name, prop_oneof![8 => Just(0_u16), 1 => 1..4_u16], moment(), moment(), rules)
            .prop_map(|(name, queue, from, until, rules)| Coded::Campaign { name, queue, from, until, rules }),
        2 => add.prop_map(|(campaign, first, codes)| Coded::Add { campaign, first, codes }),
    ]
}

impl Coded {
    /// Whether an operator does it.
    pub(super) fn is_lever(&self) -> bool {
        matches!(self, Self::Campaign { .. } | Self::Add { .. })
    }

    pub(super) fn command(&self, now: u64) -> Command {
        let key = KeyId(1);
        match self {
            Self::Join { user, queue, codes } => {
                let code = codes.iter().map(digest).collect();
                Command::JoinWithCode { user: UserId(*user), queue: QueueId(*queue), key, code }
            }
            Self::Enter { user, queue, code, tier } => {
                let entrant = Entrant::User(UserId(*user));
                let entry = Entry { entrant, asked: None, once: None, limit: None, tier: *tier };
                Command::EnterWithCode { entry, queue: QueueId(*queue), key, code: vec![digest(code)] }
            }
            Self::Campaign { name, queue, from, until, rules } => {
                let [from, until] = [from, until].map(|ms| ms.map(|ms| Time(now.saturating_add_signed(ms))));
                let rules = CampaignRules { from, until, ..*rules };
                Command::SetCampaign { name: (*name).to_owned(), queue: QueueId(*queue), key, rules }
            }
            Self::Add { campaign, first, codes } => {
                let digests = codes.iter().flat_map(|code| digest(code).0).collect();
                Command::AddCodes { campaign: CampaignId(*campaign), first: *first, digests }
            }
        }
    }
}

pub(super) fn digest(code: &u8) -> CodeDigest {
    CodeDigest([*code; 16])
}

/// What a history has at its beginning, where anything is to come of codes.
pub(super) fn begin() -> [Command; 2] {
    let rules = CampaignRules { tier: Some(2), uses: 2, seats: Some(3), ..CampaignRules::default() };
    let set = Coded::Campaign { name: "fans", queue: 0, from: None, until: None, rules };
    [set.command(0), Coded::Add { campaign: 0, first: 1, codes: vec![1, 2, 3] }.command(0)]
}

/// By what somebody is known: from 100 on by what they are called, from 150 on by what a key made of it.
pub(super) fn entrant(user: u64) -> Entrant {
    match user {
        100..=149 => Entrant::Subject([user as u8; 32]),
        150..=199 => Entrant::Pseudonym([user as u8; 32]),
        number => Entrant::User(UserId(number)),
    }
}
