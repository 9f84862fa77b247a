//! The command for a terminal that does the same as a form.

use serde::{Serialize, Serializer};

use super::FollowedTag;

/// A command line of `oc`, quoted for a POSIX shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oc(String);

impl Oc {
    /// `oc` with these arguments, each as one word whatever it holds.
    pub fn new<I: IntoIterator<Item = S>, S: AsRef<str>>(arguments: I) -> Self {
        let mut line = String::from("oc");
        for argument in arguments {
            line.push(' ');
            line.push_str(&quoted(argument.as_ref()));
        }
        Self(line)
    }

    /// Lets a tag follow an image of another registry. `to` is the tag's whole name.
    #[must_use]
    pub fn tag_from_elsewhere(tag: &FollowedTag, to: &str) -> Self {
        let flags = [(tag.scheduled, "--scheduled"), (tag.insecure, "--insecure"), (tag.local, "--reference-policy=local")];
        let flags = flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag);
        Self::new(["tag", "--source=docker", &tag.from, to].into_iter().chain(flags))
    }

    /// The same, reading `input`.
    #[must_use]
    pub fn reading(self, input: &str) -> Self {
        Self(format!("printf %s {} | {}", quoted(input), self.0))
    }

    /// As it is typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Oc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Oc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// One word of a command line. Single quotes keep everything but themselves (POSIX, Shell Command Language, 2.2.2). A control character would act on the terminal that it
/// is pasted into: it is left out.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@' | '=' | ',' | '+' | '%');
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    let printable: String = word.chars().filter(|c| !c.is_control()).collect();
    format!("'{}'", printable.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_as_it_is_and_anything_else_is_one_word() {
        assert_eq!(Oc::new(["tag", "-d", "team-a/api:v1.0"]).as_str(), "oc tag -d team-a/api:v1.0");
        assert_eq!(
            Oc::new(["new-project", "x", "--description", "it's $(reboot) `x`"]).as_str(),
            r"oc new-project x --description 'it'\''s $(reboot) `x`'"
        );
        assert_eq!(Oc::new(["a", "", "b;c", "1\n2"]).as_str(), "oc a '' 'b;c' '12'");
    }
}
