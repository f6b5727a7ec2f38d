//! What the buyer's page shows of the shop in front of this service.

use std::fs::File;
use std::io::Read as _;

use onsale_http::look::{LOGO_BYTES_MAX, Logo, Words};
use onsale_http::shared::BuyersPage;

use super::reader::Reader;

/// The longest name: it stands beside the way through the page, on a phone too.
const TITLE_CHARS_MAX: usize = 40;
/// The longest line of the shop's own words: two or three lines on a phone.
const WORDS_CHARS_MAX: usize = 200;
/// The least contrast of white words on the shop's colour (WCAG 2.2, 1.4.3).
const CONTRAST_MIN: f64 = 4.5;

pub(super) fn read(reader: &mut Reader<'_>) -> BuyersPage {
    let title = reader.read("page.title", None, title);
    let logo = reader.read("page.logo", None, logo);
    if logo.is_some() && reader.text("page.title").is_empty() {
        reader.refuse("page.title", "must be given with page.logo: it is what those are told who do not see the logo");
    }
    let mut line = |key| reader.read(key, None, line);
    let welcome = Words { en: line("page.welcome_en"), ko: line("page.welcome_ko") };
    let ticket = Words { en: line("page.ticket_en"), ko: line("page.ticket_ko") };
    let color = reader.read("page.color", None, color);
    let imprint =
        reader.read("page.imprint", None, |text| if text.is_empty() { Ok(None) } else { address(text).map(Some) });
    let returns = reader.read("page.return", Vec::new(), |text| {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(address).collect()
    });
    let join_open = reader.read("page.join", true, |text| match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("must be on or off, but is {text:?}")),
    });
    if !join_open && reader.text("page.return").is_empty() {
        reader.refuse("page.return", "must be given where page.join is off: whoever has no place is sent there");
    }
    BuyersPage { title, color, logo, welcome, ticket, imprint, returns, join_open }
}

/// Whether it is a line that reads as it is written.
fn is_line(text: &str, chars_max: usize) -> bool {
    let is_plain = !text.chars().any(|c| c.is_control() || onsale_catalog::turns_text(c));
    is_plain && text.trim() == text && text.chars().count() <= chars_max
}

/// A shop's name. `None` where it is empty, as below.
pub(super) fn title(text: &str) -> Result<Option<String>, String> {
    if is_line(text, TITLE_CHARS_MAX) {
        Ok((!text.is_empty()).then(|| text.to_owned()))
    } else {
        Err(format!("must be a name of at most {TITLE_CHARS_MAX} characters that can be seen, but is {text:?}"))
    }
}

/// A line of the shop's own words.
pub(super) fn line(text: &str) -> Result<Option<String>, String> {
    if is_line(text, WORDS_CHARS_MAX) {
        Ok((!text.is_empty()).then(|| text.to_owned()))
    } else {
        Err(format!("must be a line of at most {WORDS_CHARS_MAX} characters that can be seen, but is {text:?}"))
    }
}

/// The picture in a file.
pub(super) fn logo(path: &str) -> Result<Option<Logo>, String> {
    if path.is_empty() {
        return Ok(None);
    }
    let unread = |error| format!("cannot be read: {path:?}: {error}");
    let file = File::open(path).map_err(unread)?;
    let mut bytes = Vec::new();
    // One byte more tells that it is too large, whatever the file is.
    file.take(LOGO_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(unread)?;
    Logo::read(bytes).map(Some).map_err(|what| format!("{what}; it is {path:?}"))
}

/// An address that a page may lead to: no script, and nothing that names somebody.
fn address(text: &str) -> Result<String, String> {
    let uri = text.parse::<ureq::http::Uri>().ok();
    let is_web = |uri: &ureq::http::Uri| {
        let has_host = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        has_host && matches!(uri.scheme_str(), Some("https" | "http"))
    };
    if uri.as_ref().is_some_and(is_web) {
        Ok(text.to_owned())
    } else {
        Err(format!("must be an address such as https://shop.example/, but has {text:?}"))
    }
}

pub(super) fn color(text: &str) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text
        .strip_prefix('#')
        .filter(|digits| digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    let Some(value) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
        return Err(format!("must be a colour such as \"#7a1f4b\", but is {text:?}"));
    };
    let contrast = 1.05 / (luminance(value) + 0.05);
    if contrast < CONTRAST_MIN {
        return Err(format!(
            "is too light for the white words on it: their contrast is {contrast:.1}, and must be {CONTRAST_MIN}; it is {text:?}"
        ));
    }
    Ok(Some(text.to_ascii_lowercase()))
}

/// The relative luminance of a colour (WCAG 2.2).
fn luminance(color: u32) -> f64 {
    let [_, red, green, blue] = color.to_be_bytes().map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}
