//! What the configuration says, and what stands in its way. Secrets are named by their files, never shown.

use axum::response::Response;

use crate::config::{Config, Way};
use crate::daemon::checkup::checkup;
use crate::web::Web;
use crate::web::handle::Failed;
use crate::web::pages::settings as shown;
use crate::web::request::Signed;

/// A part of the configuration: its table, then each setting with what it says.
pub type Part = (String, Vec<(&'static str, String)>);

/// The page.
pub fn page(web: &Web, who: &Signed) -> Result<Response, Failed> {
    let config = &web.reading.config;
    let edits = web.desk.edits();
    let seen = checkup(config, web.desk.today());
    let off: Vec<(String, &str)> = edits.off().map(|(edit, needs)| (edit.id.clone(), needs)).collect();
    Ok(shown::settings(who, &seen, &parts(config), (edits.active().count(), edits.hash(), &off)))
}

fn parts(of: &Config) -> Vec<Part> {
    let path = |path: &std::path::Path| path.display().to_string();
    let folder = |path: &Option<std::path::PathBuf>| {
        path.as_ref().map_or("none".to_owned(), |p| p.display().to_string())
    };
    let time = |of: std::time::Duration| format!("{of:?}");
    let size = |bytes: u64| format!("{} MiB", bytes >> 20);
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let mut parts: Vec<Part> = vec![
        (
            "The site".to_owned(),
            vec![
                ("timezone", of.timezone.iana_name().unwrap_or("of the machine").to_owned()),
                ("acks", format!("{:?}", of.acks).to_lowercase()),
                ("answer_within", format!("{:#}", of.answer_within)),
                ("codes.dir", folder(&of.site.codes)),
                ("payers.dir", folder(&of.site.payers)),
                ("payers.complete", yes(of.site.every_payer)),
                ("edits.dir", folder(&of.site.edits)),
            ],
        ),
        (
            "[state]".to_owned(),
            vec![
                ("dir", path(&of.state)),
                (
                    "keys",
                    of.keys.as_ref().map_or("none: not sealed".to_owned(), |p| format!("in {}", p.display())),
                ),
                ("low_water", size(of.low_water)),
                ("index_cache", size(of.index_cache)),
            ],
        ),
        (
            "[intake]".to_owned(),
            vec![
                ("settle", time(of.intake.settle)),
                ("scan", time(of.intake.scan)),
                ("incomplete_after", time(of.intake.incomplete_after)),
                ("parallel", of.intake.parallel.to_string()),
                ("most_bytes", size(of.intake.most_bytes)),
                ("most_unpacked", size(of.intake.most_unpacked)),
            ],
        ),
        (
            "[huddle]".to_owned(),
            vec![
                ("day", of.huddling.when.map_or("never by itself".to_owned(), |(day, _)| format!("{day:?}"))),
                (
                    "hour",
                    of.huddling.when.map_or(String::new(), |(_, hour)| hour.strftime("%H:%M").to_string()),
                ),
                ("dir", path(&of.huddling.dir)),
                ("formats", of.huddling.formats.iter().map(|f| f.extension()).collect::<Vec<_>>().join(", ")),
                ("recipients", of.huddling.recipients.join(", ")),
                ("site", of.huddling.site.clone()),
                ("blinded", yes(of.huddling.blinded)),
            ],
        ),
        (
            "[web]".to_owned(),
            vec![
                ("listen", of.web.listen.map_or("nowhere".to_owned(), |at| at.to_string())),
                ("session_idle", time(of.web.idle)),
                ("session_end", time(of.web.end)),
            ],
        ),
    ];
    for sink in &of.alerting.sinks {
        let way = match &sink.way {
            Way::File(folder) => format!("lines in {}", folder.display()),
            Way::Email(email) => format!("mail by {}:{}, to {}", email.host, email.port, email.to.join(", ")),
            // An address that is written down may itself be the secret.
            Way::Webhook(hook) => match &hook.url {
                Ok(_) => "webhook, its address in the configuration".to_owned(),
                Err(file) => format!("webhook, its address in {}", file.display()),
            },
        };
        parts.push((
            format!("[[sink]] {}", sink.rule.name),
            vec![("way", way), ("timeout", time(sink.timeout))],
        ));
    }
    for channel in &of.channels {
        let mut lines: Vec<(&'static str, String)> =
            channel.folders().into_iter().map(|(name, folder)| (name, path(folder))).collect();
        lines.extend([
            ("repeats", format!("{:?}", channel.repeats).to_lowercase()),
            ("signal", format!("{:?}", channel.signal).to_lowercase()),
            ("watch", format!("{:?}", channel.watch).to_lowercase()),
            ("take", if channel.take.is_empty() { "every name".to_owned() } else { channel.take.join(", ") }),
            ("most_unfetched", channel.most_unfetched.to_string()),
            ("file_mode", format!("{:04o}", channel.file_mode)),
            ("shadow", yes(channel.shadow)),
        ]);
        parts.push((format!("[[channel]] {}", channel.name), lines));
    }
    parts
}
