//! The open streams of each user: pages that are open in many tabs must not take the streams of
//! other users.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

/// How many streams one user may have open.
pub(super) const MAX_CONNECTIONS_PER_USER: usize = 64;

/// The streams of each user, the oldest first. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct UserConnections(Arc<Mutex<HashMap<String, VecDeque<Arc<ConnectionState>>>>>);

#[derive(Debug, Default)]
struct ConnectionState {
    replaced: AtomicBool,
    notify: Notify,
}

/// An open stream of a user.
#[derive(Debug)]
pub(super) struct UserConnection {
    connections: UserConnections,
    user: String,
    state: Arc<ConnectionState>,
}

impl UserConnections {
    /// Adds a stream of `user`. If there are too many, it replaces their oldest.
    pub(super) fn open(&self, user: &str) -> UserConnection {
        let state = Arc::new(ConnectionState::default());
        let mut users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = users.entry(user.to_owned()).or_default();
        open.push_back(Arc::clone(&state));
        if open.len() > MAX_CONNECTIONS_PER_USER
            && let Some(oldest) = open.pop_front()
        {
            oldest.replaced.store(true, Ordering::Relaxed);
            oldest.notify.notify_one();
        }
        UserConnection {
            connections: self.clone(),
            user: user.to_owned(),
            state,
        }
    }

    #[cfg(test)]
    fn user_count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl UserConnection {
    /// Whether a newer stream of the same user has replaced it.
    pub(super) fn is_replaced(&self) -> bool {
        self.state.replaced.load(Ordering::Relaxed)
    }

    /// Waits until a newer stream of the same user has replaced it.
    pub(super) async fn wait_until_replaced(&self) {
        self.state.notify.notified().await;
    }
}

impl Drop for UserConnection {
    fn drop(&mut self) {
        let mut users = self
            .connections
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = users.get_mut(&self.user) {
            open.retain(|state| !Arc::ptr_eq(state, &self.state));
            if open.is_empty() {
                users.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn oldest_connection_of_the_same_user_is_evicted() {
        let streams = UserConnections::default();
        let other = streams.open("viewer");
        let mut own: Vec<UserConnection> = std::iter::repeat_with(|| streams.open("dev"))
            .take(MAX_CONNECTIONS_PER_USER)
            .collect();
        assert!(own.iter().all(|stream| !stream.is_replaced()));
        own.push(streams.open("dev"));
        assert_eq!(own.iter().position(UserConnection::is_replaced), Some(0));
        assert!(
            own[0].wait_until_replaced().now_or_never().is_some()
                && own[1].wait_until_replaced().now_or_never().is_none()
        );
        drop(own.remove(0));
        own.push(streams.open("dev"));
        assert_eq!(own.iter().position(UserConnection::is_replaced), Some(0));
        assert!(!other.is_replaced());
        drop((own, other));
        assert_eq!(streams.user_count(), 0);
    }
}
