//! Makes the pages' files part of the binary: packed here once, so that a request costs a look-up and no compression.
//!
//! All files of `web/` that a browser asks for share one directory, which is named after a hash of them all. So an
//! address never changes its content, and modules find each other by relative addresses.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use sha2::{Digest as _, Sha256};

/// What is in `web/` for the tests.
const NOT_SERVED: &[&str] =
    &["tests", "node_modules", "test-results", "jsconfig.json", "package.json", "package-lock.json"];

/// In a page's HTML: the directory of the files that it names.
const DIRECTORY_MARK: &str = "{{assets}}";

/// In the service worker: the files without which the buyer's page does not show, as a list of strings.
const SHELL_MARK: &str = "\"{{shell}}\"";

/// What is in that list.
const SHELL: &[&str] = &["buyer/", "shared/", "vendor/lean-qr/"];

/// The service worker of the buyer's page: at an address of its own, like the pages.
const WORKER: &str = "buyer/sw.js";

struct File {
    /// Relative to `web/`, with `/`.
    path: String,
    bytes: Vec<u8>,
}

fn main() -> io::Result<()> {
    let web = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../web");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    let mut files = Vec::new();
    collect(&web, "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let directory = format!("/assets/{}", digest(&files));
    let shell = shell(&files, &directory);
    let mut table = format!("const DIRECTORY: &str = {directory:?};\n\nstatic FILES: &[File] = &[\n");
    for (number, file) in files.iter_mut().enumerate() {
        if is_page(&file.path) {
            let text = String::from_utf8(std::mem::take(&mut file.bytes)).map_err(io::Error::other)?;
            file.bytes = text.replace(DIRECTORY_MARK, &directory).replace(SHELL_MARK, &shell).into_bytes();
        }
        entry(&mut table, &out, number, file)?;
    }
    table.push_str("];\n");
    fs::write(out.join("assets.rs"), table)
}

fn is_page(path: &str) -> bool {
    path.ends_with("/index.html") || path == WORKER
}

fn shell(files: &[File], directory: &str) -> String {
    let own =
        files.iter().filter(|file| !is_page(&file.path) && SHELL.iter().any(|start| file.path.starts_with(start)));
    own.map(|file| format!("{:?}", format!("{directory}/{}", file.path))).collect::<Vec<_>>().join(", ")
}

fn collect(directory: &Path, prefix: &str, files: &mut Vec<File>) -> io::Result<()> {
    // A directory is watched as a whole, so that the tests' results would build everything again.
    if !prefix.is_empty() {
        println!("cargo::rerun-if-changed={}", directory.display());
    }
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|name| io::Error::other(format!("{name:?}")))?;
        if name.starts_with('.') || (prefix.is_empty() && NOT_SERVED.contains(&name.as_str())) {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else if media_type(&path).is_some() {
            println!("cargo::rerun-if-changed={}", entry.path().display());
            files.push(File { bytes: fs::read(entry.path())?, path });
        }
    }
    Ok(())
}

/// By the extension; `None` for what is not for browsers, such as a licence beside its library.
fn media_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "png" => "image/png",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

fn digest(files: &[File]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        hash.update((file.path.len() as u64).to_le_bytes());
        hash.update(&file.path);
        hash.update((file.bytes.len() as u64).to_le_bytes());
        hash.update(&file.bytes);
    }
    hash.finalize()[..8].iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn entry(table: &mut String, out: &Path, number: usize, file: &File) -> io::Result<()> {
    let packed = |extension: &str, bytes: &[u8]| -> io::Result<String> {
        let path = out.join(format!("asset-{number}.{extension}"));
        fs::write(&path, bytes)?;
        Ok(format!("include_bytes!({path:?})"))
    };
    let plain = packed("plain", &file.bytes)?;
    let gzip = packed("gz", &gzip(&file.bytes)?)?;
    let brotli = packed("br", &brotli(&file.bytes)?)?;
    let media_type = media_type(&file.path).expect("others were not collected");
    let (path, page) = (&file.path, is_page(&file.path));
    let _ = writeln!(
        table,
        "    File {{ path: {path:?}, page: {page}, media_type: {media_type:?}, plain: {plain}, gzip: {gzip}, \
         brotli: {brotli} }},"
    );
    Ok(())
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters)?;
    Ok(packed)
}
