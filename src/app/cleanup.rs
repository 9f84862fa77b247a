//! Rules that select tags of an image stream for removal. Nothing here calls an upstream.

mod pattern;

pub use pattern::TagPattern;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::usage::UsageState;
use registry_model::{Digest, ImageStream, Tag, TagName, version_order};

/// The rules of a cleanup. A tag is selected if it meets all rules that are set. `keep_newest`
/// counts only the tags that match `pattern`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CleanupRules {
    /// Keeps this many tags: those that were changed last.
    pub keep_newest: Option<usize>,
    /// Only tags that have not changed for longer than this many days.
    pub older_than_days: Option<u32>,
    /// Only tags whose name matches.
    pub pattern: Option<TagPattern>,
    /// Only tags of which it is known that no workload uses them. Tags that are used are never
    /// selected, also without this rule.
    pub unused: bool,
}

/// What the rules decide about a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "decision", content = "tag", rename_all = "kebab-case")]
pub enum RuleDecision {
    /// The tag meets all rules.
    Selected,
    /// The tag attaches a signature, an attestation or an SBOM to an image that leaves the image
    /// stream with the selected tags.
    SelectedAttachment,
    /// The name does not match the pattern.
    OtherName,
    /// The tag is one of the newest.
    Newest,
    /// The tag was changed within the number of days.
    Recent,
    /// The tag has never pointed to an image, so that it has no age.
    NoDate,
    /// Workloads use the tag or its image.
    Used,
    /// It is not known whether workloads use the tag, and the rules are only for tags that are not in
    /// use.
    UseUnknown,
    /// A tag that stays tracks it: this one.
    Tracked(TagName),
    /// The tag is attached to an image that stays, or that is not in the image stream.
    Attachment,
}

impl RuleDecision {
    /// Whether the rules select the tag.
    #[must_use]
    pub fn is_selected(&self) -> bool {
        matches!(self, Self::Selected | Self::SelectedAttachment)
    }
}

/// What removing tags changes in an image stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct RemovalFigures {
    /// How many tags are removed.
    pub removed: usize,
    /// How many images no remaining tag points to or has pointed to. The image stream releases
    /// them.
    pub released_images: usize,
    /// How many of `released_images` are only in the history of the removed tags.
    pub released_earlier_images: usize,
    /// How many tags stay.
    pub remaining: usize,
    /// How many images stay.
    pub remaining_images: usize,
}

impl RemovalFigures {
    /// The figures of removing the tags `going` of `stream`.
    pub(in crate::app) fn new(stream: &ImageStream, going: &BTreeSet<&TagName>) -> Self {
        let (going, staying): (Vec<&Tag>, Vec<&Tag>) = stream
            .tags
            .iter()
            .partition(|tag| going.contains(&tag.name));
        let remaining_images = images_in_history(&staying);
        let released: BTreeSet<&Digest> = images_in_history(&going)
            .difference(&remaining_images)
            .copied()
            .collect();
        let current: BTreeSet<&Digest> =
            going.iter().filter_map(|tag| current_image(tag)).collect();
        Self {
            removed: going.len(),
            released_earlier_images: released.difference(&current).count(),
            released_images: released.len(),
            remaining: staying.len(),
            remaining_images: remaining_images.len(),
        }
    }
}

/// The images that the tags point to and have pointed to.
pub(in crate::app) fn images_in_history<'a>(tags: &[&'a Tag]) -> BTreeSet<&'a Digest> {
    tags.iter()
        .flat_map(|tag| &tag.history)
        .filter_map(|event| event.image.as_ref())
        .collect()
}

fn current_image(tag: &Tag) -> Option<&Digest> {
    tag.current().and_then(|event| event.image.as_ref())
}

fn last_change(tag: &Tag) -> Option<DateTime<Utc>> {
    tag.current().and_then(|event| event.created)
}

impl CleanupRules {
    /// Whether no rule is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Decides about each tag of `stream`. Without rules, about none. Tags that are used are never
    /// selected.
    pub(in crate::app) fn decide<'s>(
        &self,
        stream: &'s ImageStream,
        now: DateTime<Utc>,
        usage: impl Fn(&Tag) -> UsageState,
    ) -> BTreeMap<&'s TagName, RuleDecision> {
        if self.is_empty() {
            return BTreeMap::new();
        }
        let newest = self.newest(stream);
        let mut decisions: BTreeMap<&TagName, RuleDecision> = stream
            .tags
            .iter()
            .map(|tag| match self.decide_alone(tag, &newest, now) {
                decision if decision.is_selected() => (&tag.name, self.decide_use(usage(tag))),
                decision => (&tag.name, decision),
            })
            .collect();
        protect_tracked(stream, &mut decisions);
        while keep_attachments(stream, &mut decisions) {
            protect_tracked(stream, &mut decisions);
        }
        while select_attachments(stream, &mut decisions) {}
        decisions
    }

    /// The tags that `keep_newest` keeps.
    fn newest<'s>(&self, stream: &'s ImageStream) -> BTreeSet<&'s TagName> {
        let Some(count) = self.keep_newest else {
            return BTreeSet::new();
        };
        let mut dated: Vec<(DateTime<Utc>, &TagName)> = stream
            .tags
            .iter()
            .filter(|tag| self.applies_to(&tag.name))
            .filter_map(|tag| Some((last_change(tag)?, &tag.name)))
            .collect();
        dated.sort_by(|(a_time, a), (b_time, b)| {
            Reverse(a_time)
                .cmp(&Reverse(b_time))
                .then_with(|| version_order::compare(b.as_str(), a.as_str()))
        });
        dated
            .into_iter()
            .take(count)
            .map(|(_, name)| name)
            .collect()
    }

    /// Whether the name matches. Attachments belong to the tag of their image and count only where
    /// a pattern matches their names, and not even then if that image stays.
    fn applies_to(&self, name: &TagName) -> bool {
        match &self.pattern {
            Some(pattern) => pattern.matches(name.as_str()),
            None => !name.is_attachment(),
        }
    }

    /// The decision about a tag that meets all other rules.
    fn decide_use(&self, state: UsageState) -> RuleDecision {
        match state {
            UsageState::Used => RuleDecision::Used,
            UsageState::Unknown if self.unused => RuleDecision::UseUnknown,
            UsageState::Unused | UsageState::Unknown => RuleDecision::Selected,
        }
    }

    /// The decision about a tag, without regard to the other tags that refer to it.
    fn decide_alone(
        &self,
        tag: &Tag,
        newest: &BTreeSet<&TagName>,
        now: DateTime<Utc>,
    ) -> RuleDecision {
        if !self.applies_to(&tag.name) {
            return if self.pattern.is_some() && !tag.name.is_attachment() {
                RuleDecision::OtherName
            } else {
                RuleDecision::Attachment
            };
        }
        let is_by_name = self.pattern.is_some() || !self.unused;
        if self.keep_newest.is_none() && self.older_than_days.is_none() && is_by_name {
            return RuleDecision::Selected;
        }
        let Some(changed) = last_change(tag) else {
            return RuleDecision::NoDate;
        };
        if newest.contains(&tag.name) {
            return RuleDecision::Newest;
        }
        let is_recent = |days: u32| now - changed <= TimeDelta::days(i64::from(days));
        if self.older_than_days.is_some_and(is_recent) {
            return RuleDecision::Recent;
        }
        RuleDecision::Selected
    }
}

/// Keeps the tags that tags which stay track. A tag that is kept for this reason protects the tag
/// that it tracks itself.
fn protect_tracked(stream: &ImageStream, decisions: &mut BTreeMap<&TagName, RuleDecision>) {
    let tracked: Vec<(&TagName, TagName)> = stream
        .tags
        .iter()
        .filter_map(|tag| {
            let (project, name, source) = tag.tracked_tag(&stream.project, &stream.name)?;
            let is_here = project == stream.project && name == stream.name && source != tag.name;
            is_here.then_some((&tag.name, source))
        })
        .collect();
    let mut has_changed = true;
    while has_changed {
        has_changed = false;
        for (follower, source) in &tracked {
            if decisions
                .get(*follower)
                .is_some_and(RuleDecision::is_selected)
            {
                continue;
            }
            if let Some(decision) = decisions.get_mut(source).filter(|it| it.is_selected()) {
                *decision = RuleDecision::Tracked((*follower).clone());
                has_changed = true;
            }
        }
    }
}

/// Keeps the attachments of images that stay, also where a pattern matches their names. Returns
/// whether it has kept one: that can be attached to as well.
fn keep_attachments(
    stream: &ImageStream,
    decisions: &mut BTreeMap<&TagName, RuleDecision>,
) -> bool {
    let [_, staying] = partition_images(stream, decisions);
    let mut has_changed = false;
    for (name, decision) in decisions.iter_mut().filter(|(_, it)| it.is_selected()) {
        if name
            .attachment()
            .is_some_and(|it| staying.contains(&it.image))
        {
            *decision = RuleDecision::Attachment;
            has_changed = true;
        }
    }
    has_changed
}

/// Selects the attachments of images that leave the image stream with the selected tags. Returns
/// whether it has selected one.
fn select_attachments(
    stream: &ImageStream,
    decisions: &mut BTreeMap<&TagName, RuleDecision>,
) -> bool {
    let [going, staying] = partition_images(stream, decisions);
    let mut has_changed = false;
    for (name, decision) in decisions.iter_mut() {
        let attached_to = name
            .attachment()
            .filter(|_| *decision == RuleDecision::Attachment);
        if attached_to.is_some_and(|it| going.contains(&it.image) && !staying.contains(&it.image)) {
            *decision = RuleDecision::SelectedAttachment;
            has_changed = true;
        }
    }
    has_changed
}

/// The images of the tags that are selected, and of those that are not.
fn partition_images<'s>(
    stream: &'s ImageStream,
    decisions: &BTreeMap<&TagName, RuleDecision>,
) -> [BTreeSet<&'s Digest>; 2] {
    let (going, staying): (Vec<&Tag>, Vec<&Tag>) = stream.tags.iter().partition(|tag| {
        decisions
            .get(&tag.name)
            .is_some_and(RuleDecision::is_selected)
    });
    [images_in_history(&going), images_in_history(&staying)]
}

#[cfg(test)]
mod tests;
