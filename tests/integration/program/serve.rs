//! The program as a process of its own: its probes, and what it does when nothing reads its log
//! (R26).

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Stdio};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::tls_server::within;

/// A console without any upstream, which logs everything to a pipe. Ends with the test.
struct ConsoleProcess {
    child: Child,
    address: SocketAddr,
    metrics: SocketAddr,
    /// Open, so that the pipe fills up instead of breaking.
    _unread: BufReader<ChildStderr>,
}

impl ConsoleProcess {
    /// Reads its log until it serves, and no further.
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_registry-console"))
            .env_clear()
            .env("LISTEN", "127.0.0.1:0")
            .env("METRICS_LISTEN", "127.0.0.1:0")
            .env("COCKPIT_KUBE_INSECURE", "true")
            .env("OPENSHIFT_OAUTH_PROVIDER_URL", "https://127.0.0.1:1")
            .env("KUBERNETES_SERVICE_HOST", "127.0.0.1")
            .env("KUBERNETES_SERVICE_PORT", "1")
            .env("LOG_LEVEL", "debug")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut unread = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains(" page_address=") {
            line.clear();
            assert!(
                unread.read_line(&mut line).unwrap() > 0,
                "the program ended before it served"
            );
        }
        let address = |name| {
            line.split_once(name)
                .and_then(|(_, rest)| rest.split_whitespace().next())
                .unwrap()
                .parse()
                .unwrap()
        };
        Self {
            address: address(" page_address="),
            metrics: address(" metrics_address="),
            child,
            _unread: unread,
        }
    }

    async fn get(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        within(stream.read_to_end(&mut answer)).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for ConsoleProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn blocked_log_reader_does_not_block_the_program() {
    let mut program = ConsoleProcess::start();
    // A pipe holds 64 KiB. The queue behind it holds 2 MiB, less than these requests log.
    let path = format!("/{}", "a".repeat(6000));
    for _ in 0..3000 {
        let answer = ConsoleProcess::get(program.address, &path).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    }
    let metrics = ConsoleProcess::get(program.metrics, "/metrics").await;
    let dropped = metrics
        .lines()
        .find_map(|line| line.strip_prefix("registry_console_log_lines_dropped_total "))
        .unwrap_or("0");
    assert!(dropped.parse::<u64>().unwrap() > 0, "{dropped}");
    assert!(
        Command::new("kill")
            .args(["-TERM", &program.child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let ended = within(tokio::task::spawn_blocking(move || {
        program.child.wait().unwrap()
    }))
    .await
    .unwrap();
    assert!(ended.success(), "{ended}");
}

#[tokio::test]
async fn metrics_port_answers_probes() {
    let program = ConsoleProcess::start();
    for (path, body) in [
        ("/healthz", "alive\n"),
        ("/readyz", "ready\n"),
        ("/ping", r#"{"service":"registry-console"}"#),
    ] {
        for address in [program.address, program.metrics] {
            let answer = ConsoleProcess::get(address, path).await;
            assert!(
                answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(body),
                "{answer}"
            );
        }
    }
}

/// Starts the program with these variables besides those that must be set, and reads its log until
/// every one of these texts has come.
fn started(vars: &[(&str, &str)], wanted: &[&str]) -> ConsoleProcess {
    let mut child = Command::new(env!("CARGO_BIN_EXE_registry-console"))
        .env_clear()
        .envs([
            ("LISTEN", "127.0.0.1:0"),
            ("METRICS_LISTEN", "127.0.0.1:0"),
            ("OPENSHIFT_OAUTH_PROVIDER_URL", "https://127.0.0.1:1"),
        ])
        .envs([
            ("KUBERNETES_SERVICE_HOST", "127.0.0.1"),
            ("KUBERNETES_SERVICE_PORT", "1"),
            ("COCKPIT_KUBE_URL", "https://console.example.com"),
        ])
        .envs(vars.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut unread = BufReader::new(child.stderr.take().unwrap());
    let mut log = String::new();
    while !wanted.iter().all(|text| log.contains(text)) {
        assert!(
            unread.read_line(&mut log).unwrap() > 0,
            "the program ended: {log}"
        );
    }
    let address = |name| {
        log.split_once(name)
            .and_then(|(_, rest)| rest.split('"').next())
            .unwrap()
            .parse()
            .unwrap()
    };
    ConsoleProcess {
        address: address("\"page_address\":\""),
        metrics: address("\"metrics_address\":\""),
        child,
        _unread: unread,
    }
}

#[tokio::test]
async fn startup_log_reports_certificate_api_server_and_index() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key_file) = (folder.path().join("tls.crt"), folder.path().join("tls.key"));
    let vars = [
        ("TLS_CERT_FILE", certificate.to_str().unwrap()),
        ("TLS_KEY_FILE", key_file.to_str().unwrap()),
        ("INDEX", "auto"),
        ("INDEX_TOKEN_FILE", "/nowhere/token"),
    ];
    for (name, until, says) in [
        (
            "console.example.com",
            2002,
            "the console's certificate has expired",
        ),
        ("console.example.com", 2100, "the console's certificate\""),
        (
            "other.example.com",
            2100,
            "the console's certificate is for another host than the console's address",
        ),
    ] {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (
            rcgen::date_time_ymd(2001, 1, 1),
            rcgen::date_time_ymd(until, 1, 1),
        );
        std::fs::write(&certificate, params.self_signed(&key).unwrap().pem()).unwrap();
        std::fs::write(&key_file, key.serialize_pem()).unwrap();
        let vars = [&vars[..], &[("LOG_FORMAT", "json")]].concat();
        let wanted = [
            says,
            "the API server does not answer",
            "https://127.0.0.1:1",
            "INDEX=auto: there is no",
            "/nowhere/token",
        ];
        let program = started(&vars, &wanted);
        let metrics = ConsoleProcess::get(program.metrics, "/metrics").await;
        let expiry = if until == 2002 {
            "1009843200"
        } else {
            "4102444800"
        };
        assert!(
            metrics.contains(&format!(
                "registry_console_certificate_expiry_timestamp_seconds {expiry}\n"
            )),
            "{metrics}"
        );
    }
}
