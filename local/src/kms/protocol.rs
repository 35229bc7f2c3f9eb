//! The operations of KMS on data keys under the one master key.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{EncryptionContext, MasterKey};
use crate::services::{ErrorResponse, read};

/// KMS's quota for a data key, in bytes.
const DATA_KEY_SIZE_MAX_BYTES: usize = 1_024;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GenerateDataKey {
    key_id: String,
    key_spec: Option<String>,
    number_of_bytes: Option<usize>,
    #[serde(default)]
    encryption_context: EncryptionContext,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypt {
    ciphertext_blob: String,
    key_id: Option<String>,
    #[serde(default)]
    encryption_context: EncryptionContext,
}

pub(crate) fn call(key: &MasterKey, operation: &str, body: &[u8]) -> Result<Value, ErrorResponse> {
    match operation {
        "GenerateDataKey" => generate_data_key(key, &read(body)?),
        "Decrypt" => decrypt(key, &read(body)?),
        _ => Err(ErrorResponse::unknown_operation(operation)),
    }
}

fn generate_data_key(key: &MasterKey, request: &GenerateDataKey) -> Result<Value, ErrorResponse> {
    if !MasterKey::is_named(&request.key_id) {
        return Err(ErrorResponse::new("NotFoundException", format!("Key '{}' does not exist", request.key_id)));
    }
    let size_bytes = match (request.key_spec.as_deref(), request.number_of_bytes) {
        (Some("AES_256"), None) => 32,
        (Some("AES_128"), None) => 16,
        (None, Some(size)) if (1..=DATA_KEY_SIZE_MAX_BYTES).contains(&size) => size,
        _ => {
            let text = "Please specify either number of bytes or key spec.";
            return Err(ErrorResponse::new("ValidationException", text));
        }
    };
    let plaintext = key.random(size_bytes)?;
    let ciphertext = key.seal(&plaintext, &request.encryption_context)?;
    Ok(json!({
        "CiphertextBlob": BASE64_STANDARD.encode(ciphertext),
        "Plaintext": BASE64_STANDARD.encode(plaintext),
        "KeyId": MasterKey::ARN,
    }))
}

fn decrypt(key: &MasterKey, request: &Decrypt) -> Result<Value, ErrorResponse> {
    if request.key_id.as_deref().is_some_and(|id| !MasterKey::is_named(id)) {
        let text = "The key ID in the request does not identify a CMK that can perform this operation.";
        return Err(ErrorResponse::new("IncorrectKeyException", text));
    }
    let plaintext = BASE64_STANDARD
        .decode(&request.ciphertext_blob)
        .ok()
        .and_then(|ciphertext| key.open(&ciphertext, &request.encryption_context))
        .ok_or_else(|| ErrorResponse::new("InvalidCiphertextException", ""))?;
    Ok(json!({
        "Plaintext": BASE64_STANDARD.encode(plaintext),
        "KeyId": MasterKey::ARN,
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }))
}
