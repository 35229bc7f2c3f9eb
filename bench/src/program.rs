//! Programs of this workspace that the bench runs: `cargo run` builds only the bench itself.

use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use std::process::Command;

/// Builds a program by the release profile, if it is not built yet, and returns where it is.
pub fn build(package: &str, program: &str) -> Result<PathBuf> {
    let mut build = Command::new(env!("CARGO"));
    // With the bench's own package, so that third-party crates have the features with which they are built already.
    build.args(["build", "--release", "--package", "bench", "--package", package, "--bin", program]);
    // Variables of `cargo run` about the bench's own package: inherited, they make build scripts run anew.
    let of_this_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars().filter(|(name, _)| of_this_package(name)) {
        build.env_remove(name);
    }
    let built = build.status().context("cannot start cargo")?;
    ensure!(built.success(), "{program} does not build");

    // Beside the bench's own folder, which is another one in a debug build.
    let bench = std::env::current_exe()?;
    let target = bench.ancestors().nth(2).context("the bench is not in a target folder")?;
    Ok(target.join("release").join(program))
}
