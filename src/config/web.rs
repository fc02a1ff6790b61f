//! `[web]`: where the workbench listens, and how long who signed in may stay.

use std::net::SocketAddr;
use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;

/// Where, how long.
#[derive(Clone, Copy, Debug)]
pub struct Web {
    /// Address and port, of this machine alone; none: there is no workbench.
    pub listen: Option<SocketAddr>,
    /// Who does nothing for this long has to sign in again.
    pub idle: Duration,
    /// And so does everybody after this long.
    pub end: Duration,
    /// How long a decision may be undone; a claim that may leave waits as long.
    pub undo: SignedDuration,
    /// How long who documented the care may take to answer.
    pub answer_within: SignedDuration,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawWeb {
    listen: String,
    session_idle: SignedDuration,
    session_end: SignedDuration,
    undo: SignedDuration,
    answer_within: SignedDuration,
}

impl Default for RawWeb {
    fn default() -> RawWeb {
        RawWeb {
            listen: "127.0.0.1:8370".to_owned(),
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
        let listen = match self.listen.as_str() {
            "" => None,
            text => {
                let address: SocketAddr = text.parse().map_err(|_| {
                    format!("web.listen {text:?} is no address with a port: write \"127.0.0.1:8370\"")
                })?;
                if !address.ip().is_loopback() {
                    return Err(format!(
                        "web.listen {text:?} can be reached from other machines, which needs TLS, and that is not built yet: listen on \
                         127.0.0.1 or [::1]"
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
    fn only_this_machine() {
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
        ] {
            let said = parse(wrong).unwrap_err();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }
}
