# What proves claimloop, and what measures it.
.PHONY: check test bench evidence tools

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
