use std::collections::BTreeMap;

use super::*;
use crate::index::Snapshot;
use registry_model::{ImageStream, Project, ProjectPhase, Tag, TagEvent};

const OLD: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
const NEW: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";
const SIGNATURE: &str = "sha256:3333333333333333333333333333333333333333333333333333333333333333";

fn project(name: &str, display_name: Option<&str>) -> Project {
    let display_name = display_name.map(str::to_owned);
    Project {
        name: name.parse().unwrap(),
        display_name,
        description: None,
        requester: None,
        phase: ProjectPhase::Active,
        created: None,
    }
}

fn event(image: &str, second: i64) -> TagEvent {
    let created = DateTime::from_timestamp(second, 0);
    TagEvent {
        created,
        image: Some(image.parse().unwrap()),
        pull_spec: String::new(),
        generation: None,
    }
}

fn tag(name: &str, history: Vec<TagEvent>) -> Tag {
    Tag {
        history,
        ..Tag::new_pushed(name.parse().unwrap())
    }
}

fn stream(path: &str, tags: Vec<Tag>) -> ImageStream {
    let (project, name) = path.split_once('/').unwrap();
    ImageStream {
        labels: BTreeMap::from([("example.com/team".to_owned(), "Red Hat".to_owned())]),
        tags,
        ..ImageStream::new(project.parse().unwrap(), name.parse().unwrap())
    }
}

/// The hits of a query, as lines.
fn search_lines(text: &str) -> Vec<String> {
    let projects = [project("shop", Some("The Shop")), project("lab", None)];
    let streams = [
        stream(
            "shop/storefront",
            vec![
                tag("1.0", vec![event(OLD, 10)]),
                tag("latest", vec![event(NEW, 30), event(OLD, 10)]),
            ],
        ),
        stream(
            "lab/storefront-next",
            vec![tag("1.0-rc1", vec![event(NEW, 20)])],
        ),
        stream(
            "lab/other",
            vec![
                tag("1.0", vec![event(OLD, 40)]),
                tag(
                    &format!("sha256-{}.sig", "1".repeat(64)),
                    vec![event(SIGNATURE, 50)],
                ),
            ],
        ),
    ];
    let streams = Snapshot::from_streams(streams.into());
    let readings: Vec<ParsedQuery> = pasted_text::possible_queries(text)
        .iter()
        .map(|text| ParsedQuery::parse(text))
        .collect();
    let query = SearchQuery {
        text: text.to_owned(),
        kind: None,
        page: 1,
    };
    let mut all = HitCollector::from_readings(&readings, &query, &projects, &streams, false);
    if all.is_empty() {
        all = HitCollector::from_readings(&readings, &query, &projects, &streams, true);
    }
    all.into_groups()
        .into_iter()
        .flat_map(|group| group.hits)
        .map(hit_line)
        .collect()
}

fn hit_line(hit: Hit) -> String {
    let names = |names: &[TagName]| {
        names
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(",")
    };
    match hit {
        Hit::Project { name, .. } => name.to_string(),
        Hit::Stream { project, name, .. } => format!("{project}/{name}"),
        Hit::Tag {
            project,
            stream,
            tag,
            ..
        } => format!("{project}/{stream}:{tag}"),
        Hit::Image {
            project,
            stream,
            image,
            tags,
            past,
            ..
        } => {
            format!(
                "{project}/{stream}@{} {} ({})",
                &image.short()[..4],
                names(&tags),
                names(&past)
            )
        }
    }
}

#[test]
fn exact_name_ranks_before_prefix_match() {
    assert_eq!(
        search_lines("storefront"),
        ["shop/storefront", "lab/storefront-next"]
    );
}

#[test]
fn tag_name_finds_tags_newest_first() {
    assert_eq!(
        search_lines("1.0"),
        [
            "lab/other:1.0",
            "shop/storefront:1.0",
            "lab/storefront-next:1.0-rc1"
        ]
    );
}

#[test]
fn attachment_tag_is_not_found_by_name() {
    for text in ["sig", "sha256-1111", "other 1111"] {
        assert_eq!(search_lines(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn every_query_word_must_match() {
    assert_eq!(
        search_lines("storefront 1.0"),
        ["shop/storefront:1.0", "lab/storefront-next:1.0-rc1"]
    );
    assert_eq!(
        search_lines("lab 1.0"),
        ["lab/other:1.0", "lab/storefront-next:1.0-rc1"]
    );
    assert!(search_lines("storefront nonsense").is_empty());
}

#[test]
fn pull_spec_finds_its_tag_for_any_registry_host() {
    for text in [
        "registry.example.com:5000/shop/storefront:latest",
        "docker://r.example/shop/storefront:latest",
        "shop/storefront:latest",
    ] {
        assert_eq!(search_lines(text), ["shop/storefront:latest"], "{text}");
    }
}

#[test]
fn digest_finds_streams_with_current_and_past_tags() {
    assert_eq!(
        search_lines(OLD),
        ["lab/other@1111 1.0 ()", "shop/storefront@1111 1.0 (latest)"]
    );
    assert_eq!(
        search_lines("2222222"),
        [
            "shop/storefront@2222 latest ()",
            "lab/storefront-next@2222 1.0-rc1 ()"
        ]
    );
    assert_eq!(
        search_lines(&format!("r.example/shop/storefront@{OLD}")),
        ["shop/storefront@1111 1.0 (latest)"]
    );
}

#[test]
fn pasted_reference_finds_its_image() {
    for text in [
        "docker-pullable://r.example/shop/storefront:latest",
        "docker pull r.example/shop/storefront:latest",
        "podman pull r.example/shop/storefront:latest",
        "skopeo copy docker://quay.io/else/where:latest docker://r.example/shop/storefront:latest",
        "image: r.example/shop/storefront:latest",
        "oci://r.example/shop/storefront:latest",
        "https://registry-console.example/images/shop/storefront:latest",
    ] {
        assert_eq!(search_lines(text), ["shop/storefront:latest"], "{text}");
    }
    let digits = "1".repeat(64);
    let image = ["lab/other@1111 1.0 ()", "shop/storefront@1111 1.0 (latest)"];
    for text in [
        OLD.to_uppercase(),
        format!("sha256-{digits}"),
        format!("sha256-{digits}.sig"),
        format!("SHA256-{digits}.att"),
        format!("docker://sha256:{digits}"),
    ] {
        assert_eq!(search_lines(&text), image, "{text}");
    }
    for text in [
        format!("r.example/shop/storefront:sha256-{digits}.sbom"),
        format!("docker-pullable://r.example/shop/storefront@SHA256:{digits}"),
        format!("https://registry-console.example/images/shop/storefront@sha256:{digits}"),
    ] {
        assert_eq!(
            search_lines(&text),
            ["shop/storefront@1111 1.0 (latest)"],
            "{text}"
        );
    }
}

#[test]
fn typo_finds_similar_names_only_without_exact_match() {
    assert_eq!(
        search_lines("storefrnot"),
        ["shop/storefront", "lab/storefront-next"]
    );
    assert_eq!(search_lines("latset"), ["shop/storefront:latest"]);
    assert_eq!(
        search_lines("shop"),
        ["shop"],
        "no stream is called nearly that while something is called just that"
    );
}

#[test]
fn project_is_found_by_display_name() {
    assert_eq!(search_lines("the shop"), ["shop"]);
}

#[test]
fn label_is_found_by_the_end_of_its_key() {
    assert_eq!(
        search_lines("team=red"),
        ["lab/other", "shop/storefront", "lab/storefront-next"]
    );
    assert_eq!(search_lines("example.com/team=blue"), [""; 0]);
}

mod against_a_plain_look {
    use proptest::prelude::*;

    use super::*;
    use crate::app::search::search_word::SearchWord;
    use registry_model::version_order;

    /// The rank, the time of the last change, and the hit as a line.
    type Ranked = (u32, std::cmp::Reverse<Option<DateTime<Utc>>>, String);
    /// Numbers of a project and a name, and tags with the second of their last event.
    type Numbers = (usize, usize, Vec<(usize, i64)>);

    /// A reference implementation: examines every image stream and every tag, and sorts them all.
    fn search_naively(text: &str, streams: &Snapshot, typos: bool) -> (Vec<String>, Vec<String>) {
        let words: Vec<SearchWord> = ParsedQuery::parse(text)
            .words
            .iter()
            .map(|word| SearchWord::new(word, typos))
            .collect();
        let (mut found, mut tags) = (Vec::new(), Vec::new());
        for entry in streams.streams() {
            let stream = &entry.stream;
            let (project, name) = (stream.project.as_str(), stream.name.as_str());
            let around =
                |word: &SearchWord| word.rank(name).into_iter().chain(word.rank(project)).min();
            let rank = words
                .iter()
                .try_fold(0, |sum, word| Some(sum + around(word)?));
            if let Some(rank) = rank.filter(|_| words.iter().any(|word| word.rank(name).is_some()))
            {
                found.push((
                    rank,
                    std::cmp::Reverse(entry.last_push()),
                    format!("{project}/{name}"),
                ));
            }
            for tag in stream.tags() {
                let lower = tag.name().as_str().to_lowercase();
                let one =
                    |word: &SearchWord| word.rank(&lower).into_iter().chain(around(word)).min();
                let rank = words.iter().try_fold(0, |sum, word| Some(sum + one(word)?));
                if let Some(rank) =
                    rank.filter(|_| words.iter().any(|word| word.rank(&lower).is_some()))
                {
                    let when = tag.current().and_then(crate::index::IndexedTagEvent::when);
                    tags.push((
                        rank,
                        std::cmp::Reverse(when),
                        format!("{project}/{name}:{}", tag.name()),
                    ));
                }
            }
        }
        let natural = |names: &str| {
            names
                .split(['/', ':'])
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let compare = |a: &str, b: &str| {
            let pairs = natural(a)
                .into_iter()
                .zip(natural(b))
                .map(|(a, b)| version_order::compare(&a, &b));
            pairs.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        };
        let sorted = |mut all: Vec<Ranked>| {
            all.sort_by(|a, b| {
                (a.0, a.1)
                    .cmp(&(b.0, b.1))
                    .then_with(|| compare(&a.2, &b.2))
            });
            all.into_iter().map(|(.., line)| line).collect()
        };
        (sorted(found), sorted(tags))
    }

    /// A page of the hits, and its position; `None` if there are none.
    fn search_indexed(
        text: &str,
        page: usize,
        streams: &Snapshot,
        typos: bool,
        kind: HitKind,
    ) -> Option<(Vec<String>, Paging)> {
        let query = SearchQuery {
            text: text.to_owned(),
            kind: Some(kind),
            page,
        };
        let group =
            HitCollector::from_query(&ParsedQuery::parse(text), &query, &[], streams, typos)
                .into_groups()
                .pop()?;
        Some((group.hits.into_iter().map(hit_line).collect(), group.paging))
    }

    fn page_of(found: Vec<String>, page: usize) -> Option<(Vec<String>, Paging)> {
        (!found.is_empty()).then(|| Paging::paginate(found, page, HITS_PER_PAGE))
    }

    fn snapshot(streams: &[Numbers]) -> Snapshot {
        const PROJECTS: [&str; 3] = ["shop", "shop-lab", "p10"];
        const NAMES: [&str; 5] = ["storefront", "api", "stream-7", "stream-17", "store"];
        const TAGS: [&str; 6] = ["latest", "1.0", "1.0-RC1", "V2", "store", "stroe"];
        let one = |(project, name, tags): &Numbers| {
            let tags: BTreeMap<usize, i64> = tags
                .iter()
                .map(|(name, when)| (name % TAGS.len(), *when))
                .collect();
            let mut tags: Vec<Tag> = tags
                .into_iter()
                .map(|(name, when)| tag(TAGS[name], vec![event(OLD, when)]))
                .collect();
            tags.sort_by(|a, b| version_order::compare(a.name.as_str(), b.name.as_str()));
            let name = NAMES
                .get(*name)
                .map_or_else(|| format!("store-{name}"), ToString::to_string);
            stream(
                &format!("{}/{name}", PROJECTS[project % PROJECTS.len()]),
                tags,
            )
        };
        Snapshot::from_streams(streams.iter().map(one).collect())
    }

    proptest! {
        #[test]
        fn search_order_is_deterministic(
            streams in proptest::collection::vec((0..3_usize, 0..25_usize, proptest::collection::vec((0..6_usize, 0..4_i64), 0..9)), 0..120),
            words in proptest::collection::vec(prop::sample::select(vec!["store", "stroe", "1.0", "rc1", "v2", "shop", "7", "lab", "latset", "zz"]), 1..3),
            typos in any::<bool>(),
            page in 1..4_usize,
        ) {
            let (snapshot, text) = (snapshot(&streams), words.join(" "));
            let (found, tags) = search_naively(&text, &snapshot, typos);
            prop_assert_eq!(search_indexed(&text, page, &snapshot, typos, HitKind::Streams), page_of(found, page));
            prop_assert_eq!(search_indexed(&text, page, &snapshot, typos, HitKind::Tags), page_of(tags, page));
        }
    }
}
