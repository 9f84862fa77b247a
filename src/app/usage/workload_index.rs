//! Which workloads of the index a user may see.
//!
//! The index is read with the console's own right, so it decides nothing: for each user, project and
//! kind the API server confirms that they may list it. The confirmation is cached for a minute at
//! most and invalidated at sign-out. What the API server does not confirm counts as forbidden.
//!
//! The API server is asked one access review for each kind. One `SelfSubjectRulesReview` for a
//! project would do with fewer requests, but it lists rules of roles: it knows neither the scopes of
//! a token nor other authorizers, so that it can name rights which the API server would then refuse.

mod grouped;

use std::sync::Arc;

use futures_util::future::join_all;

use super::MissingKinds;
use super::load::add_missing;
use crate::app::AppForUser;
use crate::app::failure::Failure;
use crate::app::loading_cache::LoadedValue;
use crate::app::section::Section;
use crate::index::WorkloadSnapshot;
use crate::openshift::ApiError;
pub(in crate::app) use grouped::GroupedWorkloads;
use registry_model::{ProjectName, WorkloadKind};

/// A set of kinds of workloads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct KindSet(u16);

/// The kinds of workloads in the index that a user may list, in a project or in the whole cluster.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct ListableKinds {
    allowed: KindSet,
    not_allowed: KindSet,
    /// Those for which the API server did not answer.
    missing: Vec<MissingKinds>,
}

impl KindSet {
    pub(super) fn contains(self, kind: WorkloadKind) -> bool {
        self.0 & (1 << kind as u16) != 0
    }

    fn insert(&mut self, kind: WorkloadKind) {
        self.0 |= 1 << kind as u16;
    }

    /// The kinds, in their order.
    pub(super) fn iter(self) -> impl Iterator<Item = WorkloadKind> {
        let kinds = WorkloadKind::ALL.into_iter();
        kinds.filter(move |kind| self.contains(*kind))
    }
}

impl ListableKinds {
    pub(super) fn allowed(&self) -> KindSet {
        self.allowed
    }

    pub(super) fn not_allowed(&self) -> KindSet {
        self.not_allowed
    }

    pub(super) fn missing(&self) -> &[MissingKinds] {
        &self.missing
    }

    /// The approximate memory in bytes.
    pub(in crate::app) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.missing.len() * size_of::<MissingKinds>()
    }
}

impl AppForUser<'_> {
    /// The kinds of `indexed` that the user may list, as the API server confirmed within the last
    /// minute.
    pub(super) async fn listable_kinds(
        &self,
        indexed: &WorkloadSnapshot,
        project: Option<&ProjectName>,
    ) -> Result<Arc<ListableKinds>, Failure> {
        let load = async {
            let listable = self.review_kinds(indexed, project).await?;
            Ok(LoadedValue {
                // What the API server could not answer now, it may answer soon.
                is_cacheable: listable.missing.is_empty(),
                value: Arc::new(listable),
            })
        };
        let cache = &self.app.user_caches.listable_kinds;
        cache.get(self.token, project, load).await
    }

    /// The kinds of `indexed` that the user may list, as the API server answers now.
    pub(super) async fn review_kinds(
        &self,
        indexed: &WorkloadSnapshot,
        project: Option<&ProjectName>,
    ) -> Result<ListableKinds, Failure> {
        let kinds = WorkloadKind::ALL.into_iter();
        let kinds = kinds.filter(|kind| indexed.kind(*kind).is_some());
        let reviews = kinds.map(|kind| async move {
            let _permit = self.app.list_permits.acquire().await;
            (
                kind,
                self.api_server.can_list_workloads(kind, project).await,
            )
        });
        let mut listable = ListableKinds::default();
        for (kind, answer) in join_all(reviews).await {
            match answer {
                Ok(true) => listable.allowed.insert(kind),
                Ok(false) => listable.not_allowed.insert(kind),
                // A kind that the cluster does not have has no workloads.
                Err(ApiError::NotServed) => {}
                Err(ApiError::TokenRefused) => return Err(Failure::SignInRequired),
                Err(error) => {
                    if let Section::Missing { missing: why } = Section::<()>::from(Err(error)) {
                        add_missing(&mut listable.missing, kind, why);
                    }
                }
            }
        }
        Ok(listable)
    }
}
