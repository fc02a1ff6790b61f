//! TLS for who comes from other machines. A certificate that is renewed is taken without a restart. The only home of `tokio-rustls`.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

use crate::config::Certified;
use crate::daemon::Error;
use crate::events;

/// How often the files are looked at; one that can't be used is tried again as often.
const LOOK: Duration = Duration::from_secs(10);
/// How long a browser may take to agree on keys.
const LONGEST: Duration = Duration::from_secs(10);
/// How many may be at it at once.
const AT_ONCE: usize = 256;

/// Connections that are ready to be spoken over.
pub struct Secured {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: io::Result<SocketAddr>,
}

impl Listener for Secured {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(ready) => ready,
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        match &self.address {
            Ok(address) => Ok(*address),
            Err(error) => Err(error.kind().into()),
        }
    }
}

/// Takes connections from now on. Who is slow to agree on keys, or speaks no TLS, keeps nobody else waiting.
pub async fn secured(listener: TcpListener, of: Certified) -> Secured {
    let (tell, ready) = mpsc::channel(16);
    let secured = Secured { ready, address: listener.local_addr() };
    let keys = Arc::new(RwLock::new(first(&of).await));
    tokio::spawn(renew(of, Arc::clone(&keys)));
    tokio::spawn(async move {
        let room = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
            let Ok((stream, from)) = listener.accept().await else {
                // Too many files are open: it passes.
                sleep(Duration::from_secs(1)).await;
                continue;
            };
            let acceptor =
                TlsAcceptor::from(Arc::clone(&keys.read().unwrap_or_else(PoisonError::into_inner).config));
            let tell = tell.clone();
            tokio::spawn(async move {
                let _place = place;
                if let Ok(Ok(stream)) = timeout(LONGEST, acceptor.accept(stream)).await {
                    let _gone = tell.send((stream, from)).await;
                }
            });
        }
    });
    secured
}

/// What connections are secured by, and when its files were written.
struct Keys {
    config: Arc<ServerConfig>,
    written: Written,
}

type Written = (Option<SystemTime>, Option<SystemTime>);

/// Waits for files that can be used. Claims go on their way meanwhile.
async fn first(of: &Certified) -> Keys {
    let mut told = false;
    loop {
        match read(of) {
            Ok(keys) => return keys,
            Err(error) if !told => {
                events::failed("reading the workbench's certificate; it is tried again", &error);
            }
            Err(_) => {}
        }
        told = true;
        sleep(LOOK).await;
    }
}

/// Takes what is written anew; what can't be used changes nothing.
async fn renew(of: Certified, keys: Arc<RwLock<Keys>>) {
    let mut tried = keys.read().unwrap_or_else(PoisonError::into_inner).written;
    loop {
        sleep(LOOK).await;
        let now = written(&of);
        if now == tried {
            continue;
        }
        tried = now;
        match read(&of) {
            Ok(fresh) => *keys.write().unwrap_or_else(PoisonError::into_inner) = fresh,
            Err(error) => {
                events::failed("reading the workbench's new certificate; the one before stays", &error);
            }
        }
    }
}

fn written(of: &Certified) -> Written {
    let when = |path: &Path| path.metadata().and_then(|file| file.modified()).ok();
    (when(&of.certificate), when(&of.key))
}

fn read(of: &Certified) -> Result<Keys, Error> {
    // Before they are read: what is written meanwhile is read once more.
    let written = written(of);
    let bad = |what: &str, error: &dyn std::fmt::Display| Error::Runtime(format!("web.{what}: {error}"));
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(&of.certificate).and_then(Iterator::collect);
    let chain = chain.map_err(|error| bad("certificate", &error))?;
    let key = PrivateKeyDer::from_pem_file(&of.key);
    // Not in the reader's words, which quote a line it doesn't understand.
    let key = key.map_err(|_| bad("key", &"it can't be read, or is no PEM of a key"))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
    let mut config = config.map_err(|error| bad("certificate", &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Keys { config: Arc::new(config), written })
}
