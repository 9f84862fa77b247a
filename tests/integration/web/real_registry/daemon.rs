//! Debian's `docker-registry` on a free port, and `skopeo` to fill it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;
use url::Url;

const REGISTRY: &str = "docker-registry";
const SKOPEO: &str = "skopeo";
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// The registry. It ends when this is dropped.
pub(super) struct RegistryDaemon {
    process: Child,
    host: String,
    /// Its storage, and what skopeo is to copy.
    folder: TempDir,
}

impl RegistryDaemon {
    /// Plain HTTP, no sign-in, files, schema 1 taken as the integrated registry takes it.
    pub(super) async fn start() -> Self {
        tokio::task::spawn_blocking(start).await.unwrap()
    }

    pub(super) fn url(&self) -> Url {
        Url::parse(&format!("http://{}", self.host)).unwrap()
    }

    /// Where images can be laid out.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Copies `source`, written as skopeo writes it (`oci:…`, `dir:…`), to `project/stream:tag`.
    pub(super) async fn fill(&self, options: &[&str], source: &str, reference: &str) {
        let mut skopeo = Command::new(SKOPEO);
        skopeo
            .args(["--insecure-policy", "copy", "--dest-tls-verify=false"])
            .args(options);
        skopeo
            .arg(source)
            .arg(format!("docker://{}/{reference}", self.host));
        let output = tokio::task::spawn_blocking(move || skopeo.output())
            .await
            .unwrap()
            .unwrap_or_else(|error| panic_missing_program(SKOPEO, &error));
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

impl Drop for RegistryDaemon {
    fn drop(&mut self) {
        // It is gone already only if it failed by itself, which the test has noticed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn start() -> RegistryDaemon {
    let folder = tempfile::tempdir().unwrap();
    let config = serde_json::json!({
        "version": "0.1",
        "log": { "level": "info" },
        "storage": { "filesystem": { "rootdirectory": folder.path().join("storage") } },
        "http": { "addr": "127.0.0.1:0" },
        "compatibility": { "schema1": { "enabled": true } },
    });
    let file = folder.path().join("config.yml");
    // JSON is YAML.
    std::fs::write(&file, config.to_string()).unwrap();
    let started = Command::new(REGISTRY)
        .arg("serve")
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut process = started.unwrap_or_else(|error| panic_missing_program(REGISTRY, &error));
    let (said, hears) = mpsc::channel();
    let log = BufReader::new(process.stderr.take().unwrap());
    // Reads to the end, so that the registry never blocks on its log.
    std::thread::spawn(move || {
        log.lines()
            .map_while(Result::ok)
            .for_each(|line| drop(said.send(line)))
    });
    let mut lines = Vec::new();
    let host = loop {
        let line = hears
            .recv_timeout(START_TIMEOUT)
            .unwrap_or_else(|_| panic!("{REGISTRY} does not listen: {lines:#?}"));
        if let Some((_, address)) = line.split_once("listening on ") {
            break address.split('"').next().unwrap().to_owned();
        }
        lines.push(line);
    };
    RegistryDaemon {
        process,
        host,
        folder,
    }
}

fn panic_missing_program(program: &str, error: &std::io::Error) -> ! {
    panic!("these tests need the program {program} (Debian's package of that name): {error}")
}
