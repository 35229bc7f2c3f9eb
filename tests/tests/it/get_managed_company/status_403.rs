use reqwest::Method;
use serde_json::json;
use tests::TestServer;
use tests::api::ErrorCode;

/// A company of another system, one that no system manages, and one that does not exist are refused alike: nobody finds out
/// which companies there are. The system's own id is no company's.
#[tokio::test]
pub async fn what_the_system_does_not_manage_is_denied_whether_it_exists_or_not() {
    let server = TestServer::start().await;
    let (ats, other_ats) = (server.ats().await, server.ats().await);
    let (system, own) = (server.caller_for(ats).await, server.company().managed_by(ats).create().await);
    let of_another = server.company().managed_by(other_ats).create().await;
    let unmanaged = server.company().create().await;
    let mut answers = Vec::new();
    for id in [of_another.id.uuid(), unmanaged.id.uuid(), server.id(), ats.uuid()] {
        for method in [Method::GET, Method::PATCH] {
            // The company that the query names changes nothing.
            for query in ["".to_owned(), format!("?companyId={}", own.id)] {
                let request = system.request(method.clone(), &format!("/companies/{id}{query}"));
                let request = if method == Method::GET { request } else { request.json(&json!({"name": "Mine"})) };
                let mut answer = request.refused(ErrorCode::ResourceAccessDenied).await;
                assert_eq!((&answer.body["resourceType"], &answer.body["resourceId"]), (&json!("COMPANY"), &json!(id)));
                (answer.body["resourceId"], answer.body["requestId"]) = (json!(""), json!(""));
                answers.push(answer.body);
            }
        }
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "they can be told apart: {answers:?}");
    system.get(&format!("/companies/{}", own.id)).answered(200).await;
}

/// A company's key is refused whatever it names, its own company too.
#[tokio::test]
pub async fn a_company_s_key_shows_no_company() {
    let server = TestServer::start().await;
    let company = server.company().managed_by(server.ats().await).create().await;
    for id in [company.id.to_string(), server.id().to_string(), "1".to_owned()] {
        company.get(&format!("/companies/{id}")).refused(ErrorCode::InsufficientPermissions).await;
    }
}
