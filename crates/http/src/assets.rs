//! The pages for buyers and operators, and their scripts and styles: part of the binary, packed when it was built.
//!
//! A page is at its own address and asked for anew each time (304 where it is known). Everything else is below
//! `/assets/<hash of all>/`, whose content never changes. An answer costs a look-up and a handful of static headers.

use std::collections::HashMap;
use std::sync::LazyLock;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use sha2::{Digest as _, Sha256};

use crate::negotiate;
use crate::server::Body;

/// One file of `web/`, as the build script packed it.
struct File {
    path: &'static str,
    /// It is a page: not below [`DIRECTORY`], but at an address of its own.
    page: bool,
    media_type: &'static str,
    plain: &'static [u8],
    gzip: &'static [u8],
    brotli: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Own scripts, styles, calls and pictures; no inline code, no frame, no other host.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data: blob:; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "public, no-cache";

/// Where the operators' page is.
pub(crate) const OPERATORS_PAGE: &str = "/ops";

/// The directory of the buyer's page, which is the start page.
const START: &str = "buyer/";

/// A file, ready to be sent.
pub(crate) struct Asset {
    plain: Bytes,
    gzip: Bytes,
    brotli: Bytes,
    tag: String,
    headers: HeaderMap,
}

static PAGES: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let pages = FILES.iter().filter(|file| file.page);
    pages.map(|file| (address(file), Asset::new(file))).collect()
});

/// By path below [`DIRECTORY`].
static ASSETS: LazyLock<HashMap<&str, Asset>> = LazyLock::new(|| {
    let assets = FILES.iter().filter(|file| !file.page);
    assets.map(|file| (file.path, Asset::new(file))).collect()
});

/// The page's address: its directory.
fn address(file: &File) -> String {
    if let Some(worker) = file.path.strip_prefix(START).filter(|path| path.ends_with(".js")) {
        // A service worker may look after what is below its own address alone.
        return format!("/{worker}");
    }
    let directory = file.path.trim_end_matches("index.html");
    if directory == START { "/".to_owned() } else { format!("/{}", directory.trim_end_matches('/')) }
}

/// The page or file at a path.
pub(crate) fn find(path: &str) -> Option<(&'static Asset, Kept)> {
    let Some(rest) = path.strip_prefix("/assets/") else { return PAGES.get(path).map(|page| (page, Kept::AskAgain)) };
    let (hash, name) = rest.split_once('/')?;
    // A page of another version may ask while nodes are being replaced: it gets what is here, but not for ever.
    let own = DIRECTORY.ends_with(hash) && !hash.is_empty();
    ASSETS.get(name).map(|asset| (asset, if own { Kept::Forever } else { Kept::AskAgain }))
}

/// The address of a file, for a page that is written here.
pub(crate) fn address_of(path: &str) -> String {
    debug_assert!(ASSETS.contains_key(path), "{path} is none of the pages' files");
    format!("{DIRECTORY}/{path}")
}

/// How long a client may keep an answer without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Forever,
    AskAgain,
}

impl Asset {
    fn new(file: &'static File) -> Self {
        let digest = Sha256::digest(file.plain);
        let tag = digest[..8].iter().fold(String::from("W/\""), |tag, byte| format!("{tag}{byte:02x}")) + "\"";
        let mut headers = HeaderMap::new();
        let mut set = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
        set(CONTENT_TYPE, file.media_type);
        set(VARY, "accept-encoding");
        set(X_CONTENT_TYPE_OPTIONS, "nosniff");
        if file.page {
            set(CONTENT_SECURITY_POLICY, POLICY);
            set(REFERRER_POLICY, "no-referrer");
        }
        headers.insert(ETAG, HeaderValue::from_str(&tag).expect("hexadecimal digits in quotes"));
        let [plain, gzip, brotli] = [file.plain, file.gzip, file.brotli].map(Bytes::from_static);
        Self { plain, gzip, brotli, tag, headers }
    }

    /// 304 where the client has it; otherwise the file, in the smallest encoding that the client takes.
    pub(crate) fn response(&self, request: &HeaderMap, kept: Kept) -> Response<Body> {
        let mut headers = self.headers.clone();
        let keep = match kept {
            Kept::Forever => IMMUTABLE,
            Kept::AskAgain => ASK_AGAIN,
        };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
        let mut response = if negotiate::not_modified(request, &self.tag) {
            headers.remove(CONTENT_TYPE);
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        } else if negotiate::brotli(request) {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
            Response::new(Body::shared(self.brotli.clone()))
        } else if negotiate::encoding(request) == negotiate::Encoding::Gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            Response::new(Body::shared(self.gzip.clone()))
        } else {
            Response::new(Body::shared(self.plain.clone()))
        };
        *response.headers_mut() = headers;
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_name_only_files_that_are_there() {
        for file in FILES.iter().filter(|file| file.page) {
            let text = std::str::from_utf8(file.plain).expect("pages are text");
            let named: Vec<&str> = text.split(['"', '\'']).filter(|part| part.starts_with("/assets/")).collect();
            // The service worker compares addresses with their beginning, and fetches what the page names.
            if file.path == "buyer/sw.js" {
                continue;
            }
            assert!(!named.is_empty(), "{} names no file", file.path);
            for path in named {
                assert!(matches!(find(path), Some((_, Kept::Forever))), "{} names {path}", file.path);
            }
        }
    }

    #[test]
    fn another_version_s_address_is_answered_but_not_kept() {
        let path = FILES.iter().find(|file| !file.page).expect("there are files").path;
        assert!(matches!(find(&format!("{DIRECTORY}/{path}")), Some((_, Kept::Forever))));
        assert!(matches!(find(&format!("/assets/0123456789abcdef/{path}")), Some((_, Kept::AskAgain))));
        for nothing in ["/assets", "/assets/", "/assets/x", "/assets//nothing", "/buyer/index.html", "/tests"] {
            assert!(find(nothing).is_none(), "{nothing}");
        }
    }
}
