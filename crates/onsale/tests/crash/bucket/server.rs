//! A server of buckets on a directory: s3s, which reads what is signed as Amazon's does, and keeps objects as files.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread::JoinHandle;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

pub(super) const KEY: &str = "somebody";
pub(super) const SECRET: &str = "what nobody else knows";

/// How it answers, and what for.
#[derive(Clone)]
struct Tls {
    acceptor: TlsAcceptor,
    certificate: String,
}

struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// A server of buckets. The objects are files below [`Self::bucket`].
pub(super) struct BucketServer {
    root: TempDir,
    address: SocketAddr,
    tls: Option<Tls>,
    running: Option<Running>,
}

impl BucketServer {
    /// With one bucket, `copies`.
    pub(super) fn start() -> Self {
        Self::start_as(None)
    }

    /// By HTTPS, with a certificate that is in [`Self::certificate`].
    pub(super) fn start_with_tls() -> Self {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()).into();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.expect("versions").with_no_client_auth();
        let config = config.with_single_cert(vec![made.cert.der().clone()], key).expect("a key that fits");
        let tls = Tls { acceptor: TlsAcceptor::from(Arc::new(config)), certificate: made.cert.pem() };
        Self::start_as(Some(tls))
    }

    fn start_as(tls: Option<Tls>) -> Self {
        let root = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(root.path().join("copies")).expect("a bucket");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let running = Some(run(root.path(), listener, tls.clone()));
        Self { root, address, tls, running }
    }

    /// Ends it in the middle of whatever it does.
    pub(super) fn kill(&mut self) {
        if let Some(running) = self.running.take() {
            drop(running.stop);
            // A panic has been reported already.
            drop(running.thread.join());
        }
    }

    /// Starts it again at the same address, on the same objects.
    pub(super) fn come_back(&mut self) {
        let listener = TcpListener::bind(self.address).expect("the port of before");
        self.running = Some(run(self.root.path(), listener, self.tls.clone()));
    }

    /// What to trust.
    pub(super) fn certificate(&self) -> PathBuf {
        let path = self.root.path().join("certificate.pem");
        std::fs::write(&path, &self.tls.as_ref().expect("HTTPS").certificate).expect("it can be written");
        path
    }

    pub(super) fn bucket(&self) -> PathBuf {
        self.root.path().join("copies")
    }

    /// Tells a command who asks, and whom.
    pub(super) fn name_to<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        if self.tls.is_some() {
            command.env("AWS_ENDPOINT_URL", format!("https://{}", self.address));
        } else {
            command.env("AWS_ENDPOINT_URL", format!("http://{}", self.address)).env("AWS_ALLOW_HTTP", "true");
        }
        command.env("AWS_ACCESS_KEY_ID", KEY).env("AWS_SECRET_ACCESS_KEY", SECRET)
    }
}

impl Drop for BucketServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn run(root: &Path, listener: TcpListener, tls: Option<Tls>) -> Running {
    let files = FileSystem::new(root).expect("the directory can be used");
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
    let service = builder.build();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                () = accept(listener, service, tls) => {}
                // A dropped sender asks for the same.
                _ = stopped => {}
            }
        });
    });
    Running { stop, thread }
}

async fn accept(listener: TcpListener, service: S3Service, tls: Option<Tls>) {
    listener.set_nonblocking(true).expect("a socket can be told not to block");
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (service, tls) = (service.clone(), tls.clone());
        tokio::spawn(async move {
            let http = auto::Builder::new(TokioExecutor::new());
            // A client that hangs up is no concern of the server.
            let Some(tls) = tls else {
                let _ = http.serve_connection(TokioIo::new(stream), service).await;
                return;
            };
            if let Ok(stream) = tls.acceptor.accept(stream).await {
                let _ = http.serve_connection(TokioIo::new(stream), service).await;
            }
        });
    }
}
