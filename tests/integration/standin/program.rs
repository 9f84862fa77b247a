//! `registry-console demo` as a process of its own: ports that are taken, and Ctrl-C.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::harness::tls_server::within;

/// The arguments of a demo on free ports.
const DEMO: [&str; 9] = [
    "demo",
    "--port",
    "0",
    "--api-port",
    "0",
    "--oauth-port",
    "0",
    "--registry-port",
    "0",
];

fn demo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_registry-console"));
    command
        .args(arguments)
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[test]
fn demo_with_taken_port_names_it_and_its_option() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (place, server, option, variable) in [
        (2, "the console", "--port", "PORT"),
        (4, "the API server", "--api-port", "API_PORT"),
        (6, "the OAuth server", "--oauth-port", "OAUTH_PORT"),
        (8, "the registry", "--registry-port", "REGISTRY_PORT"),
    ] {
        let mut arguments = DEMO;
        arguments[place] = &port;
        let ended = demo(&arguments).output().unwrap();
        let text = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{text}");
        for wanted in [
            format!("port {port} of 127.0.0.1 for {server}:"),
            format!("demo {option} NUMBER, or make demo {variable}=NUMBER"),
            "Address already in use".to_owned(),
        ] {
            assert!(text.contains(&wanted), "{wanted} in {text}");
        }
    }
}

#[test]
fn taken_port_of_the_issuer_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let issuer = ["--oidc", "--issuer-port", &port];
    let ended = demo(&[&DEMO[..], &issuer].concat()).output().unwrap();
    let text = String::from_utf8(ended.stderr).unwrap();
    assert!(
        text.contains("for the OIDC issuer:") && text.contains("--issuer-port NUMBER"),
        "{text}"
    );
}

#[test]
fn oidc_options_without_effect_are_refused() {
    for (options, status, reason) in [
        (&["--oidc", "--stock"][..], 2, "--stock"),
        (&["--token-lifetime", "5"], 2, "--oidc"),
        (&["--oidc", "--token-lifetime", "0"], 2, "--token-lifetime"),
        (&["--oidc", "--token-groups", "5000"], 2, "--token-groups"),
        (
            &["--oidc-issuer", "https://id.example.com"],
            2,
            "--oidc-client-id",
        ),
        (
            &[
                "--oidc-issuer",
                "http://id.example.com",
                "--oidc-client-id",
                "x",
            ],
            2,
            "must begin with https://",
        ),
        (&["--oidc", "--openshift", "3.9"], 1, "OpenShift 3.9"),
    ] {
        let ended = demo(&[&DEMO[..], options].concat()).output().unwrap();
        let text = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(status), "{options:?}: {text}");
        assert!(text.contains(reason), "{options:?}: {text}");
    }
}

/// A console drains for half a minute. Ctrl-C does not wait for the pages that are open in a
/// browser.
#[tokio::test]
async fn interrupted_demo_exits_with_open_connections() {
    let mut child = demo(&DEMO).env("LOG_LEVEL", "info").spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines
        .find_map(|line| {
            Some(
                line.unwrap()
                    .strip_prefix("Console:")?
                    .trim()
                    .strip_prefix("https://")?
                    .to_owned(),
            )
        })
        .unwrap();
    // An interrupt that came earlier could end it before it serves.
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut log = String::new();
    while !log.contains("serving") {
        assert!(stderr.read_line(&mut log).unwrap() > 0, "{log}");
    }
    // A handshake that never goes on, and a request whose end is missing.
    let _idle = TcpStream::connect(&address).await.unwrap();
    let mut begun = TcpStream::connect(&address).await.unwrap();
    begun
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n")
        .await
        .unwrap();
    assert!(
        Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let (status, log) = within(tokio::task::spawn_blocking(move || {
        stderr.read_to_string(&mut log).unwrap();
        (child.wait().unwrap(), log)
    }))
    .await
    .unwrap();
    assert!(status.success(), "{log}");
    assert!(!log.contains("stopped"), "it was not drained: {log}");
    drop(lines);
}
