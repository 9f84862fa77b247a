//! Parsing of the commands that builders record, to instructions of a Dockerfile.

/// The instructions of a Dockerfile (Dockerfile reference).
const INSTRUCTIONS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// The prefix that Docker records for an instruction that ran no command.
const NOP_MARKER: &str = "#(nop)";

/// The suffix that BuildKit records for an instruction.
const BUILDKIT_MARKER: &str = "# buildkit";

/// A build step as it was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordedCommand {
    /// The instruction. Absent if there is none: Jib, ko, Bazel and s2i record other text.
    pub instruction: Option<String>,
    /// The arguments of the instruction, or the whole text.
    pub text: String,
    /// The build arguments of a `RUN`.
    pub build_args: Option<String>,
}

impl RecordedCommand {
    /// Reads `created_by` as Docker (`/bin/sh -c #(nop) CMD ["x"]`, `/bin/sh -c make`, `|1 A=b
    /// /bin/sh -c make`), BuildKit (`RUN /bin/sh -c make # buildkit`, `COPY a b # buildkit`) and
    /// Buildah write it.
    #[must_use]
    pub fn parse(created_by: &str) -> Self {
        let text = created_by.trim();
        let text = text
            .strip_suffix(BUILDKIT_MARKER)
            .map_or(text, str::trim_end);
        if let Some((instruction, rest)) = split_instruction(text) {
            return if instruction == "RUN" {
                Self::from_run(rest)
            } else {
                Self::with_instruction(instruction, rest)
            };
        }
        let (build_args, command) = split_build_args(text);
        let Some(inner) = strip_shell(command) else {
            return Self {
                instruction: None,
                text: text.to_owned(),
                build_args: None,
            };
        };
        let Some(recorded) = inner.strip_prefix(NOP_MARKER) else {
            return Self {
                build_args: build_args.map(str::to_owned),
                ..Self::with_instruction("RUN", inner)
            };
        };
        match split_instruction(recorded.trim()) {
            Some((instruction, rest)) => Self::with_instruction(instruction, rest),
            None => Self {
                instruction: None,
                text: recorded.trim().to_owned(),
                build_args: None,
            },
        }
    }

    fn with_instruction(instruction: &str, text: &str) -> Self {
        Self {
            instruction: Some(instruction.to_owned()),
            text: text.to_owned(),
            build_args: None,
        }
    }

    fn from_run(rest: &str) -> Self {
        let (build_args, command) = split_build_args(rest);
        let text = strip_shell(command).unwrap_or(command);
        Self {
            build_args: build_args.map(str::to_owned),
            ..Self::with_instruction("RUN", text)
        }
    }
}

/// An instruction and its arguments. Builders write instructions in upper case.
fn split_instruction(text: &str) -> Option<(&'static str, &str)> {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let instruction = INSTRUCTIONS.into_iter().find(|known| *known == word)?;
    Some((instruction, rest.trim()))
}

/// Removes `|2 A=b C=d `. The arguments can contain spaces, so they end where a shell begins; a
/// command without a shell is not changed.
fn split_build_args(text: &str) -> (Option<&str>, &str) {
    let counted = text.strip_prefix('|').and_then(|rest| {
        let (count, rest) = rest.split_once(' ')?;
        (!count.is_empty() && count.bytes().all(|digit| digit.is_ascii_digit())).then_some(rest)
    });
    let Some(rest) = counted else {
        return (None, text);
    };
    if strip_shell(rest).is_some() {
        return (None, rest);
    }
    let starts = rest.match_indices(" /").map(|(at, _)| at);
    match starts
        .into_iter()
        .find(|&at| strip_shell(&rest[at + 1..]).is_some())
    {
        Some(at) => (Some(&rest[..at]), &rest[at + 1..]),
        None => (None, text),
    }
}

/// Removes a shell and its options (`/bin/sh -c `, `/bin/bash -o pipefail -c `, `cmd /S /C `).
/// `None` if there is no shell.
fn strip_shell(text: &str) -> Option<&str> {
    if let Some(inner) = text.strip_prefix("cmd /S /C ") {
        return Some(inner.trim_start());
    }
    let (program, mut rest) = text.split_once(' ')?;
    let name = program.strip_prefix('/')?.rsplit('/').next()?;
    if !matches!(name, "sh" | "bash" | "ash" | "dash") {
        return None;
    }
    loop {
        let (option, after) = rest.split_once(' ')?;
        if !(option.starts_with('-') || option == "pipefail") {
            return None;
        }
        if option.starts_with('-') && option.ends_with('c') {
            return Some(after.trim_start());
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(created_by: &str) -> (Option<String>, String, Option<String>) {
        let command = RecordedCommand::parse(created_by);
        (command.instruction, command.text, command.build_args)
    }

    #[test]
    fn history_of_every_builder_is_read_as_instructions() {
        for (written, instruction, text) in [
            ("/bin/sh -c #(nop)  CMD [\"sh\"]", "CMD", "[\"sh\"]"),
            (
                "/bin/sh -c #(nop) COPY dir:00 in /opt/api-3/0 ",
                "COPY",
                "dir:00 in /opt/api-3/0",
            ),
            (
                "/bin/sh -c #(nop) MAINTAINER A. Person <a@example.com>",
                "MAINTAINER",
                "A. Person <a@example.com>",
            ),
            (
                "/bin/sh -c apt-get update && apt-get install -y curl",
                "RUN",
                "apt-get update && apt-get install -y curl",
            ),
            (
                "/bin/bash -o pipefail -c set -x; make",
                "RUN",
                "set -x; make",
            ),
            ("/bin/sh -ec make", "RUN", "make"),
            (
                "RUN /bin/sh -c make install # buildkit",
                "RUN",
                "make install",
            ),
            ("RUN make install # buildkit", "RUN", "make install"),
            (
                "COPY --from=build /out /app # buildkit",
                "COPY",
                "--from=build /out /app",
            ),
            ("ENTRYPOINT [\"/app\"]", "ENTRYPOINT", "[\"/app\"]"),
            ("EXPOSE map[8080/tcp:{}]", "EXPOSE", "map[8080/tcp:{}]"),
            (
                "/bin/sh -c tar -C /tmp -xf - && /usr/libexec/s2i/assemble",
                "RUN",
                "tar -C /tmp -xf - && /usr/libexec/s2i/assemble",
            ),
            ("cmd /S /C echo hello", "RUN", "echo hello"),
            ("/bin/sh -c #(nop) ONBUILD RUN make", "ONBUILD", "RUN make"),
            ("FROM", "FROM", ""),
        ] {
            assert_eq!(
                read(written),
                (Some(instruction.to_owned()), text.to_owned(), None),
                "{written}"
            );
        }
    }

    #[test]
    fn build_arguments_are_separated_from_the_command() {
        let expected = (
            Some("RUN".to_owned()),
            "make".to_owned(),
            Some("VERSION=1 NAME=a b".to_owned()),
        );
        assert_eq!(read("|2 VERSION=1 NAME=a b /bin/sh -c make"), expected);
        assert_eq!(
            read("RUN |2 VERSION=1 NAME=a b /bin/sh -c make # buildkit"),
            expected
        );
        assert_eq!(
            read("|0 /bin/sh -c make"),
            (Some("RUN".to_owned()), "make".to_owned(), None)
        );
        assert_eq!(read("|1 A=b make").0, None);
    }

    #[test]
    fn text_that_is_not_an_instruction_is_unchanged() {
        for text in [
            "",
            "bazel build ...",
            "jib-core-plugin:3.1",
            "/usr/libexec/s2i/run",
            "/bin/sh",
            "/bin/sh script.sh",
            "run away",
            "|x",
        ] {
            assert_eq!(read(text), (None, text.to_owned(), None));
        }
        assert_eq!(
            read("/bin/sh -c #(nop) something else"),
            (None, "something else".to_owned(), None)
        );
    }

    proptest! {
        #[test]
        fn parsing_never_panics_or_invents_text(text in "(\\|[0-9]? )?(A=b )?(/bin/sh -c )?(#\\(nop\\) )?\\PC{0,40}( # buildkit)?") {
            let command = RecordedCommand::parse(&text);
            prop_assert!(text.contains(&command.text));
            prop_assert!(command.build_args.is_none_or(|args| text.contains(&args)));
        }
    }
}
