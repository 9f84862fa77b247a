//! Strategies for inputs that differ from recorded ones in a few places.

use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

/// Repetition does not make an input larger than this.
const MAX_INPUT_BYTES: usize = 64 * 1024;

/// Bytes that have a meaning in many formats, or in none.
const BYTES: &[u8] = b"\0\n\r\t \"\\/<>{}[](),;:=@%|#&?-+._~09azAZ\x7f\x80\xc3\xed\xff";

/// Tokens for any format: other scripts, invisible characters, numbers at the limits.
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

/// A change of some bytes. An [`Index`] is a position in whatever the input is.
#[derive(Clone, Debug)]
enum ByteEdit {
    FlipBit(Index, u8),
    Overwrite(Index, u8),
    Remove(Index, usize),
    Repeat(Index, usize, usize),
    Insert(Index, Vec<u8>),
    /// The end is that of another input.
    Splice(Index, Vec<u8>, Index),
}

/// A change of one value in a JSON document.
#[derive(Clone, Debug)]
struct JsonEdit {
    target: Index,
    /// A value elsewhere in the document, which some replacements contain.
    donor: Index,
    replacement: Replacement,
}

#[derive(Clone, Debug)]
enum Replacement {
    Value(Value),
    Donor,
    DonorInArray(usize),
    DonorInObject(&'static str),
}

/// One of `inputs`, changed in one to eight places.
pub(crate) fn mutated(
    inputs: Vec<Vec<u8>>,
    tokens: &'static [&'static str],
) -> impl Strategy<Value = Vec<u8>> {
    let edits = vec(byte_edit(inputs.clone(), tokens), 1..=8);
    (select(inputs), edits).prop_map(|(input, edits)| edits.iter().fold(input, apply_byte_edit))
}

/// One of `inputs`, which are JSON: values in it are replaced, bytes are changed, or both.
pub(crate) fn mutated_json(
    inputs: Vec<Vec<u8>>,
    tokens: &'static [&'static str],
) -> impl Strategy<Value = Vec<u8>> {
    let json_edits = prop_oneof![Just(Vec::new()), vec(json_edit(tokens), 1..=4)];
    let byte_edits = prop_oneof![
        Just(Vec::new()),
        vec(byte_edit(inputs.clone(), tokens), 1..=8)
    ];
    (select(inputs), json_edits, byte_edits).prop_map(|(mut input, json_edits, byte_edits)| {
        if let Some(edited) = apply_json_edits(&input, &json_edits) {
            input = edited;
        }
        byte_edits.iter().fold(input, apply_byte_edit)
    })
}

fn byte_edit(
    inputs: Vec<Vec<u8>>,
    tokens: &'static [&'static str],
) -> impl Strategy<Value = ByteEdit> {
    let position = any::<Index>;
    let length = || prop_oneof![3 => 0..=16_usize, 1 => 0..=MAX_INPUT_BYTES];
    let inserted = prop_oneof![
        1 => select(BYTES).prop_map(|byte| vec![byte]),
        2 => select(tokens).prop_map(|token| token.as_bytes().to_vec()),
        1 => select(COMMON_TOKENS).prop_map(|token| token.as_bytes().to_vec()),
    ];
    prop_oneof![
        1 => (position(), 0..8_u8).prop_map(|(at, bit)| ByteEdit::FlipBit(at, bit)),
        1 => (position(), select(BYTES)).prop_map(|(at, byte)| ByteEdit::Overwrite(at, byte)),
        1 => (position(), length()).prop_map(|(at, length)| ByteEdit::Remove(at, length)),
        1 => (position(), length(), select(vec![1, 2, 20, 200]))
            .prop_map(|(at, length, times)| ByteEdit::Repeat(at, length, times)),
        1 => (position(), select(inputs), position())
            .prop_map(|(head, other, tail)| ByteEdit::Splice(head, other, tail)),
        3 => (position(), inserted).prop_map(|(at, bytes)| ByteEdit::Insert(at, bytes)),
    ]
}

fn json_edit(tokens: &'static [&'static str]) -> impl Strategy<Value = JsonEdit> {
    let value = prop_oneof![
        4 => select(vec![json!(null), json!(true), json!(-1), json!(1.5), json!({}), json!([])]),
        1 => any::<u64>().prop_map(Value::from),
        2 => select(tokens).prop_map(Value::from),
    ];
    let replacement = prop_oneof![
        7 => value.prop_map(Replacement::Value),
        1 => Just(Replacement::Donor),
        2 => (0..30_usize).prop_map(Replacement::DonorInArray),
        1 => select(tokens).prop_map(Replacement::DonorInObject),
    ];
    (any::<Index>(), any::<Index>(), replacement).prop_map(|(target, donor, replacement)| {
        JsonEdit {
            target,
            donor,
            replacement,
        }
    })
}

fn apply_byte_edit(mut input: Vec<u8>, edit: &ByteEdit) -> Vec<u8> {
    match edit {
        ByteEdit::FlipBit(at, bit) => {
            let at = position(*at, &input);
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << bit;
            }
        }
        ByteEdit::Overwrite(at, byte) => {
            let at = position(*at, &input);
            if let Some(place) = input.get_mut(at) {
                *place = *byte;
            }
        }
        ByteEdit::Remove(at, length) => {
            input.drain(range(*at, *length, &input));
        }
        ByteEdit::Repeat(at, length, times) => {
            let range = range(*at, *length, &input);
            if input.len() + range.len() * times <= MAX_INPUT_BYTES {
                let repeated = input[range.clone()].repeat(*times);
                input.splice(range.start..range.start, repeated);
            }
        }
        ByteEdit::Insert(at, bytes) => {
            let at = position(*at, &input);
            input.splice(at..at, bytes.iter().copied());
        }
        ByteEdit::Splice(head, other, tail) => {
            input.truncate(position(*head, &input));
            input.extend_from_slice(&other[position(*tail, other)..]);
        }
    }
    input
}

/// A position in the input, its end included.
fn position(at: Index, input: &[u8]) -> usize {
    at.index(input.len() + 1)
}

fn range(at: Index, length: usize, input: &[u8]) -> Range<usize> {
    let start = position(at, input);
    start..input.len().min(start + length)
}

/// The document with the changes. `None` where the input is not JSON.
fn apply_json_edits(input: &[u8], edits: &[JsonEdit]) -> Option<Vec<u8>> {
    if edits.is_empty() {
        return None;
    }
    let mut document: Value = serde_json::from_slice(input).ok()?;
    for edit in edits {
        let mut pointers = Vec::new();
        collect_pointers(&document, String::new(), &mut pointers);
        let donor = document
            .pointer(edit.donor.get::<String>(&pointers))?
            .clone();
        *document.pointer_mut(edit.target.get::<String>(&pointers))? = match &edit.replacement {
            Replacement::Value(value) => value.clone(),
            Replacement::Donor => donor,
            Replacement::DonorInArray(length) => Value::Array(vec![donor; *length]),
            Replacement::DonorInObject(key) => json!({ *key: donor }),
        };
    }
    serde_json::to_vec(&document).ok()
}

/// The JSON pointers of all values, the document's own included.
fn collect_pointers(value: &Value, pointer: String, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| {
            collect_pointers(item, format!("{pointer}/{at}"), found);
        }),
        Value::Object(fields) => fields.iter().for_each(|(key, item)| {
            let key = key.replace('~', "~0").replace('/', "~1");
            collect_pointers(item, format!("{pointer}/{key}"), found);
        }),
        _ => {}
    }
    found.push(pointer);
}
