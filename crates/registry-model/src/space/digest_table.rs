//! Digests as small numbers.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::Digest;

/// Gives each digest a number, in the order in which they are inserted.
///
/// Takes about 40 bytes for a digest, a third of a hash map with digests as keys: with a million
/// layers that is the greater part of the index.
#[derive(Clone, Debug, Default)]
pub(super) struct DigestTable {
    /// By number. All zero for a digest that is not SHA-256.
    sha256: Vec<[u8; 32]>,
    /// The few digests of another algorithm, by number.
    others: HashMap<u32, Digest>,
    /// Numbers, at the place that the hash of their digest determines, or at the next free one.
    /// The length is 0 or a power of two.
    slots: Vec<u32>,
    /// Digests of imported images are chosen by whoever wrote their manifests, so that places must
    /// not be predictable.
    hasher: RandomState,
}

const FREE: u32 = u32::MAX;

impl DigestTable {
    pub(super) fn len(&self) -> usize {
        self.sha256.len()
    }

    pub(super) fn get(&self, digest: &Digest) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let number = self.slots[self.slot_of(digest)];
        (number != FREE).then_some(number)
    }

    /// The number of the digest, which is inserted if it is new.
    pub(super) fn insert(&mut self, digest: &Digest) -> u32 {
        if (self.len() + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        let slot = self.slot_of(digest);
        if self.slots[slot] != FREE {
            return self.slots[slot];
        }
        let number = u32::try_from(self.len()).expect("fewer than 4 billion digests fit in memory");
        self.slots[slot] = number;
        self.sha256
            .push(digest.as_sha256().copied().unwrap_or_default());
        if digest.as_sha256().is_none() {
            self.others.insert(number, digest.clone());
        }
        number
    }

    /// The digest of a number that this table gave.
    pub(super) fn digest(&self, number: u32) -> Digest {
        self.others
            .get(&number)
            .cloned()
            .unwrap_or_else(|| Digest::from_sha256(self.sha256[number as usize]))
    }

    /// The approximate memory in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        size_of_val(&self.sha256[..]) + size_of_val(&self.slots[..])
    }

    fn is_at(&self, number: u32, digest: &Digest) -> bool {
        match digest.as_sha256() {
            Some(bytes) => {
                self.sha256[number as usize] == *bytes && !self.others.contains_key(&number)
            }
            None => self.others.get(&number) == Some(digest),
        }
    }

    /// The place of the digest, or the free one where it would be.
    fn slot_of(&self, digest: &Digest) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = self.hasher.hash_one(digest) as usize & mask;
        while self.slots[slot] != FREE && !self.is_at(self.slots[slot], digest) {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        self.slots = vec![FREE; (self.slots.len() * 2).max(16)];
        for number in 0..self.len() {
            let number = u32::try_from(number).expect("numbers fit, because they were given");
            let slot = self.slot_of(&self.digest(number));
            self.slots[slot] = number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_digest_has_one_number() {
        let mut table = DigestTable::default();
        let mut digests: Vec<Digest> = (0..1_000_u32)
            .map(|n| Digest::sha256(&n.to_be_bytes()))
            .collect();
        digests.push(format!("sha512:{}", "0".repeat(128)).parse().unwrap());
        digests.push(format!("sha256:{}", "0".repeat(64)).parse().unwrap());
        digests.push(format!("sha512:{}", "1".repeat(128)).parse().unwrap());
        for _ in 0..2 {
            for (number, digest) in (0..).zip(&digests) {
                assert_eq!(table.insert(digest), number);
            }
        }
        assert_eq!(table.len(), digests.len());
        for (number, digest) in (0..).zip(&digests) {
            assert_eq!(table.get(digest), Some(number));
            assert_eq!(table.digest(number), *digest);
        }
        assert_eq!(table.get(&Digest::sha256(b"other")), None);
        assert_eq!(DigestTable::default().get(&digests[0]), None);
    }
}
