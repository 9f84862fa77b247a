//! Lists below `/api/v1`: links to other pages, and CSV.

use std::collections::BTreeSet;

use openshift_standin::cluster::{ProjectText, Version, Workload, WorkloadKind};
use registry_model::Subject;
use reqwest::Method;
use serde_json::Value;

use crate::harness::{Page, World, push_numbered};
use crate::web::usage::pull_spec;

async fn world_with_streams(count: usize) -> World {
    let world = World::start(Version::V4).await;
    for number in 0..count {
        push_numbered(&world, &format!("team-a/app-{number:03}"), "latest", 1);
    }
    world
}

fn rows(page: &Page) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(page.text.as_bytes());
    let records = reader.records().map(|record| record.unwrap());
    records
        .map(|record| record.iter().map(str::to_owned).collect())
        .collect()
}

#[tokio::test]
async fn pages_of_a_list_link_to_each_other() {
    let world = world_with_streams(110).await;
    let mut browser = world.browser();
    let path = "/images?q=app-&project=team-a";
    let first = browser.json_with_token(path, "TOKEN-dev").await;
    let paging = first.json()["paging"].clone();
    assert_eq!(paging["previous"], Value::Null, "{paging}");
    let link = first.header("link").to_owned();
    let mut names: Vec<String> = Vec::new();
    let mut next = Some(paging["first"].as_str().unwrap().to_owned());
    let mut pages = 0;
    while let Some(path) = next {
        assert!(
            path.starts_with("/api/v1/images?q=app-&project=team-a&page="),
            "{path}"
        );
        let path = path.strip_prefix("/api/v1").unwrap();
        let page = browser.json_with_token(path, "TOKEN-dev").await.json();
        let rows = page["rows"].as_array().unwrap();
        names.extend(
            rows.iter()
                .map(|row| row["name"].as_str().unwrap().to_owned()),
        );
        next = page["paging"]["next"].as_str().map(str::to_owned);
        pages += 1;
        if next.is_none() {
            assert_eq!(page["paging"]["last"], format!("/api/v1{path}"));
        }
    }
    assert_eq!((pages, names.len()), (3, 110));
    assert!(
        link.contains("rel=\"next\"") && !link.contains("rel=\"prev\""),
        "{link}"
    );
}

#[tokio::test]
async fn csv_has_all_rows_of_a_list() {
    let world = world_with_streams(120).await;
    let mut dev = world.signed_in("dev").await;
    // A cookie is enough to read: the link on the page is one.
    let page = dev.get("/api/v1/images?q=app-&format=csv&page=2").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, "text/csv; charset=utf-8; header=present")
    );
    assert_eq!(
        page.header("content-disposition"),
        "attachment; filename=\"images.csv\""
    );
    assert_eq!(
        (page.header("x-row-count"), page.header("x-total-count")),
        ("120", "120")
    );
    let rows = rows(&page);
    assert_eq!(
        rows[0],
        [
            "project",
            "stream",
            "tags",
            "last_push",
            "importing",
            "failing_tags",
            "failure_reason",
            "failure_message",
            "registries"
        ]
    );
    assert_eq!(
        (rows.len(), &*rows[1][1], &*rows[120][1]),
        (121, "app-000", "app-119")
    );
    assert!(page.text.ends_with("\r\n"));
}

/// More workloads, members, image streams, tags and projects than a page shows.
async fn world_with_long_tables() -> World {
    let world = World::start(Version::V4).await;
    let image = pull_spec(&world, "team-a/api:latest");
    let cluster = world.demo.cluster();
    for number in 0..501 {
        let name = format!("app-{number:03}");
        let workload = Workload::new(WorkloadKind::Deployment, "team-a", &name);
        cluster.add_workload(workload.container("app", &image).replicas(0));
    }
    let users: Vec<Subject> = (0..201)
        .map(|number| Subject::user(format!("user-{number:03}")))
        .collect();
    let team_a = "team-a".parse().unwrap();
    cluster.bind(Some(&team_a), "registry-viewer", &users);
    let text = ProjectText {
        display_name: "",
        description: "",
    };
    for number in 0..201 {
        let project = format!("many-{number:03}");
        cluster
            .create_project(&project.parse().unwrap(), text, "root")
            .unwrap();
        push_numbered(&world, &format!("{project}/app"), "latest", number);
        push_numbered(&world, &format!("team-b/app-{number:03}"), "latest", number);
        push_numbered(&world, "team-b/many", &format!("v{number:03}"), number);
    }
    world
}

/// The JSON form of these lists has a part of the rows, and counts the others.
#[tokio::test]
async fn csv_has_also_the_rows_that_a_page_only_counts() {
    let world = world_with_long_tables().await;
    let mut browser = world.browser();
    // The columns that tell entries apart, and the number of entries that the page shows.
    for (path, key, further, shown) in [
        ("/projects/team-a/workloads?", 2, "more_rows", 500),
        ("/images/team-a/api/used-by?", 3, "more_workloads", 500),
        ("/projects/team-a/members?", 3, "more_members", 200),
        ("/projects/team-a/access?", 3, "more_members", 200),
        ("/projects/team-b/space?", 2, "more_streams", 200),
        ("/images/team-b/many/space?", 1, "more_tags", 200),
        ("/space?wait=long&", 1, "more_projects", 200),
    ] {
        let csv_path = format!("{path}format=csv");
        // What is read for a page of space arrives in its time, and is remembered.
        world
            .until("both have all entries", async || {
                let mut browser = world.browser();
                let json = browser.json_with_token(path, "TOKEN-root").await.json();
                let further = json[further].as_u64().unwrap();
                let csv = browser.json_with_token(&csv_path, "TOKEN-root").await;
                let rows = rows(&csv);
                let entries: BTreeSet<&[String]> =
                    rows[1..].iter().map(|row| &row[..key]).collect();
                further > 0 && entries.len() as u64 == shown + further
            })
            .await;
        let csv = browser.json_with_token(&csv_path, "TOKEN-root").await;
        let rows = rows(&csv);
        let count = (rows.len() - 1).to_string();
        assert_eq!(
            (csv.header("x-row-count"), csv.header("x-total-count")),
            (&*count, &*count),
            "{path}"
        );
    }
}

#[tokio::test]
async fn csv_can_be_asked_for_with_accept() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let get = |path: &str| {
        let request = world
            .browser()
            .request(Method::GET, &format!("/api/v1{path}"));
        request
            .bearer_auth("TOKEN-root")
            .header("accept", "text/csv")
    };
    for path in [
        "/images",
        "/images/team-a",
        "/images/team-a/api",
        "/images/team-a/api/history",
        "/images/team-a/api/used-by",
        "/images/team-a/api/space",
        "/imports",
        "/projects",
        "/projects/team-a/activity?changed=30",
        "/projects/team-a/workloads",
        "/projects/team-a/access",
        "/projects/team-a/members",
        "/projects/team-a/space",
        "/projects/team-a/logins",
        "/space?wait=long",
        "/users",
        "/groups",
    ] {
        let page = browser.send(get(path)).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        assert!(
            page.header("content-type").starts_with("text/csv"),
            "{path}"
        );
        let rows = rows(&page);
        assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{path}");
        let counted: usize = page.header("x-row-count").parse().unwrap();
        assert_eq!(counted, rows.len() - 1, "{path}");
    }
    // What has no rows has its usual form.
    assert_eq!(
        browser.send(get("/connect")).await.header("content-type"),
        "application/json"
    );
    let tags = browser.send(get("/images/team-a/api")).await;
    let rows = rows(&tags);
    assert_eq!(&rows[0][..2], ["tag", "digest"]);
    assert!(
        rows.iter()
            .any(|row| row[0] == "latest" && row[1].starts_with("sha256:"))
    );
    let nobody = world
        .browser()
        .request(Method::GET, "/api/v1/images?format=csv");
    let nobody = browser.send(nobody).await;
    assert_eq!(
        (nobody.status, &nobody.json()["kind"]),
        (401, &"token-refused".into())
    );
}

#[tokio::test]
async fn lists_on_pages_link_to_their_csv() {
    let world = World::start(Version::V4).await;
    let mut root = world.signed_in("root").await;
    for (path, csv) in [
        ("/images?q=api&page=1", "/api/v1/images?q=api&format=csv"),
        ("/projects", "/api/v1/projects?system=hide&format=csv"),
        ("/projects/team-a", "/api/v1/images/team-a?format=csv"),
        (
            "/projects/team-a/activity?changed=30",
            "/api/v1/projects/team-a/activity?changed=30&format=csv",
        ),
        ("/images/team-a/api", "/api/v1/images/team-a/api?format=csv"),
        (
            "/images/team-a/api/history",
            "/api/v1/images/team-a/api/history?format=csv",
        ),
        ("/users", "/api/v1/users?format=csv"),
        // The page ignores what the API refuses.
        ("/images?state=bogus", "/api/v1/images?format=csv"),
    ] {
        let page = root.get(path).await;
        let link = page.attribute("main a[download][href*='format=csv']", "href");
        assert_eq!(link, csv, "{path}");
        let file = root.get(&link).await;
        assert_eq!(file.status, 200, "{path}: {}", file.text);
        assert!(rows(&file).len() > 1, "{path}: {}", file.text);
    }
}
