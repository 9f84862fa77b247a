//! Answers that break off, lie about their length, never end or are no HTTP at all (R12).

use std::time::Duration;

use openshift_standin::cluster::Version;
use registry_console::outbound::TimeLimits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::harness::World;
use crate::harness::console::{SHORT_LIMITS, share_session_key};

/// How a server answers every request.
#[derive(Clone, Copy)]
enum BrokenBody {
    /// These bytes, then the end of the connection.
    Ending(&'static str),
    /// These bytes, then a zero every 20 ms.
    Dripping(&'static str),
    /// These bytes, then chunks of 64 KiB, a hundred mebibytes of them.
    Flooding(&'static str),
}

/// Answers each connection like this. The server ends with the test's runtime.
async fn server(says: BrokenBody) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Ends as soon as the console hangs up.
            tokio::spawn(async move { drop(answer(stream, says).await) });
        }
    });
    url
}

async fn answer(mut stream: TcpStream, says: BrokenBody) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    match says {
        BrokenBody::Ending(head) => {
            stream.write_all(head.as_bytes()).await?;
            stream.shutdown().await
        }
        BrokenBody::Dripping(head) => {
            stream.write_all(head.as_bytes()).await?;
            loop {
                tokio::time::sleep(Duration::from_millis(20)).await;
                stream.write_all(b"0").await?;
            }
        }
        BrokenBody::Flooding(head) => {
            stream.write_all(head.as_bytes()).await?;
            let chunk = [b"10000\r\n".as_slice(), &[b'1'; 0x1_0000], b"\r\n"].concat();
            for _ in 0..1_600 {
                stream.write_all(&chunk).await?;
            }
            stream.write_all(b"0\r\n\r\n").await
        }
    }
}

const CASES: [(&str, BrokenBody, u16); 9] = [
    (
        "cut within the body",
        BrokenBody::Ending("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"items\":["),
        503,
    ),
    (
        "cut within the header",
        BrokenBody::Ending("HTTP/1.1 200 OK\r\ncontent-le"),
        503,
    ),
    (
        "half a JSON",
        BrokenBody::Ending("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"items\":["),
        502,
    ),
    (
        "too short a length",
        BrokenBody::Ending("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{\"items\":[]}"),
        502,
    ),
    (
        "two lengths",
        BrokenBody::Ending(
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{\"a\":1",
        ),
        503,
    ),
    (
        "no chunks",
        BrokenBody::Ending("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
        503,
    ),
    (
        "no HTTP",
        BrokenBody::Ending("SSH-2.0-OpenSSH_7.4\r\n\r\n"),
        503,
    ),
    (
        "100 MiB announced",
        BrokenBody::Ending("HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n["),
        502,
    ),
    (
        "100 MiB",
        BrokenBody::Flooding("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"),
        502,
    ),
];
const DRIPPING: BrokenBody =
    BrokenBody::Dripping("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");

#[tokio::test]
async fn broken_api_server_response_names_the_cluster() {
    let world = World::builder(Version::V4)
        .settings(share_session_key)
        .start()
        .await;
    let cases = CASES.map(|case| (case, TimeLimits::default())).into_iter();
    let dripping = (("drips", DRIPPING, 503), SHORT_LIMITS);
    let dev = world.signed_in("dev").await;
    for ((name, says, expected), limits) in cases.chain([dripping]) {
        let console = world
            .replica()
            .settings(share_session_key)
            .api_server(server(says).await)
            .time_limits(limits)
            .loading_index()
            .start()
            .await;
        let mut dev = dev.clone().moved_to(console.url());
        let page = dev.get("/projects").await;
        assert_eq!(
            (page.status, page.texts("main h1").len()),
            (expected, 1),
            "{name}: {}",
            page.text
        );
        assert_eq!(dev.get("/api/v1/projects").await.status, expected, "{name}");
    }
}

#[tokio::test]
async fn broken_registry_response_costs_only_its_section() {
    let world = World::builder(Version::V4)
        .settings(share_session_key)
        .start()
        .await;
    let cases = CASES.map(|case| (case, TimeLimits::default())).into_iter();
    let dripping = (("drips", DRIPPING, 200), SHORT_LIMITS);
    let dev = world.signed_in("dev").await;
    for ((name, says, _), limits) in cases.chain([dripping]) {
        // The API server is the cluster's, and has its time.
        let registry = server(says).await;
        let limits = TimeLimits {
            total: limits.total.max(Duration::from_secs(4)),
            ..limits
        };
        let console = world
            .replica()
            .settings(share_session_key)
            .registry(registry)
            .time_limits(limits)
            .index()
            .start()
            .await;
        let mut dev = dev.clone().moved_to(console.url());
        for path in ["/images/team-a/api", "/images/team-a/api:v1"] {
            let page = dev.get(path).await;
            assert_eq!(
                (page.status, page.missing().len()),
                (200, 1),
                "{name}: {path}: {:?}",
                page.missing()
            );
            let too_large =
                page.missing()[0].contains("sent a response that is larger than the limit");
            assert_eq!(
                too_large,
                name.contains("MiB"),
                "{name}: {:?}",
                page.missing()
            );
        }
    }
}
