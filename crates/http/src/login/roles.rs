//! Which role somebody has who has signed in.

pub use onsale_domain::operator::Role;

use super::identity::Identity;

/// The roles that people have, by name; a shop is no person.
const ROLES: [(&str, Role); 5] = [
    ("viewer", Role::Viewer),
    ("gate", Role::Gate),
    ("desk", Role::Desk),
    ("finance", Role::Finance),
    ("admin", Role::Admin),
];

/// The role of this name.
#[must_use]
pub fn role(name: &str) -> Option<Role> {
    ROLES.into_iter().find(|(known, _)| *known == name).map(|(_, role)| role)
}

pub(super) fn name(role: Role) -> &'static str {
    ROLES.into_iter().find(|(_, known)| *known == role).map_or("", |(name, _)| name)
}

/// Who has which.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    /// The claim whose values open a role.
    pub claim: String,
    /// Which value opens which; of several the first counts.
    pub by_value: Vec<(String, Role)>,
    /// People, by their verified address of mail or their `sub`. They go first.
    pub by_person: Vec<(String, Role)>,
}

impl Roles {
    pub(super) fn of(&self, identity: &Identity) -> Option<Role> {
        let email = identity.email();
        let is_them =
            |name: &str| name == identity.subject || email.is_some_and(|email| email.eq_ignore_ascii_case(name));
        let person = self.by_person.iter().find(|(name, _)| is_them(name));
        let values = identity.values(&self.claim);
        let by_value = || self.by_value.iter().find(|(value, _)| values.contains(&value.as_str()));
        person.or_else(by_value).map(|(_, role)| *role)
    }
}
