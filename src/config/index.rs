//! The index of all image streams and, if it is enabled, of workloads.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use super::pod::SERVICE_ACCOUNT_TOKEN_FILE;
use crate::config::reader::SettingsReader;

/// How long a list that was read with a user's own token is cached for that user, without an index.
const LIST_TTL: Duration = Duration::from_secs(3);

/// Whether and how image streams are indexed.
#[derive(Clone, Debug)]
pub struct IndexSettings {
    /// The token of the service account, which must be allowed to list and watch the image streams
    /// of the cluster. Absent: there is no index.
    pub token: Option<IndexToken>,
    /// The file in which `INDEX=auto` found no token, so that there is no index.
    pub missing_token_file: Option<PathBuf>,
    /// How long a list that was read with a user's own token is cached for that user.
    pub list_ttl: Duration,
    /// The approximate memory limit in bytes. If the image streams of the cluster take more, there
    /// is no index.
    pub max_memory_bytes: usize,
    /// Whether the index also has the workloads of the cluster, which the service account must be
    /// allowed to list and watch.
    pub has_workloads: bool,
    /// How many image streams are read per second for the sizes of all images, which the service
    /// account must be allowed to get. `None`: the sizes are not read in the background.
    pub sizes_per_second: Option<NonZeroU32>,
}

/// The share of the index in the 256 MiB that the template allows: some 20,000 image streams of 20
/// tags each.
const DEFAULT_MEMORY_BYTES: usize = 128 << 20;
/// With less, no cluster would have an index.
const MIN_MEMORY_BYTES: usize = 1 << 20;

/// The default of `INDEX_SIZES_RATE`: 10,000 image streams in 34 minutes.
const DEFAULT_SIZES_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);
/// More would take the API server from its users.
const MAX_SIZES_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

/// Where the token is stored.
#[derive(Clone, Debug)]
pub enum IndexToken {
    /// In a file, which the cluster may replace at any time.
    File(PathBuf),
    /// In memory: the token of a cluster in the same process.
    Inline(SecretString),
}

impl IndexSettings {
    /// No index, and no cache of lists.
    #[must_use]
    pub fn disabled() -> Self {
        Self {
            token: None,
            missing_token_file: None,
            list_ttl: Duration::ZERO,
            max_memory_bytes: DEFAULT_MEMORY_BYTES,
            has_workloads: false,
            sizes_per_second: None,
        }
    }

    pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<Self> {
        let file = reader
            .text("INDEX_TOKEN_FILE")
            .unwrap_or_else(|| SERVICE_ACCOUNT_TOKEN_FILE.to_owned());
        let has_token = reader
            .mounted_file(&file)
            .is_some_and(|token| !token.trim().is_empty());
        let on = match reader.text("INDEX").as_deref() {
            None | Some("off") => false,
            Some("auto") => has_token,
            Some("on") if has_token => true,
            Some("on") => {
                return reader.reject(
                    "INDEX",
                    format!(
                        "is on, but there is no service account token in {:?}",
                        Path::new(&file)
                    ),
                );
            }
            Some(other) => {
                return reader.reject(
                    "INDEX",
                    format!("is {other:?}, but must be on, off or auto"),
                );
            }
        };
        let memory = match reader.text("INDEX_MEMORY") {
            None => DEFAULT_MEMORY_BYTES,
            Some(text) => match parse_bytes(&text) {
                Some(bytes) if bytes >= MIN_MEMORY_BYTES => bytes,
                _ => {
                    let shown: String = text.chars().take(40).collect();
                    return reader.reject(
                        "INDEX_MEMORY",
                        format!("is {shown:?}, which is not a quantity of memory of at least 1Mi"),
                    );
                }
            },
        };
        let has_workloads = part_is_on(reader, "INDEX_WORKLOADS")?;
        let sizes_rate = sizes_rate(reader)?;
        let sizes_per_second = part_is_on(reader, "INDEX_SIZES")?.then_some(sizes_rate);
        let token_missing =
            (!on && reader.text("INDEX").as_deref() == Some("auto")).then(|| PathBuf::from(&file));
        Some(Self {
            token: on.then(|| IndexToken::File(file.into())),
            missing_token_file: token_missing,
            list_ttl: LIST_TTL,
            max_memory_bytes: memory,
            has_workloads,
            sizes_per_second,
        })
    }
}

/// Whether an optional part of the index is on.
fn part_is_on(reader: &mut SettingsReader<'_>, variable: &'static str) -> Option<bool> {
    let has_index = !matches!(reader.text("INDEX").as_deref(), None | Some("off"));
    match reader.text(variable).as_deref() {
        None | Some("off") => Some(false),
        Some("on") if has_index => Some(true),
        Some("on") => reader.reject(variable, "is on, but INDEX is off"),
        Some(other) => reader.reject(variable, format!("is {other:?}, but must be on or off")),
    }
}

/// How many image streams are read per second for their sizes, if that is on.
fn sizes_rate(reader: &mut SettingsReader<'_>) -> Option<NonZeroU32> {
    let Some(text) = reader.text("INDEX_SIZES_RATE") else {
        return Some(DEFAULT_SIZES_PER_SECOND);
    };
    let rate: Option<NonZeroU32> = text.parse().ok();
    rate.filter(|rate| *rate <= MAX_SIZES_PER_SECOND)
        .or_else(|| {
            let shown: String = text.chars().take(40).collect();
            reader.reject(
                "INDEX_SIZES_RATE",
                format!("is {shown:?}, which is not a number from 1 to {MAX_SIZES_PER_SECOND}"),
            )
        })
}

/// A quantity of memory in the form of Kubernetes: bytes, or with Ki, Mi or Gi.
fn parse_bytes(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" => 1,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        _ => return None,
    };
    digits.parse::<usize>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::parse_bytes;

    #[test]
    fn memory_setting_accepts_kubernetes_quantities() {
        let right = [
            ("134217728", 128 << 20),
            ("64Ki", 64 << 10),
            ("128Mi", 128 << 20),
            ("2Gi", 2 << 30),
        ];
        right
            .into_iter()
            .for_each(|(text, expected)| assert_eq!(parse_bytes(text), Some(expected), "{text}"));
        for wrong in [
            "",
            "Mi",
            "128 Mi",
            "128M",
            "-1Mi",
            "1.5Gi",
            "99999999999999999999",
            "99999999999Gi",
            "128mi",
        ] {
            assert_eq!(parse_bytes(wrong), None, "{wrong}");
        }
    }
}
