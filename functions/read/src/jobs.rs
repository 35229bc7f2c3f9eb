//! `GET /jobs` and `GET /jobs/{id}`.

use api::{Content, ContentReader, JobResponse, Problem, Reply, RequestContext, shown};
use domain::company::CompanyId;
use domain::job::{Job, JobId, JobStatus};
use serde::Serialize;
use store::{List, Session};

use crate::list::{CompanyPage, Filters};

#[derive(Serialize)]
struct JobFilters {
    status: Option<JobStatus>,
}

impl Filters for JobFilters {
    type Entity = Job;

    fn read(reader: &ContentReader<'_>) -> Content<Self> {
        reader.query_word("status").map(|status| Self { status })
    }

    fn list(&self, company_id: CompanyId) -> List<Job> {
        List::jobs(company_id)
    }

    fn are_absent(&self) -> bool {
        self.status.is_none()
    }

    fn let_through(&self, job: &Job) -> bool {
        self.status.is_none_or(|status| status == job.profile.status)
    }
}

pub(crate) async fn list(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let CompanyPage { company_id, filters, page } = CompanyPage::<JobFilters>::read(context, session).await?;
    context.list(company_id, &filters).reply(page, |job| shown(&JobResponse::from(job)))
}

pub(crate) async fn get(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (admission, id) = context.admit::<CompanyId, _>(session, |reader| reader.path_reference::<JobId>("id")).await?;
    Reply::resource(&JobResponse::from(&admission.get(id)?.value))
}
