//! The cache of unwrapped data keys.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::envelope::DataKey;

/// Most keys in the cache. A function that delivers to more webhooks than this in an hour asks KMS again for some. An
/// entry takes about half a kilobyte, all of them half a megabyte.
pub const KEYS_MAX: usize = 1_000;
/// Longest time that a key stays in the cache, and so until a disabled KMS key or a right that is taken away has its
/// effect.
pub const KEY_MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// Context and wrapped key, without which KMS would not unwrap it either.
type CacheKey = (String, Vec<u8>);

#[derive(Default)]
pub(crate) struct Cache {
    keys: HashMap<CacheKey, (DataKey, Instant)>,
    /// The cache keys in the order of their age, oldest first.
    order: VecDeque<CacheKey>,
}

impl Cache {
    pub fn get(&self, context: &str, wrapped_key: &[u8]) -> Option<DataKey> {
        let cache_key = (context.to_owned(), wrapped_key.to_vec());
        self.keys.get(&cache_key).filter(|(_, since)| since.elapsed() < KEY_MAX_AGE).map(|(key, _)| key.clone())
    }

    /// Adds a key, and drops the oldest if there are too many.
    pub fn put(&mut self, context: &str, wrapped_key: &[u8], key: DataKey) {
        let cache_key = (context.to_owned(), wrapped_key.to_vec());
        if self.keys.insert(cache_key.clone(), (key, Instant::now())).is_some() {
            self.order.retain(|other| *other != cache_key);
        }
        self.order.push_back(cache_key);
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
