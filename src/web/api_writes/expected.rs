//! What a client has seen of a tag before it asks to change it.

use axum::http::{HeaderMap, StatusCode, header};

use super::{entity_tag, invalid_value};
use crate::app::tags::{CurrentTag, SeenTag};
use crate::web::context::RequestContext;
use crate::web::errors::Problem;
use registry_model::Digest;

/// What the tag must be, or else it is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExpectedTag {
    state: ExpectedState,
    /// The status of the answer where it is not so.
    refusal: StatusCode,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum ExpectedState {
    /// Whatever it is.
    Any,
    /// There is no such tag.
    Absent,
    Present,
    PointsTo(Digest),
}

impl ExpectedTag {
    /// What the headers `If-Match` and `If-None-Match`, or else the member or parameter
    /// `expected_digest`, say.
    pub(super) fn parse(
        headers: &HeaderMap,
        member: Option<&str>,
        context: &RequestContext,
    ) -> Result<Self, Problem> {
        let digest = |pointer: &str, text: &str| {
            let error = context.lang.msg("api-invalid-digest").to_string();
            let parsed = text.parse().map(ExpectedState::PointsTo);
            parsed.map_err(|_| invalid_value(pointer.to_owned(), error, context))
        };
        let precondition = |state| Self {
            state,
            refusal: StatusCode::PRECONDITION_FAILED,
        };
        match (
            entity_tag(headers, &header::IF_MATCH),
            entity_tag(headers, &header::IF_NONE_MATCH),
        ) {
            (Some("*"), _) => Ok(precondition(ExpectedState::Present)),
            (Some(text), _) => digest("If-Match", text).map(precondition),
            (None, Some("*")) => Ok(precondition(ExpectedState::Absent)),
            (None, Some(_)) => Err(super::unknown_parameter("If-None-Match", context)),
            (None, None) => Ok(Self {
                state: match member {
                    Some(text) => digest("/expected_digest", text)?,
                    None => ExpectedState::Any,
                },
                refusal: StatusCode::CONFLICT,
            }),
        }
    }

    /// What the change is based on, if the tag is as expected.
    pub(super) fn check(
        &self,
        now: Option<&CurrentTag>,
        context: &RequestContext,
    ) -> Result<SeenTag, Problem> {
        let digest = now.and_then(|now| now.digest.as_ref());
        let is_met = match &self.state {
            ExpectedState::Any => true,
            ExpectedState::Absent => now.is_none(),
            ExpectedState::Present => now.is_some(),
            ExpectedState::PointsTo(expected) => digest == Some(expected),
        };
        if !is_met {
            return Err(stale(self.refusal, digest, context));
        }
        Ok(now.map_or(SeenTag::NoTag, |now| SeenTag::Tag(now.digest.clone())))
    }
}

/// The tag is not what the client expected, or changed while it was being set.
pub(super) fn stale(
    status: StatusCode,
    current: Option<&Digest>,
    context: &RequestContext,
) -> Problem {
    let lang = context.lang;
    Problem {
        current_digest: current.map(ToString::to_string),
        ..Problem::new(
            status,
            "stale",
            lang.msg("api-stale-tag"),
            lang.msg("api-stale-tag-hint"),
        )
    }
}
