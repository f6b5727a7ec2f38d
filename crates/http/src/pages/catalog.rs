//! `GET /v1/catalog`: what is on sale, for everybody. Nothing in it changes while seats are sold.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::HeaderMap;
use onsale_domain::concert::{Price, PriceType, SeatSpec};
use onsale_domain::ids::ConcertId;
use onsale_node::{Catalog, ScheduleView, in_zone, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use super::fixed::Fixed;
use crate::answer::Done;
use crate::app::App;
use crate::login::Side;
use crate::look::Words;
use crate::shared::{BuyersPage, Shared};
use crate::wire::{Id, Money, Orphans, SeatPrice, envelope};

/// What is on sale. Seats are not listed one by one, and nothing here tells which are taken.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Catalog)]
pub(crate) struct PublicCatalog {
    /// The ISO 4217 code of the store's one currency. Amounts are in its minor unit.
    #[schema(example = "KRW", min_length = 3, max_length = 3)]
    currency: String,
    /// The decimal places of the minor unit, by ISO 4217: 0 for KRW, 2 for HUF whatever a browser says.
    #[schema(example = 0, maximum = 4)]
    currency_digits: u8,
    /// The server was started with `--demo`: nothing here is real.
    #[schema(example = false)]
    demo: bool,
    shop: PublicShop,
    concerts: Vec<PublicConcert>,
}

/// Whose page the buyer's page is, as `page.*` of the configuration has it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CatalogShop)]
pub(crate) struct PublicShop {
    /// `null` where the shop has no name here.
    #[schema(required, example = "Moon Tickets")]
    title: Option<String>,
    /// The colour of buttons, on which white can be read.
    #[schema(required, pattern = "^#[0-9a-f]{6}$", example = "#7a1f4b")]
    color: Option<String>,
    /// The address of its logo, a PNG or WebP, which stands in the place of the name.
    #[schema(required, example = "/assets/logo/0123456789abcdef.png")]
    logo: Option<String>,
    /// What it says to whoever opens the page: text, and no HTML.
    #[schema(required)]
    welcome: Option<PublicWords>,
    /// What it says beside tickets.
    #[schema(required)]
    ticket: Option<PublicWords>,
    /// Where it says who is responsible.
    #[schema(required, example = "https://shop.example/imprint")]
    imprint: Option<String>,
    /// Where buyers go back to: the first by itself, and anything below the origin of one of them where a link has said so.
    #[schema(example = json!(["https://shop.example/"]))]
    returns: Vec<String>,
    /// Whether whoever opens the page can join; otherwise their shop sends them here with a place.
    join_open: bool,
    /// Whether whoever joins signs in first, at `/login`.
    sign_in: bool,
}

impl PublicShop {
    fn of(shared: &Shared) -> Self {
        let BuyersPage { title, color, logo, welcome, ticket, imprint, returns, join_open } = shared.page.clone();
        let sign_in = shared.login.as_ref().is_some_and(|login| login.takes(Side::Buyer));
        let logo = logo.map(|logo| logo.address());
        let (welcome, ticket) = (PublicWords::of(welcome), PublicWords::of(ticket));
        Self { title, color, logo, welcome, ticket, imprint, returns, join_open, sign_in }
    }
}

/// A line of the shop's own, in the languages in which it has one; in another language the one that there is stands in.
#[derive(Serialize, ToSchema)]
#[schema(as = CatalogWords)]
pub(crate) struct PublicWords {
    #[schema(required, max_length = 200, example = "Doors open an hour before.")]
    en: Option<String>,
    #[schema(required, max_length = 200, example = "공연 한 시간 전에 입장합니다.")]
    ko: Option<String>,
}

impl PublicWords {
    fn of(Words { en, ko }: Words) -> Option<Self> {
        (en.is_some() || ko.is_some()).then_some(Self { en, ko })
    }
}

/// A concert and its dates.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CatalogConcert)]
pub(crate) struct PublicConcert {
    #[schema(value_type = Id)]
    concert_id: u64,
    #[schema(example = "First Light")]
    title: String,
    /// The queue whose tokens open this concert.
    #[schema(example = "default")]
    queue: String,
    schedules: Vec<PublicSchedule>,
}

/// One date. `openDate`, `startTime` and `endTime` are local to `zone`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CatalogSchedule)]
pub(crate) struct PublicSchedule {
    #[schema(value_type = Id)]
    schedule_id: u64,
    #[schema(pattern = r"^\d{4}-\d{2}-\d{2}$", example = "2027-05-01")]
    open_date: String,
    #[schema(pattern = r"^\d{2}:\d{2}$", example = "19:00")]
    start_time: String,
    #[schema(pattern = r"^\d{2}:\d{2}$", example = "21:30")]
    end_time: String,
    #[schema(format = DateTime, example = "2027-05-01T19:00:00+09:00")]
    starts_at: String,
    #[schema(format = DateTime, example = "2027-05-01T21:30:00+09:00")]
    ends_at: String,
    /// An IANA time zone.
    #[schema(example = "Asia/Seoul")]
    zone: String,
    /// The operator has stopped the sale of this date, or it has not begun, or is over.
    sale_closed: bool,
    /// From when on its seats are sold; `null` where nothing was set.
    #[schema(required, format = DateTime, example = "2027-03-01T10:00:00+09:00")]
    on_sale_at: Option<String>,
    /// Until when.
    #[schema(required, format = DateTime, example = "2027-05-01T18:00:00+09:00")]
    off_sale_at: Option<String>,
    /// Whether holds may leave single seats.
    orphans: Orphans,
    #[schema(example = 50)]
    total_seats: u32,
    sections: Vec<PublicSection>,
    /// For whom there are prices, the first being that of each seat's `amount`; absent where there is one price for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<PublicPriceType>>, nullable = false)]
    price_types: Vec<PublicPriceType>,
    /// Until when wheelchair places, and their companions' seats, are sold only as such; absent where that is for as long as
    /// anything is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime, example = "2027-04-30T12:00:00+09:00")]
    accessible_until: Option<String>,
}

/// For whom a price is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CatalogPriceType)]
pub(crate) struct PublicPriceType {
    #[schema(pattern = "^[a-z0-9_-]{1,32}$", example = "child")]
    price_type: String,
    /// What people call it; absent where the catalog has no words of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Child, to 12")]
    title: Option<String>,
}

/// A section of a date, with the range of its prices.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CatalogSection)]
pub(crate) struct PublicSection {
    /// `null` for the seats that belong to none.
    #[schema(required, example = "A")]
    section: Option<String>,
    #[schema(example = 50)]
    seats: u32,
    #[schema(value_type = Money)]
    amount_min: u64,
    #[schema(value_type = Money)]
    amount_max: u64,
    /// People stand there: its places are alike, and `areas` of a hold names it by `section`.
    #[schema(example = false)]
    standing: bool,
    /// What a place to stand costs at other price types than the date's first, which is what `amountMin` is for; absent where
    /// people sit, or where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<SeatPrice>>, nullable = false)]
    prices: Vec<SeatPrice>,
}

/// The page of the catalog that it was made of; another catalog makes another page.
type Cache = Arc<ArcSwapOption<(Arc<Catalog>, Fixed)>>;

pub(super) fn router(app: App) -> Router<App> {
    Router::new().route("/v1/catalog", get(show)).with_state((app, Cache::default()))
}

async fn show(State((app, cache)): State<(App, Cache)>, headers: HeaderMap) -> Done {
    let catalog = Arc::clone(&app.shared.node.views().catalog());
    if let Some(page) = &*cache.load()
        && Arc::ptr_eq(&page.0, &catalog)
    {
        return Ok(page.1.response(&headers));
    }
    let page = Fixed::new("application/json", envelope(render(&catalog, &app.shared)));
    let response = page.response(&headers);
    cache.store(Some(Arc::new((catalog, page))));
    Ok(response)
}

fn render(catalog: &Catalog, shared: &Shared) -> PublicCatalog {
    let mut dates: BTreeMap<ConcertId, Vec<PublicSchedule>> = BTreeMap::new();
    for schedule in catalog.schedules.values() {
        dates.entry(schedule.concert.id).or_default().push(schedule_of(schedule));
    }
    let concerts = catalog.concerts.values().map(|concert| PublicConcert {
        concert_id: concert.id.0,
        title: concert.title.clone(),
        queue: concert.queue.clone(),
        schedules: dates.remove(&concert.id).unwrap_or_default(),
    });
    PublicCatalog {
        currency: shared.currency.clone(),
        currency_digits: onsale_catalog::minor_digits(&shared.currency),
        demo: shared.demo,
        shop: PublicShop::of(shared),
        concerts: concerts.collect(),
    }
}

fn schedule_of(view: &ScheduleView) -> PublicSchedule {
    let (starts, ends) = (in_zone(view.schedule.starts_at, &view.zone), in_zone(view.schedule.ends_at, &view.zone));
    let board = view.board();
    PublicSchedule {
        schedule_id: view.schedule.id.0,
        open_date: starts.strftime("%Y-%m-%d").to_string(),
        start_time: starts.strftime("%H:%M").to_string(),
        end_time: ends.strftime("%H:%M").to_string(),
        starts_at: rfc3339(&starts),
        ends_at: rfc3339(&ends),
        zone: view.schedule.zone.clone(),
        sale_closed: !view.is_on_sale(),
        on_sale_at: view.schedule.on_sale_at.map(|at| view.local(at)),
        off_sale_at: view.schedule.off_sale_at.map(|at| view.local(at)),
        orphans: view.schedule.orphans.unwrap_or_default().into(),
        total_seats: board.total(),
        sections: sections_of(board.seats()),
        price_types: view.schedule.price_types().iter().map(price_type).collect(),
        accessible_until: view.schedule.accessible_until.map(|until| rfc3339(&in_zone(until, &view.zone))),
    }
}

fn price_type(one: &PriceType) -> PublicPriceType {
    PublicPriceType { price_type: one.id.to_string(), title: one.title.clone() }
}

/// In the order in which the list of seats comes to them.
fn sections_of(seats: &[SeatSpec]) -> Vec<PublicSection> {
    let mut sections: Vec<PublicSection> = Vec::new();
    let mut places: HashMap<Option<&str>, usize> = HashMap::new();
    for seat in seats {
        let place = *places.entry(seat.section.as_deref()).or_insert_with(|| {
            sections.push(PublicSection {
                section: seat.section.clone(),
                seats: 0,
                amount_min: seat.amount,
                amount_max: seat.amount,
                standing: seat.standing,
                prices: prices_of(seat).filter(|_| seat.standing).map(seat_price).collect(),
            });
            sections.len() - 1
        });
        let section = &mut sections[place];
        // Places of an area are alike, unless a file has written them one by one.
        let is_same = |one: &Price, known: &SeatPrice| {
            one.amount == known.amount.0 && one.price_type.as_str() == known.price_type
        };
        section.prices.retain(|known| prices_of(seat).any(|one| is_same(one, known)));
        section.seats += 1;
        section.amount_min = section.amount_min.min(seat.amount);
        section.amount_max = section.amount_max.max(seat.amount);
    }
    sections
}

fn prices_of(seat: &SeatSpec) -> impl Iterator<Item = &Price> {
    seat.terms.iter().flat_map(|terms| &terms.prices)
}

fn seat_price(Price { price_type, amount }: &Price) -> SeatPrice {
    SeatPrice { price_type: price_type.to_string(), amount: Money(*amount) }
}
