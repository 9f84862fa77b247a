//! How many streams each person has open: pages that are open in many tabs must not take the streams of everybody else.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

/// How many streams one person may have open.
pub(super) const PER_PERSON: usize = 64;

/// The streams of each person, the oldest first. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Seats(Arc<Mutex<HashMap<String, VecDeque<Arc<Place>>>>>);

#[derive(Debug, Default)]
struct Place {
    given_up: AtomicBool,
    told: Notify,
}

/// One open stream of a person.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Seats,
    person: String,
    place: Arc<Place>,
}

impl Seats {
    /// One more stream of `person`. Where there are too many, their oldest has to give up its place.
    pub(super) fn take(&self, person: &str) -> Seat {
        let place = Arc::new(Place::default());
        let mut people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let places = people.entry(person.to_owned()).or_default();
        places.push_back(Arc::clone(&place));
        if places.len() > PER_PERSON
            && let Some(oldest) = places.pop_front()
        {
            oldest.given_up.store(true, Ordering::Relaxed);
            oldest.told.notify_one();
        }
        Seat { seats: self.clone(), person: person.to_owned(), place }
    }

    #[cfg(test)]
    fn people(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl Seat {
    /// Whether a newer stream of the same person has taken its place.
    pub(super) fn is_given_up(&self) -> bool {
        self.place.given_up.load(Ordering::Relaxed)
    }

    /// Waits until that is so.
    pub(super) async fn given_up(&self) {
        self.place.told.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut people = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = people.get_mut(&self.person) {
            places.retain(|place| !Arc::ptr_eq(place, &self.place));
            if places.is_empty() {
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
        let seats = Seats::default();
        let other = seats.take("viewer");
        let mut mine: Vec<Seat> = std::iter::repeat_with(|| seats.take("dev")).take(PER_PERSON).collect();
        assert!(mine.iter().all(|seat| !seat.is_given_up()));
        mine.push(seats.take("dev"));
        assert_eq!(mine.iter().position(Seat::is_given_up), Some(0));
        assert!(mine[0].given_up().now_or_never().is_some() && mine[1].given_up().now_or_never().is_none());
        drop(mine.remove(0));
        mine.push(seats.take("dev"));
        assert_eq!(mine.iter().position(Seat::is_given_up), Some(0));
        assert!(!other.is_given_up());
        drop((mine, other));
        assert_eq!(seats.people(), 0);
    }
}
