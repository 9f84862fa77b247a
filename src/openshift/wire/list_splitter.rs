//! Splits a list into its items as it arrives, so that a list of any length needs the memory of one
//! item.

use memchr::memchr2;

/// A piece of a list.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::openshift) enum ListPiece<'a> {
    /// `metadata` of the list.
    Metadata(&'a [u8]),
    /// An item: JSON that has not been validated.
    Item(&'a [u8]),
    /// An item that exceeds the maximum length.
    ItemTooLong,
    /// `metadata` of the list that exceeds the maximum length.
    MetadataTooLong,
}

/// The input is not a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::openshift) struct NotAList;

/// The splitter. It tracks brackets and strings only; a piece is validated when it is decoded.
#[derive(Debug)]
pub(in crate::openshift) struct ListSplitter {
    max_item_bytes: usize,
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// The current member of the list, and whether its name is complete.
    key: Vec<u8>,
    after_colon: bool,
    in_items: bool,
    /// An item that is not an object: it cannot be read, but is counted.
    bare_item: bool,
    capture: Capture,
    buffer: Vec<u8>,
    is_complete: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Capture {
    Nothing,
    Metadata,
    Item,
    /// An item over the limit, up to its end.
    ItemTooLong,
    /// Metadata over the limit, up to its end.
    MetadataTooLong,
}

/// The longest name of a member that is kept.
const MAX_KEY_BYTES: usize = 32;
/// The longest metadata. A resource version and a continuation take a few hundred bytes.
const MAX_METADATA_BYTES: usize = 64 << 10;
/// The capacity of the buffer that is kept after a long item.
const MAX_RETAINED_CAPACITY_BYTES: usize = 1 << 20;

impl ListSplitter {
    /// A splitter for items of at most `longest` bytes, and metadata of at most 64 KiB.
    pub(in crate::openshift) fn new(longest: usize) -> Self {
        Self {
            max_item_bytes: longest,
            depth: 0,
            in_string: false,
            escaped: false,
            key: Vec::new(),
            after_colon: false,
            in_items: false,
            bare_item: false,
            capture: Capture::Nothing,
            buffer: Vec::new(),
            is_complete: false,
        }
    }

    /// Whether the end of the list has been read.
    pub(in crate::openshift) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Reads the next bytes, and passes complete pieces to `take`.
    pub(in crate::openshift) fn push(
        &mut self,
        bytes: &[u8],
        take: &mut impl FnMut(ListPiece<'_>),
    ) -> Result<(), NotAList> {
        let (mut at, mut start) = (0, 0);
        while let Some(&byte) = bytes.get(at) {
            if self.in_string {
                at += self.skip_string(&bytes[at..]);
                continue;
            }
            match byte {
                b'{' | b'[' => {
                    if self.open(byte)? {
                        start = at;
                    }
                }
                b'}' | b']' => self.close(&bytes[start..=at], take)?,
                b'"' => self.begin_string(),
                b':' if self.depth == 1 => self.after_colon = true,
                b',' => self.end_member(take),
                b' ' | b'\n' | b'\r' | b'\t' => {}
                _ if self.depth == 0 => return Err(NotAList),
                _ => self.bare_item |= self.is_between_items(),
            }
            at += 1;
        }
        self.extend_buffer(&bytes[start..]);
        Ok(())
    }

    /// The number of `bytes` that belong to the current string.
    fn skip_string(&mut self, bytes: &[u8]) -> usize {
        if self.escaped {
            self.escaped = false;
            return 1;
        }
        let end = memchr2(b'"', b'\\', bytes);
        if self.is_key() && self.key.len() < MAX_KEY_BYTES {
            self.key
                .extend_from_slice(&bytes[..end.unwrap_or(bytes.len()).min(MAX_KEY_BYTES)]);
        }
        let Some(end) = end else { return bytes.len() };
        if bytes[end] == b'\\' {
            self.escaped = true;
        } else {
            self.in_string = false;
        }
        end + 1
    }

    fn begin_string(&mut self) {
        self.in_string = true;
        if self.is_key() {
            self.key.clear();
        }
        self.bare_item |= self.is_between_items();
    }

    fn is_key(&self) -> bool {
        self.depth == 1 && !self.after_colon
    }

    fn is_between_items(&self) -> bool {
        self.in_items && self.depth == 2
    }

    /// Whether a piece that is kept starts here.
    fn open(&mut self, bracket: u8) -> Result<bool, NotAList> {
        if self.depth == 0 && (bracket != b'{' || self.is_complete) {
            return Err(NotAList);
        }
        let begins = self.capture_starting_at(bracket);
        self.depth += 1;
        if let Some(kind) = begins {
            self.capture = kind;
            self.buffer.clear();
        }
        Ok(begins.is_some())
    }

    fn capture_starting_at(&mut self, bracket: u8) -> Option<Capture> {
        if self.is_between_items() {
            return Some(Capture::Item);
        }
        if self.depth != 1 || !self.after_colon {
            return None;
        }
        self.in_items = bracket == b'[' && self.key == b"items";
        (bracket == b'{' && self.key == b"metadata").then_some(Capture::Metadata)
    }

    /// `last` is the part of the current piece that was read in this push.
    fn close(&mut self, last: &[u8], take: &mut impl FnMut(ListPiece<'_>)) -> Result<(), NotAList> {
        if self.is_between_items() {
            self.end_bare_item(take);
            self.in_items = false;
        }
        self.depth = self.depth.checked_sub(1).ok_or(NotAList)?;
        self.is_complete = self.depth == 0;
        let ends = match self.capture {
            Capture::Nothing => false,
            Capture::Metadata | Capture::MetadataTooLong => self.depth == 1,
            Capture::Item | Capture::ItemTooLong => self.depth == 2,
        };
        if ends {
            self.emit(last, take);
        }
        Ok(())
    }

    fn emit(&mut self, last: &[u8], take: &mut impl FnMut(ListPiece<'_>)) {
        self.extend_buffer(last);
        match std::mem::replace(&mut self.capture, Capture::Nothing) {
            Capture::Metadata => take(ListPiece::Metadata(&self.buffer)),
            Capture::Item => take(ListPiece::Item(&self.buffer)),
            Capture::MetadataTooLong => take(ListPiece::MetadataTooLong),
            Capture::Nothing | Capture::ItemTooLong => take(ListPiece::ItemTooLong),
        }
        self.buffer.clear();
        self.buffer.shrink_to(MAX_RETAINED_CAPACITY_BYTES);
    }

    fn extend_buffer(&mut self, bytes: &[u8]) {
        let (longest, too_long) = match self.capture {
            Capture::Metadata => (
                self.max_item_bytes.min(MAX_METADATA_BYTES),
                Capture::MetadataTooLong,
            ),
            Capture::Item => (self.max_item_bytes, Capture::ItemTooLong),
            Capture::Nothing | Capture::ItemTooLong | Capture::MetadataTooLong => return,
        };
        if self.buffer.len() + bytes.len() > longest {
            self.capture = too_long;
            self.buffer.clear();
        } else {
            self.buffer.extend_from_slice(bytes);
        }
    }

    fn end_member(&mut self, take: &mut impl FnMut(ListPiece<'_>)) {
        if self.depth == 1 {
            self.after_colon = false;
        }
        if self.is_between_items() {
            self.end_bare_item(take);
        }
    }

    fn end_bare_item(&mut self, take: &mut impl FnMut(ListPiece<'_>)) {
        if std::mem::take(&mut self.bare_item) {
            take(ListPiece::Item(b"null"));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{ListPiece, ListSplitter, MAX_METADATA_BYTES, NotAList};

    /// The metadata and the items of a list that arrives in chunks of `step` bytes.
    fn cut(
        text: &[u8],
        step: usize,
        longest: usize,
    ) -> Result<(Option<Value>, Vec<Option<Value>>), NotAList> {
        let (mut metadata, mut items, mut pieces) = (None, Vec::new(), ListSplitter::new(longest));
        for part in text.chunks(step) {
            pieces.push(part, &mut |piece| match piece {
                ListPiece::Metadata(text) => metadata = serde_json::from_slice(text).ok(),
                ListPiece::Item(text) => items.push(serde_json::from_slice(text).ok()),
                ListPiece::ItemTooLong => items.push(None),
                ListPiece::MetadataTooLong => metadata = Some(json!("too long")),
            })?;
        }
        assert!(pieces.is_complete());
        Ok((metadata, items))
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i32>().prop_map(Value::from),
            "[ -~\u{e9}\"\\\\{}\\[\\]:,]{0,12}".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::btree_map("(items|metadata|[a-z\"{]{1,6})", inner, 0..5)
                    .prop_map(|map| json!(map)),
            ]
        })
    }

    proptest! {
        #[test]
        fn items_are_the_same_for_any_chunking(
            items in proptest::collection::vec(json(), 0..6),
            more in json(),
            step in 1_usize..64,
            pretty in any::<bool>(),
            first in any::<bool>(),
        ) {
            let metadata = json!({"resourceVersion": "7", "x": more});
            let list = if first {
                json!({"a": more, "metadata": metadata, "items": items})
            } else {
                json!({"items": items, "kind": "items", "metadata": metadata, "z": {"items": [1], "metadata": {}}})
            };
            let text = if pretty { serde_json::to_vec_pretty(&list) } else { serde_json::to_vec(&list) }.unwrap();
            let (found, cut) = cut(&text, step, 1 << 20).unwrap();
            prop_assert_eq!(found, Some(metadata));
            // An item that is not an object or list is unreadable, whatever it is.
            let expected: Vec<Option<Value>> =
                items.into_iter().map(|item| Some(if item.is_object() || item.is_array() { item } else { Value::Null })).collect();
            prop_assert_eq!(cut, expected);
        }

        #[test]
        fn parsing_never_panics(bytes in proptest::collection::vec(prop_oneof![Just(b'{'), Just(b'}'), Just(b'['), Just(b']'), Just(b'"'), Just(b':'), Just(b','), any::<u8>()], 0..200), step in 1_usize..9) {
            let mut pieces = ListSplitter::new(16);
            for part in bytes.chunks(step) {
                if pieces.push(part, &mut |_| {}).is_err() {
                    break;
                }
            }
        }
    }

    #[test]
    fn oversized_item_is_skipped() {
        let list = json!({"items": [{"a": 1}, {"b": "x".repeat(100)}, {"c": 3}]}).to_string();
        for step in [1, 7, 1000] {
            let (_, items) = cut(list.as_bytes(), step, 20).unwrap();
            assert_eq!(
                items,
                [Some(json!({"a": 1})), None, Some(json!({"c": 3}))],
                "{step}"
            );
        }
    }

    #[test]
    fn oversized_metadata_is_reported_without_losing_items() {
        for metadata in [
            json!({"x": "y".repeat(100)}),
            json!({"a": {"b": "y".repeat(100)}, "c": {}}),
            json!({"a": [{}, {"x": "y".repeat(100)}]}),
        ] {
            let items = json!([{"a": 1}, {"c": 3}]);
            for list in [
                format!(r#"{{"metadata":{metadata},"items":{items}}}"#),
                format!(r#"{{"items":{items},"metadata":{metadata}}}"#),
            ] {
                for step in [1, 7, 1000] {
                    let expected = (
                        Some(json!("too long")),
                        vec![Some(json!({"a": 1})), Some(json!({"c": 3}))],
                    );
                    assert_eq!(
                        cut(list.as_bytes(), step, 40),
                        Ok(expected),
                        "{step} {list}"
                    );
                }
            }
        }
        let long = json!({"metadata": {"continue": "c".repeat(MAX_METADATA_BYTES)}, "items": []})
            .to_string();
        assert_eq!(
            cut(long.as_bytes(), 1000, 8 << 20),
            Ok((Some(json!("too long")), Vec::new())),
            "however long an item may be"
        );
    }

    #[test]
    fn null_items_are_empty_and_non_object_is_no_list() {
        assert_eq!(
            cut(br#"{"items": null, "metadata": null}"#, 3, 99),
            Ok((None, Vec::new()))
        );
        for text in ["[1]", "7", "<html>", "}"] {
            assert_eq!(cut(text.as_bytes(), 2, 99), Err(NotAList), "{text}");
        }
    }
}
