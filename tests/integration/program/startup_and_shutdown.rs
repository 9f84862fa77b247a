//! The program itself, from its start while everything is down to its end by signal (R6, R17).

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};

use url::Url;

use crate::harness::Browser;

const PROGRAM: &str = env!("CARGO_BIN_EXE_registry-console");

const SECRET: &str = "c29tZXRoaW5nIHNlY3JldA";

/// A console that was started by its own binary. It is killed when the test fails before its end.
struct ConsoleProgram {
    process: Child,
    log: Option<BufReader<ChildStderr>>,
    said: Vec<String>,
}

impl ConsoleProgram {
    /// An environment in which no upstream answers.
    fn start() -> Self {
        let mut program = Command::new(PROGRAM);
        program.env_clear().envs([
            ("LISTEN", "127.0.0.1:0"),
            ("METRICS_LISTEN", "127.0.0.1:0"),
            ("COCKPIT_KUBE_URL", "https://console.test"),
            ("OPENSHIFT_OAUTH_PROVIDER_URL", "https://127.0.0.1:9"),
            ("OPENSHIFT_OAUTH_CLIENT_SECRET", SECRET),
            ("KUBERNETES_SERVICE_HOST", "127.0.0.1"),
            ("KUBERNETES_SERVICE_PORT", "9"),
            ("REGISTRY_URL", "https://127.0.0.1:9"),
            ("LOG_LEVEL", "trace"),
        ]);
        let mut process = program
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Some(BufReader::new(process.stderr.take().unwrap()));
        Self {
            process,
            log,
            said: Vec::new(),
        }
    }

    /// Waits until the log says `what`, and gives that line. Off the runtime's threads.
    async fn wait_for_log(&mut self, what: &'static str) -> String {
        let mut log = self.log.take().unwrap();
        let (log, lines) = tokio::task::spawn_blocking(move || {
            let mut lines = Vec::new();
            loop {
                let mut line = String::new();
                assert_ne!(
                    log.read_line(&mut line).unwrap(),
                    0,
                    "it ended without saying {what:?}: {lines:#?}"
                );
                let found = line.contains(what);
                lines.push(line);
                if found {
                    return (log, lines);
                }
            }
        })
        .await
        .unwrap();
        self.log = Some(log);
        self.said.extend(lines);
        self.said.last().unwrap().clone()
    }

    /// Asks the program to stop, as the kubelet does.
    fn terminate(&self) {
        let sent = Command::new("kill")
            .args(["-TERM", &self.process.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }
}

impl Drop for ConsoleProgram {
    fn drop(&mut self) {
        // Gone already where the test came to its end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn program_starts_without_upstreams_and_stops_cleanly() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut program = ConsoleProgram::start();
    let line = program.wait_for_log("page_address=").await;
    let address = line
        .split("page_address=")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap();
    let url = Url::parse(&format!("https://{address}")).unwrap();
    let mut browser = Browser::new(&url).with_http1();
    assert_eq!(browser.get("/readyz").await.status, 200);
    let login = browser
        .request(reqwest::Method::GET, "/login")
        .header("host", "console.test");
    let login = browser.send(login).await;
    assert_eq!(
        (login.status, login.text_of("h1")),
        (200, "Sign in".to_owned())
    );
    program.terminate();
    program.wait_for_log("shutting down").await;
    // Routers hear of it before the connections end.
    let draining = browser.get("/readyz").await;
    assert_eq!(
        (draining.status, draining.text.as_str()),
        (503, "draining\n")
    );
    program.wait_for_log("stopped").await;
    // S44: at the finest level.
    assert!(
        !program.said.concat().contains(SECRET),
        "{:#?}",
        program.said
    );
    let ended = tokio::task::spawn_blocking(move || {
        let mut program = program;
        program.process.wait().unwrap()
    });
    assert_eq!(ended.await.unwrap().code(), Some(0));
}
