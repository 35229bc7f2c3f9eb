//! The use of an API key, as the counters of its requests tell it.

use std::net::IpAddr;

use domain::api_key::{ApiKey, ApiKeyId};
use domain::key_use::{HourOfUse, HoursOfUse, KEY_USE_KEPT, KeyUse};
use domain::time::Timestamp;

use crate::Store;
use crate::api_key::{find_item, hash_at};
use crate::entity::entity;
use crate::error::StoreError;
use crate::id_secret::id_secret;
use crate::limits::{COUNTERS, counters_of, hour_of_use};
use crate::operator::OperatorError;
use crate::session::{Query, SortKeys};

/// The use of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct UseOfKey {
    pub key: ApiKey,
    pub uses: KeyUse,
    /// The hours of use from the address that was asked about; none if it is not among the sources.
    pub from_address: Option<HoursOfUse>,
}

impl Store {
    /// The key of that id with its use in the last 62 days ([`KEY_USE_KEPT`]), and with that from an address, if one is
    /// given.
    pub async fn use_of_key(
        &self,
        id: ApiKeyId,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<UseOfKey, OperatorError> {
        let (place, item) = find_item(&mut self.session(), id).await?;
        let hash = hash_at(&place).ok_or_else(|| StoreError::unknown("decode", "a key at no key's place"))?;
        let secret = id_secret(&item)?;
        let key = entity::<ApiKey>(item)?.value;
        let query = Query {
            index: None,
            partition: counters_of(hash).partition().to_owned(),
            sort_keys: SortKeys::Prefix(COUNTERS.to_owned()),
            newest_first: true,
            consistent: false,
        };
        let is_kept = |hour: &HourOfUse| now.saturating_since(hour.began_at) < KEY_USE_KEPT;
        let (mut hours, mut after) = (Vec::new(), None);
        loop {
            let (items, next) = self.session().query(&query, after, None).await?;
            // The table drops items some time after they have expired.
            hours.extend(items.iter().filter_map(hour_of_use).filter(is_kept));
            after = next;
            if after.is_none() {
                break;
            }
        }
        let uses = KeyUse::of(&hours);
        let from_address = address.zip(secret).and_then(|(address, secret)| uses.from_source(address.into(), secret));
        Ok(UseOfKey { key, uses, from_address })
    }
}
