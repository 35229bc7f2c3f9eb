//! Ports of services that are no web servers: nobody makes the functions talk to them.

use serde_json::json;
use tests::{Events, TestServer, body};

use super::Neighbour;

/// Services of networks: remote shells, mail, names, files, directories, mail over TLS.
const SERVICES: [u16; 8] = [22, 25, 53, 80, 445, 465, 636, 1_023];

#[tokio::test]
async fn a_webhook_at_another_service_s_port_is_refused_and_one_that_was_stored_is_not_posted_to() {
    let server = TestServer::start().await;
    let neighbour = Neighbour::of(&server).await;
    let company = server.company().create().await;
    let webhook = company.created("/webhooks", &body::webhook()).await;
    let path = format!("/webhooks/{}", webhook.id());
    let attack = async {
        for port in SERVICES {
            for host in ["example.com", "93.184.215.14", "[2606:4700:4700::1111]"] {
                let address = json!({"url": format!("https://{host}:{port}/")});
                let created = company.post("/webhooks").json(&body::with(body::webhook(), address.clone()));
                for request in [created, company.patch(&path).json(&address)] {
                    let answer = request.answered(400).await;
                    assert_eq!(answer.issues(), [("/url".to_owned(), "port".to_owned())], "{host} {port}");
                }
            }
        }
    };
    neighbour.beside(attack).await;

    // Stored before ports were looked at.
    let _events = Events::start(&server).await;
    let old = json!({"url": {"S": "https://93.184.215.14:22/"}});
    server.set_attributes(&format!("WEBHOOK#{}", webhook.id()), "WEBHOOK", &old).await;
    let test = company.post(&format!("{path}/test")).answered(200).await;
    assert_eq!((&test.body["success"], test.body.get("httpStatus")), (&json!(false), None), "{test}");
    let deliveries = company.deliveries(&webhook.id()).await;
    assert_eq!(deliveries[0]["lastAttempt"]["outcome"], "ADDRESS_REFUSED", "{deliveries:?}");
    neighbour.assert_unharmed().await;
    neighbour.assert_events_arrive().await;
}
