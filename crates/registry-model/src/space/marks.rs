//! Sets of numbers that are emptied at no cost.

/// A set of numbers below a bound.
#[derive(Debug)]
pub(crate) struct Marks {
    /// The round in which a number was last inserted.
    rounds: Vec<u32>,
    round: u32,
}

impl Marks {
    pub(crate) fn new(bound: usize) -> Self {
        Self {
            rounds: vec![0; bound],
            round: 1,
        }
    }

    /// Whether the number is new.
    pub(crate) fn insert(&mut self, number: u32) -> bool {
        std::mem::replace(&mut self.rounds[number as usize], self.round) != self.round
    }

    pub(crate) fn contains(&self, number: u32) -> bool {
        self.rounds[number as usize] == self.round
    }

    pub(crate) fn clear(&mut self) {
        self.round += 1;
    }
}
