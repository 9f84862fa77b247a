//! The schemas of the types that are serialized.

use std::collections::{BTreeMap, BTreeSet};

use utoipa::openapi::{RefOr, Schema};

use super::operation::{ApiOperation, NamedSchemas};

/// The schemas of all bodies of these operations, by name.
///
/// # Panics
///
/// If two types have the same name: one of them would be documented as the other.
pub(super) fn schemas_of<'o>(
    operations: impl Iterator<Item = &'o ApiOperation>,
) -> BTreeMap<String, RefOr<Schema>> {
    let mut all = NamedSchemas::new();
    for operation in operations {
        for content in operation.request.iter().chain(&operation.answer) {
            (content.add_schemas)(&mut all);
        }
    }
    let mut schemas = BTreeMap::new();
    for (name, schema) in all {
        let other = schemas.insert(name.clone(), schema.clone());
        let is_same = other.is_none_or(|other| other == schema);
        assert!(
            is_same,
            "two types have the name {name} in the API document"
        );
    }
    schemas
}

/// The members of a type: those of an object, and of all parts of a composed schema.
pub(super) fn members_of(
    schema: &RefOr<Schema>,
    schemas: &BTreeMap<String, RefOr<Schema>>,
) -> BTreeSet<String> {
    let parts = match schema {
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next();
            return name
                .and_then(|name| schemas.get(name))
                .map(|schema| members_of(schema, schemas))
                .unwrap_or_default();
        }
        RefOr::T(Schema::Object(object)) => return object.properties.keys().cloned().collect(),
        RefOr::T(Schema::AllOf(all)) => &all.items,
        RefOr::T(Schema::OneOf(one)) => &one.items,
        RefOr::T(Schema::AnyOf(any)) => &any.items,
        RefOr::T(_) => return BTreeSet::new(),
    };
    parts
        .iter()
        .flat_map(|part| members_of(part, schemas))
        .collect()
}
