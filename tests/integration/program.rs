//! The program as a process of its own: its probes, and what it does when nothing reads its log (R26).

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Stdio};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::server::harness::within;

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
        while !line.contains(" pages=") {
            line.clear();
            assert!(unread.read_line(&mut line).unwrap() > 0, "the program ended before it served");
        }
        let address = |name| line.split_once(name).and_then(|(_, rest)| rest.split_whitespace().next()).unwrap().parse().unwrap();
        Self { address: address(" pages="), metrics: address(" metrics="), child, _unread: unread }
    }

    async fn get(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
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
async fn a_program_whose_log_is_not_read_answers_every_request_counts_what_it_drops_and_ends_when_asked_to() {
    let mut program = ConsoleProcess::start();
    // A pipe holds 64 KiB. The queue behind it holds 2 MiB, less than these requests log.
    let path = format!("/{}", "a".repeat(6000));
    for _ in 0..3000 {
        let answer = ConsoleProcess::get(program.address, &path).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    }
    let metrics = ConsoleProcess::get(program.metrics, "/metrics").await;
    let dropped = metrics.lines().find_map(|line| line.strip_prefix("registry_console_log_lines_dropped_total ")).unwrap_or("0");
    assert!(dropped.parse::<u64>().unwrap() > 0, "{dropped}");
    assert!(Command::new("kill").args(["-TERM", &program.child.id().to_string()]).status().unwrap().success());
    let ended = within(tokio::task::spawn_blocking(move || program.child.wait().unwrap())).await.unwrap();
    assert!(ended.success(), "{ended}");
}

#[tokio::test]
async fn probes_are_answered_on_the_port_of_the_metrics_as_well() {
    let program = ConsoleProcess::start();
    for (path, body) in [("/healthz", "alive\n"), ("/readyz", "ready\n"), ("/ping", r#"{"service":"registry-console"}"#)] {
        for address in [program.address, program.metrics] {
            let answer = ConsoleProcess::get(address, path).await;
            assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(body), "{answer}");
        }
    }
}
