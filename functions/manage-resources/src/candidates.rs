//! `POST /candidates`, `PATCH` and `DELETE /candidates/{id}`.

use api::{Admission, CandidateResponse, Changed, Problem, Reply, RequestContext, ValidRequest};
use domain::candidate::{Candidate, CandidateId, ChangedCandidate, NAMED_JOBS_MAX};
use domain::company::CompanyId;
use domain::job::JobId;
use domain::time::Timestamp;
use store::{NewCandidate, References, Session, Updated, Uses};
use validation::{ChangedCandidateShape, CreateCandidateShape, Patch};

/// The member of a body that names the candidate's jobs.
const JOB_IDS: &str = "jobIds";

pub(crate) async fn create(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let shape = CreateCandidateShape { now: context.now };
    let (mut admission, request) = context
        .admit::<CompanyId, _>(session, |reader| {
            reader.body(&shape).naming(|request| references(&request.command.job_ids))
        })
        .await?;
    let ValidRequest { command, expired, idempotency } = request;
    let (company_id, now) = (admission.caller.tenant, context.now);
    let id = CandidateId::new(context.id_source(&admission, idempotency.as_ref()).id("candidate"));
    let (candidate, replayed) = context
        .create(session, &mut admission, idempotency.as_ref(), id, |admission| {
            expired.clone().map_or(Ok(()), Err)?;
            command.job_ids.iter().try_for_each(|id| admission.get(*id).map(|_| ()))?;
            Ok(NewCandidate(Candidate::new(id, company_id, command.clone(), now)))
        })
        .await?;
    let job_ids = if replayed { session.assigned_jobs(&candidate).await? } else { candidate.job_ids.clone() };
    Reply::created(format!("/candidates/{id}"), &CandidateResponse::new(&candidate, job_ids, None), replayed)
}

pub(crate) async fn change(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (mut admission, ((id, patch), if_match)) = context
        .admit::<CompanyId, _>(session, |reader| {
            let patch = reader.patch().naming(|patch| references(&jobs_named_by(patch)));
            reader.path_reference::<CandidateId>("id").and(patch).and(reader.if_match())
        })
        .await?;
    jobs_named_by(&patch).into_iter().try_for_each(|id| admission.get(id).map(|_| ()))?;
    // Deleted jobs are no part of what is shown, on whose version the change may rest.
    admission.follow(session, move |scoped| Ok(references(&scoped.get(id)?.value.job_ids))).await?;
    let (shape, now) = (ChangedCandidateShape { now: context.now }, context.now);
    let candidate = context
        .change(session, &mut admission, id, |admission, candidate| {
            let result = patch.apply(&shape, &form(candidate))?;
            if_match.check(&CandidateResponse::new(candidate, jobs_that_exist(admission, candidate), None))?;
            let Some((form, job_ids)) = result else { return Ok(None) };
            let named = patch.names(JOB_IDS).then(|| job_ids.unwrap_or_default());
            Ok(changed(candidate, form, named, now))
        })
        .await?;
    let job_ids = jobs_that_exist(&admission, &candidate);
    Reply::resource(&CandidateResponse::new(&candidate, job_ids, None))
}

pub(crate) async fn delete(context: &mut RequestContext<'_>, session: &mut Session) -> Result<Reply, Problem> {
    let (mut admission, (id, if_match)) = context
        .admit::<CompanyId, _>(session, |reader| reader.path_reference::<CandidateId>("id").and(reader.if_match()))
        .await?;
    if if_match.names_versions() {
        // As for a change.
        admission.follow(session, move |scoped| Ok(references(&scoped.get(id)?.value.job_ids))).await?;
    }
    loop {
        let old = admission.get(id)?;
        let job_ids = jobs_that_exist(&admission, &old.value);
        if_match.check(&CandidateResponse::new(&old.value, job_ids, None))?;
        match session.delete_candidate(&old, admission.caller.managed.as_ref(), context.now).await? {
            Updated::Applied => return Ok(Reply::no_content()),
            Updated::Outdated => admission.reload(session).await?,
        }
    }
}

/// The candidate after a change, with those jobs, if any are named; none if it stays as it is.
fn changed(
    candidate: &Candidate,
    form: ChangedCandidate,
    named: Option<Vec<JobId>>,
    now: Timestamp,
) -> Option<Changed<Candidate>> {
    let uses = named.iter().flatten().fold(Uses::default(), |uses, id| uses.with(Some(*id)));
    let ChangedCandidate { profile, status } = form;
    let job_ids = named.unwrap_or_else(|| candidate.job_ids.clone());
    let entity = Candidate { profile, status, job_ids, ..candidate.clone() };
    (entity != *candidate).then_some(Changed { entity: Candidate { updated_at: now, ..entity }, uses })
}

/// The part of a candidate that a patch changes, in the form of the body that would create it.
fn form(candidate: &Candidate) -> ChangedCandidate {
    ChangedCandidate { profile: candidate.profile.clone(), status: candidate.status }
}

/// The jobs that a patch names.
fn jobs_named_by(patch: &Patch) -> Vec<JobId> {
    patch.ids(JOB_IDS, NAMED_JOBS_MAX)
}

fn references(job_ids: &[JobId]) -> References {
    job_ids.iter().fold(References::default(), |jobs, id| jobs.with(Some(*id)))
}

/// The jobs of a candidate without deleted ones, as they were read.
fn jobs_that_exist(admission: &Admission<CompanyId>, candidate: &Candidate) -> Vec<JobId> {
    candidate.job_ids.iter().filter(|id| admission.get(**id).is_ok()).copied().collect()
}
