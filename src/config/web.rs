//! `[web]`: where the workbench listens, and how long who signed in may stay.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;

/// Where, how long.
#[derive(Clone, Debug)]
pub struct Web {
    /// Address and port; none: there is no workbench.
    pub listen: Option<SocketAddr>,
    /// What it shows to be who it is; without it, it is of this machine alone.
    pub tls: Option<Certified>,
    /// Names it is reached by, beside its address.
    pub names: Vec<String>,
    /// Who does nothing for this long has to sign in again.
    pub idle: Duration,
    /// And so does everybody after this long.
    pub end: Duration,
    /// How long a decision may be undone; a claim that may leave waits as long.
    pub undo: SignedDuration,
    /// How long who documented the care may take to answer.
    pub answer_within: SignedDuration,
}

/// Files of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certified {
    /// PEM: its own certificate first, then those that vouch for it.
    pub certificate: PathBuf,
    /// PEM: its key.
    pub key: PathBuf,
}

impl Web {
    /// `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// What a browser may ask for it by: the address and every name, with the port where it isn't the usual one.
    #[must_use]
    pub fn hosts(&self) -> Vec<String> {
        let Some(listen) = self.listen else { return Vec::new() };
        let port = listen.port();
        let usual = if self.tls.is_some() { 443 } else { 80 };
        let named = |name: &String| if port == usual { name.clone() } else { format!("{name}:{port}") };
        let own = match listen.ip() {
            std::net::IpAddr::V4(ip) => ip.to_string(),
            std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        };
        self.names.iter().chain([&own, &"localhost".to_owned()]).map(named).collect()
    }

    /// What an address that people follow begins with.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        self.hosts().first().map(|host| format!("{}://{host}", self.scheme()))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawWeb {
    listen: String,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    names: Vec<String>,
    session_idle: SignedDuration,
    session_end: SignedDuration,
    undo: SignedDuration,
    answer_within: SignedDuration,
}

impl Default for RawWeb {
    fn default() -> RawWeb {
        RawWeb {
            listen: "127.0.0.1:8370".to_owned(),
            certificate: None,
            key: None,
            names: Vec::new(),
            session_idle: SignedDuration::from_mins(15),
            session_end: SignedDuration::from_hours(10),
            undo: SignedDuration::from_mins(1),
            answer_within: SignedDuration::from_hours(72),
        }
    }
}

impl RawWeb {
    /// Checks it.
    pub(super) fn checked(&self) -> Result<Web, String> {
        let tls = match (&self.certificate, &self.key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => {
                Some(Certified { certificate: certificate.clone(), key: key.clone() })
            }
            _ => return Err("web.certificate and web.key go together".to_owned()),
        };
        let sound = |name: &&String| {
            let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
            name.is_empty() || name.starts_with('.') || !name.chars().all(known)
        };
        if let Some(name) = self.names.iter().find(sound) {
            return Err(format!(
                "web.names: {name:?} is no name of a machine: write \"claims.example.org\", in small letters and without a port"
            ));
        }
        let listen = match self.listen.as_str() {
            "" => None,
            text => {
                let address: SocketAddr = text.parse().map_err(|_| {
                    format!("web.listen {text:?} is no address with a port: write \"127.0.0.1:8370\"")
                })?;
                if !address.ip().is_loopback() && tls.is_none() {
                    return Err(format!(
                        "web.listen {text:?} can be reached from other machines, which needs TLS: name a certificate and its key as \
                         web.certificate and web.key, or listen on 127.0.0.1 or [::1]"
                    ));
                }
                if address.ip().is_unspecified() && self.names.is_empty() {
                    return Err(format!(
                        "web.listen {text:?} is every address of the machine: say in web.names by which names people reach it"
                    ));
                }
                Some(address)
            }
        };
        let some = |name: &str, given: SignedDuration| {
            let given = Duration::try_from(given).ok().filter(|d| !d.is_zero());
            given.ok_or_else(|| format!("web.{name} must be longer than nothing"))
        };
        Ok(Web {
            listen,
            tls,
            names: self.names.clone(),
            idle: some("session_idle", self.session_idle)?,
            end: some("session_end", self.session_end)?,
            undo: self.undo.max(SignedDuration::ZERO),
            answer_within: self.answer_within,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn parse(web: &str) -> Result<Config, String> {
        Config::parse(&format!("[state]\ndir = \"s\"\n[web]\n{web}\n[[channel]]\nname = \"main\"\n"))
    }

    #[test]
    fn only_this_machine_without_tls() {
        assert_eq!(parse("").unwrap().web.listen.unwrap().to_string(), "127.0.0.1:8370");
        assert!(parse("listen = \"\"").unwrap().web.listen.is_none());
        for here in ["127.0.0.1:8370", "[::1]:8370"] {
            assert_eq!(parse(&format!("listen = {here:?}")).unwrap().web.listen.unwrap().port(), 8370);
        }
        for (wrong, why) in [
            ("listen = \"0.0.0.0:8370\"", "TLS"),
            ("listen = \"192.168.1.9:8370\"", "TLS"),
            ("listen = \"8370\"", "no address"),
            ("session_idle = \"0s\"", "session_idle"),
            ("certificate = \"cert.pem\"", "go together"),
            ("listen = \"0.0.0.0:8370\"\ncertificate = \"c\"\nkey = \"k\"", "web.names"),
            ("names = [\"claims.example.org:443\"]", "without a port"),
        ] {
            let said = parse(wrong).unwrap_err();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }

    #[test]
    fn over_tls_it_has_names() {
        let tls = "certificate = \"c\"\nkey = \"k\"\nnames = [\"claims.example.org\"]\n";
        let web = parse(&format!("{tls}listen = \"0.0.0.0:443\"")).unwrap().web;
        assert_eq!(web.hosts(), ["claims.example.org", "0.0.0.0", "localhost"]);
        assert_eq!(web.origin().unwrap(), "https://claims.example.org");
        let web = parse(&format!("{tls}listen = \"192.168.1.9:8370\"")).unwrap().web;
        assert_eq!(web.origin().unwrap(), "https://claims.example.org:8370");
        assert_eq!(parse("").unwrap().web.origin().unwrap(), "http://127.0.0.1:8370");
        assert_eq!(parse("listen = \"[::1]:8370\"").unwrap().web.origin().unwrap(), "http://[::1]:8370");
    }
}
