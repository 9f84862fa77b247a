//! Where the index has its image streams from.

use std::error::Error;

use super::state::Why;
use crate::openshift::{Fed, Watch, WatchEvent};

/// The master, as far as the index needs it.
pub trait Source: Send {
    /// What it tells changes through.
    type Watch: Watching;

    /// Whether the index may be kept at all.
    fn allowed(&self) -> impl Future<Output = Result<bool, Trouble>> + Send;

    /// Gives every image stream to `take`; the answer is the revision to watch from.
    fn list(
        &self,
        chunked: bool,
        take: &mut (dyn FnMut(Fed) + Send),
    ) -> impl Future<Output = Result<String, Trouble>> + Send;

    /// The revision that the master is at, if it says one.
    fn version(&self) -> impl Future<Output = Result<Option<String>, Trouble>> + Send;

    /// Tells what happens from the revision `from` on.
    fn watch(&self, from: &str) -> impl Future<Output = Result<Self::Watch, Trouble>> + Send;
}

pub trait Watching: Send {
    /// What happens next. A wait that is given up must lose nothing.
    fn next(&mut self) -> impl Future<Output = WatchEvent> + Send;
}

impl Watching for Watch {
    async fn next(&mut self) -> WatchEvent {
        Self::next(self).await
    }
}

/// Why the source does not say what it was asked.
#[derive(Debug)]
pub struct Trouble {
    pub why: Why,
    pub cause: Option<Box<dyn Error + Send + Sync>>,
}

impl From<Why> for Trouble {
    fn from(why: Why) -> Self {
        Self { why, cause: None }
    }
}
