//! `GET /candidates` and `GET /candidates/{id}`.

use std::collections::HashSet;
use std::fmt::Display;

use api::{CandidateResponse, Content, ContentReader, Problem, Reply, RequestContext, shown};
use domain::candidate::{Candidate, CandidateId, CandidateSearch, CandidateStatus};
use domain::company::CompanyId;
use domain::job::JobId;
use serde::Serialize;
use store::{List, Page, Session, Wanted};

use crate::list::{CompanyList, Filters};

/// Most jobs that a page looks for, to leave out deleted ones: what one BatchGetItem takes. A page ends before the
/// candidate with whom there would be more; a candidate with more is alone on its page.
const JOBS_READ_MAX: usize = 100;

#[derive(Serialize)]
struct CandidateFilters {
    job_id: Option<JobId>,
    status: Option<CandidateStatus>,
    /// The search, in whose order the list then is. The cursors of lists without one do not know of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<CandidateSearch>,
}

impl Filters for CandidateFilters {
    type Entity = Candidate;

    fn read(reader: &ContentReader<'_>) -> Content<Self> {
        let filters = reader.query_reference("jobId").and(reader.query_word("status"));
        let filters = filters.and(reader.query_search("search"));
        filters.map(|((job_id, status), search)| Self { job_id, status, search })
    }

    fn list(&self, company_id: CompanyId) -> List<Candidate> {
        List::candidates(company_id)
    }

    fn are_absent(&self) -> bool {
        self.job_id.is_none() && self.status.is_none()
    }

    fn let_through(&self, candidate: &Candidate) -> bool {
        self.job_id.is_none_or(|job_id| candidate.job_ids.contains(&job_id))
            && self.status.is_none_or(|status| status == candidate.status)
    }
}

pub(crate) async fn list(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let list = CompanyList::<CandidateFilters>::admit(context, session).await?;
    match &list.filters.search {
        None => {
            let page = list.page(context, session).await?;
            reply(context, session, &list, page).await
        }
        Some(search) => {
            let CompanyList { company_id, filters, query } = &list;
            let page = context.list(*company_id, filters).page(query)?;
            let let_through = |candidate: &Candidate| filters.let_through(candidate);
            let narrowed = (!filters.are_absent()).then_some(&let_through as &Wanted<'_, Candidate>);
            let page = session.search(*company_id, search, &page, context.now, narrowed).await?;
            reply(context, session, &list, page).await
        }
    }
}

/// The answer with a page of the list: its candidates, without jobs that are deleted.
async fn reply<P: Clone + Display>(
    context: &RequestContext<'_>,
    session: &mut Session,
    CompanyList { company_id, filters, query: _ }: &CompanyList<CandidateFilters>,
    page: Page<(P, Candidate), P>,
) -> Result<Reply, Problem> {
    let (page, jobs) = with_jobs_of_one_read(page);
    let jobs = session.existing_jobs(*company_id, jobs).await?;
    context.list(*company_id, filters).reply(page, |candidate| {
        let job_ids = candidate.job_ids.iter().copied().filter(|id| jobs.contains(id)).collect();
        shown(&CandidateResponse::new(candidate, job_ids, None))
    })
}

/// The beginning of a page whose candidates are assigned to few enough jobs, and these jobs.
fn with_jobs_of_one_read<P: Clone>(
    Page { items, mut next }: Page<(P, Candidate), P>,
) -> (Page<(P, Candidate), P>, HashSet<JobId>) {
    let (mut kept, mut jobs) = (Vec::new(), HashSet::new());
    for (position, candidate) in items {
        let with_its_own: HashSet<JobId> = jobs.iter().chain(&candidate.job_ids).copied().collect();
        if with_its_own.len() > JOBS_READ_MAX && !kept.is_empty() {
            next = kept.last().map(|(position, _): &(P, Candidate)| position.clone());
            break;
        }
        jobs = with_its_own;
        kept.push((position, candidate));
    }
    (Page { items: kept, next }, jobs)
}

pub(crate) async fn get(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (admission, id) =
        context.admit::<CompanyId, _>(session, |reader| reader.path_reference::<CandidateId>("id")).await?;
    let candidate = admission.get(id)?.value;
    let jobs = session.existing_jobs(admission.caller.tenant, candidate.job_ids.iter().copied()).await?;
    let job_ids = candidate.job_ids.iter().copied().filter(|id| jobs.contains(id)).collect();
    let interview_count = session.interview_count(id).await?;
    Reply::resource(&CandidateResponse::new(&candidate, job_ids, interview_count))
}
