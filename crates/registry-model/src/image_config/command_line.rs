//! Command lines from programs and their arguments.

use super::Healthcheck;
use crate::Truncated;

impl Truncated<Vec<String>> {
    /// The words as a POSIX shell command, quoted where necessary. Untrusted, and for display only.
    #[must_use]
    pub fn command_line(&self) -> String {
        self.items
            .iter()
            .map(|word| shell_quote(word))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn shell_quote(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "@%+=:,./_-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

impl Healthcheck {
    /// In the syntax of `HEALTHCHECK` in a Dockerfile: the options, then the command or `NONE`.
    /// Untrusted.
    #[must_use]
    pub fn dockerfile_instruction(&self) -> String {
        let command = match self.test.items.split_first() {
            Some((kind, [script])) if kind == "CMD-SHELL" => format!("CMD {script}"),
            Some((kind, words)) if kind == "CMD" => {
                format!(
                    "CMD {}",
                    Truncated {
                        items: words.to_vec(),
                        ..Truncated::default()
                    }
                    .command_line()
                )
            }
            _ => self.test.command_line(),
        };
        let durations = [
            ("interval", self.interval),
            ("timeout", self.timeout),
            ("start-period", self.start_period),
        ];
        let durations = durations.into_iter().filter_map(|(name, time)| {
            Some(format!(
                "--{name}={}",
                go_duration(time.filter(|&time| time > 0)?)
            ))
        });
        let retries = self
            .retries
            .filter(|&retries| retries > 0)
            .map(|retries| format!("--retries={retries}"));
        durations
            .chain(retries)
            .chain([command])
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Nanoseconds in Go's notation, to the millisecond.
fn go_duration(nanoseconds: u64) -> String {
    let milliseconds = nanoseconds / 1_000_000;
    if milliseconds.is_multiple_of(1_000) {
        format!("{}s", milliseconds / 1_000)
    } else {
        format!("{milliseconds}ms")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Truncated<Vec<String>> {
        Truncated {
            items: words.iter().map(|&word| word.to_owned()).collect(),
            ..Truncated::default()
        }
    }

    #[test]
    fn words_with_shell_metacharacters_are_quoted() {
        let line =
            words(&["sh", "-c", "echo 'hi' $(id); rm -rf /", "", "--name=总账"]).command_line();
        assert_eq!(
            line,
            r"sh -c 'echo '\''hi'\'' $(id); rm -rf /' '' --name=总账"
        );
    }

    #[test]
    fn health_check_is_shown_as_in_a_dockerfile() {
        let check = Healthcheck {
            test: words(&["CMD-SHELL", "curl -f http://localhost/ || exit 1"]),
            interval: Some(30_000_000_000),
            timeout: Some(1_500_000_000),
            start_period: Some(0),
            retries: Some(3),
        };
        assert_eq!(
            check.dockerfile_instruction(),
            "--interval=30s --timeout=1500ms --retries=3 CMD curl -f http://localhost/ || exit 1"
        );
        assert_eq!(
            Healthcheck {
                test: words(&["CMD", "pg isready"]),
                ..Healthcheck::default()
            }
            .dockerfile_instruction(),
            "CMD 'pg isready'"
        );
        assert_eq!(
            Healthcheck {
                test: words(&["NONE"]),
                ..Healthcheck::default()
            }
            .dockerfile_instruction(),
            "NONE"
        );
    }
}
