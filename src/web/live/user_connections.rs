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
    /// Adds a stream of `person`. If there are too many, it replaces their oldest.
    pub(super) fn open(&self, person: &str) -> UserConnection {
        let state = Arc::new(ConnectionState::default());
        let mut people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = people.entry(person.to_owned()).or_default();
        open.push_back(Arc::clone(&state));
        if open.len() > MAX_CONNECTIONS_PER_USER
            && let Some(oldest) = open.pop_front()
        {
            oldest.replaced.store(true, Ordering::Relaxed);
            oldest.notify.notify_one();
        }
        UserConnection {
            connections: self.clone(),
            user: person.to_owned(),
            state,
        }
    }

    #[cfg(test)]
    fn user_count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl UserConnection {
    /// Whether a newer stream of the same person has replaced it.
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
        let mut people = self
            .connections
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = people.get_mut(&self.user) {
            open.retain(|state| !Arc::ptr_eq(state, &self.state));
            if open.is_empty() {
                people.remove(&self.user);
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
        let mut mine: Vec<UserConnection> = std::iter::repeat_with(|| streams.open("dev"))
            .take(MAX_CONNECTIONS_PER_USER)
            .collect();
        assert!(mine.iter().all(|stream| !stream.is_replaced()));
        mine.push(streams.open("dev"));
        assert_eq!(mine.iter().position(UserConnection::is_replaced), Some(0));
        assert!(
            mine[0].wait_until_replaced().now_or_never().is_some()
                && mine[1].wait_until_replaced().now_or_never().is_none()
        );
        drop(mine.remove(0));
        mine.push(streams.open("dev"));
        assert_eq!(mine.iter().position(UserConnection::is_replaced), Some(0));
        assert!(!other.is_replaced());
        drop((mine, other));
        assert_eq!(streams.user_count(), 0);
    }
}
