//! What a second engine is known to do differently from DynamoDB, and which tests it therefore can't pass.

/// A test by its name, and why an engine other than the embedded one and AWS itself does not run it.
const KNOWN: [(&str, &str); 0] = [];

/// Whether the test is one that this engine is known to fail; says so, as a skipped test must be seen.
pub fn known(test: &str) -> bool {
    let Ok(endpoint) = std::env::var(crate::world::ENDPOINT) else { return false };
    let known = KNOWN.iter().find(|(name, _)| *name == test).filter(|_| !crate::world::is_aws(&endpoint));
    if let Some((name, reason)) = known {
        println!("skipped at {endpoint}: {name}: {reason}");
    }
    known.is_some()
}
