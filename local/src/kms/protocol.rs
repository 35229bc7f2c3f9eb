//! KMS: data keys under the one master key.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Context, Keys};
use crate::services::{Refusal, read};

/// KMS's quota for a data key, in bytes.
const DATA_KEY_SIZE_MAX_BYTES: usize = 1_024;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GenerateDataKey {
    key_id: String,
    key_spec: Option<String>,
    number_of_bytes: Option<usize>,
    #[serde(default)]
    encryption_context: Context,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypt {
    ciphertext_blob: String,
    key_id: Option<String>,
    #[serde(default)]
    encryption_context: Context,
}

pub(crate) fn call(keys: &Keys, operation: &str, body: &[u8]) -> Result<Value, Refusal> {
    match operation {
        "GenerateDataKey" => generate_data_key(keys, &read(body)?),
        "Decrypt" => decrypt(keys, &read(body)?),
        _ => Err(Refusal::unknown_operation(operation)),
    }
}

fn generate_data_key(keys: &Keys, request: &GenerateDataKey) -> Result<Value, Refusal> {
    if !Keys::is_named(&request.key_id) {
        return Err(Refusal::new("NotFoundException", format!("Key '{}' does not exist", request.key_id)));
    }
    let size_bytes = match (request.key_spec.as_deref(), request.number_of_bytes) {
        (Some("AES_256"), None) => 32,
        (Some("AES_128"), None) => 16,
        (None, Some(size)) if (1..=DATA_KEY_SIZE_MAX_BYTES).contains(&size) => size,
        _ => {
            let text = "Please specify either number of bytes or key spec.";
            return Err(Refusal::new("ValidationException", text));
        }
    };
    let plaintext = keys.random(size_bytes)?;
    let ciphertext = keys.seal(&plaintext, &request.encryption_context)?;
    Ok(json!({
        "CiphertextBlob": BASE64_STANDARD.encode(ciphertext),
        "Plaintext": BASE64_STANDARD.encode(plaintext),
        "KeyId": Keys::KEY_ARN,
    }))
}

fn decrypt(keys: &Keys, request: &Decrypt) -> Result<Value, Refusal> {
    if request.key_id.as_deref().is_some_and(|id| !Keys::is_named(id)) {
        let text = "The key ID in the request does not identify a CMK that can perform this operation.";
        return Err(Refusal::new("IncorrectKeyException", text));
    }
    let plaintext = BASE64_STANDARD
        .decode(&request.ciphertext_blob)
        .ok()
        .and_then(|ciphertext| keys.open(&ciphertext, &request.encryption_context))
        .ok_or_else(|| Refusal::new("InvalidCiphertextException", ""))?;
    Ok(json!({
        "Plaintext": BASE64_STANDARD.encode(plaintext),
        "KeyId": Keys::KEY_ARN,
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }))
}
