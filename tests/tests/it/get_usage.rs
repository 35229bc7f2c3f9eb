pub mod status_200;
pub mod status_400;
pub mod status_403;

use domain::agent::Focus;
use domain::allowance::Seconds;
use domain::interview::{InterviewId, SettledUse};
use store::SettledInterview;
use tests::Company;

tests_of!(GetUsage: any);

/// Counts an interview of the company that is settled.
async fn settle(company: &Company, ended_at: &str, focus: Focus, seconds: i64) {
    let server = company.server();
    // There is no such interview.
    server.without_audit();
    let settled = SettledInterview {
        company_id: company.id,
        interview_id: InterviewId::new(server.id()),
        used: SettledUse { ended_at: ended_at.parse().expect("a time"), focus, seconds: Seconds(seconds) },
    };
    server.store().count_usage(&settled, server.now()).await.expect("counted");
}
