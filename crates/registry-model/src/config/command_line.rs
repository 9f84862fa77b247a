//! Programs and their arguments as one would type them.

use super::Healthcheck;
use crate::Kept;

impl Kept<Vec<String>> {
    /// The words as a POSIX shell would have to be given them: quoted where it would read them its
    /// own way. Untrusted, and for reading only.
    #[must_use]
    pub fn command_line(&self) -> String {
        self.items
            .iter()
            .map(|word| quoted(word))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "@%+=:,./_-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

impl Healthcheck {
    /// As a Dockerfile's `HEALTHCHECK` has it: the options, then the command or `NONE`. Untrusted.
    #[must_use]
    pub fn instruction(&self) -> String {
        let command = match self.test.items.split_first() {
            Some((kind, [script])) if kind == "CMD-SHELL" => format!("CMD {script}"),
            Some((kind, words)) if kind == "CMD" => {
                format!(
                    "CMD {}",
                    Kept {
                        items: words.to_vec(),
                        ..Kept::default()
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
                duration(time.filter(|&time| time > 0)?)
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
fn duration(nanoseconds: u64) -> String {
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

    fn words(words: &[&str]) -> Kept<Vec<String>> {
        Kept {
            items: words.iter().map(|&word| word.to_owned()).collect(),
            ..Kept::default()
        }
    }

    #[test]
    fn words_are_quoted_where_a_shell_would_read_them_its_own_way() {
        let line =
            words(&["sh", "-c", "echo 'hi' $(id); rm -rf /", "", "--name=总账"]).command_line();
        assert_eq!(
            line,
            r"sh -c 'echo '\''hi'\'' $(id); rm -rf /' '' --name=总账"
        );
    }

    #[test]
    fn a_health_check_reads_as_in_a_dockerfile() {
        let check = Healthcheck {
            test: words(&["CMD-SHELL", "curl -f http://localhost/ || exit 1"]),
            interval: Some(30_000_000_000),
            timeout: Some(1_500_000_000),
            start_period: Some(0),
            retries: Some(3),
        };
        assert_eq!(
            check.instruction(),
            "--interval=30s --timeout=1500ms --retries=3 CMD curl -f http://localhost/ || exit 1"
        );
        assert_eq!(
            Healthcheck {
                test: words(&["CMD", "pg isready"]),
                ..Healthcheck::default()
            }
            .instruction(),
            "CMD 'pg isready'"
        );
        assert_eq!(
            Healthcheck {
                test: words(&["NONE"]),
                ..Healthcheck::default()
            }
            .instruction(),
            "NONE"
        );
    }
}
