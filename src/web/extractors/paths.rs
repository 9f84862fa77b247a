//! Names in paths. What is not a name is not found, and no upstream is called (S33).

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use crate::app::failure::{Failure, PageSubject as About};
use crate::app::images::ImageReference;
use crate::web::errors::WebError;
use registry_model::{ImageStreamName, ProjectName, is_path_segment_name};

/// A project in the path. An invalid name is not found, and no upstream is called (S33).
#[derive(Debug)]
pub(in crate::web) struct ProjectPath(pub(in crate::web) ProjectName);

/// A user or group in the path. An invalid name is not found, and no upstream is called (S33): `~`
/// would mean the signed-in user.
#[derive(Debug)]
pub(in crate::web) struct UserOrGroupPath(pub(in crate::web) String);

/// A group and one of its members in the path, as [`UserOrGroupPath`].
#[derive(Debug)]
pub(in crate::web) struct GroupMemberPath {
    pub(in crate::web) group: String,
    pub(in crate::web) user: String,
}

/// Longer than any name in a directory.
const MAX_NAME_BYTES: usize = 1_000;

/// An image stream, or one of its images, in the path: `stream`, `stream:tag`, `stream@digest`.
#[derive(Debug)]
pub(in crate::web) struct ImagePath {
    pub(in crate::web) project: ProjectName,
    pub(in crate::web) stream: ImageStreamName,
    pub(in crate::web) reference: Option<ImageReference>,
}

impl ImagePath {
    /// The image stream of a page that is not about one of its images.
    ///
    /// # Errors
    ///
    /// [`Failure::NotFound`] where the path names an image.
    pub(in crate::web) fn into_stream(self) -> Result<(ProjectName, ImageStreamName), Failure> {
        match self.reference {
            None => Ok((self.project, self.stream)),
            Some(_) => Err(Failure::NotFound(About::Page)),
        }
    }
}

async fn path_segments<S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
) -> Result<Vec<String>, WebError> {
    let params = RawPathParams::from_request_parts(parts, state).await;
    let params = params.map_err(|_| WebError::from(Failure::NotFound(About::Page)))?;
    Ok(params.iter().map(|(_, value)| value.to_owned()).collect())
}

impl<S: Send + Sync> FromRequestParts<S> for ProjectPath {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WebError> {
        let segments = path_segments(parts, state).await?;
        let name = segments.first().and_then(|text| text.parse().ok());
        name.map(Self)
            .ok_or_else(|| Failure::NotFound(About::Project).into())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for UserOrGroupPath {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WebError> {
        let segments = path_segments(parts, state).await?;
        parse_directory_names(segments).map(|[name]| Self(name))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for GroupMemberPath {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WebError> {
        let segments = path_segments(parts, state).await?;
        parse_directory_names(segments).map(|[group, user]| Self { group, user })
    }
}

/// The names of users and groups in a path.
fn parse_directory_names<const N: usize>(segments: Vec<String>) -> Result<[String; N], WebError> {
    let is_valid = |name: &String| is_path_segment_name(name) && name.len() <= MAX_NAME_BYTES;
    let names = <[String; N]>::try_from(segments).ok();
    names
        .filter(|names| names.iter().all(is_valid))
        .ok_or_else(|| Failure::NotFound(About::Page).into())
}

impl<S: Send + Sync> FromRequestParts<S> for ImagePath {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WebError> {
        let segments = path_segments(parts, state).await?;
        let [project, image] = segments.as_slice() else {
            return Err(Failure::NotFound(About::Page).into());
        };
        let project = project
            .parse()
            .map_err(|_| Failure::NotFound(About::Project))?;
        let (stream, reference) =
            parse_stream_and_reference(image).ok_or(Failure::NotFound(About::Image))?;
        Ok(Self {
            project,
            stream,
            reference,
        })
    }
}

fn parse_stream_and_reference(text: &str) -> Option<(ImageStreamName, Option<ImageReference>)> {
    if let Some((stream, digest)) = text.split_once('@') {
        return Some((
            stream.parse().ok()?,
            Some(ImageReference::Digest(digest.parse().ok()?)),
        ));
    }
    if let Some((stream, tag)) = text.split_once(':') {
        return Some((
            stream.parse().ok()?,
            Some(ImageReference::Tag(tag.parse().ok()?)),
        ));
    }
    Some((text.parse().ok()?, None))
}
