//! Writes `openapi.yaml` and the schemas of the conductor's messages at the root of the workspace; with `--check` it only
//! tells whether they are current.

use std::process::ExitCode;

fn main() -> anyhow::Result<ExitCode> {
    let files = openapi::files()?;
    match std::env::args().nth(1).as_deref() {
        None => {
            for openapi::Written { path, text } in files {
                std::fs::write(&path, text)?;
                println!("wrote {}", path.display());
            }
            Ok(ExitCode::SUCCESS)
        }
        Some("--check") => {
            let mut outcome = ExitCode::SUCCESS;
            for openapi::Written { path, text } in files {
                if std::fs::read_to_string(&path).is_ok_and(|stored| stored == text) {
                    println!("{} is current", path.display());
                } else {
                    eprintln!("{} is stale: run `cargo run --bin openapi`", path.display());
                    outcome = ExitCode::FAILURE;
                }
            }
            Ok(outcome)
        }
        Some(other) => {
            eprintln!("unknown argument {other}; the only one is --check");
            Ok(ExitCode::FAILURE)
        }
    }
}
