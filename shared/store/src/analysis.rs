//! Analyses, which lie beside their interview.

use domain::analysis::{Analysis, AnalysisStatus, StoredAnalysis};
use domain::interview::{Interview, InterviewId};

use crate::entity::{Entity, EntityId, entity};
use crate::error::StoreError;
use crate::key::PrimaryKey;
use crate::session::Session;

impl Entity for StoredAnalysis {
    const TYPE: &'static str = "Analysis";
}

/// The key of an interview's analysis.
pub(crate) fn analysis_key(id: InterviewId) -> PrimaryKey {
    id.key().beside("ANALYSIS".to_owned())
}

impl Session {
    /// The analysis that an interview shows and that lies beside it; none if it has none, or has it within. The interview was read
    /// for the tenant who is shown it.
    pub async fn analysis_of(&mut self, interview: &Interview) -> Result<Option<Analysis>, StoreError> {
        let is_beside = interview.analysis.is_none();
        if !is_beside || interview.analysis_status() != Some(AnalysisStatus::Completed) {
            return Ok(None);
        }
        let item = self.get_one(analysis_key(interview.id)).await?;
        Ok(item.map(entity::<StoredAnalysis>).transpose()?.map(|stored| stored.value.analysis))
    }
}
