//! What a page shows of the shop in front of this service: its logo, a picture that was read when the server started, and its words.

use std::fmt;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

/// The largest logo: everybody who opens the page loads it.
pub const LOGO_BYTES_MAX: usize = 64 * 1024;

/// Below here is the logo's address, which names its content.
pub(crate) const LOGOS: &str = "/assets/logo/";

/// What a site shows of itself where its visitors wait.
#[derive(Clone, Debug, Default)]
pub struct Look {
    pub title: Option<String>,
    /// As `#rrggbb`, in small letters.
    pub color: Option<String>,
    /// In the place of the name, which is what whoever does not see it is told.
    pub logo: Option<Logo>,
    pub welcome: Words,
}

/// A line of the shop's own, as text, in the languages in which it has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    pub en: Option<String>,
    pub ko: Option<String>,
}

/// A picture of a kind that holds pixels and nothing else. SVG is a document that may carry scripts, so it is none.
#[derive(Clone)]
pub struct Logo {
    bytes: Bytes,
    media_type: &'static str,
    name: String,
}

impl Logo {
    /// Takes a file's content for a logo.
    ///
    /// # Errors
    /// What it should have been.
    pub fn read(bytes: Vec<u8>) -> Result<Self, String> {
        if bytes.len() > LOGO_BYTES_MAX {
            return Err(format!("must have at most {LOGO_BYTES_MAX} bytes"));
        }
        let (media_type, ending) = kind(&bytes).ok_or("must be a picture in PNG or WebP")?;
        let digest = Sha256::digest(&bytes);
        let name = digest[..8].iter().fold(String::new(), |name, byte| format!("{name}{byte:02x}"));
        Ok(Self { bytes: bytes.into(), media_type, name: format!("{name}.{ending}") })
    }

    pub(crate) fn media_type(&self) -> &'static str {
        self.media_type
    }

    pub(crate) fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }

    /// The last part of its address.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn address(&self) -> String {
        format!("{LOGOS}{}", self.name)
    }
}

impl fmt::Debug for Logo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Logo").field(&self.name).finish()
    }
}

/// The media type and the usual ending, by how the content begins: a file's name may say anything.
fn kind(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.get(12..16) == Some(b"IHDR") {
        return Some(("image/png", "png"));
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some(("image/webp", "webp"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    #[test]
    fn a_logo_is_what_its_content_says() {
        let logo = Logo::read(PNG.to_vec()).expect("it is a PNG");
        assert_eq!(logo.media_type(), "image/png");
        let address = logo.address();
        assert!(
            address.starts_with(LOGOS) && address.ends_with(".png") && address.len() == LOGOS.len() + 20,
            "{address}"
        );
        let webp = Logo::read(b"RIFF\x10\0\0\0WEBPVP8 ".to_vec()).expect("it is a WebP");
        assert_eq!((webp.media_type(), webp.name().ends_with(".webp")), ("image/webp", true));
        for none in [
            &b""[..],
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"\x89PNG\r\n\x1a\n",
            b"GIF89a",
            b"RIFF\0\0\0\0WAVE",
        ] {
            assert_eq!(Logo::read(none.to_vec()).expect_err("it is none"), "must be a picture in PNG or WebP");
        }
    }

    #[test]
    fn a_logo_is_small() {
        let of = |bytes: usize| Logo::read(PNG.iter().copied().chain(std::iter::repeat(0)).take(bytes).collect());
        assert!(of(LOGO_BYTES_MAX).is_ok());
        assert_eq!(of(LOGO_BYTES_MAX + 1).expect_err("it is not"), "must have at most 65536 bytes");
    }
}
