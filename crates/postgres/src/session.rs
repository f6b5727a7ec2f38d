//! One connection, driven by the thread that uses it.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Notify, mpsc};
use tokio_postgres::{AsyncMessage, Client, Connection, Socket, tls::TlsStream};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::Error;
use crate::hosts::Host;
use crate::lasting::Ends;

/// What holds in each session, whatever the database's own defaults are.
///
/// A transaction that its client leaves open holds locks that all others wait for: the server ends it. It also looks
/// whether its client is still there while a statement runs or waits for a lock. How long anything may take, we say
/// ourselves: what an administrator allows other programs would end sessions that wait for something to do, and
/// statements that have a whole sale to load. Our statements take less time than their compilation would, however dear the
/// planner thinks they are. It is one statement, and no procedure: this is a third of what a session costs the server.
const SETTINGS: &str = "
    SELECT
        set_config('default_transaction_isolation', 'read committed', false),
        set_config('idle_in_transaction_session_timeout', '2s', false),
        set_config('idle_session_timeout', '0', false),
        set_config('statement_timeout', '0', false),
        set_config('lock_timeout', '0', false),
        set_config('client_connection_check_interval', '1s', false),
        set_config('client_min_messages', 'warning', false),
        set_config('standard_conforming_strings', 'on', false),
        set_config('timezone', 'UTC', false),
        set_config('jit', 'off', false),
        CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', false) END,
        -- From version 17 on.
        CASE WHEN current_setting('transaction_timeout', true) IS NOT NULL THEN set_config('transaction_timeout', '0', false) END
";

/// How long a server may take at the least until a session with it is open.
const GREETING: Duration = Duration::from_secs(2);

/// How long it may take to cancel something.
const CANCELLING: Duration = Duration::from_secs(1);

/// An open session. It belongs to one thread; nothing of it runs while no method does.
pub struct Session {
    // Before the runtime, which must not be dropped while the connection's task is polled.
    client: Client,
    runtime: Runtime,
    tls: MakeRustlsConnect,
    host: Host,
    notifications: mpsc::UnboundedReceiver<String>,
    not_replicated: Arc<AtomicBool>,
    patience: Duration,
    ended: Cell<bool>,
}

/// How a wait for notifications ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Waited {
    /// With at least one: their payloads.
    Notified(Vec<String>),
    /// Somebody in this process has woken the waiter.
    Woken,
    /// The time is up.
    TimedOut,
    /// The session has ended.
    Ended,
}

impl Session {
    pub(crate) fn open(
        config: &tokio_postgres::Config,
        tls: MakeRustlsConnect,
        patience: Duration,
        host: Host,
    ) -> Result<Self, Error> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let not_replicated = Arc::new(AtomicBool::new(false));
        let (sender, notifications) = mpsc::unbounded_channel();
        let opening = async {
            let (client, connection) = config.connect(tls.clone()).await.map_err(Error::Connect)?;
            tokio::spawn(drive(connection, sender, not_replicated.clone()));
            client.batch_execute(SETTINGS).await.map_err(Error::Connect)?;
            Ok(client)
        };
        // For the connection and the greeting. Where there are other hosts, one that says nothing is not waited for any longer.
        let most = if host.is_only() { patience.max(GREETING) } else { patience.clamp(GREETING, GREETING * 2) };
        let client = runtime
            .block_on(async { tokio::time::timeout(most, opening).await.unwrap_or(Err(Error::Silent(most))) })?;
        // What the server had to say to a newcomer concerns no commit.
        not_replicated.store(false, Ordering::Relaxed);
        Ok(Self { client, runtime, tls, host, notifications, not_replicated, patience, ended: Cell::new(false) })
    }

    /// What queries are made with, inside of [`Session::block`].
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Changes how long queries may take.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Runs queries. Without an answer in time, the session is over.
    ///
    /// # Errors
    /// [`Error::Silent`], [`Error::Query`], [`Error::Ended`]; [`Error::NotReplicated`] where a commit was answered and
    /// does not stand on the synchronous standby.
    pub fn block<T>(&self, work: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, Error> {
        if self.is_ended() {
            return Err(Error::Ended);
        }
        let patience = self.patience;
        let done = self.runtime.block_on(async { tokio::time::timeout(patience, work).await });
        let result = match done {
            Ok(result) => result.map_err(Error::Query),
            Err(_) => {
                self.give_up();
                Err(Error::Silent(patience))
            }
        };
        if self.not_replicated.swap(false, Ordering::Relaxed) {
            self.give_up();
            return Err(Error::NotReplicated);
        }
        result
    }

    fn give_up(&self) {
        self.ended.set(true);
        self.host.pass_over();
    }

    /// Has the server give up what this session waits for there. A backend that waits for a standby does not notice that
    /// its client is gone: without this each that is given up would stay. What cannot be cancelled is left as it is.
    pub fn cancel(&self) {
        let token = self.client.cancel_token();
        let cancelling = async { tokio::time::timeout(CANCELLING, token.cancel_query(self.tls.clone())).await };
        match self.runtime.block_on(cancelling) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a wait could not be cancelled"),
            Err(_) => tracing::debug!("a wait could not be cancelled in time"),
        }
    }

    /// Whether the session is over, as far as the system knows by now.
    #[must_use]
    pub fn has_ended_meanwhile(&self) -> bool {
        if !self.is_ended() {
            // Time for the connection's task to see what has come.
            self.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(1)).await });
        }
        self.is_ended()
    }

    /// Waits for a notification, for `wake`, or for the time to pass.
    pub fn wait(&mut self, time: Duration, wake: &Notify) -> Waited {
        if self.is_ended() {
            return Waited::Ended;
        }
        let notifications = &mut self.notifications;
        let waited = self.runtime.block_on(async {
            tokio::select! {
                payload = notifications.recv() => payload.map_or(Waited::Ended, |payload| Waited::Notified(vec![payload])),
                () = wake.notified() => Waited::Woken,
                () = tokio::time::sleep(time) => Waited::TimedOut,
            }
        });
        let Waited::Notified(mut payloads) = waited else { return waited };
        while let Ok(payload) = self.notifications.try_recv() {
            payloads.push(payload);
        }
        Waited::Notified(payloads)
    }
}

impl Ends for Session {
    fn is_ended(&self) -> bool {
        self.ended.get() || self.client.is_closed()
    }
}

/// Carries messages until the connection ends. The client then says so to whoever uses it.
async fn drive<S>(
    mut connection: Connection<Socket, S>,
    notifications: mpsc::UnboundedSender<String>,
    not_replicated: Arc<AtomicBool>,
) where
    S: TlsStream + Unpin,
{
    let mut is_told = false;
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        match message {
            Ok(AsyncMessage::Notification(notification)) => {
                // Nobody listens when the session is being dropped.
                let _ = notifications.send(notification.payload().to_owned());
            }
            Ok(AsyncMessage::Notice(notice)) => {
                // A cancelled wait for a standby is a warning beside a commit that succeeds. Its words depend on the
                // server's language, and its code on who cancelled; the function that it comes from is always the
                // same. Where a server does not name any, a warning is taken for it: at worst a transaction is tried
                // again. Others, such as that a vacuum is due, come with each commit, and say nothing against it.
                let is_cancelled = notice.routine().is_none_or(|routine| routine == "SyncRepWaitForLSN");
                not_replicated.fetch_or(is_cancelled, Ordering::Relaxed);
                if is_cancelled || !is_told {
                    is_told = true;
                    tracing::warn!(code = notice.code().code(), message = notice.message(), "PostgreSQL gives notice");
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%error, "a connection to PostgreSQL ended");
                return;
            }
        }
    }
}
