//! Objects in the binary form of Kubernetes, in which `oc` writes those of the core groups.
//!
//! `k8s\0`, then the message `Unknown` of `k8s.io/apimachinery/pkg/runtime/generated.proto` with
//! the object in it. The numbers of the fields are those of the `generated.proto` files of
//! `k8s.io/api`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// What every such body begins with.
const MAGIC: &[u8] = b"k8s\0";

/// What is known of a message: number, name and kind of its fields. All others are skipped.
type Message = &'static [(u64, &'static str, Kind)];

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    Flag,
    One(Message),
    Texts,
    Many(Message),
    MapOfTexts,
    MapOfBytes,
}

const TYPE: Message = &[(1, "apiVersion", Kind::Text), (2, "kind", Kind::Text)];
const META: Message = &[
    (1, "name", Kind::Text),
    (2, "generateName", Kind::Text),
    (3, "namespace", Kind::Text),
    (5, "uid", Kind::Text),
    (6, "resourceVersion", Kind::Text),
    (11, "labels", Kind::MapOfTexts),
    (12, "annotations", Kind::MapOfTexts),
];
const REFERENCE: Message = &[
    (1, "kind", Kind::Text),
    (2, "namespace", Kind::Text),
    (3, "name", Kind::Text),
];
const SUBJECT: Message = &[
    (1, "kind", Kind::Text),
    (2, "apiGroup", Kind::Text),
    (3, "name", Kind::Text),
    (4, "namespace", Kind::Text),
];
const ROLE: Message = &[
    (1, "apiGroup", Kind::Text),
    (2, "kind", Kind::Text),
    (3, "name", Kind::Text),
];

/// The kinds that are read.
const KINDS: &[(&str, Message)] = &[
    (
        "DeleteOptions",
        &[(
            2,
            "preconditions",
            Kind::One(&[(1, "uid", Kind::Text), (2, "resourceVersion", Kind::Text)]),
        )],
    ),
    (
        "ServiceAccount",
        &[
            (1, "metadata", Kind::One(META)),
            (2, "secrets", Kind::Many(REFERENCE)),
            (
                3,
                "imagePullSecrets",
                Kind::Many(&[(1, "name", Kind::Text)]),
            ),
        ],
    ),
    (
        "Secret",
        &[
            (1, "metadata", Kind::One(META)),
            (2, "data", Kind::MapOfBytes),
            (3, "type", Kind::Text),
            (4, "stringData", Kind::MapOfTexts),
            (5, "immutable", Kind::Flag),
        ],
    ),
    (
        "TokenRequest",
        &[
            (1, "metadata", Kind::One(META)),
            (
                2,
                "spec",
                Kind::One(&[
                    (1, "audiences", Kind::Texts),
                    (4, "expirationSeconds", Kind::Number),
                ]),
            ),
        ],
    ),
    (
        "RoleBinding",
        &[
            (1, "metadata", Kind::One(META)),
            (2, "subjects", Kind::Many(SUBJECT)),
            (3, "roleRef", Kind::One(ROLE)),
        ],
    ),
];

/// The object as JSON. None: it is not of this form, or of a kind that is not read.
pub(super) fn to_json(body: &[u8]) -> Option<Value> {
    let envelope = body.strip_prefix(MAGIC)?;
    let (mut about, mut raw) = (Value::Null, None);
    for field in fields(envelope)? {
        match field {
            (1, Wire::Bytes(bytes)) => about = read(bytes, TYPE)?,
            (2, Wire::Bytes(bytes)) => raw = Some(bytes),
            _ => {}
        }
    }
    let (_, message) = KINDS.iter().find(|(kind, _)| about["kind"] == *kind)?;
    let mut object = read(raw?, message)?;
    (object["apiVersion"], object["kind"]) = (about["apiVersion"].take(), about["kind"].take());
    Some(object)
}

/// A field as it is written.
enum Wire<'b> {
    Number(u64),
    Bytes(&'b [u8]),
    /// Of a fixed width: no field that is read is written so.
    Fixed,
}

/// The fields of a message, by their numbers.
fn fields(mut bytes: &[u8]) -> Option<Vec<(u64, Wire<'_>)>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let value = match key & 7 {
            0 => Wire::Number(varint(&mut bytes)?),
            1 => skip(&mut bytes, 8).map(|_| Wire::Fixed)?,
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                Wire::Bytes(skip(&mut bytes, length)?)
            }
            5 => skip(&mut bytes, 4).map(|_| Wire::Fixed)?,
            _ => return None,
        };
        fields.push((key >> 3, value));
    }
    Some(fields)
}

fn skip<'b>(bytes: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (head, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(head)
}

/// Seven bits a byte, the lowest first.
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

/// What is empty is left out, as in JSON.
fn read(bytes: &[u8], message: Message) -> Option<Value> {
    let mut object = Map::new();
    for (number, value) in fields(bytes)? {
        let Some((_, name, kind)) = message.iter().find(|(known, ..)| *known == number) else {
            continue;
        };
        match (kind, value) {
            (Kind::Text, Wire::Bytes(b"")) => {}
            (Kind::Text, Wire::Bytes(bytes)) => {
                drop(object.insert((*name).to_owned(), text(bytes)?.into()))
            }
            (Kind::Number, Wire::Number(number)) => {
                drop(object.insert((*name).to_owned(), number.into()))
            }
            (Kind::Flag, Wire::Number(number)) => {
                drop(object.insert((*name).to_owned(), (number != 0).into()))
            }
            (Kind::One(message), Wire::Bytes(bytes)) => {
                drop(object.insert((*name).to_owned(), read(bytes, message)?))
            }
            (Kind::Texts, Wire::Bytes(bytes)) => object
                .entry(*name)
                .or_insert(json!([]))
                .as_array_mut()?
                .push(text(bytes)?.into()),
            (Kind::Many(message), Wire::Bytes(bytes)) => object
                .entry(*name)
                .or_insert(json!([]))
                .as_array_mut()?
                .push(read(bytes, message)?),
            (Kind::MapOfTexts | Kind::MapOfBytes, Wire::Bytes(bytes)) => {
                let (key, value) = entry(bytes)?;
                let value = if matches!(kind, Kind::MapOfBytes) {
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
fn entry(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (mut key, mut value) = ("", &b""[..]);
    for field in fields(bytes)? {
        match field {
            (1, Wire::Bytes(bytes)) => key = text(bytes)?,
            (2, Wire::Bytes(bytes)) => value = bytes,
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
    fn what_oc_writes_is_read() {
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
    fn what_is_cut_off_or_of_another_kind_is_refused() {
        let whole = STANDARD
            .decode("azhzAAoUCgJ2MRIOU2VydmljZUFjY291bnQSGQoXCgNib3QSABoEc2hvcCIAKgAyADgAQgAaACIA")
            .unwrap();
        // The last four bytes are two empty fields of the envelope.
        assert!((0..whole.len() - 4).all(|end| to_json(&whole[..end]).is_none()));
        let pod: Vec<u8> = [MAGIC, b"\x0a\x09\x0a\x02v1\x12\x03Pod\x12\x00"].concat();
        assert_eq!(to_json(&pod), None);
    }
}
