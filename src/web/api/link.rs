//! Links from answers to other operations, so that clients need not know how these are addressed.

use utoipa::openapi::link::{Link, LinkBuilder};

/// An operation that the values of an answer identify the subject of.
pub(in crate::web) struct ApiLink {
    /// The ID of the operation.
    operation: &'static str,
    /// Its parameters, each with its value.
    parameters: &'static [(&'static str, LinkValue)],
}

/// A value of a parameter, as a runtime expression of OpenAPI.
#[derive(Clone, Copy)]
pub(in crate::web) enum LinkValue {
    /// The member of the answer that this JSON Pointer leads to.
    Answer(&'static str),
    /// The parameter with this name in the path of the request.
    Path(&'static str),
}

impl ApiLink {
    pub(in crate::web) const fn new(
        operation: &'static str,
        parameters: &'static [(&'static str, LinkValue)],
    ) -> Self {
        Self {
            operation,
            parameters,
        }
    }

    /// The name in the document. An answer has at most one link to an operation.
    pub(super) fn name(&self) -> &'static str {
        self.operation
    }

    pub(super) fn to_link(&self) -> Link {
        let link = LinkBuilder::new().operation_id(self.operation);
        let parameters = self.parameters.iter();
        parameters
            .fold(link, |link, (name, value)| {
                link.parameter(*name, value.expression())
            })
            .build()
    }
}

impl LinkValue {
    fn expression(self) -> String {
        match self {
            Self::Answer(pointer) => format!("$response.body#{pointer}"),
            Self::Path(name) => format!("$request.path.{name}"),
        }
    }
}
