//! Objects in the binary encoding of Kubernetes, in which `oc` sends those of the core groups.
//!
//! `k8s\0`, then the message `Unknown` of `k8s.io/apimachinery/pkg/runtime/generated.proto` with
//! the object in it. The numbers of the fields are those of the `generated.proto` files of
//! `k8s.io/api`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// The prefix of every such body.
const MAGIC: &[u8] = b"k8s\0";

/// The known fields of a message: number, name and kind. All others are skipped.
type MessageSchema = &'static [(u64, &'static str, FieldKind)];

#[derive(Clone, Copy)]
enum FieldKind {
    Text,
    Number,
    Bool,
    Message(MessageSchema),
    RepeatedText,
    RepeatedMessage(MessageSchema),
    TextMap,
    BytesMap,
}

const TYPE_META: MessageSchema = &[
    (1, "apiVersion", FieldKind::Text),
    (2, "kind", FieldKind::Text),
];
const OBJECT_META: MessageSchema = &[
    (1, "name", FieldKind::Text),
    (2, "generateName", FieldKind::Text),
    (3, "namespace", FieldKind::Text),
    (5, "uid", FieldKind::Text),
    (6, "resourceVersion", FieldKind::Text),
    (11, "labels", FieldKind::TextMap),
    (12, "annotations", FieldKind::TextMap),
];
const OBJECT_REFERENCE: MessageSchema = &[
    (1, "kind", FieldKind::Text),
    (2, "namespace", FieldKind::Text),
    (3, "name", FieldKind::Text),
];
const SUBJECT: MessageSchema = &[
    (1, "kind", FieldKind::Text),
    (2, "apiGroup", FieldKind::Text),
    (3, "name", FieldKind::Text),
    (4, "namespace", FieldKind::Text),
];
const ROLE: MessageSchema = &[
    (1, "apiGroup", FieldKind::Text),
    (2, "kind", FieldKind::Text),
    (3, "name", FieldKind::Text),
];

/// The kinds that can be decoded.
const KINDS: &[(&str, MessageSchema)] = &[
    (
        "DeleteOptions",
        &[(
            2,
            "preconditions",
            FieldKind::Message(&[
                (1, "uid", FieldKind::Text),
                (2, "resourceVersion", FieldKind::Text),
            ]),
        )],
    ),
    (
        "ServiceAccount",
        &[
            (1, "metadata", FieldKind::Message(OBJECT_META)),
            (2, "secrets", FieldKind::RepeatedMessage(OBJECT_REFERENCE)),
            (
                3,
                "imagePullSecrets",
                FieldKind::RepeatedMessage(&[(1, "name", FieldKind::Text)]),
            ),
        ],
    ),
    (
        "Secret",
        &[
            (1, "metadata", FieldKind::Message(OBJECT_META)),
            (2, "data", FieldKind::BytesMap),
            (3, "type", FieldKind::Text),
            (4, "stringData", FieldKind::TextMap),
            (5, "immutable", FieldKind::Bool),
        ],
    ),
    (
        "TokenRequest",
        &[
            (1, "metadata", FieldKind::Message(OBJECT_META)),
            (
                2,
                "spec",
                FieldKind::Message(&[
                    (1, "audiences", FieldKind::RepeatedText),
                    (4, "expirationSeconds", FieldKind::Number),
                ]),
            ),
        ],
    ),
    (
        "RoleBinding",
        &[
            (1, "metadata", FieldKind::Message(OBJECT_META)),
            (2, "subjects", FieldKind::RepeatedMessage(SUBJECT)),
            (3, "roleRef", FieldKind::Message(ROLE)),
        ],
    ),
];

/// The object as JSON. `None`: it has another encoding, or is of a kind that cannot be decoded.
pub(super) fn to_json(body: &[u8]) -> Option<Value> {
    let envelope = body.strip_prefix(MAGIC)?;
    let (mut about, mut raw) = (Value::Null, None);
    for field in fields(envelope)? {
        match field {
            (1, WireValue::LengthDelimited(bytes)) => about = decode_message(bytes, TYPE_META)?,
            (2, WireValue::LengthDelimited(bytes)) => raw = Some(bytes),
            _ => {}
        }
    }
    let (_, message) = KINDS.iter().find(|(kind, _)| about["kind"] == *kind)?;
    let mut object = decode_message(raw?, message)?;
    (object["apiVersion"], object["kind"]) = (about["apiVersion"].take(), about["kind"].take());
    Some(object)
}

/// A field as it is encoded.
enum WireValue<'b> {
    Number(u64),
    LengthDelimited(&'b [u8]),
    /// Of a fixed width: no known field is encoded so.
    Fixed,
}

/// The fields of a message, by their numbers.
fn fields(mut bytes: &[u8]) -> Option<Vec<(u64, WireValue<'_>)>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let value = match key & 7 {
            0 => WireValue::Number(varint(&mut bytes)?),
            1 => take_bytes(&mut bytes, 8).map(|_| WireValue::Fixed)?,
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                WireValue::LengthDelimited(take_bytes(&mut bytes, length)?)
            }
            5 => take_bytes(&mut bytes, 4).map(|_| WireValue::Fixed)?,
            _ => return None,
        };
        fields.push((key >> 3, value));
    }
    Some(fields)
}

fn take_bytes<'b>(bytes: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (head, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(head)
}

/// Seven bits per byte, the lowest first.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Empty values are left out, as in JSON.
fn decode_message(bytes: &[u8], message: MessageSchema) -> Option<Value> {
    let mut object = Map::new();
    for (number, value) in fields(bytes)? {
        let Some((_, name, kind)) = message.iter().find(|(known, ..)| *known == number) else {
            continue;
        };
        match (kind, value) {
            (FieldKind::Text, WireValue::LengthDelimited(b"")) => {}
            (FieldKind::Text, WireValue::LengthDelimited(bytes)) => {
                drop(object.insert((*name).to_owned(), text(bytes)?.into()))
            }
            (FieldKind::Number, WireValue::Number(number)) => {
                drop(object.insert((*name).to_owned(), number.into()))
            }
            (FieldKind::Bool, WireValue::Number(number)) => {
                drop(object.insert((*name).to_owned(), (number != 0).into()))
            }
            (FieldKind::Message(message), WireValue::LengthDelimited(bytes)) => {
                drop(object.insert((*name).to_owned(), decode_message(bytes, message)?))
            }
            (FieldKind::RepeatedText, WireValue::LengthDelimited(bytes)) => object
                .entry(*name)
                .or_insert(json!([]))
                .as_array_mut()?
                .push(text(bytes)?.into()),
            (FieldKind::RepeatedMessage(message), WireValue::LengthDelimited(bytes)) => object
                .entry(*name)
                .or_insert(json!([]))
                .as_array_mut()?
                .push(decode_message(bytes, message)?),
            (FieldKind::TextMap | FieldKind::BytesMap, WireValue::LengthDelimited(bytes)) => {
                let (key, value) = map_entry(bytes)?;
                let value = if matches!(kind, FieldKind::BytesMap) {
                    STANDARD.encode(value)
                } else {
                    text(value)?.to_owned()
                };
                object.entry(*name).or_insert(json!({}))[key] = value.into();
            }
            _ => return None,
        }
    }
    Some(object.into())
}

/// An entry of a map is a message with the key and the value.
fn map_entry(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (mut key, mut value) = ("", &b""[..]);
    for field in fields(bytes)? {
        match field {
            (1, WireValue::LengthDelimited(bytes)) => key = text(bytes)?,
            (2, WireValue::LengthDelimited(bytes)) => value = bytes,
            _ => {}
        }
    }
    Some((key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bodies that `oc` 4 sent.
    #[test]
    fn protobuf_bodies_of_oc_are_decoded() {
        for (body, expected) in [
            (
                "azhzAAoUCgJ2MRIOU2VydmljZUFjY291bnQSGQoXCgNib3QSABoEc2hvcCIAKgAyADgAQgAaACIA",
                json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "bot", "namespace": "shop"}}),
            ),
            (
                "azhzAAooChhhdXRoZW50aWNhdGlvbi5rOHMuaW8vdjESDFRva2VuUmVxdWVzdBIfChAKABIAGgAiACoAMgA4AEIAEgUggJqeARoECgASABoAIgA=",
                json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "metadata": {}, "spec": {"expirationSeconds": 2_592_000}}),
            ),
            (
                "azhzAAorChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEgtSb2xlQmluZGluZxJmChUKAXgSABoEc2hvcCIAKgAyADgAQgASHQoOU2VydmljZUFjY291bnQSABoDYm90IgRzaG9w\
                 Gi4KGXJiYWMuYXV0aG9yaXphdGlvbi5rOHMuaW8SC0NsdXN0ZXJSb2xlGgR2aWV3GgAiAA==",
                json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "x", "namespace": "shop"},
                    "subjects": [{"kind": "ServiceAccount", "name": "bot", "namespace": "shop"}],
                    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}}),
            ),
            (
                "azhzAAoMCgJ2MRIGU2VjcmV0EiQKFQoBcxIAGgRzaG9wIgAqADIAOABCABIGCgFrEgF2GgNhL2IaACIA",
                json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "shop"}, "data": {"k": "dg=="}, "type": "a/b"}),
            ),
        ] {
            assert_eq!(
                to_json(&STANDARD.decode(body).unwrap()),
                Some(expected),
                "{body}"
            );
        }
    }

    #[test]
    fn truncated_or_unknown_messages_are_refused() {
        let whole = STANDARD
            .decode("azhzAAoUCgJ2MRIOU2VydmljZUFjY291bnQSGQoXCgNib3QSABoEc2hvcCIAKgAyADgAQgAaACIA")
            .unwrap();
        // The last four bytes are two empty fields of the envelope.
        assert!((0..whole.len() - 4).all(|end| to_json(&whole[..end]).is_none()));
        let pod: Vec<u8> = [MAGIC, b"\x0a\x09\x0a\x02v1\x12\x03Pod\x12\x00"].concat();
        assert_eq!(to_json(&pod), None);
    }
}
