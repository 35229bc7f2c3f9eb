//! The size of what is deployed.

use anyhow::{Context, Result};
use flate2::{Compression, write::DeflateEncoder};
use std::io::Write;
use std::path::Path;

/// Bytes of a zip file with one entry besides the deflated ones: two headers and the end, with the name `bootstrap` in
/// both headers.
const ZIP_OVERHEAD_BYTES: u64 = 30 + 46 + 22 + 2 * "bootstrap".len() as u64;

/// Sizes in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Package {
    /// The executable.
    pub binary: u64,
    /// The zip file with it, deflated as `sam deploy` does.
    pub zip: u64,
}

impl Package {
    /// Measures a bootstrap.
    pub fn of(bootstrap: &Path) -> Result<Package> {
        let binary = std::fs::read(bootstrap).with_context(|| format!("cannot read {}", bootstrap.display()))?;
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
        deflated.write_all(&binary)?;
        Ok(Package { binary: binary.len() as u64, zip: deflated.finish()?.len() as u64 + ZIP_OVERHEAD_BYTES })
    }
}
