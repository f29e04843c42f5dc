//! Writes the demo's files anew: `cargo run --example demo_files`.
//!
//! The same bytes come out every time, which `tests/demo_files.rs` holds against those committed.

use std::fs;
use std::path::Path;

mod files;

fn main() -> anyhow::Result<()> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    fs::create_dir_all(&directory)?;
    for file in files::all()? {
        fs::write(directory.join(file.name), file.bytes)?;
    }
    Ok(())
}
