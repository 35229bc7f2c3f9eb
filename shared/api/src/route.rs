//! The routes of the API.

/// A method and a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// As HTTP spells it, for example `POST`.
    pub method: &'static str,
    /// From the root of the API, without the stage. A segment in braces stands for any one segment.
    pub path: &'static str,
    /// Both, as API Gateway names the route.
    pub key: &'static str,
}

/// Declares a route, and its key from both its parts.
macro_rules! routes {
    ($($(#[$doc:meta])* $name:ident = $method:literal $path:literal;)*) => {
        $($(#[$doc])* pub const $name: Route = Route {
            method: $method,
            path: $path,
            key: concat!($method, " ", $path),
        };)*

        /// Every route.
        pub const ROUTES: &[Route] = &[$($name),*];
    };
}

routes! {
    /// Creates an agent.
    CREATE_AGENT = "POST" "/agents";
    /// Creates an interview.
    CREATE_INTERVIEW = "POST" "/interviews";
    /// Creates a webhook.
    CREATE_WEBHOOK = "POST" "/webhooks";
    /// Lists webhooks.
    LIST_WEBHOOKS = "GET" "/webhooks";
    /// Shows a webhook.
    GET_WEBHOOK = "GET" "/webhooks/{id}";
    /// Changes a webhook.
    CHANGE_WEBHOOK = "PATCH" "/webhooks/{id}";
    /// Deletes a webhook.
    DELETE_WEBHOOK = "DELETE" "/webhooks/{id}";
    /// Tries a webhook.
    TEST_WEBHOOK = "POST" "/webhooks/{id}/test";
    /// Gives a webhook another signing secret.
    ROTATE_WEBHOOK_SECRET = "POST" "/webhooks/{id}/rotate-secret";
    /// Makes a webhook's circuit forget its failures.
    RESET_WEBHOOK_CIRCUIT = "POST" "/webhooks/{id}/reset-circuit";
    /// Lists a webhook's deliveries.
    LIST_DELIVERIES = "GET" "/webhooks/{id}/deliveries";
    /// Delivers once more.
    REDELIVER = "POST" "/webhooks/{id}/deliveries/{deliveryId}/redeliver";
}

/// Where requests go that no route takes.
pub(crate) const NO_ROUTE: &str = "$default";

impl Route {
    /// The route of a request.
    pub fn of(method: &str, path: &str) -> Option<Self> {
        ROUTES.iter().copied().find(|route| route.method == method && route.takes(path))
    }

    /// The methods that a path takes; none if there is no such path.
    pub fn methods_of(path: &str) -> Vec<&'static str> {
        ROUTES.iter().filter(|route| route.takes(path)).map(|route| route.method).collect()
    }

    /// The segments of a path that the braces of this route stand for, by their names.
    pub fn parameters<'p>(&self, path: &'p str) -> Vec<(&'static str, &'p str)> {
        let name = |segment: &'static str| segment.strip_prefix('{')?.strip_suffix('}');
        self.path.split('/').zip(path.split('/')).filter_map(|(own, given)| Some((name(own)?, given))).collect()
    }

    fn takes(&self, path: &str) -> bool {
        let fits = |(own, given): (&str, &str)| own == given || (own.starts_with('{') && !given.is_empty());
        self.path.split('/').count() == path.split('/').count() && self.path.split('/').zip(path.split('/')).all(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_segment_by_segment() {
        let table = [
            ("GET", "/webhooks", Some(LIST_WEBHOOKS)),
            ("GET", "/webhooks/1", Some(GET_WEBHOOK)),
            ("POST", "/webhooks/1/test", Some(TEST_WEBHOOK)),
            ("POST", "/webhooks/1/deliveries/2/redeliver", Some(REDELIVER)),
            ("GET", "/webhooks/", None),
            ("GET", "/webhooks/1/", None),
            ("POST", "/webhooks//test", None),
            ("PUT", "/webhooks/1", None),
            ("GET", "/Webhooks", None),
        ];
        for (method, path, route) in table {
            assert_eq!(Route::of(method, path), route, "{method} {path}");
        }
        assert_eq!(Route::methods_of("/webhooks/1"), ["GET", "PATCH", "DELETE"]);
        assert_eq!(Route::methods_of("/webhooks/1/2"), [""; 0]);
    }

    #[test]
    fn parameters_are_what_stands_in_place_of_the_braces() {
        let path = "/webhooks/a/deliveries/b/redeliver";
        assert_eq!(REDELIVER.parameters(path), [("id", "a"), ("deliveryId", "b")]);
        assert_eq!(LIST_WEBHOOKS.parameters("/webhooks"), []);
    }
}
