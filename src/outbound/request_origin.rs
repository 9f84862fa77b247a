//! The request of a user that calls to upstreams are made for.

use std::sync::Arc;

tokio::task_local! {
    static CURRENT: Arc<RequestOrigin>;
}

/// Who sent a request to the console, for the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestOrigin {
    /// As in the access log.
    pub request_id: String,
    /// The user of the session. `None` without a session.
    pub user: Option<String>,
    /// The id of the session, which grants nothing.
    pub session_id: Option<String>,
}

impl RequestOrigin {
    /// Runs `work` for this request.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(Arc::new(self), work).await
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
