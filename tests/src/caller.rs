//! Callers: who owns API keys, with one of them.

use std::ops::Deref;

use api::{ActsFor, Route};
use domain::company::Owner;
use reqwest::Method;

use crate::company::{Company, KeyBuilder};
use crate::request::Request;
use crate::server::TestServer;

/// A company or an applicant tracking system, with a key of all scopes.
#[derive(Clone)]
pub struct Caller {
    server: TestServer,
    /// The company or the system.
    pub owner: Owner,
    /// The secret of the key.
    pub key: String,
}

impl Caller {
    pub(crate) async fn new(server: TestServer, owner: Owner) -> Self {
        let (_, key) = KeyBuilder::new(server.clone(), owner).create().await;
        Self { server, owner, key }
    }

    /// The server that the caller is on.
    pub fn server(&self) -> &TestServer {
        &self.server
    }

    /// Another key of the owner, to be created.
    pub fn api_key(&self) -> KeyBuilder {
        KeyBuilder::new(self.server.clone(), self.owner)
    }

    /// A `POST` with the key.
    pub fn post(&self, path_and_query: &str) -> Request {
        self.request(Method::POST, path_and_query)
    }

    /// A `GET` with the key.
    pub fn get(&self, path_and_query: &str) -> Request {
        self.request(Method::GET, path_and_query)
    }

    /// A `PATCH` with the key.
    pub fn patch(&self, path_and_query: &str) -> Request {
        self.request(Method::PATCH, path_and_query)
    }

    /// A request with the key.
    pub fn request(&self, method: Method, path_and_query: &str) -> Request {
        self.server.request(method, path_and_query).key(&self.key)
    }
}

/// A company is a caller.
impl Deref for Company {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl Company {
    /// A caller of the route: the company or, if the route is for systems, a system that manages nothing.
    pub async fn caller_of(&self, route: Route) -> Caller {
        match route.entry().acts_for {
            ActsFor::Company | ActsFor::Owner | ActsFor::Companies => self.caller.clone(),
            ActsFor::Ats => self.server().system().await,
        }
    }
}

impl TestServer {
    /// A caller of the route: a new company or, if the route is for systems, a new system that manages nothing.
    pub async fn caller_of(&self, route: Route) -> Caller {
        match route.entry().acts_for {
            ActsFor::Company | ActsFor::Owner | ActsFor::Companies => self.company().create().await.caller,
            ActsFor::Ats => self.system().await,
        }
    }

    /// A new system that manages nothing.
    pub async fn system(&self) -> Caller {
        let ats_id = self.ats().await;
        self.caller_for(ats_id).await
    }

    /// A company or a system that exists, with a new key.
    pub async fn caller_for(&self, owner: impl Into<Owner>) -> Caller {
        Caller::new(self.clone(), owner.into()).await
    }
}
