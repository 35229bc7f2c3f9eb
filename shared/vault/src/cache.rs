//! Data keys that were unwrapped before.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::envelope::DataKey;

/// Most keys kept. A function that delivers to more webhooks than this in an hour asks KMS again for some. A key
/// takes about half a kilobyte with its address, all of them half a megabyte.
pub const KEYS_MAX: usize = 1_000;
/// How long a key is kept. A KMS key that is disabled, or a right that is taken away, has its effect after this time.
pub const KEY_MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// Context and wrapped key: a key is found only by what KMS would give it out for.
type Address = (String, Vec<u8>);

#[derive(Default)]
pub(crate) struct Cache {
    keys: HashMap<Address, (DataKey, Instant)>,
    /// The addresses of all of them, oldest first.
    order: VecDeque<Address>,
}

impl Cache {
    pub fn get(&self, context: &str, wrapped_key: &[u8]) -> Option<DataKey> {
        let address = (context.to_owned(), wrapped_key.to_vec());
        self.keys.get(&address).filter(|(_, since)| since.elapsed() < KEY_MAX_AGE).map(|(key, _)| key.clone())
    }

    /// Keeps a key, and gives up the oldest if there are too many.
    pub fn put(&mut self, context: &str, wrapped_key: &[u8], key: DataKey) {
        let address = (context.to_owned(), wrapped_key.to_vec());
        if self.keys.insert(address.clone(), (key, Instant::now())).is_some() {
            self.order.retain(|other| *other != address);
        }
        self.order.push_back(address);
        while self.order.len() > KEYS_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.keys.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> DataKey {
        DataKey::new(vec![7; 32]).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_key_makes_room() {
        let mut cache = Cache::default();
        let number = |number: usize| number.to_be_bytes();
        for n in 0..KEYS_MAX {
            cache.put("context", &number(n), key());
        }
        cache.put("context", &number(0), key());
        assert!((0..KEYS_MAX).all(|n| cache.get("context", &number(n)).is_some()));

        cache.put("context", &number(KEYS_MAX), key());
        assert!(cache.get("context", &number(1)).is_none());
        assert!(cache.get("context", &number(0)).is_some());
        assert_eq!((cache.keys.len(), cache.order.len()), (KEYS_MAX, KEYS_MAX));
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_is_forgotten_after_its_time() {
        let mut cache = Cache::default();
        cache.put("context", b"wrapped", key());
        tokio::time::advance(KEY_MAX_AGE - Duration::from_millis(1)).await;
        assert!(cache.get("context", b"wrapped").is_some());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(cache.get("context", b"wrapped").is_none());
        cache.put("context", b"wrapped", key());
        assert!(cache.get("context", b"wrapped").is_some());
    }

    #[tokio::test]
    async fn a_key_is_for_its_context_only() {
        let mut cache = Cache::default();
        cache.put("context", b"wrapped", key());
        assert!(cache.get("other", b"wrapped").is_none());
    }
}
