//! How new inputs are made from old ones.

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use serde_json::{Value, json};

/// Bytes that mean something to most formats, or nothing to any.
const BYTES: &[u8] = b"\0\n\r\t \"\\/<>{}[](),;:=@%|#&?-+._~09azAZ\x7f\x80\xc3\xed\xff";

/// Words of any format: other scripts, hidden characters, numbers at the edges.
const COMMON_TOKENS: &[&str] = &[
    "\u{202e}",
    "\u{200d}",
    "e\u{301}",
    "👩‍🚀",
    "🇩🇪",
    "\u{e0041}",
    "\u{2028}",
    "-1",
    "18446744073709551616",
    "1e999",
    "null",
];

pub(crate) struct Mutator {
    rng: StdRng,
    words: &'static [&'static str],
}

impl Mutator {
    pub(crate) fn new(rng: StdRng, words: &'static [&'static str]) -> Self {
        Self { rng, words }
    }

    /// An input made of one or two others, changed in one to eight places.
    pub(crate) fn next(&mut self, corpus: &[Vec<u8>], json: bool) -> Vec<u8> {
        let mut input = self.pick_input(corpus);
        if json && self.rng.random_ratio(1, 2) {
            input = self.mutate_json(&input).unwrap_or(input);
        }
        if json && self.rng.random_ratio(1, 2) {
            return input;
        }
        for _ in 0..self.rng.random_range(1..=8) {
            match self.rng.random_range(0..8) {
                0 => self.flip_bit(&mut input),
                1 => self.overwrite(&mut input),
                2 => self.remove_range(&mut input),
                3 => self.repeat_range(&mut input),
                4 => input = self.splice(&input, corpus),
                5 => self.insert_byte(&mut input),
                _ => self.insert_word(&mut input),
            }
        }
        input
    }

    fn pick_input(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        corpus.choose(&mut self.rng).cloned().unwrap_or_default()
    }

    /// A place in the input, its end included.
    fn random_offset(&mut self, input: &[u8]) -> usize {
        self.rng.random_range(0..=input.len())
    }

    /// A piece of the input, mostly short.
    fn random_range(&mut self, input: &[u8]) -> std::ops::Range<usize> {
        let start = self.random_offset(input);
        let longest = if self.rng.random_ratio(3, 4) {
            16
        } else {
            input.len()
        };
        let length = self.rng.random_range(0..=longest.min(input.len() - start));
        start..start + length
    }

    fn flip_bit(&mut self, input: &mut [u8]) {
        let bit = self.rng.random_range(0..8);
        if let Some(byte) = input
            .len()
            .checked_sub(1)
            .map(|last| self.rng.random_range(0..=last))
            .and_then(|at| input.get_mut(at))
        {
            *byte ^= 1 << bit;
        }
    }

    fn overwrite(&mut self, input: &mut [u8]) {
        let at = self.random_offset(input);
        let byte = BYTES[self.rng.random_range(0..BYTES.len())];
        if let Some(place) = input.get_mut(at) {
            *place = byte;
        }
    }

    fn remove_range(&mut self, input: &mut Vec<u8>) {
        let piece = self.random_range(input);
        input.drain(piece);
    }

    fn repeat_range(&mut self, input: &mut Vec<u8>) {
        let piece = self.random_range(input);
        let times = *[1, 1, 2, 20, 200].choose(&mut self.rng).unwrap_or(&1);
        let repeated = input[piece.clone()].repeat(times);
        if input.len() + repeated.len() <= super::MAX_INPUT_BYTES {
            input.splice(piece.start..piece.start, repeated);
        }
    }

    fn splice(&mut self, input: &[u8], corpus: &[Vec<u8>]) -> Vec<u8> {
        let other = self.pick_input(corpus);
        let (head, tail) = (self.random_offset(input), self.random_offset(&other));
        [&input[..head], &other[tail..]].concat()
    }

    fn insert_byte(&mut self, input: &mut Vec<u8>) {
        let at = self.random_offset(input);
        input.insert(at, BYTES[self.rng.random_range(0..BYTES.len())]);
    }

    fn insert_word(&mut self, input: &mut Vec<u8>) {
        let words = if self.words.is_empty() || self.rng.random_ratio(1, 4) {
            COMMON_TOKENS
        } else {
            self.words
        };
        let word = words.choose(&mut self.rng).copied().unwrap_or_default();
        let at = self.random_offset(input);
        input.splice(at..at, word.bytes());
    }

    /// The same JSON with some values of another type, gone, or elsewhere. `None` where the input
    /// is no JSON.
    fn mutate_json(&mut self, input: &[u8]) -> Option<Vec<u8>> {
        let mut document: Value = serde_json::from_slice(input).ok()?;
        for _ in 0..self.rng.random_range(1..=4) {
            let donor = self.pick_json_node(&mut document).clone();
            let replacement = self.mutated_value(donor);
            *self.pick_json_node(&mut document) = replacement;
        }
        serde_json::to_vec(&document).ok()
    }

    /// Any value inside a document.
    fn pick_json_node<'a>(&mut self, document: &'a mut Value) -> &'a mut Value {
        let size = match &*document {
            Value::Array(items) => items.len(),
            Value::Object(entries) => entries.len(),
            _ => 0,
        };
        if size == 0 || self.rng.random_ratio(1, 6) {
            return document;
        }
        let at = self.rng.random_range(0..size);
        let inner = match document {
            Value::Array(items) => items.get_mut(at),
            Value::Object(entries) => entries.values_mut().nth(at),
            _ => None,
        };
        self.pick_json_node(inner.expect("the place is inside"))
    }

    fn mutated_value(&mut self, donor: Value) -> Value {
        let word = self
            .words
            .choose(&mut self.rng)
            .copied()
            .unwrap_or_default();
        match self.rng.random_range(0..12) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(self.rng.random::<u64>()),
            3 => json!(-1),
            4 => json!(1.5),
            5 => json!([donor]),
            6 => json!({ word: donor }),
            7 => Value::Array(vec![donor; self.rng.random_range(0..30)]),
            8 => json!({}),
            9 => donor,
            _ => json!(word),
        }
    }
}
