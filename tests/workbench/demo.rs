//! `claimloop demo --keep-running`, which goes away with the test.

use std::path::PathBuf;
use std::process::Command;

use crate::site::BINARY;

pub struct Demo {
    process: i32,
    folder: PathBuf,
    /// Host and port of the workbench.
    pub address: String,
    /// Where the user demo chooses a password, once.
    pub link: String,
}

impl Demo {
    pub fn start() -> Demo {
        let done = Command::new(BINARY).args(["demo", "--keep-running"]).output().unwrap();
        let said = String::from_utf8(done.stdout).unwrap();
        let after = |text: &str| said.split(text).nth(1).unwrap_or_else(|| panic!("no {text:?} in {said}"));
        let word = |text: &str, end: char| after(text).split([end, '\n']).next().unwrap().to_owned();
        let (process, folder) = (word("process ", ';'), word("folders are in ", '\n'));
        let address = word("The workbench: http://", '\n');
        let link = word(&format!("once: http://{address}"), '\n');
        let folder = PathBuf::from(folder.trim_end_matches('.'));
        Demo { process: process.parse().unwrap(), folder, address, link }
    }

    /// A link of somebody else, that nobody used.
    pub fn another(&self) -> String {
        let mut command = Command::new(BINARY);
        command.args(["users", "add", "guest", "--role", "viewer", "--config", "claimloop.toml"]);
        let done = command.current_dir(&self.folder).output().unwrap();
        let said = String::from_utf8(done.stdout).unwrap();
        said.split(&self.address).nth(1).unwrap_or_else(|| panic!("no link in {said}")).trim().to_owned()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let process = rustix::process::Pid::from_raw(self.process).unwrap();
        let _gone = rustix::process::kill_process(process, rustix::process::Signal::KILL);
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}
