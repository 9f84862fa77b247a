//! Answers that break off, lie about their length, never end or are no HTTP at all (R12).

use std::time::Duration;

use http::StatusCode;
use openshift_standin::cluster::Version;
use registry_console::outbound::TimeLimits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::SHORT_LIMITS;
use crate::harness::console::Setup;
use crate::harness::standin_world;

/// How a server answers everything that it is asked.
#[derive(Clone, Copy)]
enum BrokenBody {
    /// These bytes, then the end of the connection.
    Ending(&'static str),
    /// These bytes, then a zero every 20 ms.
    Dripping(&'static str),
    /// These bytes, then chunks of 64 KiB, a hundred mebibytes of them.
    Flooding(&'static str),
}

/// Speaks to whoever connects. The server ends with the test's runtime.
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

const CASES: [(&str, BrokenBody, StatusCode); 9] = [
    (
        "cut within the body",
        BrokenBody::Ending("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"items\":["),
        StatusCode::SERVICE_UNAVAILABLE,
    ),
    (
        "cut within the header",
        BrokenBody::Ending("HTTP/1.1 200 OK\r\ncontent-le"),
        StatusCode::SERVICE_UNAVAILABLE,
    ),
    (
        "half a JSON",
        BrokenBody::Ending("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"items\":["),
        StatusCode::BAD_GATEWAY,
    ),
    (
        "too short a length",
        BrokenBody::Ending("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{\"items\":[]}"),
        StatusCode::BAD_GATEWAY,
    ),
    (
        "two lengths",
        BrokenBody::Ending(
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{\"a\":1",
        ),
        StatusCode::SERVICE_UNAVAILABLE,
    ),
    (
        "no chunks",
        BrokenBody::Ending("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
        StatusCode::SERVICE_UNAVAILABLE,
    ),
    (
        "no HTTP",
        BrokenBody::Ending("SSH-2.0-OpenSSH_7.4\r\n\r\n"),
        StatusCode::SERVICE_UNAVAILABLE,
    ),
    (
        "100 MiB announced",
        BrokenBody::Ending("HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n["),
        StatusCode::BAD_GATEWAY,
    ),
    (
        "100 MiB",
        BrokenBody::Flooding("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"),
        StatusCode::BAD_GATEWAY,
    ),
];
const DRIPPING: BrokenBody =
    BrokenBody::Dripping("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");

#[tokio::test]
async fn broken_api_server_response_names_the_cluster() {
    let world = standin_world::World::start(Version::V4).await;
    let cases = CASES.map(|case| (case, TimeLimits::default())).into_iter();
    let dripping = (
        ("drips", DRIPPING, StatusCode::SERVICE_UNAVAILABLE),
        SHORT_LIMITS,
    );
    let dev = Setup::of(&world.demo).browser();
    dev.sign_in("dev").await;
    for ((name, says, expected), limits) in cases.chain([dripping]) {
        let dev = dev.moved_to(
            &Setup::of(&world.demo)
                .master(server(says).await)
                .limits(limits),
        );
        let page = dev.get("/projects").await;
        assert_eq!(
            (page.status, page.texts("main h1").len()),
            (expected, 1),
            "{name}: {}",
            page.body
        );
        assert_eq!(dev.get("/api/v1/projects").await.status, expected, "{name}");
    }
}

#[tokio::test]
async fn broken_registry_response_costs_only_its_section() {
    let world = standin_world::World::start(Version::V4).await;
    let cases = CASES.map(|case| (case, TimeLimits::default())).into_iter();
    let dripping = (("drips", DRIPPING, StatusCode::OK), SHORT_LIMITS);
    let dev = Setup::of(&world.demo).browser();
    dev.sign_in("dev").await;
    for ((name, says, _), limits) in cases.chain([dripping]) {
        // The master is the demo's, and has its time.
        let registry = server(says).await;
        let dev = dev.moved_to(
            &Setup::of(&world.demo)
                .registry(registry)
                .limits(TimeLimits {
                    total: limits.total.max(Duration::from_secs(4)),
                    ..limits
                }),
        );
        for path in ["/images/team-a/api", "/images/team-a/api:v1"] {
            let page = dev.get(path).await;
            assert_eq!(
                (page.status, page.missing().len()),
                (StatusCode::OK, 1),
                "{name}: {path}: {:?}",
                page.missing()
            );
            let too_large = page.missing()[0].contains("sent more than this console reads");
            assert_eq!(
                too_large,
                name.contains("MiB"),
                "{name}: {:?}",
                page.missing()
            );
        }
    }
}
