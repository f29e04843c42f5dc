//! The committed demo files are what their generator makes.

use std::fs;
use std::path::Path;

#[path = "../examples/demo_files/files/mod.rs"]
mod files;

#[test]
fn the_committed_files_are_what_the_generator_makes() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    for file in files::all().unwrap() {
        let committed = fs::read(directory.join(file.name)).unwrap();
        let hint = "run: cargo run -p creditbank --example demo_files";
        assert!(committed == file.bytes, "{} differs; {hint}", file.name);
    }
}
