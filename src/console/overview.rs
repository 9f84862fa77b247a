//! The overview: what is mine, what is new, how do I begin.

use std::collections::HashMap;

use serde::Serialize;

use super::commands::Connect;
use super::image_list::{MissingProject, StreamRow, by_name, last_push};
use super::section::Section;
use super::{AsUser, Failure};
use crate::model::{AccessPolicy, Project, ProjectName};

const RECENT_STREAMS: usize = 10;
const TAGS_OF_RECENT: usize = 5;
const PROJECT_CARDS: usize = 12;

/// What the overview shows.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// The projects that something was pushed to most recently.
    pub projects: Vec<ProjectCard>,
    /// The streams that were pushed to most recently.
    pub recent: Vec<StreamRow>,
    /// How much there is in all.
    pub counts: Counts,
    /// Projects that could not be listed.
    pub missing: Vec<MissingProject>,
    /// How to sign in, push and pull.
    pub connect: Connect,
}

/// How much a person may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Projects.
    pub projects: usize,
    /// Image streams.
    pub streams: usize,
    /// Tags of all streams.
    pub tags: usize,
    /// Tags whose import failed.
    pub failing: usize,
}

/// A project on the overview.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectCard {
    /// The project.
    pub project: Project,
    /// Who may pull from it.
    pub access: Section<AccessPolicy>,
    /// How many image streams it has.
    pub streams: usize,
}

impl AsUser<'_> {
    /// Loads the overview. `user` is the name for the login commands.
    ///
    /// # Errors
    ///
    /// The failure to list the person's projects.
    pub async fn overview(&self, user: Option<&str>) -> Result<Overview, Failure> {
        let found = self.visible_streams().await?;
        let mut of_project: HashMap<&ProjectName, (usize, Option<_>)> = HashMap::new();
        for stream in &found.streams {
            let (count, newest) = of_project.entry(&stream.project).or_default();
            *count += 1;
            *newest = (*newest).max(last_push(stream));
        }
        let activity = |project: &Project| of_project.get(&project.name).copied().unwrap_or_default();
        let mut projects: Vec<Project> = found.projects.clone();
        projects.sort_by(|a, b| activity(b).1.cmp(&activity(a).1).then_with(|| a.name.cmp(&b.name)));
        projects.truncate(PROJECT_CARDS);
        let access = self.access_policies(projects.iter().map(|project| &project.name)).await;
        let projects = projects
            .into_iter()
            .zip(access)
            .map(|(project, access)| ProjectCard { streams: activity(&project).0, project, access })
            .collect();
        let mut recent: Vec<_> = found.streams.iter().filter(|stream| last_push(stream).is_some()).collect();
        recent.sort_by(|a, b| last_push(b).cmp(&last_push(a)).then_with(|| by_name(a, b)));
        let tags = found.streams.iter().flat_map(|stream| &stream.tags);
        Ok(Overview {
            counts: Counts {
                projects: found.projects.len(),
                streams: found.streams.len(),
                tags: tags.clone().count(),
                failing: tags.filter(|tag| tag.import_failure.is_some()).count(),
            },
            recent: recent.into_iter().take(RECENT_STREAMS).map(|stream| StreamRow::of(stream, TAGS_OF_RECENT)).collect(),
            projects,
            connect: Connect::new(self.console.registry_host.as_deref(), user, None),
            missing: found.missing,
        })
    }
}
