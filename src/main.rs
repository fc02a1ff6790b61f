//! `claimloop`: arguments in, exit code out.

use std::io::{self, Write};
use std::process::ExitCode;

/// Its settings are in `.cargo/config.toml`.
#[global_allocator]
static HEAP: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    claimloop::cli::hide_panics();
    let (mut out, mut err) = (io::BufWriter::new(io::stdout().lock()), io::stderr());
    let exit = claimloop::cli::run(std::env::args_os(), &mut out, &mut err);
    // A reader that went away has what it wanted.
    let _gone = out.flush();
    exit.into()
}
