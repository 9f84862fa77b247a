//! Service accounts, and tokens of theirs.
//!
//! Everything here is asked and read as the Kubernetes API reference has it, which is the same from
//! 3.6 on, but for `serviceaccounts/token`, which came with 4 (recorded in `serviceaccount*`,
//! `secret-token*` and `tokenrequest*`).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::requests::service_accounts as requests;
use super::{AsUser, Error, error, note_unreadable, wire};
use crate::outbound::UserToken;
use registry_model::{ProjectName, ServiceAccountName};

/// A robot of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    pub name: ServiceAccountName,
    /// What tells it from another of the same name.
    pub uid: String,
    /// When it was made.
    pub created: Option<DateTime<Utc>>,
    /// Its labels. Untrusted.
    pub labels: BTreeMap<String, String>,
    /// Its annotations. Untrusted.
    pub notes: BTreeMap<String, String>,
}

/// A token, and when it ends by itself.
#[derive(Clone, Debug)]
pub struct IssuedToken {
    pub token: UserToken,
    /// None: it lives as long as what it belongs to.
    pub expires: Option<DateTime<Utc>>,
}

impl AsUser<'_> {
    /// The service accounts of a project that carry a label.
    ///
    /// # Errors
    /// [`Error::Forbidden`], or any other.
    pub async fn service_accounts(
        &self,
        project: &ProjectName,
        label: (&str, &str),
    ) -> Result<Vec<ServiceAccount>, Error> {
        let list: wire::List<wire::ServiceAccount> =
            self.ask(requests::list(project, label)).await?;
        let (accounts, unreadable) = list.read(wire::ServiceAccount::into_public);
        note_unreadable("service accounts", unreadable);
        Ok(accounts)
    }

    /// One service account.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`], or any other.
    pub async fn service_account(
        &self,
        project: &ProjectName,
        name: &ServiceAccountName,
    ) -> Result<ServiceAccount, Error> {
        let found: wire::ServiceAccount = self.ask(requests::get(project, name)).await?;
        found
            .into_public()
            .ok_or_else(|| Error::unreadable("a service account without a valid name"))
    }

    /// Creates a service account.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the name is taken, [`Error::Forbidden`], [`Error::Invalid`], or
    /// any other.
    pub async fn create_service_account(
        &self,
        project: &ProjectName,
        name: &ServiceAccountName,
        label: (&str, &str),
        notes: &[(&str, &str)],
    ) -> Result<(), Error> {
        let notes: BTreeMap<&str, &str> = notes.iter().copied().collect();
        let labels = BTreeMap::from([label]);
        error::done(
            &self
                .send(requests::create(
                    project,
                    name,
                    &json!(labels),
                    &json!(notes),
                ))
                .await?,
        )
    }

    /// Deletes this very service account. Its token secrets go with it.
    ///
    /// # Errors
    /// [`Error::Conflict`] where another one has its name now, [`Error::NotFound`],
    /// [`Error::Forbidden`], or any other.
    pub async fn delete_service_account(
        &self,
        project: &ProjectName,
        account: &ServiceAccount,
    ) -> Result<(), Error> {
        error::done(
            &self
                .send(requests::delete(project, &account.name, &account.uid))
                .await?,
        )
    }

    /// Creates a secret for a token that does not end. The master's controller writes the token
    /// into it a moment later.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the name is taken, [`Error::Forbidden`], or any other.
    pub async fn create_token_secret(
        &self,
        project: &ProjectName,
        secret: &str,
        account: &ServiceAccountName,
    ) -> Result<(), Error> {
        error::done(
            &self
                .send(requests::create_secret(project, secret, account))
                .await?,
        )
    }

    /// The token in such a secret, once it is there.
    ///
    /// # Errors
    /// [`Error::NotFound`] also where the controller took the secret away again,
    /// [`Error::Forbidden`], or any other.
    pub async fn token_of_secret(
        &self,
        project: &ProjectName,
        secret: &str,
        account: &ServiceAccountName,
    ) -> Result<Option<IssuedToken>, Error> {
        let found: wire::TokenSecret = self.ask(requests::secret(project, secret)).await?;
        Ok(found.token_of(account.as_str()).map(|token| IssuedToken {
            token,
            expires: None,
        }))
    }

    /// A token that ends by itself. The master may give it a shorter life than was asked for.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the version has no such requests, [`Error::Forbidden`], or any
    /// other.
    pub async fn request_token(
        &self,
        project: &ProjectName,
        account: &ServiceAccountName,
        seconds: i64,
    ) -> Result<IssuedToken, Error> {
        let issued: Result<wire::TokenRequest, Error> =
            self.ask(requests::token(project, account, seconds)).await;
        // The group is there, this part of it is not.
        let issued = issued.map_err(|error| {
            if matches!(error, Error::NotServed) {
                Error::NotFound
            } else {
                error
            }
        })?;
        issued
            .into_public()
            .ok_or_else(|| Error::unreadable("a token request without a token that ends"))
    }
}
