//! Which works a licence selects, as conditions on the listing rows: one for each kind of thing
//! that a licence names. They stand here because more than one noun needs them, and no noun may
//! ask another one's store.
//!
//! What a licence names is looked up where it stands: a partner may hold a hundred licences that
//! name hundreds of things each, and no statement binds as many values.

use diesel::dsl::{auto_type, exists, sql};
use diesel::expression::UncheckedBind;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::schema::{article_listings as listings, article_tags, licence_selections as selections};

/// The work is named as a single one.
#[auto_type]
pub fn single(licence: String) -> _ {
    exists(
        selections::table
            .filter(selections::licence_id.eq(licence))
            .filter(selections::article_id.eq(listings::article_id.nullable())),
    )
}

/// The work's source is named.
#[auto_type]
pub fn by_source(licence: String) -> _ {
    exists(
        selections::table
            .filter(selections::licence_id.eq(licence))
            .filter(selections::source_id.eq(listings::source_id)),
    )
}

/// The work's language lies in a range that is named (RFC 4647, basic filtering).
#[auto_type]
pub fn by_language(licence: String) -> _ {
    exists(
        selections::table
            .filter(selections::licence_id.eq(licence))
            .filter(selections::language.is_not_null())
            .filter(
                listings::language
                    .eq(selections::language.assume_not_null())
                    .or(listings::language
                        .like(selections::language.assume_not_null().concat("-%"))),
            ),
    )
}

/// One of the work's tags is named.
#[auto_type]
pub fn by_tag(licence: String) -> _ {
    exists(
        article_tags::table
            .inner_join(selections::table.on(selections::tag.eq(article_tags::tag.nullable())))
            .filter(selections::licence_id.eq(licence))
            .filter(article_tags::side.eq(listings::side))
            .filter(article_tags::article_id.eq(listings::article_id)),
    )
}

/// The section of the work, or one above it, is named. The query builder has no recursion; both
/// engines read this the same.
pub fn by_section(
    licence: String,
) -> diesel::expression::SqlLiteral<
    Bool,
    UncheckedBind<diesel::expression::SqlLiteral<Bool>, diesel::dsl::AsExprOf<String, Text>>,
> {
    sql::<Bool>(
        "EXISTS (WITH RECURSIVE above (id) AS (\
         SELECT article_listings.section_id UNION \
         SELECT sections.parent_id FROM sections JOIN above ON sections.id = above.id \
         WHERE sections.parent_id IS NOT NULL) \
         SELECT 1 FROM above JOIN licence_selections ON licence_selections.section_id = above.id \
         WHERE licence_selections.licence_id = ",
    )
    .bind::<Text, _>(licence)
    .sql(")")
}
