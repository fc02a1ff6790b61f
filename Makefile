# What proves claimloop, and what measures it.
.PHONY: check test bench evidence detection detection-full tools screenshots

# Everything a bare Debian machine lacks; silent where it is there already. Only root installs.
tools:
	@.ci/tools

check:
	cargo fmt --check
	cargo clippy --all-targets --locked -- -D warnings
	cargo clippy --locked --features parquet --lib --test parquet -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked --document-private-items
	cargo test --locked --test architecture

test: tools
	cargo test --locked
	cargo test --locked --features parquet --test parquet

bench:
	cargo bench --locked
	cargo build --release --locked
	benches/history.py target/release/claimloop 500000

# Long runs and tables; their outputs are committed.
evidence: tools
	benches/evidence.sh

# How well changes are found, beside other detectors: docs/detection.md. Ten replicates of the published series take an hour or two, a hundred a day.
detection: tools
	benches/detection/all.sh target/detection 10

detection-full: tools
	benches/detection/all.sh target/detection-full 100

# Pictures of the workbench's pages, for docs/workbench.md.
screenshots: tools
	benches/screenshots.sh
