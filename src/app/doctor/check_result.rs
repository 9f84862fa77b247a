//! All results that checks can have.

use serde::Serialize;
use utoipa::ToSchema;

use super::finding::{Component, Severity};

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CheckResult {
    ConfigurationWrong,
    AddressConfigured,
    AddressFromHost,
    AddressUnknown,
    AddressPlain,
    RedirectRegistered,
    ClientMissing,
    RedirectNotRegistered,
    LoginNotTried,
    SecretNotTried,
    SecretWorked,
    FlowCode,
    FlowImplicit,
    FlowDisabled,
    UrisCover,
    UrisWide,
    UrisLack,
    UrisNotAllowed,
    RouteFits,
    RouteLacks,
    RouteNotAllowed,
    Discovered,
    DiscoveryMissing,
    DiscoveryUnreadable,
    DiscoveryPlain,
    NoOauthServer,
    PkceMissing,
    OidcDiscovered,
    OidcUnreadable,
    OidcIssuerDiffers,
    OidcNoCodeFlow,
    OidcPkceMissing,
    OidcKeysUsable,
    OidcKeysMissing,
    OidcClientNotTried,
    OidcClientWorked,
    TlsTrusted,
    TlsExpiresSoon,
    TlsAnybody,
    TlsUnknownAuthority,
    TlsAuthorityRenewed,
    TlsExpired,
    TlsNotYetValid,
    TlsWrongName,
    TlsUnusable,
    TlsIssuerMissing,
    TlsNoNames,
    TlsOldVersion,
    TlsWeakKey,
    TlsWeakSignature,
    TlsAuthorityAsServer,
    TlsNotForServers,
    TlsPlain,
    TlsOwnAuthority,
    NoSuchName,
    NoConnection,
    NoTls,
    TlsAlert,
    OldTls,
    Late,
    NotReached,
    ClockRight,
    ClockOff,
    ClockFarOff,
    ClockUnknown,
    RegistryAnswers,
    RegistryIsNone,
    RegistryForeign,
    RegistryAbsent,
    RegistryAlone,
    PublicHostUnset,
    PublicHostServes,
    TokenAccepted,
    TokenRefused,
    TokenNotGiven,
    UserApiMissing,
    TokenOnCommandLine,
    RegistryAccepts,
    RegistryRefuses,
    OciPullWorks,
    OciPullNotTried,
    OciPullDenied,
    OciPullNotFound,
    OciPullFailed,
    BlobsInRegistry,
    BlobsInStorage,
    BlobsNotTried,
    StorageOff,
    StorageUnknownAuthority,
    StorageUntrusted,
    StorageNotSecure,
    StorageUnreachable,
    StorageRefused,
    AccountAbsent,
    AccountMayIndex,
    AccountMayNotIndex,
    AccountRefused,
    VersionThree,
    VersionFour,
    VersionUnknown,
    KeyShared,
    KeyOwn,
    ApisServed,
    ApiUnavailable,
    ApiNotServed,
    IndexReady,
    IndexStarting,
    IndexStale,
    WorkloadsIndexed,
    WorkloadsStarting,
    WorkloadsNotIndexed,
    SizesIndexed,
    SizesBehind,
    SizesIncomplete,
    SizesNotServed,
    SizesNotRead,
    StorageConfigured,
    StorageTemporary,
    CertificateGood,
    CertificateMade,
    CertificateOfService,
    CertificateExpiresSoon,
    CertificateOtherName,
    CertificateExpired,
    CertificateNotYetValid,
    CertificateUnusable,
    IndexOff,
    IndexTokenMissing,
    IndexElsewhere,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    Start,
    Everything,
    SignIn,
    Images,
    Api,
    PullAndPush,
    Commands,
    Secrecy,
    Sessions,
    Index,
    Soon,
    Skew,
    OwnCertificates,
    Certainty,
    Browsers,
    BrowsersSoon,
    OwnLook,
    OwnImages,
}

impl CheckResult {
    pub(super) fn severity(self) -> Severity {
        match self {
            Self::AddressConfigured
            | Self::RedirectRegistered
            | Self::SecretWorked
            | Self::FlowCode
            | Self::UrisCover
            | Self::RouteFits
            | Self::Discovered
            | Self::OidcDiscovered
            | Self::OidcKeysUsable
            | Self::OidcClientWorked
            | Self::TlsTrusted
            | Self::ClockRight
            | Self::RegistryAnswers
            | Self::PublicHostServes
            | Self::TokenAccepted
            | Self::RegistryAccepts
            | Self::OciPullWorks
            | Self::BlobsInRegistry
            | Self::BlobsInStorage
            | Self::AccountMayIndex
            | Self::VersionThree
            | Self::VersionFour
            | Self::ApisServed
            | Self::IndexReady
            | Self::WorkloadsIndexed
            | Self::SizesIndexed
            | Self::StorageConfigured
            | Self::CertificateGood
            | Self::KeyShared => Severity::Ok,
            Self::AddressFromHost
            | Self::UrisWide
            | Self::UrisNotAllowed
            | Self::RouteNotAllowed
            | Self::DiscoveryMissing
            | Self::TlsOwnAuthority
            | Self::PublicHostUnset
            | Self::RegistryAbsent
            | Self::TokenNotGiven
            | Self::UserApiMissing
            | Self::StorageOff
            | Self::AccountAbsent
            | Self::IndexStarting
            | Self::WorkloadsStarting
            | Self::SizesBehind
            | Self::SizesIncomplete
            | Self::SizesNotServed
            | Self::CertificateMade
            | Self::CertificateOfService
            | Self::IndexOff
            | Self::IndexTokenMissing
            | Self::AccountMayNotIndex => Severity::Note,
            Self::AddressUnknown
            | Self::LoginNotTried
            | Self::SecretNotTried
            | Self::OidcClientNotTried
            | Self::NotReached
            | Self::OciPullNotTried
            | Self::BlobsNotTried
            | Self::IndexElsewhere
            | Self::ClockUnknown
            | Self::VersionUnknown => Severity::Unknown,
            Self::AddressPlain
            | Self::RouteLacks
            | Self::PkceMissing
            | Self::OidcPkceMissing
            | Self::TlsExpiresSoon
            | Self::TlsAnybody
            | Self::TlsPlain
            | Self::ClockOff
            | Self::RegistryForeign
            | Self::TokenOnCommandLine
            | Self::FlowImplicit
            | Self::AccountRefused
            | Self::IndexStale
            | Self::WorkloadsNotIndexed
            | Self::SizesNotRead
            | Self::StorageTemporary
            | Self::CertificateExpiresSoon
            | Self::CertificateOtherName
            | Self::KeyOwn => Severity::Warning,
            Self::ConfigurationWrong
            | Self::ClientMissing
            | Self::RedirectNotRegistered
            | Self::UrisLack
            | Self::DiscoveryUnreadable
            | Self::DiscoveryPlain
            | Self::FlowDisabled
            | Self::NoOauthServer
            | Self::OidcUnreadable
            | Self::OidcIssuerDiffers
            | Self::OidcNoCodeFlow
            | Self::OidcKeysMissing
            | Self::TlsUnknownAuthority
            | Self::TlsAuthorityRenewed
            | Self::TlsExpired
            | Self::TlsNotYetValid
            | Self::TlsWrongName
            | Self::TlsUnusable
            | Self::TlsIssuerMissing
            | Self::TlsNoNames
            | Self::TlsOldVersion
            | Self::TlsWeakKey
            | Self::TlsWeakSignature
            | Self::TlsAuthorityAsServer
            | Self::TlsNotForServers
            | Self::NoSuchName
            | Self::NoConnection
            | Self::NoTls
            | Self::TlsAlert
            | Self::OldTls
            | Self::Late
            | Self::ClockFarOff
            | Self::RegistryIsNone
            | Self::RegistryAlone
            | Self::TokenRefused
            | Self::ApiUnavailable
            | Self::ApiNotServed
            | Self::StorageUnknownAuthority
            | Self::StorageUntrusted
            | Self::StorageNotSecure
            | Self::StorageUnreachable
            | Self::StorageRefused
            | Self::CertificateExpired
            | Self::CertificateNotYetValid
            | Self::CertificateUnusable
            | Self::OciPullDenied
            | Self::OciPullNotFound
            | Self::OciPullFailed
            | Self::RegistryRefuses => Severity::Failure,
        }
    }

    pub(super) fn impact(self, about: Component) -> Option<Impact> {
        Some(match self {
            Self::ConfigurationWrong => Impact::Start,
            Self::AddressPlain
            | Self::TlsPlain
            | Self::TlsAnybody
            | Self::PkceMissing
            | Self::OidcPkceMissing
            | Self::TokenOnCommandLine
            | Self::FlowImplicit => Impact::Secrecy,
            Self::TlsExpiresSoon => Impact::Soon,
            Self::CertificateUnusable => Impact::Start,
            Self::CertificateExpired
            | Self::CertificateNotYetValid
            | Self::CertificateOtherName
            | Self::CertificateMade
            | Self::CertificateOfService => Impact::Browsers,
            Self::CertificateExpiresSoon => Impact::BrowsersSoon,
            Self::TlsOwnAuthority => Impact::OwnCertificates,
            Self::ClockOff | Self::ClockFarOff => Impact::Skew,
            Self::PublicHostUnset => Impact::Commands,
            Self::RegistryAbsent => Impact::PullAndPush,
            Self::AccountAbsent
            | Self::AccountMayNotIndex
            | Self::AccountRefused
            | Self::IndexStarting
            | Self::IndexStale
            | Self::IndexOff
            | Self::IndexTokenMissing => Impact::Index,
            Self::KeyOwn => Impact::Sessions,
            Self::RegistryRefuses => Impact::OwnImages,
            Self::RegistryIsNone if about == Component::Person => Impact::Images,
            Self::RouteLacks => Impact::SignIn,
            Self::ApiUnavailable | Self::ApiNotServed => Impact::Api,
            _ => match self.severity() {
                Severity::Failure => Self::failure_impact(about),
                Severity::Unknown => Impact::Certainty,
                Severity::Ok | Severity::Note | Severity::Warning => return None,
            },
        })
    }

    /// The impact of a failing component.
    fn failure_impact(about: Component) -> Impact {
        match about {
            Component::Console | Component::Oauth | Component::OidcProvider => Impact::SignIn,
            Component::ApiServer => Impact::Everything,
            Component::Person => Impact::OwnLook,
            Component::Registry => Impact::Images,
            Component::PublicRegistry => Impact::PullAndPush,
        }
    }
}
