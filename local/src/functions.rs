//! The functions behind the gateway: the handlers that Lambda calls, called here.

use std::sync::Arc;

use api::App;

use crate::gateway::Invoke;

/// Invokes the functions as built from `app`.
pub fn of(app: App) -> Invoke {
    Arc::new(move |target, request| {
        let app = app.clone();
        Box::pin(async move {
            match target {
                Some(api::CREATE_AGENT) => create_agent::handle(&app, request).await,
                Some(api::CREATE_INTERVIEW) => create_interview::handle(&app, request).await,
                Some(_) | None => not_found::handle(&app.edge, request).await,
            }
        })
    })
}
