//! Commands for a terminal. Every command that the console shows is built here.
//!
//! What is part of a command by itself is `&'static str`. Everything else, names above all, is
//! quoted by `shlex`, so that a POSIX shell takes it for one word. A name that begins with `-`
//! stands behind `--`, where no program reads it as an option: users and groups may be called
//! `--all`.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Serialize, Serializer};

use registry_model::safe_text::{self, Character};

/// A command line for a POSIX shell. It holds no secret.
///
/// There is no line where a value has characters that cannot be seen, or that a terminal acts on:
/// what is seen is what is copied (S32). Serializes as the line, or as `null`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellCommand {
    /// What stands before the program, such as another command and `|`.
    prefix: String,
    program: &'static str,
    arguments: Vec<ShellArgument>,
    /// What stands behind the arguments, such as a redirection.
    suffix: String,
    hidden: HiddenCharacters,
}

/// Characters that a terminal does not show, or acts on. `Display` writes code points, as in
/// `U+202E, U+000A`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HiddenCharacters(BTreeSet<char>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum ShellArgument {
    /// Written with the space that belongs before it.
    Option(String),
    Operand(ShellWord),
}

/// One word of a command, quoted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShellWord {
    shell: String,
    /// The program would take it for an option.
    looks_like_option: bool,
    hidden: HiddenCharacters,
}

impl ShellCommand {
    /// A program with its subcommands and whatever else never varies, as in `oc policy
    /// add-role-to-user`.
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

    /// Adds an argument that is no option, whatever it begins with.
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

    /// Adds one that is not always set.
    #[must_use]
    pub fn with_flag_if(mut self, is_set: bool, name: &'static str) -> Self {
        if is_set {
            self.arguments
                .push(ShellArgument::Option(format!(" {name}")));
        }
        self
    }

    /// Sends the output to another command.
    #[must_use]
    pub fn pipe_to(self, next: Self) -> Self {
        self.join("|", next)
    }

    /// Adds a command that only runs where this one succeeded.
    #[must_use]
    pub fn and_then(self, next: Self) -> Self {
        self.join("&&", next)
    }

    /// Adds a command that only runs where this one failed.
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

    /// Gives the command its input: `printf` is a part of the shell, so that the input is in no
    /// list of processes.
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

    /// Asks for a secret before, which is neither shown nor kept: the command finds it in the
    /// variable of the shell.
    #[must_use]
    pub fn with_secret_prompt(self, variable: &'static str) -> Self {
        Self {
            prefix: format!("read -rs {variable} && {}", self.prefix),
            suffix: format!("{}; unset {variable}", self.suffix),
            ..self
        }
    }

    /// Adds what a shell, and no program, is to read: a redirection, or what follows. It is not
    /// quoted.
    #[must_use]
    pub fn with_shell_syntax(mut self, syntax: &'static str) -> Self {
        self.suffix.push(' ');
        self.suffix.push_str(syntax);
        self
    }

    /// The line as it is typed.
    ///
    /// # Errors
    ///
    /// [`HiddenCharacters`] of the values: what is shown would not be what is copied.
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

impl ShellWord {
    /// A word that begins with shell syntax of our own, such as `"$TOKEN"` or `NAME=`. It is not
    /// quoted.
    #[must_use]
    pub fn from_syntax(syntax: &'static str) -> Self {
        Self::default().append_syntax(syntax)
    }

    /// `name=value`, as `oc set env` and others read it.
    #[must_use]
    pub fn assignment(name: &'static str, value: impl Into<Self>) -> Self {
        Self::from_syntax(name).append_syntax("=").append(value)
    }

    /// A word that goes on with another.
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

    /// A word that goes on with shell syntax of our own. It is not quoted.
    #[must_use]
    pub fn append_syntax(mut self, syntax: &'static str) -> Self {
        self.looks_like_option |= self.shell.is_empty() && syntax.starts_with('-');
        self.shell.push_str(syntax);
        self
    }

    /// A word that goes on with what another command writes: `"$(command)"`.
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
            // There is one that no shell can hold.
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
        // The one space that is wider than others is seen for what it is.
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
        /// So many are named: a text may have thousands.
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
