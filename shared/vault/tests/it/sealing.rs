use domain::webhook::Sealed;
use proptest::prelude::*;
use serde_json::json;
use vault::VaultError;

use crate::kms::{KEY_ID, Kms};

const GENERATE: &str = "TrentService.GenerateDataKey";
const DECRYPT: &str = "TrentService.Decrypt";

#[tokio::test]
async fn what_was_sealed_can_be_opened() {
    let kms = Kms::start().await;
    for plain in [b"".as_slice(), b"secret", &[0; 300_000]] {
        let sealed = kms.vault().await.seal("one", plain).await.unwrap();
        assert_eq!(kms.vault().await.open("one", &sealed).await.unwrap(), plain);
    }
}

#[tokio::test]
async fn the_context_is_bound_to_the_data_key() {
    let kms = Kms::start().await;
    let sealed = kms.vault().await.seal("one", b"secret").await.unwrap();
    kms.vault().await.open("one", &sealed).await.unwrap();
    let requests = kms.take_requests();
    let context = json!({"webhook": "one"});
    assert_eq!(requests[0].1, json!({"KeyId": KEY_ID, "KeySpec": "AES_256", "EncryptionContext": context}));
    assert_eq!((&requests[1].1["KeyId"], &requests[1].1["EncryptionContext"]), (&json!(KEY_ID), &context));
}

#[tokio::test]
async fn in_another_context_it_is_closed() {
    let kms = Kms::start().await;
    let vault = kms.vault().await;
    let sealed = vault.seal("one", b"secret").await.unwrap();
    assert_eq!(vault.open("two", &sealed).await, Err(VaultError::NotOurs));
    assert_eq!(kms.vault().await.open("two", &sealed).await, Err(VaultError::NotOurs));
}

#[tokio::test]
async fn the_context_is_bound_to_the_content_too() {
    // Both contexts get the same data key from a KMS that does not look at them.
    let kms = Kms::start().await;
    let sealed = kms.vault().await.seal("one", b"secret").await.unwrap();
    let key = json!({"KeyId": KEY_ID, "Plaintext": base64_of(&[0; 32])});
    kms.instead.lock().unwrap().extend([(200, key.clone()), (200, key)]);
    let vault = kms.vault().await;
    assert_eq!(vault.open("two", &sealed).await, Err(VaultError::NotOurs));
    assert_eq!(vault.open("one", &sealed).await.unwrap(), b"secret");
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[tokio::test]
async fn each_sealing_has_a_key_of_its_own() {
    let kms = Kms::start().await;
    let vault = kms.vault().await;
    let first = vault.seal("one", b"secret").await.unwrap();
    let second = vault.seal("one", b"secret").await.unwrap();
    assert!(first != second);
    assert_eq!(kms.take_operations(), [GENERATE, GENERATE]);
}

#[tokio::test]
async fn an_unwrapped_key_is_not_asked_for_again() {
    let kms = Kms::start().await;
    let vault = kms.vault().await;
    let sealed = vault.seal("one", b"secret").await.unwrap();
    vault.open("one", &sealed).await.unwrap();
    assert_eq!(kms.take_operations(), [GENERATE]);

    let fresh = kms.vault().await;
    for _ in 0..3 {
        fresh.clone().open("one", &sealed).await.unwrap();
    }
    assert_eq!(kms.take_operations(), [DECRYPT]);
}

#[tokio::test]
async fn no_byte_can_be_changed_and_none_be_missing() {
    let kms = Kms::start().await;
    let vault = kms.vault().await;
    let sealed = vault.seal("one", b"a secret of some length").await.unwrap();
    let bytes = sealed.as_bytes();
    for position in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.to_vec();
            changed[position] ^= 1 << bit;
            let result = vault.open("one", &Sealed::new(changed)).await;
            assert_eq!(result, Err(VaultError::NotOurs), "bit {bit} of byte {position}");
        }
        let result = vault.open("one", &Sealed::new(bytes[..position].to_vec())).await;
        assert_eq!(result, Err(VaultError::NotOurs), "the first {position} bytes");
    }
    let longer = [bytes, &[0]].concat();
    assert_eq!(vault.open("one", &Sealed::new(longer)).await, Err(VaultError::NotOurs));
    assert!(vault.open("one", &sealed).await.is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_an_error_and_nothing_worse(
        version in prop_oneof![Just(1_u8), any::<u8>()],
        length in 0..40_u16,
        rest in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let result = runtime.block_on(async {
            let bytes = [&[version], &length.to_be_bytes()[..], &rest].concat();
            Kms::start().await.vault().await.open("one", &Sealed::new(bytes)).await
        });
        prop_assert_eq!(result, Err(VaultError::NotOurs));
    }

    #[test]
    fn any_content_comes_back(plain: Vec<u8>, context in "[a-z0-9-]{1,40}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let result = runtime.block_on(async {
            let kms = Kms::start().await;
            let sealed = kms.vault().await.seal(&context, &plain).await?;
            kms.vault().await.open(&context, &sealed).await
        });
        prop_assert_eq!(result, Ok(plain));
    }
}
