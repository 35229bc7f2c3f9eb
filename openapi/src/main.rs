//! Writes `openapi.yaml` at the root of the workspace; with `--check` it only tells whether that is current.

use std::process::ExitCode;

fn main() -> anyhow::Result<ExitCode> {
    let current = openapi::yaml()?;
    let path = openapi::path();
    match std::env::args().nth(1).as_deref() {
        None => {
            std::fs::write(&path, current)?;
            println!("wrote {}", path.display());
            Ok(ExitCode::SUCCESS)
        }
        Some("--check") => {
            if std::fs::read_to_string(&path).is_ok_and(|stored| stored == current) {
                println!("{} is current", path.display());
                return Ok(ExitCode::SUCCESS);
            }
            eprintln!("{} is stale: run `cargo run --bin openapi`", path.display());
            Ok(ExitCode::FAILURE)
        }
        Some(other) => {
            eprintln!("unknown argument {other}; the only one is --check");
            Ok(ExitCode::FAILURE)
        }
    }
}
