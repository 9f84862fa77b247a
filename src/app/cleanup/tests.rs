use super::*;
use proptest::prelude::*;
use registry_model::{TagEvent, TagSource};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn digest(image: &str) -> Digest {
    Digest::sha256(image.as_bytes())
}

/// A tag with the images of its history, newest first, of which the newest is `age` days old.
fn tag(name: &str, age: Option<i64>, images: &[&str]) -> Tag {
    let history = images.iter().enumerate().map(|(at, image)| TagEvent {
        created: age.map(|days| now() - TimeDelta::days(days + i64::try_from(at).unwrap())),
        image: Some(digest(image)),
        pull_spec: String::new(),
        generation: None,
    });
    Tag {
        history: history.collect(),
        ..Tag::new_pushed(name.parse().unwrap())
    }
}

fn tracking(name: &str, source: &str, age: i64) -> Tag {
    Tag {
        source: TagSource::StreamTag(source.to_owned()),
        ..tag(name, Some(age), &["tracked"])
    }
}

fn stream(tags: Vec<Tag>) -> ImageStream {
    ImageStream {
        tags,
        ..ImageStream::new("team-a".parse().unwrap(), "api".parse().unwrap())
    }
}

fn rules(keep_newest: Option<usize>, older_than_days: Option<u32>, pattern: &str) -> CleanupRules {
    CleanupRules {
        keep_newest,
        older_than_days,
        pattern: TagPattern::new(pattern),
        unused: false,
    }
}

/// The names of the tags that the rules select, in the order of the stream.
fn selected(rules: &CleanupRules, stream: &ImageStream) -> Vec<String> {
    let decisions = rules.decide(stream, now(), |_| UsageState::Unused);
    let is_selected = |tag: &&Tag| {
        decisions
            .get(&tag.name)
            .is_some_and(RuleDecision::is_selected)
    };
    stream
        .tags
        .iter()
        .filter(is_selected)
        .map(|tag| tag.name.to_string())
        .collect()
}

#[test]
fn tag_is_selected_if_it_meets_all_rules() {
    let stream = stream(vec![
        tag("1.0", Some(90), &["a"]),
        tag("1.1", Some(60), &["b"]),
        tag("pr-1", Some(50), &["c"]),
        tag("pr-2", Some(20), &["d"]),
        tag("pr-3", Some(10), &["e"]),
        tag("never", None, &[]),
    ]);
    for (keep, days, pattern, expected) in [
        (None, None, "", &[] as &[&str]),
        (Some(3), None, "", &["1.0", "1.1"]),
        (Some(9), None, "", &[]),
        (None, Some(30), "", &["1.0", "1.1", "pr-1"]),
        (None, Some(60), "", &["1.0"]),
        (Some(4), Some(30), "", &["1.0"]),
        (None, None, "pr-*", &["pr-1", "pr-2", "pr-3"]),
        // The newest are counted among the tags whose name matches.
        (Some(1), None, "pr-*", &["pr-1", "pr-2"]),
        (Some(1), Some(30), "pr-*", &["pr-1"]),
        (Some(0), None, "pr-?", &["pr-1", "pr-2", "pr-3"]),
        // A tag without an image has no age, so that only its name can select it.
        (None, None, "never", &["never"]),
        (Some(0), None, "never", &[]),
    ] {
        assert_eq!(
            selected(&rules(keep, days, pattern), &stream),
            expected,
            "{keep:?} {days:?} {pattern}"
        );
    }
}

#[test]
fn decision_names_the_rule_that_keeps_a_tag() {
    let stream = stream(vec![
        tag("1.0", Some(90), &["a"]),
        tag("pr-1", Some(50), &["c"]),
        tag("pr-2", Some(20), &["d"]),
        tag("pr-3", Some(10), &["e"]),
        tag("pr-x", None, &[]),
    ]);
    let decisions = rules(Some(1), Some(30), "pr-*").decide(&stream, now(), |_| UsageState::Unused);
    let expected = [
        ("1.0", RuleDecision::OtherName),
        ("pr-1", RuleDecision::Selected),
        ("pr-2", RuleDecision::Recent),
        ("pr-3", RuleDecision::Newest),
        ("pr-x", RuleDecision::NoDate),
    ];
    for (name, decision) in expected {
        assert_eq!(
            decisions[&name.parse::<TagName>().unwrap()],
            decision,
            "{name}"
        );
    }
}

#[test]
fn tracked_tag_is_kept_with_the_tags_that_it_tracks() {
    let stream = stream(vec![
        tag("1.0", Some(90), &["tracked"]),
        tracking("stable", "1.0", 60),
        tracking("latest", "api:stable", 1),
        tag("old", Some(90), &["b"]),
        tracking("old-alias", "team-a/api:old", 90),
        tracking("elsewhere", "team-b/api:old", 1),
    ]);
    let tracked = |by: &str| RuleDecision::Tracked(by.parse().unwrap());
    let decisions = rules(None, Some(30), "").decide(&stream, now(), |_| UsageState::Unused);
    let of = |at: usize| decisions[&stream.tags[at].name].clone();
    assert_eq!(
        (of(2), of(1), of(0)),
        (RuleDecision::Recent, tracked("latest"), tracked("stable"))
    );
    // A tag is not protected by a follower that is removed with it.
    assert_eq!(
        (of(3), of(4)),
        (RuleDecision::Selected, RuleDecision::Selected)
    );
    assert_eq!(selected(&rules(None, None, "*"), &stream).len(), 6);
    assert!(selected(&rules(None, None, "old"), &stream).is_empty());
}

#[test]
fn attachments_follow_their_image() {
    let signature = |image: &str| {
        let name = digest(image).to_string().replace(':', "-") + ".sig";
        tag(&name, Some(1), &[&format!("signature of {image}")])
    };
    let stream = stream(vec![
        tag("1.0", Some(90), &["a"]),
        tag("1.1", Some(80), &["b"]),
        tag("1.2", Some(1), &["c", "b"]),
        signature("a"),
        signature("b"),
        signature("gone"),
    ]);
    let decisions = rules(Some(1), None, "").decide(&stream, now(), |_| UsageState::Unused);
    let of = |at: usize| decisions[&stream.tags[at].name].clone();
    assert_eq!(
        (of(0), of(1), of(2)),
        (
            RuleDecision::Selected,
            RuleDecision::Selected,
            RuleDecision::Newest
        )
    );
    assert_eq!(of(3), RuleDecision::SelectedAttachment);
    assert_eq!(of(4), RuleDecision::Attachment, "1.2 holds the image");
    assert_eq!(of(5), RuleDecision::Attachment, "nothing removes its image");
}

/// A pattern can match the names of attachments. Those of images that stay are never selected.
#[test]
fn pattern_selects_no_attachment_of_an_image_that_stays() {
    let attached = |image: &str, kind: &str| digest(image).to_string().replace(':', "-") + kind;
    let attachment =
        |image: &str, kind: &str, own: &str| tag(&attached(image, kind), Some(1), &[own]);
    let stream = stream(vec![
        tag("1.0", Some(90), &["a"]),
        tag("1.1", Some(1), &["b"]),
        attachment("a", ".sig", "signature of a"),
        attachment("b", ".sig", "signature of b"),
        attachment("b", ".att", "attestation of b"),
        attachment("b", ".sbom", "sbom of b"),
        attachment("sbom of b", ".sig", "signature of the sbom of b"),
        attachment("gone", ".sig", "signature of gone"),
    ]);
    let without_image = attached("gone", ".sig");
    assert_eq!(
        selected(&rules(None, None, "sha256-*"), &stream),
        [without_image.as_str()],
        "only one without an image"
    );
    // With the image, what is attached to it goes, and what is attached to that.
    assert_eq!(selected(&rules(None, None, "*"), &stream).len(), 8);
    let of_b = selected(&rules(None, None, "1.1"), &stream);
    assert_eq!(of_b.len(), 5, "{of_b:?}");
}

#[test]
fn figures_count_images_of_the_history() {
    let stream = stream(vec![
        tag("1.0", Some(90), &["a", "a0", "shared"]),
        tag("1.1", Some(80), &["b", "a"]),
        tag("1.2", Some(1), &["c", "shared"]),
    ]);
    let names: Vec<TagName> = ["1.0", "1.1"].map(|name| name.parse().unwrap()).to_vec();
    assert_eq!(
        RemovalFigures::new(&stream, &names.iter().collect()),
        RemovalFigures {
            removed: 2,
            released_images: 3,
            released_earlier_images: 1,
            remaining: 1,
            remaining_images: 2,
        }
    );
}

proptest! {
    /// Every rule alone would select at least what all rules select together; the newest tags that
    /// match are never selected; and a selected tag has no follower that stays.
    #[test]
    fn rules_are_combined_with_and(
        ages in proptest::collection::vec((0_i64..100, "[ab][12]", proptest::option::of(0_usize..20)), 1..20),
        keep in proptest::option::of(0_usize..6),
        days in proptest::option::of(0_u32..100),
        pattern in "(|a\\*|b\\*|\\?1|\\*)",
    ) {
        let mut tags: BTreeMap<TagName, Tag> = BTreeMap::new();
        let names: Vec<String> = ages.iter().map(|(_, name, _)| name.clone()).collect();
        for (age, name, tracks) in &ages {
            let mut it = tag(name, Some(*age), &[name]);
            if let Some(source) = tracks.and_then(|at| names.get(at)) {
                it.source = TagSource::StreamTag(source.clone());
            }
            tags.insert(it.name.clone(), it);
        }
        let stream = stream(tags.into_values().collect());
        let all = selected(&rules(keep, days, &pattern), &stream);
        if let Some(keep) = keep {
            let matching = stream.tags.iter().filter(|tag| TagPattern::new(&pattern).is_none_or(|it| it.matches(tag.name.as_str()))).count();
            prop_assert!(all.len() <= matching.saturating_sub(keep));
        }
        for name in &all {
            let it = stream.tags.iter().find(|tag| tag.name.as_str() == name).unwrap();
            prop_assert!(days.is_none_or(|days| now() - last_change(it).unwrap() > TimeDelta::days(days.into())));
            prop_assert!(TagPattern::new(&pattern).is_none_or(|it| it.matches(name)));
            let has_follower = stream.tags.iter().any(|other| {
                other.name != it.name && other.tracks(&stream.project, &stream.name, &it.name) && !all.contains(&other.name.to_string())
            });
            prop_assert!(!has_follower, "{name} is tracked");
        }
    }
}

#[test]
fn used_tags_and_what_they_track_are_never_selected() {
    let stream = stream(vec![
        tracking("a", "b", 90),
        tag("b", Some(80), &["b"]),
        tag("c", Some(70), &["c"]),
    ]);
    let usage = |tag: &Tag| match tag.name.as_str() {
        "a" => UsageState::Used,
        _ => UsageState::Unknown,
    };
    let decisions = rules(None, Some(30), "").decide(&stream, now(), usage);
    let decision = |name: &str| decisions[&name.parse::<TagName>().unwrap()].clone();
    assert_eq!(decision("a"), RuleDecision::Used);
    assert_eq!(decision("b"), RuleDecision::Tracked("a".parse().unwrap()));
    assert_eq!(decision("c"), RuleDecision::Selected);
}

#[test]
fn rule_for_unused_tags_keeps_those_whose_use_is_not_known() {
    let stream = stream(vec![
        tag("used", Some(90), &["a"]),
        tag("unknown", Some(80), &["b"]),
        tag("unused", Some(70), &["c"]),
        tag("empty", None, &[]),
    ]);
    let usage = |tag: &Tag| match tag.name.as_str() {
        "used" => UsageState::Used,
        "unknown" => UsageState::Unknown,
        _ => UsageState::Unused,
    };
    let rules = CleanupRules {
        unused: true,
        ..CleanupRules::default()
    };
    let decisions = rules.decide(&stream, now(), usage);
    let decision = |name: &str| decisions[&name.parse::<TagName>().unwrap()].clone();
    assert_eq!(decision("used"), RuleDecision::Used);
    assert_eq!(decision("unknown"), RuleDecision::UseUnknown);
    assert_eq!(decision("unused"), RuleDecision::Selected);
    assert_eq!(decision("empty"), RuleDecision::NoDate);
}
