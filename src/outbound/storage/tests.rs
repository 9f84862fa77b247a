use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpListener;

use super::*;

const SIGNED: &str = "/blob?X-Amz-Signature=very-secret";

/// A client for the storage of a registry, whose address is one for documentation.
fn client(registry: &str) -> (StorageClient, Url) {
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let registry = Url::parse(registry).unwrap();
    (
        StorageClient::new(&registry, &Trust::Unverified, TimeLimits::default()).unwrap(),
        registry,
    )
}

/// A loopback port that counts connections.
async fn trap() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, count) = (
        listener.local_addr().unwrap().port(),
        Arc::new(AtomicUsize::new(0)),
    );
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, count)
}

#[tokio::test]
async fn loopback_is_blocked_by_address_and_by_name() {
    for scheme in ["http", "https"] {
        let (client, registry) = client(&format!("{scheme}://192.0.2.1:5000"));
        let (port, connected) = trap().await;
        for host in [
            "127.0.0.1",
            "localhost",
            "[::ffff:127.0.0.1]",
            "0x7f.1",
            "2130706433",
            "0",
        ] {
            let location = StorageLocation::parse(
                Some(&format!("{scheme}://{host}:{port}{SIGNED}")),
                &registry,
            )
            .unwrap();
            let error = client
                .get(&location, 100, Duration::from_secs(5))
                .await
                .unwrap_err();
            assert!(
                matches!(error, StorageError::ForbiddenAddress),
                "{host}: {error:?}"
            );
        }
        assert_eq!(connected.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test]
async fn signature_is_absent_from_debug_and_errors() {
    let (client, registry) = client("https://127.0.0.1:5000");
    let location =
        StorageLocation::parse(Some(&format!("https://127.0.0.1:9{SIGNED}")), &registry).unwrap();
    let error = client
        .get(&location, 100, Duration::from_secs(5))
        .await
        .unwrap_err();
    let mut texts = vec![format!("{location:?} {location} {error:?} {error}")];
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    assert!(
        texts
            .iter()
            .all(|text| !text.contains("very-secret") && !text.contains("/blob")),
        "{texts:?}"
    );
}

#[test]
fn unusable_location_is_rejected_before_sending() {
    let at = |registry: &str, location: Option<&str>| {
        StorageLocation::parse(location, &Url::parse(registry).unwrap())
            .map(|location| location.to_string())
    };
    let https = "https://registry.example.com:5000";
    let long = format!("https://storage.example.com/{}", "x".repeat(9000));
    for location in [
        None,
        Some("ftp://storage.example.com/"),
        Some("https://u:p@storage.example.com/"),
        Some("https://u@x/"),
        Some("https://"),
        Some(&long),
    ] {
        assert!(
            matches!(at(https, location), Err(StorageError::InvalidLocation)),
            "{location:?}"
        );
    }
    assert!(matches!(
        at(https, Some("http://storage.example.com/x")),
        Err(StorageError::NotHttps)
    ));
    assert_eq!(
        at(
            "http://registry.example.com",
            Some("http://storage.example.com:9000/x")
        )
        .unwrap(),
        "storage.example.com:9000"
    );
    assert_eq!(
        at(https, Some("https://storage.example.com/x?y#z")).unwrap(),
        "storage.example.com"
    );
    assert_eq!(at(https, Some("/x")).unwrap(), "registry.example.com:5000");
}
