//! The index of all image streams.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use super::read::Reader;

/// The token of the service account, as every pod has it unless that was switched off.
const SERVICE_ACCOUNT_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// How long a list that was read with a person's own token is good for that person, where there is no index.
const LISTS_KEPT: Duration = Duration::from_secs(3);

/// Whether all image streams are kept in memory.
#[derive(Clone, Debug)]
pub struct Index {
    /// The service account's token: it must be allowed to list and watch the image streams of the cluster. Absent: there is no index.
    pub token: Option<IndexToken>,
    /// How long a list that was read with a person's own token is good for that person.
    pub lists_kept: Duration,
}

/// Where the token is.
#[derive(Clone, Debug)]
pub enum IndexToken {
    /// In a file, which the cluster may write anew at any time.
    File(PathBuf),
    /// Here: that of a cluster in the same process.
    Here(SecretString),
}

impl Index {
    /// No index, and no memory of lists.
    #[must_use]
    pub fn off() -> Self {
        Self { token: None, lists_kept: Duration::ZERO }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let file = reader.text("INDEX_TOKEN_FILE").unwrap_or_else(|| SERVICE_ACCOUNT_TOKEN.to_owned());
        let there = reader.mounted(&file).is_some_and(|token| !token.trim().is_empty());
        let on = match reader.text("INDEX").as_deref() {
            None | Some("off") => false,
            Some("auto") => there,
            Some("on") if there => true,
            Some("on") => {
                return reader.wrong("INDEX", format!("is on, but there is no service account's token in {:?}", Path::new(&file)));
            }
            Some(other) => return reader.wrong("INDEX", format!("is {other:?}, which is none of on, off and auto")),
        };
        Some(Self { token: on.then(|| IndexToken::File(file.into())), lists_kept: LISTS_KEPT })
    }
}
