//! Reading lists that the API server sends in chunks.

use http::StatusCode;

use super::{ApiError, wire};

/// The outcome of reading a list from its start.
pub(super) enum ListAttempt<L> {
    Complete(L),
    /// The continuation has expired, because the list was read too slowly (410).
    Expired,
}

/// The error about a list that expired in both attempts to read it.
pub(super) fn expired_list_error() -> ApiError {
    ApiError::Unexpected {
        status: StatusCode::GONE,
        reason: "the list expired twice while it was read".to_owned(),
    }
}

/// How far a list has been read.
pub(super) struct ListProgress {
    /// The revision of the first chunk.
    pub(super) resource_version: Option<String>,
    continuation: Option<String>,
    chunks_left: usize,
    is_first_chunk: bool,
}

impl ListProgress {
    /// Without `max_chunks`, a server that repeats a continuation would be read without end.
    pub(super) fn new(max_chunks: usize) -> Self {
        Self {
            resource_version: None,
            continuation: None,
            chunks_left: max_chunks,
            is_first_chunk: true,
        }
    }

    /// Where the next chunk starts. `None`: at the beginning of the list.
    pub(super) fn continuation(&self) -> Option<&str> {
        self.continuation.as_deref()
    }

    /// Records the metadata of the chunk that was read. Returns whether it was the last one.
    ///
    /// The chunks of a list show the revision of the first. A server whose later chunks name a
    /// newer one is read from the first revision again by a watch: some changes are reported twice,
    /// none is lost.
    ///
    /// # Errors
    /// The continuation is too long, or there are more chunks than a list can have.
    pub(super) fn finish_chunk(
        &mut self,
        resource_version: Option<String>,
        continuation: Option<String>,
    ) -> Result<bool, ApiError> {
        if std::mem::take(&mut self.is_first_chunk) {
            self.resource_version = resource_version;
        }
        self.continuation = wire::check_continuation(continuation)?;
        if self.continuation.is_none() {
            return Ok(true);
        }
        self.chunks_left = self.chunks_left.saturating_sub(1);
        if self.chunks_left == 0 {
            return Err(ApiError::malformed("a list without an end"));
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn list_shows_the_revision_of_its_first_chunk() {
        let mut progress = ListProgress::new(3);
        assert!(!progress.finish_chunk(text("7"), text("next")).unwrap());
        assert_eq!(progress.continuation(), Some("next"));
        assert!(progress.finish_chunk(text("9"), None).unwrap());
        assert_eq!(progress.resource_version.as_deref(), Some("7"));

        let mut without = ListProgress::new(3);
        assert!(!without.finish_chunk(None, text("next")).unwrap());
        assert!(without.finish_chunk(text("9"), text("")).unwrap());
        assert_eq!(
            without.resource_version, None,
            "changes before 9 would be lost"
        );
    }

    #[test]
    fn list_without_an_end_is_an_error() {
        let mut progress = ListProgress::new(2);
        assert!(!progress.finish_chunk(None, text("a")).unwrap());
        assert!(progress.finish_chunk(None, text("a")).is_err());
    }
}
