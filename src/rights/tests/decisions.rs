//! What holds of every decision, whatever the rule book says about the case.

use proptest::prelude::*;

use super::oracle::{pairs, unlicensed};
use super::worlds::{OF_A_DECISION, World, cases, worlds};
use super::*;
use crate::rights::explain::missing;

/// How much is given: the extent and, of an excerpt, its length. Nothing is less than a stub.
fn amount(world: &World) -> Option<(Extent, usize)> {
    let decision = world.decide().ok()?;
    let chars = decision.excerpt_chars;
    let is_excerpt = decision.extent == Extent::Excerpt;
    Some((decision.extent, if is_excerpt { chars } else { 0 }))
}

proptest! {
    #![proptest_config(cases(OF_A_DECISION))]

    #[test]
    fn less_held_is_never_more_given(world in worlds()) {
        for n in 0..world.licences().len() {
            let mut fewer = world.licences().to_vec();
            fewer.remove(n);
            prop_assert!(amount(&world.holding(fewer)) <= amount(&world));
        }
        for n in 0..world.rights.grants.len() {
            let mut fewer = world.rights.grants.clone();
            fewer.remove(n);
            prop_assert!(amount(&world.under(fewer)) <= amount(&world));
        }
    }

    #[test]
    fn the_order_of_licences_and_grants_does_not_matter(world in worlds()) {
        let mut licences = world.licences().to_vec();
        let mut grants = world.rights.grants.clone();
        for _ in 0..3 {
            licences.reverse();
            prop_assert_eq!(world.holding(licences.clone()).decide(), world.decide());
            grants.reverse();
            prop_assert_eq!(world.under(grants.clone()).decide(), world.decide());
            let turn = usize::from(licences.len() > 1);
            licences.rotate_left(turn);
            let turn = usize::from(grants.len() > 1);
            grants.rotate_left(turn);
        }
    }

    #[test]
    fn what_is_revoked_suspended_or_over_is_as_if_it_had_never_been(world in worlds()) {
        for n in 0..world.licences().len() {
            let mut fewer = world.licences().to_vec();
            fewer.remove(n);
            let without = world.holding(fewer).decide();
            for status in [LicenceStatus::Revoked, LicenceStatus::Suspended] {
                let mut licences = world.licences().to_vec();
                licences[n].status = status;
                prop_assert_eq!(&world.holding(licences).decide(), &without);
            }
            let mut licences = world.licences().to_vec();
            licences[n].valid_until = Some(world.now);
            prop_assert_eq!(&world.holding(licences).decide(), &without);
        }
        for n in 0..world.rights.grants.len() {
            let mut fewer = world.rights.grants.clone();
            fewer.remove(n);
            let mut grants = world.rights.grants.clone();
            grants[n].valid_until = Some(world.now);
            prop_assert_eq!(world.under(grants).decide(), world.under(fewer).decide());
        }
    }

    #[test]
    fn an_end_that_is_told_is_exact(world in worlds()) {
        // What is yet to begin can only add to what is told: it is left out here.
        let begun = world.licences().iter().filter(|l| l.valid_from <= world.now).cloned().collect();
        let world = world.holding(begun);
        let begun = world.rights.grants.iter().filter(|g| g.valid_from <= world.now).cloned().collect();
        let world = world.under(begun);
        let decision = world.decide();
        if world.is_desk() || decision.is_err() {
            return Ok(());
        }
        let until = decision.as_ref().unwrap().valid_until;
        for at in world.instants().into_iter().filter(|at| *at > world.now) {
            if until.is_none_or(|until| at < until) {
                prop_assert_eq!(&world.at(at).decide(), &decision, "{}", at);
            }
        }
        if let Some(until) = until {
            prop_assert!(until > world.now);
            prop_assert_eq!(&world.at(until - tick()).decide(), &decision);
            prop_assert_ne!(&world.at(until).decide(), &decision);
        }
    }

    #[test]
    fn nothing_is_lost_before_the_end_that_is_told(world in worlds()) {
        let Ok(decision) = world.decide() else { return Ok(()) };
        for at in world.instants().into_iter().filter(|at| *at > world.now) {
            if !world.is_desk() && decision.valid_until.is_none_or(|until| at < until) {
                prop_assert!(amount(&world.at(at)) >= amount(&world), "{at}");
            }
        }
    }

    #[test]
    fn nothing_is_more_than_one_licence_and_one_grant_hold(world in worlds()) {
        let Some(granted) = world.decide().ok().and_then(|decision| decision.granted) else { return Ok(()) };
        let licence = world.licences().iter().find(|l| l.id == granted.licence).unwrap();
        let within = |theirs: Option<DateTime<Utc>>| theirs.is_none_or(|end| granted.valid_until.is_some_and(|until| until <= end));
        prop_assert!(granted.extent <= licence.extent && granted.alteration <= licence.alteration);
        prop_assert!(within(licence.valid_until));
        prop_assert!(licence.ai_input >= granted.ai_input && licence.ai_train >= granted.ai_train);
        let reprint = world.rights.origin() == Some(Origin::Reprint);
        prop_assert_eq!(granted.grant.is_some(), reprint);
        if let Some(grant) = world.rights.grants.iter().find(|g| Some(g.id) == granted.grant) {
            prop_assert!(grant.may_redistribute && within(grant.valid_until));
            prop_assert!(granted.extent <= grant.max_extent && granted.alteration <= grant.alteration);
            prop_assert!(grant.ai_input >= granted.ai_input && grant.ai_train >= granted.ai_train);
        }
        prop_assert!(pairs(&world).iter().any(|pair| pair.extent == granted.extent));
    }

    #[test]
    fn a_prohibition_beats_every_permission(world in worlds()) {
        let outside = !world.is_desk() && world.use_.audience != Audience::FirstParty;
        let stub = |world: &World| amount(world).is_none_or(|amount| amount.0 == Extent::Stub);
        let mut kept = world.rights.grants.clone();
        kept.iter_mut().for_each(|grant| grant.may_redistribute = false);
        let kept = world.under(kept);
        prop_assert!(!outside || world.rights.origin() == Some(Origin::Own) || stub(&kept));
        let mut blind = world.licences().to_vec();
        for licence in &mut blind {
            (licence.ai_input, licence.ai_train) = (false, false);
        }
        prop_assert!(world.use_.audience != Audience::AiCrawler || stub(&world.holding(blind)));
        let mut ended = world.clone();
        ended.rights.lifecycle.withdrawal = Some(Withdrawal { at: world.now, reason_class: ReasonClass::Editorial, reason: String::new() });
        prop_assert!(world.is_desk() || ended.decide().is_err());
    }

    #[test]
    fn nothing_goes_to_where_nobody_knows(world in worlds()) {
        let mut nowhere = world.clone();
        nowhere.use_.territory = None;
        if world.is_licensable() {
            prop_assert!(amount(&nowhere).is_none_or(|amount| amount.0 == Extent::Stub));
            prop_assert!(nowhere.decide().is_ok_and(|decision| decision.granted.is_none()) || nowhere.decide().is_err());
        }
    }

    #[test]
    fn an_explanation_explains(world in worlds()) {
        let mut steps = Vec::new();
        let traced = decide_traced(&world.rights, &world.use_, world.now, &mut steps);
        prop_assert_eq!(&traced, &world.decide());
        prop_assert!(!steps.is_empty());
        // Who gets no body under a licence is told why; who gets one is refused nothing.
        if let (Ok(decision), true, true) = (&traced, world.is_licensable(), world.rights.source.is_some()) {
            prop_assert!(decision.extent >= Extent::Excerpt || !missing(&steps).is_empty());
        }
        for step in steps.iter().filter(|step| step.fact == "grant") {
            prop_assert!(step.axis.is_none() || !step.holds);
        }
    }

    #[test]
    fn readers_without_licences_get_what_sources_and_settings_allow(world in worlds()) {
        let plain = World { use_: Use { holder: None, ..world.use_.clone() }, ..world };
        if let Ok(decision) = plain.decide() && !plain.is_desk() {
            prop_assert!(decision.granted.is_none() && !decision.embargoed);
            let expected = if plain.rights.source.is_some() { unlicensed(&plain, plain.now) } else { Extent::Stub };
            prop_assert_eq!(decision.extent, expected);
            prop_assert_eq!(decision.excerpt_chars, plain.rights.site.public_excerpt_chars);
        }
    }
}
