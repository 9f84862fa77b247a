//! The `oc` commands that create an image stream.

use super::changes::required_import_mode;
use super::{StreamSource, TrackingTag};
use crate::app::shell_command::ShellCommand;
use crate::openshift::new_stream_json;

impl ShellCommand {
    /// The commands that create an image stream; `project` and `name` as typed, or placeholders.
    ///
    /// `oc import-image --all --confirm` imports the tags that a repository has today. The image
    /// stream does not follow the repository then, so that the object itself is created.
    #[must_use]
    pub fn create_stream(project: &str, name: &str, source: &StreamSource) -> Vec<Self> {
        match source {
            StreamSource::Nothing => vec![
                Self::new("oc create imagestream")
                    .with_operand(name)
                    .with_option("-n", project),
            ],
            StreamSource::Repository { .. } => {
                let create = Self::new("oc create")
                    .with_option("-n", project)
                    .with_flag("-f -")
                    .with_input(new_stream_json(name, source).to_string());
                let import = required_import_mode(source, &StreamSource::Nothing).map(|mode| {
                    Self::new("oc import-image")
                        .with_operand(name)
                        .with_flag("--all")
                        .with_option("-n", project)
                        .with_import_mode(Some(mode))
                });
                std::iter::once(create).chain(import).collect()
            }
            StreamSource::Tags(tags) => {
                let track = |tag: &TrackingTag| {
                    Self::track_external_image(tag, &format!("{project}/{name}:{}", tag.tag))
                };
                tags.iter().map(track).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_model::ImportMode;

    fn lines(source: &StreamSource) -> Vec<String> {
        ShellCommand::create_stream("team-a", "app", source)
            .iter()
            .map(|command| command.to_line().unwrap())
            .collect()
    }

    #[test]
    fn empty_stream_is_created_by_its_name() {
        assert_eq!(
            lines(&StreamSource::Nothing),
            ["oc create imagestream app -n team-a"]
        );
    }

    #[test]
    fn stream_of_a_repository_is_created_as_an_object_that_follows_it() {
        let repository = |insecure, import_mode| StreamSource::Repository {
            name: "r.example/a/b".to_owned(),
            insecure,
            import_mode,
        };
        let follows = r#"printf %s '{"apiVersion":"image.openshift.io/v1","kind":"ImageStream","metadata":{"name":"app"},"spec":{"dockerImageRepository":"r.example/a/b"}}' | oc create -n team-a -f -"#;
        for mode in [None, Some(ImportMode::Legacy)] {
            assert_eq!(lines(&repository(false, mode)), [follows]);
        }
        assert_eq!(
            lines(&repository(true, Some(ImportMode::PreserveOriginal))),
            [
                r#"printf %s '{"apiVersion":"image.openshift.io/v1","kind":"ImageStream","metadata":{"annotations":{"openshift.io/image.insecureRepository":"true"},"name":"app"},"spec":{"dockerImageRepository":"r.example/a/b"}}' | oc create -n team-a -f -"#,
                "oc import-image app --all -n team-a --import-mode=PreserveOriginal",
            ]
        );
    }
}
