//! Where requests go.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use memchr::memmem;
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use crate::profile::{Asked, Came, Heard, Tongue};
use crate::request::{self, HOST_LINE};

/// How long a connection may take to come about.
const CONNECT_MAX: Duration = Duration::from_secs(5);

/// A server, as a URL names it: cheap to clone.
#[derive(Clone)]
pub struct Endpoint {
    named: Arc<Named>,
    /// What puts requests and answers into other words, where the server speaks another contract than ours.
    tongue: Option<Arc<Tongue>>,
}

struct Named {
    /// At least one; a name may have several, of which some do not listen.
    addresses: Vec<SocketAddr>,
    /// `Host: …`, where it is not the one that requests are written with.
    host: Option<Vec<u8>>,
    tls: Option<Tls>,
    url: String,
    /// The first call that got no answer since it was last known to answer.
    unanswered: Mutex<Option<String>>,
}

struct Tls {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

/// A URL that names no server to be tested, or a file that holds no certificates.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {problem}")]
pub struct Unusable {
    what: String,
    problem: String,
}

impl Unusable {
    #[must_use]
    pub fn new(what: &str, problem: &str) -> Self {
        Self { what: what.to_owned(), problem: problem.to_owned() }
    }
}

impl Endpoint {
    /// The server that `url` names, `http://host:port` or `https://host:port`. Its certificate must come from one of
    /// `authorities`, or else from one that the system trusts.
    ///
    /// # Errors
    /// When it is no such URL, or the host is not known.
    pub fn parse(url: &str, authorities: Option<&Authorities>) -> Result<Self, Unusable> {
        let wrong = |problem: &str| Unusable { what: url.to_owned(), problem: problem.to_owned() };
        let (rest, port, is_tls) = match (url.strip_prefix("http://"), url.strip_prefix("https://")) {
            (Some(rest), _) => (rest, 80, false),
            (_, Some(rest)) => (rest, 443, true),
            _ => return Err(wrong("expected a URL such as http://127.0.0.1:8080")),
        };
        let authority = rest.trim_end_matches('/');
        if authority.is_empty() || authority.contains(['/', '?', '#', '@']) {
            return Err(wrong("expected a host and no path; the API is at /v1/api of the server"));
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, text)) if !text.ends_with(']') => {
                (host, text.parse().map_err(|_| wrong("the port must be a number from 1 to 65535"))?)
            }
            _ => (authority, port),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let unknown = || wrong("the host is not known");
        let addresses: Vec<SocketAddr> = (host, port).to_socket_addrs().map_err(|_| unknown())?.collect();
        if addresses.is_empty() {
            return Err(unknown());
        }
        let tls = if is_tls {
            let name = ServerName::try_from(host.to_owned()).map_err(|_| wrong("no certificate can bear this name"))?;
            let own;
            let authorities = match authorities {
                Some(given) => given,
                None => {
                    own = Authorities::of_the_system().map_err(|error| wrong(&format!("{error:#}")))?;
                    &own
                }
            };
            Some(Tls { config: Arc::clone(&authorities.config), name })
        } else {
            None
        };
        let host = Some(format!("Host: {authority}\r\n").into_bytes());
        let url = url.trim_end_matches('/').to_owned();
        let named = Named { addresses, host, tls, url, unanswered: Mutex::default() };
        Ok(Self { named: Arc::new(named), tongue: None })
    }

    /// The same server, spoken to in this tongue.
    pub(crate) fn speaking(self, tongue: Arc<Tongue>) -> Self {
        Self { tongue: Some(tongue), ..self }
    }

    /// What the server calls one of our users.
    pub(crate) fn user(&self, user: u64) -> String {
        self.tongue.as_ref().map_or_else(|| user.to_string(), |tongue| tongue.called(user))
    }

    /// Whether it is spoken to in another tongue than ours.
    pub(crate) fn is_foreign(&self) -> bool {
        self.tongue.is_some()
    }

    /// Puts a request into the server's words; gives what it was, where it had to be.
    ///
    /// # Errors
    /// When the server's profile has no such call.
    pub(crate) fn speak(&self, request: &mut Vec<u8>) -> Result<Option<Asked>> {
        self.tongue.as_ref().map(|tongue| tongue.speak(request)).transpose()
    }

    /// Puts the answer to what was `asked` into our words.
    pub(crate) fn hear(&self, asked: &Asked, came: &Came<'_>, wants: bool) -> Option<Heard> {
        self.tongue.as_ref().map(|tongue| tongue.hear(asked, came, wants))
    }

    /// Whether its answers keep something in their headers.
    pub(crate) fn reads_heads(&self) -> bool {
        self.tongue.as_ref().is_some_and(|tongue| tongue.reads_heads())
    }

    /// Gives a request the name of this server.
    pub(crate) fn address(&self, request: &mut Vec<u8>) {
        if let Some(host) = &self.named.host
            && let Some(at) = memmem::find(request, HOST_LINE)
        {
            request.splice(at..at + HOST_LINE.len(), host.iter().copied());
        }
    }

    /// Notes that `request` got no answer.
    pub(crate) fn unanswered(&self, request: &[u8]) {
        let mut first = self.named.unanswered.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert_with(|| request::call_of(request));
    }

    /// The first call that got no answer, since this was asked last.
    pub(crate) fn take_unanswered(&self) -> Option<String> {
        self.named.unanswered.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// A connection, over which the first request can be sent.
    ///
    /// # Errors
    /// When none comes about within five seconds, or the certificate is not good.
    pub fn connect(&self) -> Result<Wire<TcpStream>> {
        let mut stream = Err(io::ErrorKind::AddrNotAvailable.into());
        for address in &self.named.addresses {
            stream = TcpStream::connect_timeout(address, CONNECT_MAX);
            if stream.is_ok() {
                break;
            }
        }
        let mut stream = stream.with_context(|| format!("connecting to {self}"))?;
        stream.set_nodelay(true)?;
        let Some(tls) = &self.named.tls else { return Ok(Wire { stream, tls: None }) };
        stream.set_read_timeout(Some(CONNECT_MAX))?;
        let mut tls = ClientConnection::new(Arc::clone(&tls.config), tls.name.clone())?;
        while tls.is_handshaking() {
            tls.complete_io(&mut stream).with_context(|| format!("TLS with {self}"))?;
        }
        stream.set_read_timeout(None)?;
        Ok(Wire { stream, tls: Some(Box::new(tls)) })
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        let named = Named {
            addresses: vec![address],
            host: None,
            tls: None,
            url: format!("http://{address}"),
            unanswered: Mutex::default(),
        };
        Self { named: Arc::new(named), tongue: None }
    }
}

impl From<&Self> for Endpoint {
    fn from(other: &Self) -> Self {
        other.clone()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.named.url)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.named.url)
    }
}

impl PartialEq for Endpoint {
    fn eq(&self, other: &Self) -> bool {
        self.named.url == other.named.url
    }
}

impl Eq for Endpoint {}

/// Who may have signed a certificate.
#[derive(Clone, Debug)]
pub struct Authorities {
    config: Arc<ClientConfig>,
}

impl Authorities {
    /// Those of a file of PEM certificates.
    ///
    /// # Errors
    /// When it cannot be read, or has none.
    pub fn of_file(path: &Path) -> Result<Self, Unusable> {
        let read = || Self::new(read(path)?);
        read().map_err(|error| Unusable { what: path.display().to_string(), problem: format!("{error:#}") })
    }

    fn of_the_system() -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Self::new(roots)
    }

    fn new(roots: RootCertStore) -> Result<Self> {
        let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        // Each connection stands for another device, which has no session to take up again.
        config.resumption = Resumption::disabled();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config) })
    }
}

fn read(path: &Path) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path)? {
        roots.add(certificate?)?;
    }
    anyhow::ensure!(!roots.is_empty(), "there is no certificate in it");
    Ok(roots)
}

/// A stream, or TLS over one. Where the stream does not block, neither does this.
#[derive(Debug)]
pub struct Wire<S> {
    stream: S,
    tls: Option<Box<ClientConnection>>,
}

impl<S> Wire<S> {
    /// The same over another form of the stream.
    pub(crate) fn map<T>(self, form: impl FnOnce(S) -> io::Result<T>) -> io::Result<Wire<T>> {
        Ok(Wire { stream: form(self.stream)?, tls: self.tls })
    }

    pub(crate) fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Whether a read that does not fill its buffer may have left something.
    pub(crate) fn is_in_records(&self) -> bool {
        self.tls.is_some()
    }
}

impl<S: Read + Write> Read for Wire<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(tls) = &mut self.tls else { return self.stream.read(buffer) };
        loop {
            match tls.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // The peer is gone without a word; so it is over a plain stream.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
                read => return read,
            }
            tls.read_tls(&mut self.stream)?;
            tls.process_new_packets().map_err(io::Error::other)?;
            // An answer to the peer's housekeeping; what the stream does not take now goes with the next write.
            while tls.wants_write() && tls.write_tls(&mut self.stream).is_ok() {}
        }
    }
}

impl<S: Read + Write> Write for Wire<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.tls {
            None => self.stream.write(bytes),
            Some(tls) => tls.writer().write(bytes),
        }
    }

    /// Sends what TLS still has.
    fn flush(&mut self) -> io::Result<()> {
        let Some(tls) = &mut self.tls else { return self.stream.flush() };
        while tls.wants_write() {
            tls.write_tls(&mut self.stream)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_server() {
        let port = |url: &str| Endpoint::parse(url, None).unwrap().named.addresses[0].port();
        assert_eq!(port("http://127.0.0.1:8080"), 8080);
        assert_eq!(port("http://127.0.0.1/"), 80);
        assert_eq!(port("https://127.0.0.1"), 443);
        assert_eq!(port("http://[::1]:81"), 81);
        assert_eq!(port("http://[::1]"), 80);
        for wrong in ["127.0.0.1:80", "ftp://127.0.0.1", "http://127.0.0.1/shop", "http://me@127.0.0.1", "http://h:0x1"]
        {
            assert!(Endpoint::parse(wrong, None).unwrap_err().to_string().contains(wrong), "{wrong}");
        }
    }

    #[test]
    fn requests_bear_the_name_of_the_url() {
        let request = || crate::request::Template::check().with(b"t");
        let mut named = request();
        Endpoint::parse("http://localhost:8080", None).unwrap().address(&mut named);
        let text = String::from_utf8(named).unwrap();
        assert!(text.contains("\r\nHost: localhost:8080\r\n") && !text.contains("onsale.example"), "{text}");
        let mut own = request();
        Endpoint::from(SocketAddr::from(([127, 0, 0, 1], 1))).address(&mut own);
        assert_eq!(own, request());
    }
}
