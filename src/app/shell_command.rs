//! Commands for a terminal. Every command that the console shows is built here.
//!
//! The fixed parts of a command are `&'static str`. Everything else, above all names, is quoted by
//! `shlex`, so that a POSIX shell reads it as one word. A name that begins with `-` is placed after
//! `--`, where no program reads it as an option: users and groups may be called `--all`.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use registry_model::safe_text::{self, Character};

/// A command line for a POSIX shell. It contains no secret.
///
/// There is no line if a value contains characters that are invisible, or that a terminal acts on:
/// what is displayed must be what is copied (S32). Serializes as the line, or as `null`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellCommand {
    /// What precedes the program, such as another command and `|`.
    prefix: String,
    program: &'static str,
    arguments: Vec<ShellArgument>,
    /// What follows the arguments, such as a redirection.
    suffix: String,
    hidden: HiddenCharacters,
}

/// Characters that a terminal does not display, or acts on. `Display` writes code points, as in
/// `U+202E, U+000A`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HiddenCharacters(BTreeSet<char>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum ShellArgument {
    /// Stored with the space before it.
    Option(String),
    Operand(ShellWord),
}

/// One word of a command, quoted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShellWord {
    shell: String,
    /// The program would read it as an option.
    looks_like_option: bool,
    hidden: HiddenCharacters,
}

impl ShellCommand {
    /// A program with its subcommands and other fixed parts, as in `oc policy add-role-to-user`.
    #[must_use]
    pub fn new(program: &'static str) -> Self {
        Self {
            prefix: String::new(),
            program,
            arguments: Vec::new(),
            suffix: String::new(),
            hidden: HiddenCharacters::default(),
        }
    }

    /// Adds an argument that is not an option, whatever it begins with.
    #[must_use]
    pub fn with_operand(mut self, word: impl Into<ShellWord>) -> Self {
        let word = word.into();
        self.hidden.extend(&word.hidden);
        self.arguments.push(ShellArgument::Operand(word));
        self
    }

    #[must_use]
    pub fn with_operands<W: Into<ShellWord>>(self, words: impl IntoIterator<Item = W>) -> Self {
        words.into_iter().fold(self, Self::with_operand)
    }

    /// Adds an option with a value: `--name=value`, or `-n value`.
    #[must_use]
    pub fn with_option(mut self, name: &'static str, value: impl Into<ShellWord>) -> Self {
        let value = value.into();
        let separator = if name.starts_with("--") { '=' } else { ' ' };
        self.hidden.extend(&value.hidden);
        self.arguments.push(ShellArgument::Option(format!(
            " {name}{separator}{}",
            value.shell
        )));
        self
    }

    /// Adds an option without a value.
    #[must_use]
    pub fn with_flag(self, name: &'static str) -> Self {
        self.with_flag_if(true, name)
    }

    /// Adds an option with a value, if there is one.
    #[must_use]
    pub fn with_flag_if(mut self, is_set: bool, name: &'static str) -> Self {
        if is_set {
            self.arguments
                .push(ShellArgument::Option(format!(" {name}")));
        }
        self
    }

    /// Pipes the output into another command.
    #[must_use]
    pub fn pipe_to(self, next: Self) -> Self {
        self.join("|", next)
    }

    /// Adds a command that runs only if this one succeeded.
    #[must_use]
    pub fn and_then(self, next: Self) -> Self {
        self.join("&&", next)
    }

    /// Adds a command that runs only if this one failed.
    #[must_use]
    pub fn or_else(self, next: Self) -> Self {
        self.join("||", next)
    }

    fn join(self, operator: &'static str, next: Self) -> Self {
        let before = format!("{} {operator} {}", self.to_text(), next.prefix);
        let mut hidden = self.hidden;
        hidden.extend(&next.hidden);
        Self {
            prefix: before,
            hidden,
            ..next
        }
    }

    /// Sets the input of the command: `printf` is a shell builtin, so the input appears in no list
    /// of processes.
    #[must_use]
    pub fn with_input(self, input: impl Into<ShellWord>) -> Self {
        let input = input.into();
        let mut hidden = self.hidden.clone();
        hidden.extend(&input.hidden);
        Self {
            prefix: format!("printf %s {} | {}", input.shell, self.prefix),
            hidden,
            ..self
        }
    }

    /// Prompts for a secret first, which is neither displayed nor stored: the command reads it from
    /// the shell variable.
    #[must_use]
    pub fn with_secret_prompt(self, variable: &'static str) -> Self {
        Self {
            prefix: format!("read -rs {variable} && {}", self.prefix),
            suffix: format!("{}; unset {variable}", self.suffix),
            ..self
        }
    }

    /// Adds a part that the shell, and not the program, reads: a redirection, or a following
    /// command. It is not quoted.
    #[must_use]
    pub fn with_shell_syntax(mut self, syntax: &'static str) -> Self {
        self.suffix.push(' ');
        self.suffix.push_str(syntax);
        self
    }

    /// The command line as text.
    ///
    /// # Errors
    ///
    /// [`HiddenCharacters`] of the values: what is displayed would not be what is copied.
    pub fn to_line(&self) -> Result<String, HiddenCharacters> {
        if self.hidden.0.is_empty() {
            Ok(self.to_text())
        } else {
            Err(self.hidden.clone())
        }
    }

    fn to_text(&self) -> String {
        let mut text = format!("{}{}", self.prefix, self.program);
        let (options, operands): (Vec<_>, Vec<_>) = self
            .arguments
            .iter()
            .partition(|argument| matches!(argument, ShellArgument::Option(_)));
        if operands.iter().any(
            |argument| matches!(argument, ShellArgument::Operand(word) if word.looks_like_option),
        ) {
            options
                .into_iter()
                .for_each(|option| option.write(&mut text));
            text.push_str(" --");
            operands
                .into_iter()
                .for_each(|operand| operand.write(&mut text));
        } else {
            self.arguments
                .iter()
                .for_each(|argument| argument.write(&mut text));
        }
        text + &self.suffix
    }
}

impl ShellArgument {
    fn write(&self, text: &mut String) {
        match self {
            Self::Option(option) => text.push_str(option),
            Self::Operand(word) => {
                text.push(' ');
                text.push_str(&word.shell);
            }
        }
    }
}

impl Serialize for ShellCommand {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_line().ok().serialize(serializer)
    }
}

impl PartialSchema for ShellCommand {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some(
                "A command line for a POSIX shell. `null` if a value in it contains characters that \
                 are invisible, or that a terminal acts on.",
            ))
            .into()
    }
}

impl ToSchema for ShellCommand {}

impl ShellWord {
    /// A word that begins with fixed shell syntax, such as `"$TOKEN"` or `NAME=`. It is not quoted.
    #[must_use]
    pub fn from_syntax(syntax: &'static str) -> Self {
        Self::default().append_syntax(syntax)
    }

    /// `name=value`, as `oc set env` and others read it.
    #[must_use]
    pub fn assignment(name: &'static str, value: impl Into<Self>) -> Self {
        Self::from_syntax(name).append_syntax("=").append(value)
    }

    /// Appends another word.
    #[must_use]
    pub fn append(mut self, next: impl Into<Self>) -> Self {
        let next = next.into();
        if self.shell.is_empty() {
            return next;
        }
        self.shell.push_str(&next.shell);
        self.hidden.extend(&next.hidden);
        self
    }

    /// Appends fixed shell syntax. It is not quoted.
    #[must_use]
    pub fn append_syntax(mut self, syntax: &'static str) -> Self {
        self.looks_like_option |= self.shell.is_empty() && syntax.starts_with('-');
        self.shell.push_str(syntax);
        self
    }

    /// Appends the output of another command: `"$(command)"`.
    #[must_use]
    pub fn append_output_of(mut self, command: &ShellCommand) -> Self {
        self.hidden.extend(&command.hidden);
        self.shell
            .push_str(&format!("\"$({})\"", command.to_text()));
        self
    }
}

impl From<&str> for ShellWord {
    fn from(text: &str) -> Self {
        let mut hidden = HiddenCharacters::in_text(text);
        let shell = shlex::try_quote(text).map(Into::into).unwrap_or_else(|_| {
            // A shell cannot store this character at all.
            hidden.0.insert('\0');
            String::new()
        });
        Self {
            shell,
            looks_like_option: text.starts_with('-'),
            hidden,
        }
    }
}

impl From<&String> for ShellWord {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for ShellWord {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl HiddenCharacters {
    fn in_text(text: &str) -> Self {
        // The ideographic space is wider than others and visible as such.
        let is_blank = |c: char| c.is_whitespace() && !matches!(c, ' ' | '\u{3000}');
        let hidden = safe_text::characters(text).filter_map(|character| match character {
            Character::Hidden(hidden) => Some(hidden),
            Character::Plain(plain) => is_blank(plain).then_some(plain),
        });
        Self(hidden.collect())
    }

    fn extend(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }
}

impl fmt::Display for HiddenCharacters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// The most characters that are named: a text may contain thousands.
        const NAMED: usize = 3;
        for (number, hidden) in self.0.iter().take(NAMED).enumerate() {
            let separator = if number == 0 { "" } else { ", " };
            write!(f, "{separator}U+{:04X}", u32::from(*hidden))?;
        }
        if self.0.len() > NAMED {
            f.write_str(", …")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
