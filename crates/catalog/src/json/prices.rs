//! What seats cost, and for whom: the price types and categories of a date, and what a section, a row or a seat says of it.

use onsale_domain::concert::{Attributes, PRICE_TYPES_MAX, Price, PriceType, PriceTypeId};

use crate::problem::Problems;
use crate::rule;

use super::fields::Fields;
use super::node::Node;
use super::path::Path;

/// The fields of whatever has a price.
pub(super) const FIELDS: [&str; 3] = ["amount", "category", "prices"];

/// What something costs, and what its price is called.
#[derive(Clone, Debug)]
pub(super) struct Priced {
    pub(super) amount: u64,
    pub(super) category: Option<String>,
    /// In the order of the date's price types.
    pub(super) prices: Vec<Price>,
}

/// What a date's prices are made of.
#[derive(Default)]
pub(super) struct Tariff {
    pub(super) price_types: Vec<PriceType>,
    /// Those that could be read; of the others, their names.
    categories: Vec<(String, Option<Priced>)>,
}

impl Tariff {
    /// Of a date.
    pub(super) fn read(schedule: &Fields<'_>, problems: &mut Problems) -> Self {
        let mut tariff = Self::default();
        if let Some(list) = schedule.optional("priceTypes") {
            tariff.price_types = price_types(schedule, list, problems);
        }
        if let Some(list) = schedule.optional("categories") {
            let path = schedule.path.field("categories");
            for (i, node) in schedule.filled("categories", list, problems).iter().enumerate() {
                let read = tariff.category(node, &path.index(i), problems);
                tariff.categories.extend(read);
            }
        }
        tariff
    }

    fn category(&self, node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<(String, Option<Priced>)> {
        let fields = Fields::open(node, path, &FIELDS, problems)?;
        let name = fields.text("category", rule::label, problems)?;
        if let Some(earlier) = self.categories.iter().position(|(other, _)| *other == name) {
            problems.add(path.field("category"), format!("{name:?} is already used by categories[{earlier}]"));
        }
        let amount = fields.integer("amount", rule::amount, problems);
        let prices = self.prices(&fields, problems);
        let priced = amount.map(|amount| Priced { amount, category: Some(name.clone()), prices });
        Some((name, priced))
    }

    /// What the object says that it costs: an amount, with prices for others beside it, or a category. `Ok(None)` where it says
    /// nothing, `Err` where that is wrong and noted.
    pub(super) fn of(&self, fields: &Fields<'_>, problems: &mut Problems) -> Result<Option<Priced>, ()> {
        let label = fields.label("category", problems);
        let is_given = |name: &str| fields.optional(name).is_some();
        if is_given("amount") {
            let amount = fields.integer("amount", rule::amount, problems);
            let prices = self.prices(fields, problems);
            let amount = amount.ok_or(())?;
            return Ok(Some(Priced { amount, category: label, prices }));
        }
        if is_given("prices") {
            problems.add(fields.path.field("prices"), "needs an amount beside it");
            return Err(());
        }
        if !is_given("category") {
            return Ok(None);
        }
        let name = label.ok_or(())?;
        match self.categories.iter().find(|(other, _)| *other == name) {
            Some((_, priced)) => priced.clone().map(Some).ok_or(()),
            None => {
                let what = format!("{name:?} is none of this date's categories: give it there, or an amount beside it");
                problems.add(fields.path.field("category"), what);
                Err(())
            }
        }
    }

    fn prices(&self, fields: &Fields<'_>, problems: &mut Problems) -> Vec<Price> {
        let Some(node) = fields.optional("prices") else { return Vec::new() };
        let path = fields.path.field("prices");
        let known: Vec<&str> = self.price_types.iter().skip(1).map(|one| one.id.as_str()).collect();
        if known.is_empty() {
            problems.add(path, "are for price types beside the first, and this date has none");
            return Vec::new();
        }
        let Some(fields) = Fields::open(node, &path, &known, problems) else { return Vec::new() };
        let price = |name: &&str| {
            fields.optional(name)?;
            let amount = fields.integer(name, rule::amount, problems)?;
            Some(Price { price_type: PriceTypeId::from(*name), amount })
        };
        known.iter().filter_map(price).collect()
    }
}

fn price_types(schedule: &Fields<'_>, list: &Node, problems: &mut Problems) -> Vec<PriceType> {
    let path = schedule.path.field("priceTypes");
    let nodes = schedule.filled("priceTypes", list, problems);
    if nodes.len() > PRICE_TYPES_MAX {
        problems.add(path, format!("a date has at most {PRICE_TYPES_MAX} price types, but this has {}", nodes.len()));
        return Vec::new();
    }
    let mut all: Vec<PriceType> = Vec::new();
    for (i, node) in nodes.iter().enumerate() {
        let at = path.index(i);
        let Some(fields) = Fields::open(node, &at, &["priceType", "title"], problems) else { continue };
        let id = fields.text("priceType", rule::price_type, problems);
        let title = match fields.optional("title") {
            Some(_) => fields.text("title", rule::title, problems),
            None => None,
        };
        let Some(id) = id else { continue };
        if let Some(earlier) = all.iter().position(|other| other.id == id) {
            problems.add(at.field("priceType"), format!("{:?} is already used by priceTypes[{earlier}]", id.as_str()));
        }
        all.push(PriceType { id, title });
    }
    all
}

/// The attributes of one seat, as a list of their names.
pub(super) fn attributes(fields: &Fields<'_>, problems: &mut Problems) -> Attributes {
    let Some(node) = fields.optional("attributes") else { return Attributes::default() };
    let path = fields.path.field("attributes");
    let mut all = Attributes::default();
    for (i, node) in fields.items("attributes", node, problems).iter().enumerate() {
        let one = match node {
            Node::Text(name) => rule::attribute(name),
            other => Err(format!("must be a string, but is {}", other.describe())),
        };
        all = all.with(problems.note(path.index(i), one).unwrap_or_default());
    }
    problems.note(path, rule::attributes(all)).unwrap_or_default()
}

/// The attributes of the seats of a row: for each, the list of the numbers that have it.
pub(super) fn attributes_of_row(
    fields: &Fields<'_>,
    (first, seats): (u64, u64),
    problems: &mut Problems,
) -> Vec<(u64, Attributes)> {
    let Some(node) = fields.optional("attributes") else { return Vec::new() };
    let path = fields.path.field("attributes");
    let known = Attributes::ALL.map(|(_, name)| name);
    let Some(fields) = Fields::open(node, &path, &known, problems) else { return Vec::new() };
    let mut all: Vec<(u64, Attributes)> = Vec::new();
    for (attribute, name) in Attributes::ALL {
        let Some(list) = fields.optional(name) else { continue };
        let path = path.field(name);
        for (i, node) in fields.items(name, list, problems).iter().enumerate() {
            let number = match node {
                Node::Number(number) => {
                    number.as_u64().ok_or_else(|| format!("must be a whole number, but is {number}"))
                }
                other => Err(format!("must be a whole number, but is {}", other.describe())),
            };
            let last = (first + seats).saturating_sub(1);
            let number = number.and_then(|number| rule::within(number, first, last));
            let Some(number) = problems.note(path.index(i), number) else { continue };
            match all.iter_mut().find(|(other, _)| *other == number) {
                Some((_, has)) => *has = has.with(attribute),
                None => all.push((number, attribute)),
            }
        }
    }
    for (number, has) in &all {
        if let Err(what) = rule::attributes(*has) {
            problems.add(path, format!("of number {number} {what}"));
        }
    }
    all
}
