//! The schemas of the types that are serialized.

use std::collections::{BTreeMap, BTreeSet};

use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use super::operation::{ApiOperation, NamedSchemas};

/// The schemas of all bodies of these operations, by name. Members of answers that can be `null` are
/// always there.
///
/// # Panics
///
/// If two types have the same name: one of them would be documented as the other.
pub(super) fn schemas_of<'o>(
    operations: impl Iterator<Item = &'o ApiOperation>,
) -> BTreeMap<String, RefOr<Schema>> {
    let (mut requests, mut all) = (NamedSchemas::new(), NamedSchemas::new());
    for operation in operations {
        if let Some(content) = &operation.request {
            (content.add_schemas)(&mut requests);
        }
        for (_, content) in operation.answers() {
            (content.add_schemas)(&mut all);
        }
    }
    for (_, schema) in &mut all {
        require_nullable_members(schema);
    }
    all.extend(requests);
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

/// Makes every member that can be `null` a required one. Types that leave a member out instead say
/// that it cannot be `null`.
pub(super) fn require_nullable_members(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else {
        return;
    };
    let parts = match schema {
        Schema::Object(object) => {
            for (name, member) in &mut object.properties {
                require_nullable_members(member);
                if allows_null(member) && !object.required.contains(name) {
                    object.required.push(name.clone());
                }
            }
            if let Some(AdditionalProperties::RefOr(values)) =
                object.additional_properties.as_deref_mut()
            {
                require_nullable_members(values);
            }
            return;
        }
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                require_nullable_members(items);
            }
            return;
        }
        Schema::AllOf(all) => &mut all.items,
        Schema::OneOf(one) => &mut one.items,
        Schema::AnyOf(any) => &mut any.items,
        _ => return,
    };
    parts.iter_mut().for_each(require_nullable_members);
}

fn allows_null(schema: &RefOr<Schema>) -> bool {
    let RefOr::T(schema) = schema else {
        return false;
    };
    let is_null = |kind: &SchemaType| match kind {
        SchemaType::Type(kind) => *kind == Type::Null,
        SchemaType::Array(kinds) => kinds.contains(&Type::Null),
        SchemaType::AnyValue => false,
    };
    match schema {
        Schema::Object(object) => is_null(&object.schema_type),
        Schema::Array(array) => is_null(&array.schema_type),
        Schema::OneOf(one) => one.items.iter().any(allows_null),
        Schema::AnyOf(any) => any.items.iter().any(allows_null),
        _ => false,
    }
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
