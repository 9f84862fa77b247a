//! The request of a user that calls to upstreams are made for.

use std::sync::Arc;

tokio::task_local! {
    static CURRENT: Arc<RequestOrigin>;
}

/// Who sent a request to the console, for the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestOrigin {
    /// How the request was made. `None` in a background task.
    pub channel: Option<RequestChannel>,
    /// As in the access log.
    pub request_id: String,
    /// The user of the session or of the bearer token. `None` without one.
    pub user: Option<String>,
    /// The id of the session, which grants nothing.
    pub session_id: Option<String>,
}

/// How a user makes requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestChannel {
    /// With a browser, on a page.
    Page,
    /// With a program, below `/api/v1`.
    Api,
}

impl RequestChannel {
    /// The form used in the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Api => "api",
        }
    }
}

impl RequestOrigin {
    /// Runs `work` for this request.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(Arc::new(self), work).await
    }

    /// The origin of the current request, made by this user.
    #[must_use]
    pub fn of_user(user: &str) -> Self {
        Self {
            user: Some(user.to_owned()),
            ..Self::clone(&Self::current())
        }
    }

    /// The origin of the current request. Empty in a background task.
    #[must_use]
    pub fn current() -> Arc<Self> {
        CURRENT.try_with(Arc::clone).unwrap_or_default()
    }
}

/// Runs `work`, which continues in a task of its own, for the current request.
pub fn inherit_origin<F: Future>(work: F) -> impl Future<Output = F::Output> {
    CURRENT.scope(RequestOrigin::current(), work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn spawned_task_has_the_origin_of_its_request() {
        let origin = RequestOrigin {
            request_id: "1".to_owned(),
            ..RequestOrigin::default()
        };
        let spawned = async {
            let work = inherit_origin(async { RequestOrigin::current() });
            tokio::spawn(work).await.unwrap()
        };
        assert_eq!(*origin.clone().scope(spawned).await, origin);
        assert_eq!(*RequestOrigin::current(), RequestOrigin::default());
    }
}
