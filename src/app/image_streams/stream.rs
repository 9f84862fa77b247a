//! One image stream: its tags, where each comes from, what each has been.

mod attachments;
mod bounds;
mod platforms;
mod rows;

pub use attachments::AttachedTag;
pub(in crate::app) use bounds::bound_tags;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use serde::Serialize;

pub use platforms::PlatformBrief;

use super::import_advice::ImportAdvice;
use crate::app::AppForUser;
use crate::app::connect::commands::{CommandRepository, PullCommands};
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::app::lists::outage::StaleData;
use crate::app::lists::paging::{Paging, SortOrder};
use crate::app::live::PageRevision;
use crate::app::section::{OPTIONAL_TIMEOUT, REGISTRY_TIMEOUT, Section, with_timeout};
use crate::openshift::AccessRight;
use registry_model::{
    Attachment, ByteSize, Digest, Image, ImageKind, ImageStreamName, ImportFailure, ImportMode,
    InternalRepository, ProjectName, Tag, TagName, TagSource, version_order,
};

const TAGS_PER_PAGE: usize = 50;

/// How many images are asked for at once: each is a small answer of the master.
const MAX_CONCURRENT_IMAGES: usize = 16;

/// Which part of a stream's tags is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TagQuery {
    /// Only tags whose name or digest contains this. Empty: all.
    pub text: String,
    /// By what the tags are sorted.
    pub sort: TagSort,
    pub order: SortOrder,
    /// Only this tag, with a page of its history.
    pub history: Option<TagName>,
    /// Which page of the tags, or of the history, from 1.
    pub page: usize,
}

/// What the tags of a stream can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TagSort {
    /// By name, in natural order of versions.
    Name,
    /// By the last change.
    Updated,
}

impl TagSort {
    /// As in an address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Updated => "updated",
        }
    }

    /// Which way people expect it: the highest version and the newest first.
    #[must_use]
    pub fn default_order(self) -> SortOrder {
        SortOrder::Descending
    }
}

/// An image stream with a page of its tags.
#[derive(Clone, Debug, Serialize)]
pub struct StreamView {
    pub project: ProjectName,
    pub name: ImageStreamName,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
    /// Annotations. Untrusted.
    pub annotations: BTreeMap<String, String>,
    /// How many more annotations there are.
    pub more_annotations: usize,
    /// Its pull spec inside the cluster.
    pub internal_repository: InternalRepository,
    /// Its pull spec from outside.
    pub public_repository: Option<String>,
    /// The remote repository whose tags it follows. Untrusted.
    pub follows: Option<String>,
    /// Whether pods of the project may name the stream in place of a pull spec
    /// (`lookupPolicy.local`).
    pub local_lookup: bool,
    /// Whether there is anything to import: a repository that it follows, or a tag from elsewhere.
    pub imports: bool,
    /// What was asked of the tags.
    pub query: TagQuery,
    /// The tags of this page.
    pub tags: Vec<TagRow>,
    /// Where the page stands among all tags that match.
    pub paging: Paging,
    /// Where the page stands in the history of the one tag that the query names.
    pub history_paging: Option<Paging>,
    /// How many tags there are in all.
    pub tag_count: usize,
    /// How many tags failed to import.
    pub failing: usize,
    /// Why the last import of the whole repository that it follows failed. Untrusted.
    pub repository_failure: Option<String>,
    /// Tags whose names make no sense, and were left out.
    pub unreadable_tags: usize,
    /// How many tags the registry lists.
    pub registry: Section<usize>,
    /// Whether the person may push.
    pub can_push: Section<bool>,
    /// Whether the person may point tags elsewhere.
    pub can_tag: bool,
    /// Whether the person may remove tags.
    pub can_untag: bool,
    pub commands: PullCommands,
    /// What has changed since can be told, where there is an index.
    #[serde(skip)]
    pub page_revision: Option<PageRevision>,
    /// Where the API server could not be asked: how old this is, and so without what the index does
    /// not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<StaleData>,
}

/// A tag of a stream.
#[derive(Clone, Debug, Serialize)]
pub struct TagRow {
    pub name: TagName,
    /// Where its images come from. Absent for a tag that only the registry knows.
    pub source: Option<TagSource>,
    /// Whether an image was pushed to the tag after `source` was set: then it does not point at
    /// what `source` names.
    pub pushed_since: bool,
    /// Imports are repeated on a schedule.
    pub scheduled: bool,
    /// Imports may skip TLS verification.
    pub insecure: bool,
    /// Never imported: only a reference.
    pub reference: bool,
    /// Pulled through this registry, wherever its image is (`referencePolicy.type` is `Local`).
    pub local: bool,
    /// What an import of an index keeps. Absent: the API server knows one way only.
    pub import_mode: Option<ImportMode>,
    /// What it points at now.
    pub digest: Option<Digest>,
    /// When it came to point there.
    pub updated: Option<DateTime<Utc>>,
    /// Size and architectures of what it points at. Absent: it points at nothing.
    pub image: Option<Section<ImageBrief>>,
    /// What it has pointed at, newest first.
    pub history: Vec<HistoryRow>,
    /// How many newer entries there are, which are on earlier pages of the history.
    pub newer_history: usize,
    /// How much more it has pointed at before that.
    pub more_history: usize,
    /// Why the last import failed.
    pub import_failure: Option<ImportFailure>,
    /// Whether stream and registry agree about it.
    pub presence: Presence,
    /// The tags that attach a signature, an attestation or an SBOM to its images.
    pub attachments: Vec<AttachedTag>,
    /// The image that it is itself attached to by its name, which no tag of the stream points at,
    /// or did.
    pub attached_to: Option<Attachment>,
}

/// An image, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImageBrief {
    /// The compressed layers together; absent for an index.
    pub size: Option<ByteSize>,
    /// One architecture, or those of an index. Untrusted.
    pub architectures: Vec<String>,
    /// Whether `size` leaves out something whose size is not known.
    pub size_at_least: bool,
    /// What kind of thing it is, as far as the API server knows.
    pub kind: ImageKind,
    /// Whether it lists other manifests.
    pub index: bool,
    /// The platforms of an index.
    pub platforms: Vec<PlatformBrief>,
    /// How many more platforms it has.
    pub more_platforms: usize,
}

/// An item of a tag's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HistoryRow {
    /// When the tag came to point here.
    pub created: Option<DateTime<Utc>>,
    pub image: Option<Digest>,
    /// The pull spec that the master would use.
    pub pull_spec: String,
    /// The generation of the `spec` tag that brought it.
    pub generation: Option<i64>,
}

/// Where a tag can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// In the stream and in the registry.
    Both,
    /// In the stream; the registry does not list it.
    OnlyStream,
    /// In the registry; the stream does not know it.
    OnlyRegistry,
    /// In the stream, pointing at nothing yet.
    Unresolved,
    /// In the stream as a mere reference to another registry, which is never imported.
    ReferenceOnly,
    /// The registry could not be asked.
    Unknown,
}

impl StreamView {
    /// What to do about the failed import of the whole repository, where the kind of failure is
    /// known.
    #[must_use]
    pub fn repository_import_advice(&self) -> Option<ImportAdvice> {
        ImportAdvice::new(
            "",
            self.repository_failure.as_ref()?,
            self.project.as_str(),
            self.follows.as_deref(),
        )
    }
}

impl TagRow {
    /// What to do about the failed import, where the kind of failure is known.
    #[must_use]
    pub fn import_advice(&self, project: &ProjectName) -> Option<ImportAdvice> {
        let failure = self.import_failure.as_ref()?;
        let source = if let Some(TagSource::External(source)) = &self.source {
            Some(source.as_str())
        } else {
            None
        };
        ImportAdvice::new(&failure.reason, &failure.message, project.as_str(), source)
    }
}

impl AppForUser<'_> {
    /// One image stream.
    ///
    /// # Errors
    ///
    /// The failure to read the stream itself, or [`Failure::NotFound`]: it has no tag such as the
    /// query names.
    pub async fn stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        query: TagQuery,
    ) -> Result<StreamView, Failure> {
        let push = AccessRight::push_to(project.clone());
        let rights = self.review_access([
            AccessRight::update_tags(project),
            AccessRight::delete_tags(project),
        ]);
        let (stream, listed, can_push, [can_tag, can_untag]) = tokio::join!(
            self.api_server.get_stream(project, name),
            with_timeout(
                REGISTRY_TIMEOUT,
                Upstream::Registry,
                self.registry.list_tags(project, name)
            ),
            with_timeout(
                OPTIONAL_TIMEOUT,
                Upstream::Master,
                self.api_server.is_allowed(&push)
            ),
            rights,
        );
        let (stream, stale) = match stream
            .map_err(|error| Failure::from_api_error(error, PageSubject::ImageStream))
        {
            Ok(stream) => (stream, None),
            Err(failure) if failure.is_outage() => {
                let (stream, stale) = self.stale_stream(project, name, failure).await?;
                (stream, Some(stale))
            }
            Err(failure) => return Err(failure),
        };
        let mut rows = attachments::fold_attachments(rows::tag_rows(&stream, listed.ready()));
        if stale.is_some() {
            // The index does not know where tags come from.
            rows.iter_mut().for_each(TagRow::clear_source);
        }
        let tag_count = rows.len();
        let (mut tags, paging) = query.apply(rows);
        if query.history.is_some() && tags.is_empty() {
            return Err(Failure::NotFound(PageSubject::Image));
        }
        self.add_images(project, name, &mut tags).await;
        self.add_platform_sizes(project, name, &mut tags).await;
        let repository = CommandRepository::from_stream(
            Some(&stream),
            project,
            name,
            self.app.registry_host.as_deref(),
            listed.ready().is_some(),
        );
        let can_be_pulled = |tag: &&TagRow| {
            tag.digest.is_some()
                && tag.attached_to.is_none()
                && (!matches!(repository, CommandRepository::NoRegistry)
                    || matches!(tag.source, Some(TagSource::External(_))))
        };
        let newest = tags
            .iter()
            .filter(can_be_pulled)
            .max_by_key(|tag| (tag.is_image(), tag.updated, tag.name.as_str() == "latest"));
        let commands = PullCommands::new(
            repository,
            newest.map(|tag| &tag.name),
            newest.and_then(|tag| tag.digest.as_ref()),
        );
        let imported = newest
            .and_then(|tag| tag.history.first())
            .map(|event| event.pull_spec.as_str());
        let commands = commands.with_source(newest.and_then(|tag| tag.source.as_ref()), imported);
        let is_runnable = newest
            .and_then(|tag| tag.image.as_ref()?.ready())
            .is_none_or(|image| image.kind.is_runnable());
        let commands = if is_runnable {
            commands
        } else {
            commands.without_pull()
        };
        let may_push = can_push.ready().copied().unwrap_or(false);
        let revision = stream
            .resource_version
            .as_deref()
            .and_then(|version| version.parse().ok());
        let view = StreamView {
            page_revision: self.page_revision_at(revision),
            stale,
            commands: if may_push {
                commands.with_push(None)
            } else {
                commands
            },
            tag_count,
            failing: stream
                .tags
                .iter()
                .filter(|tag| tag.import_failure.is_some())
                .count(),
            repository_failure: stream.repository_import_failure().map(str::to_owned),
            unreadable_tags: stream.unreadable_tags,
            registry: listed.map(|tags| tags.len()),
            project: stream.project,
            name: stream.name,
            created: stream.created,
            annotations: stream.annotations,
            more_annotations: 0,
            internal_repository: stream.internal_repository,
            public_repository: stream.public_repository,
            imports: stream.follows.is_some() || stream.tags.iter().any(Tag::is_imported),
            follows: stream.follows,
            local_lookup: stream.local_lookup,
            query,
            tags,
            paging,
            history_paging: None,
            can_push,
            can_tag,
            can_untag,
        };
        Ok(view.bounded())
    }

    /// Asks the master for the image of each tag: each digest once, side by side.
    async fn add_images(&self, project: &ProjectName, name: &ImageStreamName, tags: &mut [TagRow]) {
        // Each digest once, with one of the tags that point at it.
        let digests: BTreeMap<Digest, TagName> = tags
            .iter()
            .filter_map(|tag| Some((tag.digest.clone()?, tag.name.clone())))
            .collect();
        let briefs: BTreeMap<Digest, Section<ImageBrief>> = stream::iter(digests)
            .map(|(digest, tag)| async move {
                let asked = self.image_by_digest_or_tag(project, name, &digest, Some(&tag));
                let image = with_timeout(OPTIONAL_TIMEOUT, Upstream::Master, asked).await;
                (digest, image.map(|image| ImageBrief::from_image(&image)))
            })
            .buffer_unordered(MAX_CONCURRENT_IMAGES)
            .collect()
            .await;
        for tag in tags {
            tag.image = tag
                .digest
                .as_ref()
                .and_then(|digest| briefs.get(digest).cloned());
        }
    }
}

impl TagQuery {
    fn apply(&self, mut rows: Vec<TagRow>) -> (Vec<TagRow>, Paging) {
        if let Some(name) = &self.history {
            rows.retain(|row| row.name == *name);
            return Paging::paginate(rows, 1, TAGS_PER_PAGE);
        }
        let text = self.text.to_lowercase();
        rows.retain(|row| {
            text.is_empty()
                || row.name.as_str().to_lowercase().contains(&text)
                || row
                    .digest
                    .as_ref()
                    .is_some_and(|digest| digest.to_string().contains(&text))
                || row
                    .attachments
                    .iter()
                    .any(|attached| attached.tag.as_str().to_lowercase().contains(&text))
        });
        rows.sort_by(|a, b| {
            let by_name = version_order::compare(a.name.as_str(), b.name.as_str());
            match self.sort {
                TagSort::Name => self.order.apply_to(by_name),
                TagSort::Updated => self
                    .order
                    .apply_to(a.updated.cmp(&b.updated))
                    .then(by_name.reverse()),
            }
        });
        Paging::paginate(rows, self.page, TAGS_PER_PAGE)
    }
}

impl ImageBrief {
    fn from_image(image: &Image) -> Self {
        let all: Vec<&String> = match image.platforms.as_slice() {
            [] => image.architecture.iter().collect(),
            platforms => platforms
                .iter()
                .filter_map(|platform| platform.architecture.as_ref())
                .filter(|arch| *arch != "unknown")
                .collect(),
        };
        // Platforms of one architecture need not be neighbours: amd64 of Linux comes first, amd64
        // of Windows last. Their order stays.
        let mut seen = BTreeSet::new();
        let architectures = all
            .into_iter()
            .filter(|architecture| seen.insert(*architecture))
            .cloned()
            .collect();
        let size = image.size();
        let (platforms, more_platforms) = platforms::image_platforms(image);
        Self {
            size: size.map(|size| size.bytes),
            size_at_least: size.is_some_and(|size| size.at_least),
            architectures,
            kind: image.kind(),
            index: !image.platforms.is_empty(),
            platforms,
            more_platforms,
        }
    }
}
