//! All image streams that a person may see.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};

use super::image_list::MissingProject;
use super::section::{Missing, Section};
use super::{AsUser, Failure, Subject};
use crate::model::{ImageStream, Phase, Project, ProjectName};
use crate::openshift::{Access, Error, Streams};

/// How many projects are listed at once.
const SIDE_BY_SIDE: usize = 8;

/// What the master lets a person see.
#[derive(Debug)]
pub(super) struct VisibleStreams {
    /// Their projects. For those who may list the whole cluster, all of them.
    pub(super) projects: Vec<Project>,
    /// The image streams.
    pub(super) streams: Vec<ImageStream>,
    /// Projects whose image streams could not be listed.
    pub(super) missing: Vec<MissingProject>,
    /// Objects that made no sense and were left out.
    pub(super) unreadable: usize,
}

impl AsUser<'_> {
    /// One list for a person who may list cluster-wide; anyone else gets their projects, listed side by side.
    pub(super) async fn visible_streams(&self) -> Result<VisibleStreams, Failure> {
        let cluster_wide = Access::list_streams(None);
        let (projects, everywhere) = tokio::join!(self.master.projects(), self.master.may(&cluster_wide));
        let projects = projects.map_err(|error| Failure::of_master(error, Subject::List))?;
        if matches!(everywhere, Err(Error::TokenRefused)) {
            return Err(Failure::SignInRequired);
        }
        if everywhere.unwrap_or(false) {
            let Streams { streams, unreadable } =
                self.master.image_streams(None).await.map_err(|error| Failure::of_master(error, Subject::List))?;
            return Ok(VisibleStreams { projects, streams, missing: Vec::new(), unreadable });
        }
        self.streams_of(projects).await
    }

    async fn streams_of(&self, projects: Vec<Project>) -> Result<VisibleStreams, Failure> {
        let names: Vec<ProjectName> =
            projects.iter().filter(|project| project.phase != Phase::Terminating).map(|project| project.name.clone()).collect();
        let lists = stream::iter(names)
            .map(|name| async move {
                let listed = self.master.image_streams(Some(&name)).await;
                (name, listed)
            })
            .buffered(SIDE_BY_SIDE)
            .collect::<Vec<_>>()
            .await;
        let mut found = VisibleStreams { projects, streams: Vec::new(), missing: Vec::new(), unreadable: 0 };
        for (project, listed) in lists {
            if matches!(listed, Err(Error::TokenRefused)) {
                return Err(Failure::SignInRequired);
            }
            match Section::from(listed) {
                Section::Ready(Streams { streams, unreadable }) => {
                    found.streams.extend(streams);
                    found.unreadable += unreadable;
                }
                Section::Missing { missing: Missing { why, .. } } => found.missing.push(MissingProject { project, why }),
            }
        }
        Ok(found)
    }
}

impl VisibleStreams {
    /// The names of all projects that a filter can offer: those listed and those that a stream was found in.
    pub(super) fn project_names(&self) -> Vec<ProjectName> {
        let named = self.projects.iter().map(|project| project.name.clone());
        let found = self.streams.iter().map(|stream| stream.project.clone());
        named.chain(found).collect::<BTreeSet<_>>().into_iter().collect()
    }
}
