//! HTTP/2, negotiated under TLS and by prior knowledge, beside HTTP/1.1 on the same port.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body::Frame;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use onsale_http::server::{self, TlsFiles};
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;

use crate::common;
use crate::common::{Server, get, options, read_response};

async fn client<T>(stream: T) -> (SendRequest<Full<Bytes>>, tokio::task::JoinHandle<hyper::Result<()>>)
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    (sender, tokio::spawn(connection))
}

fn request(path: &str, body: &str) -> Request<Full<Bytes>> {
    let uri = format!("http://localhost{path}");
    Request::post(uri).body(Full::new(Bytes::from(body.to_owned()))).unwrap()
}

async fn answer(sender: &mut SendRequest<Full<Bytes>>, path: &str, body: &str) -> Bytes {
    let response = sender.send_request(request(path, body)).await.unwrap();
    assert_eq!(response.version(), http::Version::HTTP_2);
    response.into_body().collect().await.unwrap().to_bytes()
}

#[tokio::test]
async fn prior_knowledge_in_clear_text() {
    let server = Server::start(options());
    let (mut sender, _connection) = client(server.connect().await).await;
    assert_eq!(answer(&mut sender, "/echo", "over HTTP/2").await, "over HTTP/2");
    assert_eq!(answer(&mut sender, "/large", "").await.len(), common::LARGE_BYTES);
    assert_eq!(answer(&mut sender, "/echo", &"x".repeat(20_000)).await, "TooLarge");
    // Methods that begin like the preface are HTTP/1.1.
    for method in ["P", "PR", "PRI", "PROPFIND", "PUT", "POST"] {
        let mut client = server.connect().await;
        let text = format!("{method} / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
        for byte in text.as_bytes() {
            client.write_all(&[*byte]).await.unwrap();
        }
        assert!(read_response(&mut client).await.starts_with("HTTP/1.1 200"), "{method}");
    }
}

struct Certificate {
    files: TlsFiles,
    der: CertificateDer<'static>,
    _directory: tempfile::TempDir,
}

fn certificate() -> Certificate {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let files = TlsFiles { cert: directory.path().join("cert.pem"), key: directory.path().join("key.pem") };
    std::fs::write(&files.cert, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    Certificate { files, der: made.cert.der().clone(), _directory: directory }
}

fn connector(certificate: &Certificate, alpn: &[&[u8]]) -> TlsConnector {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.der.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

#[tokio::test]
async fn negotiated_under_tls() {
    let certificate = certificate();
    let server = Server::start(server::Options { tls: Some(certificate.files.clone()), ..options() });
    let name = || ServerName::try_from("localhost").unwrap();
    let connector_h2 = connector(&certificate, &[b"h2", b"http/1.1"]);
    let stream = connector_h2.connect(name(), server.connect().await).await.unwrap();
    let (mut sender, _connection) = client(stream).await;
    assert_eq!(answer(&mut sender, "/echo", "over TLS").await, "over TLS");
    for alpn in [&[b"http/1.1".as_slice()] as &[_], &[]] {
        let mut stream = connector(&certificate, alpn).connect(name(), server.connect().await).await.unwrap();
        stream.write_all(&get("/large")).await.unwrap();
        assert!(read_response(&mut stream).await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn an_idle_connection_under_tls_ends_with_a_goodbye() {
    let certificate = certificate();
    let short = Duration::from_millis(20);
    let tls = Some(certificate.files.clone());
    let server = Server::start(server::Options { tls, idle_timeout: short, ..options() });
    for (alpn, asked) in [(b"http/1.1".as_slice(), get("/")), (b"h2", common::frames::PREFACE.to_vec())] {
        let name = ServerName::try_from("localhost").unwrap();
        let mut stream = connector(&certificate, &[alpn]).connect(name, server.connect().await).await.unwrap();
        stream.write_all(&asked).await.unwrap();
        // Without the close_notify this is an error.
        stream.read_to_end(&mut Vec::new()).await.unwrap();
    }
}

#[tokio::test]
async fn the_answer_to_head_is_a_head() {
    let server = Server::start(options());
    let (mut sender, _connection) = client(server.connect().await).await;
    for (path, bytes) in [("/", 5), ("/list", common::LIST_BYTES), ("/large", common::LARGE_BYTES), ("/chunks", 6)] {
        let request = Request::head(format!("http://localhost{path}")).body(Full::default()).unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.headers()["content-length"], bytes.to_string().as_str(), "{path}");
        assert!(http_body::Body::is_end_stream(response.body()), "{path} has a body");
    }
}

#[test]
fn a_missing_certificate_is_named() {
    let files = TlsFiles { cert: "no-such.pem".into(), key: "no-such.key".into() };
    let error = server::bind(server::Options { tls: Some(files), ..options() }).err().unwrap();
    assert!(error.to_string().starts_with("no-such.pem: "), "{error}");
}

#[tokio::test]
async fn shutdown_finishes_the_streams() {
    let server = Server::start(options());
    let (mut sender, connection) = client(server.connect().await).await;
    let slow = tokio::spawn(sender.send_request(request("/slow", "")));
    server.gate.entered().await;
    server.shutdown(Duration::from_secs(3_600));
    server.gate.open();
    let response = slow.await.unwrap().unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "slow");
    drop(sender);
    connection.await.unwrap().unwrap();
    assert_eq!(server.join().await, 0);
}

#[tokio::test]
async fn slow_clients_are_dropped() {
    let short = Duration::from_millis(20);
    // Idle after a request.
    let server = Server::start(server::Options { idle_timeout: short, ..options() });
    let (mut sender, connection) = client(server.connect().await).await;
    assert_eq!(answer(&mut sender, "/", "").await, "hello");
    let _ = connection.await.unwrap();
    // A body that does not come.
    let server = Server::start(server::Options { body_timeout: short, ..options() });
    let io = TokioIo::new(server.connect().await);
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    let never = StreamBody::new(futures_util::stream::pending::<Result<Frame<Bytes>, Infallible>>());
    let response = sender.send_request(Request::post("http://localhost/echo").body(never).unwrap()).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "Incomplete");
    // A window that does not open.
    let server = Server::start(server::Options { write_timeout: short, ..options() });
    let (mut sender, connection) = client(server.connect().await).await;
    let unread = sender.send_request(request("/stall", "")).await.unwrap();
    let _ = connection.await.unwrap();
    drop(unread);
}

#[tokio::test]
async fn what_is_refused_before_the_service_is_named_too() {
    let server = Server::start(options());
    let (mut sender, _connection) = client(server.connect().await).await;
    let mut many = Request::get("http://localhost/").header("request-id", "b-2");
    for number in 0..101 {
        many = many.header(format!("x-{number}"), "1");
    }
    let response = sender.send_request(many.body(Full::default()).unwrap()).await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["request-id"]), (431, &"b-2".parse().unwrap()));
}
