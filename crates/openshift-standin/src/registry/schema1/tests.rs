use super::*;

/// The response of a recorded exchange, with its JSON text as the server sent it: `separators` are
/// the characters after commas and colons.
fn recorded(name: &str, separators: (&str, &str)) -> String {
    #[derive(Deserialize)]
    struct Schema1Exchange {
        response: Schema1Response,
    }
    #[derive(Deserialize)]
    struct Schema1Response {
        body: Box<RawValue>,
    }
    let path = format!(
        "{}/../../tests/contract/openshift-3.9/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let exchange: Schema1Exchange =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    spaced(&compact(exchange.response.body.get()), separators)
}

fn spaced(json: &str, (comma, colon): (&str, &str)) -> String {
    let (mut in_text, mut escape, mut spaced) = (false, false, String::new());
    for c in json.chars() {
        spaced.push(c);
        match c {
            _ if escape => escape = false,
            '\\' if in_text => escape = true,
            '"' => in_text = !in_text,
            ',' if !in_text => spaced.push_str(comma),
            ':' if !in_text => spaced.push_str(colon),
            _ => {}
        }
    }
    spaced
}

#[test]
fn converted_manifest_has_the_real_registrys_digest() {
    let manifest = recorded("registry-manifest-tag", ("", ""));
    assert_eq!(
        Digest::sha256(manifest.as_bytes()).to_string(),
        "sha256:111d6f485a6cab9dbf2e38a5e9fb32bcd68f72b1ec796eaf8576d57eb783eb57"
    );
    let config = recorded("registry-config-blob", (" ", " "));
    let converted = convert(
        "team-a/api",
        "latest",
        manifest.as_bytes(),
        config.as_bytes(),
    )
    .unwrap();
    assert_eq!(
        Digest::sha256(converted.as_bytes()).to_string(),
        "sha256:57879b20569c10cd29796d5c1f2ddd7df2bf9bc99ad8a6bf67a8b2e2329b05a4",
        "{converted}"
    );
}

#[test]
fn signed_manifest_digest_excludes_signatures() {
    let payload_text = "{\n   \"schemaVersion\": 1\n}";
    let signed = Signer::new()
        .sign(payload_text, DateTimeUtc::UNIX_EPOCH)
        .unwrap();
    assert_ne!(signed, payload_text);
    assert_eq!(
        signed_payload(signed.as_bytes()).unwrap(),
        payload_text.as_bytes()
    );
}

type DateTimeUtc = chrono::DateTime<chrono::Utc>;

#[test]
fn history_with_excess_layers_is_not_converted() {
    let manifest = br#"{"layers":[]}"#;
    let config = br#"{"history":[{"created_by":"x"}]}"#;
    assert_eq!(convert("a/b", "c", manifest, config), None);
    assert_eq!(convert("a/b", "c", manifest, b"{}"), None);
}
