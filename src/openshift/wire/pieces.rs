//! A list cut into its items while it comes, so that a list of any length takes the memory of one
//! item.

use memchr::memchr2;

/// A part of a list.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::openshift) enum Piece<'a> {
    /// `metadata` of the list.
    Metadata(&'a [u8]),
    /// One of its items: JSON, not looked at.
    Item(&'a [u8]),
    /// One of its items, too long to be kept.
    TooLong,
    /// `metadata` of the list, too long to be kept.
    MetadataTooLong,
}

/// What comes is no JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::openshift) struct NoList;

/// Cuts. It follows brackets and texts alone: whether a piece is sound shows when it is read.
#[derive(Debug)]
pub(in crate::openshift) struct Pieces {
    longest: usize,
    depth: usize,
    in_text: bool,
    escaped: bool,
    /// The member of the list that is at hand, and whether its name is over.
    key: Vec<u8>,
    after_colon: bool,
    in_items: bool,
    /// An item that is no object: it makes no sense, but it counts.
    bare_item: bool,
    keeping: Keeping,
    kept: Vec<u8>,
    closed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeping {
    Nothing,
    Metadata,
    Item,
    /// An item that is over the limit, up to its end.
    TooLong,
    /// The same of the metadata.
    MetadataTooLong,
}

/// No member that matters has a longer name.
const KEY_BYTES: usize = 32;
/// The metadata of a list are a revision and a continuation: a few hundred bytes.
const METADATA_BYTES: usize = 64 << 10;
/// What is kept of the memory of a long item.
const KEPT_CAPACITY: usize = 1 << 20;

impl Pieces {
    /// Takes items of at most `longest` bytes, and metadata of at most 64 KiB.
    pub(in crate::openshift) fn new(longest: usize) -> Self {
        Self {
            longest,
            depth: 0,
            in_text: false,
            escaped: false,
            key: Vec::new(),
            after_colon: false,
            in_items: false,
            bare_item: false,
            keeping: Keeping::Nothing,
            kept: Vec::new(),
            closed: false,
        }
    }

    /// Whether the list has come to its end.
    pub(in crate::openshift) fn is_whole(&self) -> bool {
        self.closed
    }

    /// Goes through the next bytes, and gives what is complete to `take`.
    pub(in crate::openshift) fn push(
        &mut self,
        bytes: &[u8],
        take: &mut impl FnMut(Piece<'_>),
    ) -> Result<(), NoList> {
        let (mut at, mut start) = (0, 0);
        while let Some(&byte) = bytes.get(at) {
            if self.in_text {
                at += self.skip_text(&bytes[at..]);
                continue;
            }
            match byte {
                b'{' | b'[' => {
                    if self.open(byte)? {
                        start = at;
                    }
                }
                b'}' | b']' => self.close(&bytes[start..=at], take)?,
                b'"' => self.begin_text(),
                b':' if self.depth == 1 => self.after_colon = true,
                b',' => self.comma(take),
                b' ' | b'\n' | b'\r' | b'\t' => {}
                _ if self.depth == 0 => return Err(NoList),
                _ => self.bare_item |= self.is_between_items(),
            }
            at += 1;
        }
        self.keep(&bytes[start..]);
        Ok(())
    }

    /// How many of `bytes` belong to the text that was begun.
    fn skip_text(&mut self, bytes: &[u8]) -> usize {
        if self.escaped {
            self.escaped = false;
            return 1;
        }
        let end = memchr2(b'"', b'\\', bytes);
        if self.is_key() && self.key.len() < KEY_BYTES {
            self.key
                .extend_from_slice(&bytes[..end.unwrap_or(bytes.len()).min(KEY_BYTES)]);
        }
        let Some(end) = end else { return bytes.len() };
        if bytes[end] == b'\\' {
            self.escaped = true;
        } else {
            self.in_text = false;
        }
        end + 1
    }

    fn begin_text(&mut self) {
        self.in_text = true;
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

    /// Whether something that is kept begins here.
    fn open(&mut self, bracket: u8) -> Result<bool, NoList> {
        if self.depth == 0 && (bracket != b'{' || self.closed) {
            return Err(NoList);
        }
        let begins = self.begins(bracket);
        self.depth += 1;
        if let Some(kind) = begins {
            self.keeping = kind;
            self.kept.clear();
        }
        Ok(begins.is_some())
    }

    fn begins(&mut self, bracket: u8) -> Option<Keeping> {
        if self.is_between_items() {
            return Some(Keeping::Item);
        }
        if self.depth != 1 || !self.after_colon {
            return None;
        }
        self.in_items = bracket == b'[' && self.key == b"items";
        (bracket == b'{' && self.key == b"metadata").then_some(Keeping::Metadata)
    }

    /// `last` is what has been seen in this push of what is kept.
    fn close(&mut self, last: &[u8], take: &mut impl FnMut(Piece<'_>)) -> Result<(), NoList> {
        if self.is_between_items() {
            self.end_bare_item(take);
            self.in_items = false;
        }
        self.depth = self.depth.checked_sub(1).ok_or(NoList)?;
        self.closed = self.depth == 0;
        let ends = match self.keeping {
            Keeping::Nothing => false,
            Keeping::Metadata | Keeping::MetadataTooLong => self.depth == 1,
            Keeping::Item | Keeping::TooLong => self.depth == 2,
        };
        if ends {
            self.give(last, take);
        }
        Ok(())
    }

    fn give(&mut self, last: &[u8], take: &mut impl FnMut(Piece<'_>)) {
        self.keep(last);
        match std::mem::replace(&mut self.keeping, Keeping::Nothing) {
            Keeping::Metadata => take(Piece::Metadata(&self.kept)),
            Keeping::Item => take(Piece::Item(&self.kept)),
            Keeping::MetadataTooLong => take(Piece::MetadataTooLong),
            Keeping::Nothing | Keeping::TooLong => take(Piece::TooLong),
        }
        self.kept.clear();
        self.kept.shrink_to(KEPT_CAPACITY);
    }

    fn keep(&mut self, bytes: &[u8]) {
        let (longest, too_long) = match self.keeping {
            Keeping::Metadata => (self.longest.min(METADATA_BYTES), Keeping::MetadataTooLong),
            Keeping::Item => (self.longest, Keeping::TooLong),
            Keeping::Nothing | Keeping::TooLong | Keeping::MetadataTooLong => return,
        };
        if self.kept.len() + bytes.len() > longest {
            self.keeping = too_long;
            self.kept.clear();
        } else {
            self.kept.extend_from_slice(bytes);
        }
    }

    fn comma(&mut self, take: &mut impl FnMut(Piece<'_>)) {
        if self.depth == 1 {
            self.after_colon = false;
        }
        if self.is_between_items() {
            self.end_bare_item(take);
        }
    }

    fn end_bare_item(&mut self, take: &mut impl FnMut(Piece<'_>)) {
        if std::mem::take(&mut self.bare_item) {
            take(Piece::Item(b"null"));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{METADATA_BYTES, NoList, Piece, Pieces};

    /// The metadata and the items of a list that comes in pieces of `step` bytes.
    fn cut(
        text: &[u8],
        step: usize,
        longest: usize,
    ) -> Result<(Option<Value>, Vec<Option<Value>>), NoList> {
        let (mut metadata, mut items, mut pieces) = (None, Vec::new(), Pieces::new(longest));
        for part in text.chunks(step) {
            pieces.push(part, &mut |piece| match piece {
                Piece::Metadata(text) => metadata = serde_json::from_slice(text).ok(),
                Piece::Item(text) => items.push(serde_json::from_slice(text).ok()),
                Piece::TooLong => items.push(None),
                Piece::MetadataTooLong => metadata = Some(json!("too long")),
            })?;
        }
        assert!(pieces.is_whole());
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
        fn the_items_are_those_of_the_list_wherever_it_is_cut(
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
            // What is no object or list makes no sense as an item, whatever it is.
            let expected: Vec<Option<Value>> =
                items.into_iter().map(|item| Some(if item.is_object() || item.is_array() { item } else { Value::Null })).collect();
            prop_assert_eq!(cut, expected);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(prop_oneof![Just(b'{'), Just(b'}'), Just(b'['), Just(b']'), Just(b'"'), Just(b':'), Just(b','), any::<u8>()], 0..200), step in 1_usize..9) {
            let mut pieces = Pieces::new(16);
            for part in bytes.chunks(step) {
                if pieces.push(part, &mut |_| {}).is_err() {
                    break;
                }
            }
        }
    }

    #[test]
    fn an_item_over_the_limit_is_left_out_and_the_others_stand() {
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
    fn metadata_over_the_limit_are_reported_and_no_item_is_lost_with_them() {
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
        let long =
            json!({"metadata": {"continue": "c".repeat(METADATA_BYTES)}, "items": []}).to_string();
        assert_eq!(
            cut(long.as_bytes(), 1000, 8 << 20),
            Ok((Some(json!("too long")), Vec::new())),
            "however long an item may be"
        );
    }

    #[test]
    fn no_items_are_no_items_and_what_is_no_object_is_no_list() {
        assert_eq!(
            cut(br#"{"items": null, "metadata": null}"#, 3, 99),
            Ok((None, Vec::new()))
        );
        for text in ["[1]", "7", "<html>", "}"] {
            assert_eq!(cut(text.as_bytes(), 2, 99), Err(NoList), "{text}");
        }
    }
}
