//! The tables as the migrations make them; a structure test holds this file against both engines.
//!
//! The file is longer than 400 lines: all tables stand in one place, as Diesel writes them.

diesel::table! {
    changes (seq) {
        seq -> BigInt,
        at -> Timestamp,
        kind -> Text,
        resource -> Text,
        resource_id -> Text,
        version -> Nullable<BigInt>,
    }
}

diesel::table! {
    audit_events (id) {
        id -> Text,
        seq -> BigInt,
        at -> Timestamp,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        action -> Text,
        resource -> Text,
        resource_id -> Text,
        request_id -> Nullable<Text>,
        detail -> Nullable<Text>,
    }
}

diesel::table! {
    audit_seals (seq) {
        seq -> BigInt,
        hash -> Text,
        sealed_at -> Timestamp,
    }
}

diesel::table! {
    idempotency_keys (principal, idempotency_key) {
        principal -> Text,
        idempotency_key -> Text,
        route -> Text,
        request_hash -> Text,
        status -> Integer,
        resource_id -> Text,
        revision -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    settings (id) {
        id -> BigInt,
        revision -> BigInt,
        site_name -> Text,
        base_url -> Text,
        time_zone -> Text,
        default_language -> Text,
        territory -> Text,
        copyright_holder -> Text,
        public_extent -> Text,
        public_excerpt_chars -> BigInt,
        acquire_licence_url -> Nullable<Text>,
        public_max_age_seconds -> BigInt,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    users (id) {
        id -> Text,
        revision -> BigInt,
        email -> Text,
        name -> Text,
        role -> Text,
        password_hash -> Text,
        active -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        user_id -> Text,
        user_agent -> Nullable<Text>,
        created_at -> Timestamp,
        last_used_at -> Timestamp,
        expires_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Text,
        session_id -> Text,
        issued_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    signing_keys (kid) {
        kid -> Text,
        purpose -> Text,
        public_key -> Text,
        sealed_private_key -> Text,
        created_at -> Timestamp,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    clients (id) {
        id -> Text,
        revision -> BigInt,
        name -> Text,
        kind -> Text,
        channel -> Text,
        territory -> Nullable<Text>,
        scopes -> Text,
        key_hash -> Text,
        key_hint -> Text,
        publishable -> Bool,
        allowed_origins -> Text,
        expires_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        partner_id -> Nullable<Text>,
    }
}

diesel::table! {
    sections (id) {
        id -> Text,
        revision -> BigInt,
        slug -> Text,
        name -> Text,
        name_key -> Text,
        parent_id -> Nullable<Text>,
        position -> BigInt,
        description -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    authors (id) {
        id -> Text,
        revision -> BigInt,
        name -> Text,
        name_key -> Text,
        real_name -> Nullable<Text>,
        kind -> Text,
        bio -> Text,
        contact -> Nullable<Text>,
        active -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    sources (id) {
        id -> Text,
        revision -> BigInt,
        name -> Text,
        name_key -> Text,
        credit_label -> Text,
        aliases -> Text,
        official_forms -> Text,
        kind -> Text,
        homepage_url -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    source_names (name_key) {
        name_key -> Text,
        source_id -> Text,
    }
}

diesel::table! {
    source_registrations (source_id, position) {
        source_id -> Text,
        position -> BigInt,
        list_edition -> Text,
        valid_from -> Timestamp,
        valid_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    registry_editions (id) {
        id -> Text,
        name -> Text,
        name_key -> Text,
        valid_from -> Timestamp,
        valid_until -> Nullable<Timestamp>,
        digest -> Text,
        entries -> BigInt,
        imported_at -> Timestamp,
        imported_by -> Nullable<Text>,
        reviews_due_at -> Nullable<Timestamp>,
        review_source -> Nullable<Text>,
        review_from -> Nullable<Timestamp>,
        review_article -> Nullable<Text>,
    }
}

diesel::table! {
    registry_entries (edition_id, position) {
        edition_id -> Text,
        position -> BigInt,
        name -> Text,
        name_key -> Text,
        category -> Nullable<Text>,
        region -> Nullable<Text>,
        homepage_url -> Nullable<Text>,
    }
}

diesel::table! {
    registry_reviews (id) {
        id -> Text,
        edition_id -> Text,
        source_id -> Text,
        article_id -> Text,
        reprint_at -> Timestamp,
        due_at -> Timestamp,
        status -> Text,
        decision -> Nullable<Text>,
        note -> Nullable<Text>,
        resolved_by -> Nullable<Text>,
        resolved_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    inbound_grants (id) {
        id -> Text,
        revision -> BigInt,
        source_id -> Text,
        channels -> Text,
        territories -> Text,
        valid_from -> Timestamp,
        valid_until -> Nullable<Timestamp>,
        max_extent -> Text,
        may_redistribute -> Bool,
        alteration -> Text,
        ai_input -> Bool,
        ai_train -> Bool,
        evidence_ref -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    notices (id) {
        id -> Text,
        revision -> BigInt,
        kind -> Text,
        language -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    notice_revisions (notice_id, n) {
        notice_id -> Text,
        n -> BigInt,
        text -> Text,
        contact -> Nullable<Text>,
        claim_window_days -> Nullable<BigInt>,
        effective_from -> Timestamp,
        created_at -> Timestamp,
        created_by -> Nullable<Text>,
    }
}

diesel::table! {
    articles (id) {
        id -> Text,
        revision -> BigInt,
        stage -> Text,
        head_version -> BigInt,
        live_version -> Nullable<BigInt>,
        publish_at -> Nullable<Timestamp>,
        embargoed_until -> Nullable<Timestamp>,
        unpublish_at -> Nullable<Timestamp>,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawal_class -> Nullable<Text>,
        withdrawal_reason -> Nullable<Text>,
        created_by -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    versions (article_id, n) {
        article_id -> Text,
        n -> BigInt,
        change_kind -> Text,
        note -> Nullable<Text>,
        digest -> Text,
        content -> Text,
        body -> Text,
        created_by -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    version_references (article_id, n, position) {
        article_id -> Text,
        n -> BigInt,
        position -> BigInt,
        role -> Text,
        author_id -> Nullable<Text>,
        section_id -> Nullable<Text>,
        source_id -> Nullable<Text>,
        target_id -> Nullable<Text>,
    }
}

diesel::table! {
    article_slugs (slug) {
        slug -> Text,
        article_id -> Text,
        seen -> Bool,
    }
}

diesel::table! {
    article_agenda (article_id, event) {
        article_id -> Text,
        event -> Text,
        due_at -> Timestamp,
    }
}

diesel::table! {
    article_listings (article_id, side) {
        article_id -> Text,
        side -> Text,
        version -> BigInt,
        stage -> Text,
        visible_from -> Timestamp,
        visible_until -> Timestamp,
        updated_at -> Timestamp,
        title_key -> Text,
        slug -> Text,
        section_id -> Nullable<Text>,
        source_id -> Nullable<Text>,
        editor_id -> Nullable<Text>,
        created_by -> Nullable<Text>,
        origin -> Nullable<Text>,
        language -> Text,
        genre -> Text,
    }
}

diesel::table! {
    article_tags (article_id, side, tag) {
        article_id -> Text,
        side -> Text,
        tag -> Text,
    }
}

diesel::table! {
    article_authors (article_id, side, author_id) {
        article_id -> Text,
        side -> Text,
        author_id -> Text,
    }
}

diesel::table! {
    article_comments (id) {
        id -> Text,
        revision -> BigInt,
        article_id -> Text,
        version -> BigInt,
        block -> Nullable<BigInt>,
        parent_id -> Nullable<Text>,
        text -> Text,
        created_by -> Text,
        created_at -> Timestamp,
        resolved_at -> Nullable<Timestamp>,
        resolved_by -> Nullable<Text>,
    }
}

diesel::table! {
    article_assignments (id) {
        id -> Text,
        revision -> BigInt,
        article_id -> Text,
        user_id -> Text,
        task -> Text,
        note -> Nullable<Text>,
        due_at -> Nullable<Timestamp>,
        open -> Bool,
        created_by -> Text,
        created_at -> Timestamp,
        completed_at -> Nullable<Timestamp>,
        completed_by -> Nullable<Text>,
    }
}

diesel::table! {
    article_previews (id) {
        id -> Text,
        article_id -> Text,
        version -> Nullable<BigInt>,
        issued_by -> Text,
        issued_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    partners (id) {
        id -> Text,
        revision -> BigInt,
        name -> Text,
        name_key -> Text,
        contact -> Nullable<Text>,
        homepage_url -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    licences (id) {
        id -> Text,
        revision -> BigInt,
        partner_id -> Text,
        extent -> Text,
        excerpt_chars -> Nullable<BigInt>,
        channels -> Text,
        territories -> Text,
        valid_from -> Timestamp,
        valid_until -> Nullable<Timestamp>,
        alteration -> Text,
        embargo_privilege -> Bool,
        archive_days -> Nullable<BigInt>,
        quota_per_day -> Nullable<BigInt>,
        cache_max_age_seconds -> BigInt,
        removal_deadline_hours -> BigInt,
        indexing -> Text,
        ai_input -> Bool,
        ai_train -> Bool,
        status -> Text,
        contract_ref -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    licence_selections (licence_id, position) {
        licence_id -> Text,
        position -> BigInt,
        section_id -> Nullable<Text>,
        source_id -> Nullable<Text>,
        article_id -> Nullable<Text>,
        language -> Nullable<Text>,
        tag -> Nullable<Text>,
    }
}

diesel::table! {
    deliveries (id) {
        id -> Text,
        at -> Timestamp,
        day -> Text,
        partner_id -> Text,
        client_id -> Text,
        licence_id -> Text,
        licence_revision -> BigInt,
        article_id -> Text,
        section_id -> Nullable<Text>,
        version -> BigInt,
        digest -> Text,
        content_digest -> Text,
        credit_line -> Text,
        extent -> Text,
        format -> Text,
        surface -> Text,
        attestation_id -> Nullable<Text>,
        request_id -> Nullable<Text>,
    }
}

diesel::table! {
    delivery_counts (licence_id, day) {
        licence_id -> Text,
        day -> Text,
        delivered -> BigInt,
    }
}

diesel::table! {
    attestations (jti) {
        jti -> Text,
        subject -> Text,
        partner_id -> Text,
        licence_id -> Text,
        article_id -> Text,
        token -> Text,
        issued_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    claims (id) {
        id -> Text,
        revision -> BigInt,
        kind -> Text,
        stage -> Text,
        requested_action -> Text,
        subject -> Nullable<Text>,
        article_id -> Nullable<Text>,
        claimant -> Nullable<Text>,
        grounds -> Nullable<Text>,
        fingerprint -> Nullable<Text>,
        token_hash -> Text,
        published_at -> Nullable<Timestamp>,
        window_days -> Nullable<BigInt>,
        window_ends_at -> Nullable<Timestamp>,
        within_window -> Nullable<Bool>,
        received_at -> Timestamp,
        acknowledged_at -> Nullable<Timestamp>,
        decided_at -> Nullable<Timestamp>,
        decision -> Nullable<Text>,
        remedy -> Nullable<Text>,
        decision_reason -> Nullable<Text>,
        counter_notice -> Nullable<Text>,
        countered_at -> Nullable<Timestamp>,
        restored_at -> Nullable<Timestamp>,
        closed_at -> Nullable<Timestamp>,
        withdrawn_at -> Nullable<Timestamp>,
        internal_note -> Nullable<Text>,
        due_at -> Timestamp,
        erase_at -> Timestamp,
        personal_data_erased_at -> Nullable<Timestamp>,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    claim_messages (claim_id, n) {
        claim_id -> Text,
        n -> BigInt,
        author -> Text,
        user_id -> Nullable<Text>,
        text -> Nullable<Text>,
        at -> Timestamp,
    }
}

diesel::table! {
    legal_holds (id) {
        id -> Text,
        claim_id -> Text,
        article_id -> Text,
        source_id -> Nullable<Text>,
        frozen_at -> Timestamp,
        version -> BigInt,
        digest -> Text,
        text_digest -> Text,
        source -> Nullable<Text>,
        ledger_count -> BigInt,
        ledger_digest -> Text,
        is_interim -> Bool,
        released_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    legal_hold_deliveries (hold_id, delivery_id) {
        hold_id -> Text,
        delivery_id -> Text,
    }
}

diesel::table! {
    advisories (id) {
        id -> Text,
        revision -> BigInt,
        partner_id -> Text,
        article_id -> Text,
        version -> BigInt,
        kind -> Text,
        reason_class -> Nullable<Text>,
        text -> Nullable<Text>,
        issued_at -> Timestamp,
        due_at -> Timestamp,
        status -> Text,
        remind_at -> Nullable<Timestamp>,
        reminders -> BigInt,
        last_reminded_at -> Nullable<Timestamp>,
        acknowledged_at -> Nullable<Timestamp>,
        acknowledged_by_kind -> Nullable<Text>,
        acknowledged_by -> Nullable<Text>,
        acknowledged_with -> Nullable<Text>,
        action -> Nullable<Text>,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    jobs (id) {
        id -> Text,
        kind -> Text,
        params -> Text,
        state -> Text,
        total -> BigInt,
        done -> BigInt,
        failed -> BigInt,
        error -> Nullable<Text>,
        created_by -> Text,
        request_id -> Nullable<Text>,
        created_at -> Timestamp,
        started_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
        lease_owner -> Nullable<Text>,
        lease_until -> Timestamp,
        items_kept -> Bool,
    }
}

diesel::table! {
    job_items (job_id, n) {
        job_id -> Text,
        n -> BigInt,
        target_id -> Text,
        state -> Text,
        status -> Nullable<Integer>,
        revision -> Nullable<BigInt>,
        problem -> Nullable<Text>,
    }
}

diesel::table! {
    search_docs (article_id, side) {
        article_id -> Text,
        side -> Text,
        version -> BigInt,
        doc -> BigInt,
        prints -> BigInt,
    }
}

diesel::table! {
    search_progress (id) {
        id -> BigInt,
        done_until -> Text,
        is_complete -> Bool,
    }
}

diesel::table! {
    dictionary_words (id) {
        id -> Text,
        word -> Text,
        word_key -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    ingests (id) {
        id -> Text,
        digest -> Text,
        article_id -> Text,
        media_type -> Text,
        report -> Text,
        raw -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    wire_items (guid_key) {
        guid_key -> Text,
        guid -> Text,
        version -> Nullable<Text>,
        version_created_at -> Nullable<Timestamp>,
        digest -> Text,
        status -> Text,
        article_id -> Nullable<Text>,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    search_prints (fingerprint, doc) {
        fingerprint -> BigInt,
        doc -> BigInt,
    }
}

diesel::table! {
    client_feeds (client_id) {
        client_id -> Text,
        revision -> BigInt,
        last_n -> BigInt,
        seen_seq -> BigInt,
        seen_at -> Timestamp,
        sweep_after -> Nullable<Text>,
        sweep_again -> Bool,
    }
}

diesel::table! {
    client_changes (client_id, n) {
        client_id -> Text,
        n -> BigInt,
        id -> Text,
        at -> Timestamp,
        kind -> Text,
        article_id -> Text,
        version -> Nullable<BigInt>,
        extent -> Nullable<Text>,
        reason_class -> Nullable<Text>,
        advisory_id -> Nullable<Text>,
    }
}

diesel::table! {
    client_holdings (client_id, article_id) {
        client_id -> Text,
        article_id -> Text,
        version -> BigInt,
        is_embargoed -> Bool,
        is_gone -> Bool,
        seen_seq -> BigInt,
        fingerprint -> Text,
        recheck_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    webhooks (id) {
        id -> Text,
        revision -> BigInt,
        client_id -> Text,
        url -> Text,
        description -> Nullable<Text>,
        types -> Text,
        enabled -> Bool,
        secret -> Text,
        old_secret -> Nullable<Text>,
        old_secret_until -> Nullable<Timestamp>,
        position -> BigInt,
        starts_at -> Timestamp,
        begins -> Bool,
        passes_until -> BigInt,
        last_n -> BigInt,
        failures -> BigInt,
        held_until -> Timestamp,
        last_delivered_at -> Nullable<Timestamp>,
        disabled_at -> Nullable<Timestamp>,
        disabled_reason -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    webhook_messages (id) {
        id -> Text,
        webhook_id -> Text,
        n -> BigInt,
        stream -> Text,
        kind -> Text,
        change_id -> Nullable<Text>,
        body -> Text,
        state -> Text,
        attempts -> BigInt,
        due_at -> Timestamp,
        lease_until -> Timestamp,
        first_attempt_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    webhook_attempts (message_id, n) {
        message_id -> Text,
        n -> BigInt,
        at -> Timestamp,
        outcome -> Text,
        status -> Nullable<Integer>,
        took_ms -> Nullable<BigInt>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    advisories,
    article_agenda,
    article_assignments,
    article_authors,
    article_comments,
    article_listings,
    article_previews,
    article_slugs,
    article_tags,
    articles,
    attestations,
    audit_events,
    audit_seals,
    authors,
    changes,
    claim_messages,
    claims,
    client_changes,
    client_feeds,
    client_holdings,
    clients,
    deliveries,
    delivery_counts,
    dictionary_words,
    idempotency_keys,
    inbound_grants,
    ingests,
    job_items,
    jobs,
    legal_hold_deliveries,
    legal_holds,
    licence_selections,
    licences,
    notice_revisions,
    notices,
    partners,
    refresh_tokens,
    registry_editions,
    registry_entries,
    registry_reviews,
    search_docs,
    search_prints,
    search_progress,
    sections,
    sessions,
    settings,
    signing_keys,
    source_names,
    source_registrations,
    sources,
    users,
    version_references,
    versions,
    wire_items,
);
