//! The build steps of two images.

use serde::Serialize;
use utoipa::ToSchema;

use super::Side;
use super::alignment::{Aligned, align};
use crate::app::bounds::TextBudget;
use registry_model::Truncated;
use registry_model::build_history::{BuildHistory, BuildStep};

/// The bytes and the rows of the steps that differ.
const MAX_BYTES: usize = 192 << 10;
const MAX_STEPS: usize = 150;

/// The build steps that only one of two images has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StepComparison {
    pub differences: Truncated<Vec<StepDifference>>,
    /// How many steps both images have.
    pub same: usize,
    /// How many of them follow the last difference.
    pub same_after: usize,
}

/// A build step that one of two images has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StepDifference {
    pub side: Side,
    /// How many steps of both images lie between this one and the difference before.
    pub same_before: usize,
    /// Such as `RUN`. Untrusted.
    pub instruction: Option<String>,
    /// Untrusted.
    pub text: String,
    /// Build arguments that the step ran with. Untrusted.
    pub build_args: Option<String>,
}

impl StepComparison {
    pub(super) fn new(from: &BuildHistory, to: &BuildHistory) -> Self {
        let keys = |history: &BuildHistory| -> Vec<StepKey> {
            history.steps.items.iter().map(StepKey::from).collect()
        };
        let (from_keys, to_keys) = (keys(from), keys(to));
        let (mut differences, mut same, mut same_before) = (Vec::new(), 0, 0);
        for entry in align(&from_keys, &to_keys) {
            let (side, step) = match entry {
                Aligned::Both(..) => {
                    (same, same_before) = (same + 1, same_before + 1);
                    continue;
                }
                Aligned::From(at) => (Side::From, &from.steps.items[at]),
                Aligned::To(at) => (Side::To, &to.steps.items[at]),
            };
            differences.push(StepDifference {
                side,
                same_before: std::mem::take(&mut same_before),
                instruction: step.instruction.clone(),
                text: step.text.clone(),
                build_args: step.build_args.clone(),
            });
        }
        let mut differences = Truncated {
            items: differences,
            more: from.steps.more + to.steps.more,
            cut: 0,
        };
        TextBudget::for_table(MAX_BYTES).truncate_list(&mut differences, MAX_STEPS, |step| {
            let optional = [&mut step.instruction, &mut step.build_args];
            std::iter::once(&mut step.text)
                .chain(optional.into_iter().flatten())
                .collect()
        });
        Self {
            differences,
            same,
            same_after: same_before,
        }
    }

    /// How many steps differ.
    #[must_use]
    pub fn count(&self) -> usize {
        self.differences.total()
    }
}

/// What makes two steps the same, whenever they ran.
#[derive(PartialEq, Eq)]
struct StepKey {
    instruction: Option<String>,
    text: String,
    build_args: Option<String>,
    empty: bool,
}

impl From<&BuildStep> for StepKey {
    fn from(step: &BuildStep) -> Self {
        Self {
            instruction: step.instruction.clone(),
            text: step.text.clone(),
            build_args: step.build_args.clone(),
            empty: step.empty,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(steps: &[&str]) -> BuildHistory {
        let step = |text: &&str| BuildStep {
            text: (*text).to_owned(),
            ..BuildStep::default()
        };
        BuildHistory {
            steps: Truncated {
                items: steps.iter().map(step).collect(),
                ..Truncated::default()
            },
            ..BuildHistory::default()
        }
    }

    #[test]
    fn steps_of_one_image_are_listed_with_the_number_of_common_steps_before() {
        let compared = StepComparison::new(
            &history(&["a", "b", "old", "c"]),
            &history(&["a", "b", "new", "c"]),
        );
        let found: Vec<_> = compared
            .differences
            .items
            .iter()
            .map(|step| (step.side, step.same_before, step.text.as_str()))
            .collect();
        assert_eq!(found, [(Side::From, 2, "old"), (Side::To, 0, "new")]);
        assert_eq!((compared.same, compared.same_after), (3, 1));
    }

    #[test]
    fn long_steps_are_bounded() {
        let long = "x".repeat(1 << 20);
        let many: Vec<&str> = std::iter::repeat_n(long.as_str(), 900).collect();
        let compared = StepComparison::new(&history(&many), &history(&[]));
        let bytes: usize = compared
            .differences
            .items
            .iter()
            .map(|step| step.text.len())
            .sum();
        assert!(bytes < MAX_BYTES && compared.count() == 900, "{bytes}");
    }
}
