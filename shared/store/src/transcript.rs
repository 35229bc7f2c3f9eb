//! Transcripts, which lie beside their interview.

use domain::interview::InterviewId;
use domain::resource::{Resource, ResourceType};
use domain::transcript::Transcript;

use crate::entity::{Entity, EntityId, Owned};
use crate::key::PrimaryKey;

impl Entity for Transcript {
    const TYPE: &'static str = "Transcript";
}

impl Owned for Transcript {}

/// The place of an interview's transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TranscriptOf(pub InterviewId);

impl From<TranscriptOf> for Resource {
    fn from(TranscriptOf(id): TranscriptOf) -> Self {
        Self { r#type: ResourceType::Transcript, id: id.uuid() }
    }
}

impl EntityId for TranscriptOf {
    type Entity = Transcript;

    fn key(self) -> PrimaryKey {
        self.0.key().beside("TRANSCRIPT".to_owned())
    }
}
