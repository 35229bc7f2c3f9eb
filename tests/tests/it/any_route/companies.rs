//! The company that a caller acts for.

use api::{ErrorCode, Route};
use serde_json::json;
use tests::accepted::body_of;
use tests::{TestServer, api};

/// An ordinary key acts for its own company, whatever the query says.
pub async fn an_ordinary_key_acts_for_its_own_company(route: Route) {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let foreign = server.company().create().await;
    let queries = [
        format!("companyId={}", foreign.id),
        format!("companyId={}", server.id()),
        format!("companyId={0}&companyId={0}", foreign.id),
        "companyId=".to_owned(),
        "companyId=nonsense".to_owned(),
    ];
    for query in queries {
        let path = format!("{}?{query}", route.entry().path);
        let answer = company.post(&path).json(&body_of(route)).answered(201).await;
        assert_eq!(answer.log["companyId"], json!(company.id), "{query}");
        assert_eq!(answer.header("location"), Some(format!("{}/{}", route.entry().path, answer.id()).as_str()));
    }
}

/// A tracking system's key acts for a company that the system manages, named in the query, and for no other.
pub async fn a_tracking_system_acts_for_the_companies_it_manages(route: Route) {
    let server = TestServer::start().await;
    let (ats, other_ats) = (server.ats().await, server.ats().await);
    let (one, two) = (server.company().managed_by(ats).create().await, server.company().managed_by(ats).create().await);
    let (_, key) = server.ats_key(ats).create().await;
    let request = |query: &str| server.post(&format!("{}{query}", route.entry().path)).key(&key).json(&body_of(route));
    for company in [&one, &two] {
        let answer = request(&format!("?companyId={}", company.id)).answered(201).await;
        assert_eq!(answer.log["companyId"], json!(company.id));
    }
    request(&format!("?companyId={}", one.id.to_string().to_uppercase())).answered(201).await;

    for query in ["", "?", "?companyid=1", "?company=1"] {
        request(query).refused(ErrorCode::CompanyIdRequired).await;
    }
    let not_one_id =
        ["?companyId=".to_owned(), "?companyId=1".to_owned(), format!("?companyId={0}&companyId={0}", one.id)];
    for query in not_one_id {
        let answer = request(&query).refused(ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), [("?companyId".to_owned(), "uuid".to_owned())], "{query}");
    }

    let unmanaged = server.company().create().await;
    let of_another = server.company().managed_by(other_ats).create().await;
    for id in [unmanaged.id.uuid(), of_another.id.uuid(), server.id(), ats.uuid()] {
        let answer = request(&format!("?companyId={id}")).refused(ErrorCode::ResourceAccessDenied).await;
        assert_eq!(answer.body["resourceType"], "COMPANY");
        assert_eq!(answer.body["resourceId"], json!(id));
    }
}
