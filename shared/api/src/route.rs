//! The routes of the API.

/// A method and a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// As HTTP spells it, for example `POST`.
    pub method: &'static str,
    /// From the root of the API, without the stage.
    pub path: &'static str,
    /// Both, as API Gateway names the route.
    pub key: &'static str,
}

/// Creates an agent.
pub const CREATE_AGENT: Route = Route { method: "POST", path: "/agents", key: "POST /agents" };
/// Creates an interview.
pub const CREATE_INTERVIEW: Route = Route { method: "POST", path: "/interviews", key: "POST /interviews" };

/// Every route.
pub const ROUTES: [Route; 2] = [CREATE_AGENT, CREATE_INTERVIEW];

/// Where requests go that no route takes.
pub(crate) const NO_ROUTE: &str = "$default";

impl Route {
    /// The methods that a path takes; none if there is no such path.
    pub fn methods_of(path: &str) -> Vec<&'static str> {
        ROUTES.iter().filter(|route| route.path == path).map(|route| route.method).collect()
    }
}
