//! Findings: what a check reports.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::doctor::check_result::{CheckResult, Impact};
use crate::app::shell_command::ShellCommand;
use registry_model::safe_text::{self, Character};

/// The report of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Finding {
    /// The name of the check, which never changes.
    pub id: &'static str,
    /// The component that it is about.
    pub about: Component,
    /// How bad it is.
    pub state: Severity,
    /// The result.
    pub what: CheckResult,
    /// The values on which the result is based. Untrusted.
    pub facts: Vec<Fact>,
    /// The impact, if there is any.
    pub costs: Option<Impact>,
    /// Commands that find out more, or solve the problem.
    pub run: Vec<ShellCommand>,
}

/// How bad a finding is. The worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// As it should be.
    Ok,
    Note,
    /// The check could not be made.
    Unknown,
    /// It works, but not reliably or not for long.
    Warning,
    /// It does not work.
    Failure,
}

/// The component that a finding is about, in the order in which they are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Component {
    Console,
    Oauth,
    /// The external OIDC provider, where the cluster has no OAuth server.
    OidcProvider,
    #[serde(rename = "master")]
    ApiServer,
    /// The registry, at the address that the console uses.
    Registry,
    /// The registry, at the address that users use (`REGISTRY_HOST`).
    PublicRegistry,
    Person,
}

impl Component {
    /// All components, in order.
    pub const ALL: [Self; 7] = [
        Self::Console,
        Self::Oauth,
        Self::OidcProvider,
        Self::ApiServer,
        Self::Registry,
        Self::PublicRegistry,
        Self::Person,
    ];
}

/// A value on which a finding is based.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fact {
    pub name: FactName,
    /// The value. Untrusted, bounded, a single line.
    pub value: String,
}

/// What a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FactName {
    Address,
    Setting,
    Client,
    RedirectUri,
    Registered,
    Route,
    Issuer,
    Authorize,
    Token,
    Pkce,
    Certificate,
    Issued,
    Names,
    ValidFrom,
    ValidUntil,
    Fingerprint,
    SentAlong,
    VouchedBy,
    System,
    Reached,
    OwnClock,
    TheirClock,
    Off,
    Challenge,
    Realm,
    Storage,
    User,
    Kubernetes,
    Problem,
    Project,
    ApiGroup,
    Since,
    Account,
    Image,
    Digest,
    Images,
    WaitingStreams,
    UnreadStreams,
    StorageType,
    StorageName,
    StorageSize,
}

/// The longest value of a fact.
const MAX_FACT_VALUE_CHARS: usize = 600;

impl Finding {
    pub(super) fn new(id: &'static str, about: Component, what: CheckResult) -> Self {
        Self {
            id,
            about,
            state: what.severity(),
            costs: what.impact(about),
            what,
            facts: Vec::new(),
            run: Vec::new(),
        }
    }

    /// Adds a fact, if the value is not empty.
    pub(super) fn with_fact(mut self, name: FactName, value: impl Into<String>) -> Self {
        let value = single_line(&value.into());
        if !value.is_empty() {
            self.facts.push(Fact { name, value });
        }
        self
    }

    pub(super) fn with_facts(
        self,
        name: FactName,
        values: impl IntoIterator<Item = String>,
    ) -> Self {
        values
            .into_iter()
            .fold(self, |finding, value| finding.with_fact(name, value))
    }

    pub(super) fn with_optional_fact(
        self,
        name: FactName,
        value: Option<impl Into<String>>,
    ) -> Self {
        match value {
            Some(value) => self.with_fact(name, value),
            None => self,
        }
    }

    /// Adds a command, unless the result is good.
    pub(super) fn with_command(mut self, run: ShellCommand) -> Self {
        if self.state != Severity::Ok {
            self.run.push(run);
        }
        self
    }

    pub(super) fn with_commands(self, runs: impl IntoIterator<Item = ShellCommand>) -> Self {
        runs.into_iter().fold(self, Self::with_command)
    }
}

/// One line without characters that act on a terminal or change how the line reads.
fn single_line(text: &str) -> String {
    let one_line = |c: char| if c.is_whitespace() { ' ' } else { c };
    let shown = safe_text::characters(text).map(|character| match character {
        Character::Plain(c) => one_line(c),
        Character::Hidden(_) => '\u{fffd}',
    });
    shown
        .take(MAX_FACT_VALUE_CHARS)
        .collect::<String>()
        .trim()
        .to_owned()
}
