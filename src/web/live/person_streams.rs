//! How many streams each person has open: pages that are open in many tabs must not take the
//! streams of everybody else.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

/// How many streams one person may have open.
pub(super) const PER_PERSON: usize = 64;

/// The streams of each person, the oldest first. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct PersonStreams(Arc<Mutex<HashMap<String, VecDeque<Arc<StreamState>>>>>);

#[derive(Debug, Default)]
struct StreamState {
    replaced: AtomicBool,
    notify: Notify,
}

/// One open stream of a person.
#[derive(Debug)]
pub(super) struct PersonStream {
    streams: PersonStreams,
    person: String,
    state: Arc<StreamState>,
}

impl PersonStreams {
    /// One more stream of `person`. Where there are too many, it replaces their oldest.
    pub(super) fn open(&self, person: &str) -> PersonStream {
        let state = Arc::new(StreamState::default());
        let mut people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = people.entry(person.to_owned()).or_default();
        open.push_back(Arc::clone(&state));
        if open.len() > PER_PERSON
            && let Some(oldest) = open.pop_front()
        {
            oldest.replaced.store(true, Ordering::Relaxed);
            oldest.notify.notify_one();
        }
        PersonStream {
            streams: self.clone(),
            person: person.to_owned(),
            state,
        }
    }

    #[cfg(test)]
    fn people(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl PersonStream {
    /// Whether a newer stream of the same person has replaced it.
    pub(super) fn is_replaced(&self) -> bool {
        self.state.replaced.load(Ordering::Relaxed)
    }

    /// Waits until that is so.
    pub(super) async fn replaced(&self) {
        self.state.notify.notified().await;
    }
}

impl Drop for PersonStream {
    fn drop(&mut self) {
        let mut people = self
            .streams
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = people.get_mut(&self.person) {
            open.retain(|state| !Arc::ptr_eq(state, &self.state));
            if open.is_empty() {
                people.remove(&self.person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn the_oldest_stream_of_a_person_makes_room_for_the_newest_and_nobody_elses_does() {
        let streams = PersonStreams::default();
        let other = streams.open("viewer");
        let mut mine: Vec<PersonStream> = std::iter::repeat_with(|| streams.open("dev"))
            .take(PER_PERSON)
            .collect();
        assert!(mine.iter().all(|stream| !stream.is_replaced()));
        mine.push(streams.open("dev"));
        assert_eq!(mine.iter().position(PersonStream::is_replaced), Some(0));
        assert!(
            mine[0].replaced().now_or_never().is_some()
                && mine[1].replaced().now_or_never().is_none()
        );
        drop(mine.remove(0));
        mine.push(streams.open("dev"));
        assert_eq!(mine.iter().position(PersonStream::is_replaced), Some(0));
        assert!(!other.is_replaced());
        drop((mine, other));
        assert_eq!(streams.people(), 0);
    }
}
