//! What the cleanup page says about its rules.

use super::CleanupPage;
use crate::app::cleanup::RuleDecision;
use crate::app::tags::MOST_TAGS;
use crate::i18n::Message;

impl CleanupPage {
    /// What the rules would remove, in one sentence.
    pub(super) fn dry_run_text(&self) -> Option<Message> {
        let (lang, dry_run) = (self.chrome.lang, self.view.dry_run.as_ref()?);
        let figures = &dry_run.figures;
        Some(if figures.removed == 0 {
            lang.msg("cleanup-dry-run-none")
        } else {
            lang.msg("cleanup-dry-run")
                .arg("tags", figures.removed)
                .arg("images", figures.released_images)
                .arg("staying-tags", figures.remaining)
                .arg("staying-images", figures.remaining_images)
        })
    }

    /// How many tags are protected because tags that stay track them.
    pub(super) fn protected_text(&self) -> Option<Message> {
        let protected = self.view.dry_run.as_ref()?.protected;
        let text = self.chrome.lang.msg("cleanup-protected");
        (protected > 0).then(|| text.arg("count", protected))
    }

    /// How many tags the rules do not select because workloads use them.
    pub(super) fn used_text(&self) -> Option<Message> {
        let used = self.view.dry_run.as_ref()?.used;
        let text = self.chrome.lang.msg("cleanup-used");
        (used > 0).then(|| text.arg("count", used))
    }

    pub(super) fn left_out_text(&self) -> Option<Message> {
        let text = self.chrome.lang.msg("cleanup-left-out");
        (self.left_out > 0).then(|| text.arg("most", MOST_TAGS).arg("count", self.left_out))
    }

    pub(super) fn rule_text(&self, decision: &RuleDecision) -> Message {
        let lang = self.chrome.lang;
        let rules = self.view.dry_run.as_ref().map(|dry_run| &dry_run.rules);
        match decision {
            RuleDecision::Selected => lang.msg("cleanup-rule-selected"),
            RuleDecision::SelectedAttachment => lang.msg("cleanup-rule-selected-attachment"),
            RuleDecision::OtherName => lang.msg("cleanup-rule-other-name"),
            RuleDecision::Newest => lang.msg("cleanup-rule-newest").arg(
                "count",
                rules
                    .and_then(|rules| rules.keep_newest)
                    .unwrap_or_default(),
            ),
            RuleDecision::Recent => lang.msg("cleanup-rule-recent").arg(
                "count",
                rules
                    .and_then(|rules| rules.older_than_days)
                    .unwrap_or_default(),
            ),
            RuleDecision::NoDate => lang.msg("cleanup-rule-no-date"),
            RuleDecision::Used => lang.msg("cleanup-rule-used"),
            RuleDecision::UseUnknown => lang.msg("cleanup-rule-use-unknown"),
            RuleDecision::Tracked(by) => lang.msg("cleanup-rule-tracked").arg("tag", by),
            RuleDecision::Attachment => lang.msg("cleanup-rule-attachment"),
        }
    }
}
