//! `GET /claims`: published figures beside what their own parts give.

use axum::extract::State;
use base::{Day, grouped, short_day};
use lang::Lang;
use maud::{Markup, html};
use packs::{Catalogue, Claim, Part, Share};
use serde::Deserialize;
use web::pieces::{self, Badge, Tab};
use web::{Asked, Frame, Ground, PageResult, Query, Section, layout};

use super::view::View;
use crate::Desk;
use crate::claims::{Finding, Verdict, judge};

#[derive(Deserialize)]
pub(crate) struct Wish {
    only: Option<String>,
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult {
    let view = View::open(&desk, &asked, None, None).await?;
    let lang = view.lang;
    let catalogue = &*view.catalogue;
    let claims = catalogue.claims();
    let mut judged: Vec<(&Claim, Finding)> =
        claims.into_iter().map(|claim| (claim, judge(claim))).collect();
    // Those that do not add up come first; the rest keeps its order.
    judged.sort_by_key(|(_, finding)| finding.verdict != Verdict::Contradicts);
    let all = judged.len();
    let wrong = judged.iter().filter(|(_, it)| it.verdict == Verdict::Contradicts).count();
    let only = wish.only.as_deref() == Some("contradictions");
    judged.retain(|(_, finding)| !only || finding.verdict == Verdict::Contradicts);
    let title = lang::nav::claims(lang);
    let shown: Vec<&Claim> = judged.iter().map(|(claim, _)| *claim).collect();
    let frame = Frame::new(&asked, Section::Claims, title).ground(ground(lang, &shown));
    let number = |count: usize| grouped(lang, i64::try_from(count).unwrap_or_default());
    let labels = [
        lang::claims::show_all(lang, number(all)),
        lang::claims::show_contradictions(lang, number(wrong)),
    ];
    let tabs = [
        Tab { label: &labels[0], href: "/claims" },
        Tab { label: &labels[1], href: "/claims?only=contradictions" },
    ];
    let body = html! {
        (pieces::heading(title, Some(lang::claims::lead(lang))))
        (pieces::tabs(lang::claims::filter(lang), &tabs, usize::from(only)))
        @if judged.is_empty() { (pieces::empty(lang::claims::nothing(lang), None)) }
        @for (claim, finding) in &judged { (one(lang, catalogue, claim, finding)) }
    };
    Ok(layout(&frame, body))
}

/// Each figure stands on the map of its own day; none of them was made up.
fn ground(lang: Lang, claims: &[&Claim]) -> Ground {
    let mut lines = vec![lang::figures::ground_claims_map(lang).to_owned()];
    let days = || claims.iter().filter_map(|claim| claim.said_on.parse::<Day>().ok());
    lines.extend(days().min().zip(days().max()).map(|(first, last)| {
        let (first, last) = (short_day(first), short_day(last));
        lang::figures::ground_claims(lang, lang::figures::GroundClaims { first, last })
    }));
    Ground { lines, made_up: false }
}

/// A day of a claim as people write it.
fn day(text: &str) -> String {
    text.parse::<Day>().map_or_else(|_| text.to_owned(), short_day)
}

fn one(lang: Lang, catalogue: &Catalogue, claim: &Claim, finding: &Finding) -> Markup {
    let parts = parts(lang, catalogue, claim);
    let mut terms = vec![(lang::claims::said(lang), html! { strong { (claim.said.say(lang)) } })];
    terms.extend(parts.iter().map(|(name, value)| (name.as_str(), html! { (value) })));
    if let Some(computed) = finding.computed_words(lang) {
        terms.push((lang::claims::computed(lang), html! { strong { (computed) "%" } }));
    }
    if let Some(rule) = &claim.basis_rule {
        terms.push((lang::claims::basis_rule(lang), html! { (rule.say(lang)) }));
    }
    terms.push((lang::claims::note(lang), html! { (claim.note.say(lang)) }));
    terms.push((lang::claims::source(lang), html! { (claim.source.say(lang)) }));
    terms.push((lang::claims::said_on(lang), html! { (day(&claim.said_on)) }));
    terms.push((lang::figures::map(lang), html! { (day(&claim.unit_on)) }));
    html! {
        h2 id=(claim.id) { (claim.id) ". " (claim.title.say(lang)) }
        p { (verdict(lang, finding.verdict)) " " (finding.why(lang, catalogue)) }
        (pieces::definition_list(&terms))
    }
}

fn verdict(lang: Lang, verdict: Verdict) -> Markup {
    pieces::badge(
        lang,
        match verdict {
            Verdict::AddsUp => Badge::Neutral(lang::claims::adds_up(lang)),
            Verdict::Contradicts => Badge::Warning(lang::claims::contradicts(lang)),
            Verdict::CannotBeChecked => Badge::Neutral(lang::claims::unchecked(lang)),
        },
    )
}

/// What the claim gives itself: numerator and denominator, terms and total, shares. Each with its
/// name.
fn parts(lang: Lang, catalogue: &Catalogue, claim: &Claim) -> Vec<(String, String)> {
    let part = |part: &Part| {
        let counted = catalogue.counted(lang, &part.counted);
        (part.name.say(lang).to_owned(), format!("{} {counted}", grouped(lang, part.value)))
    };
    let ratio = claim.numerator.iter().chain(&claim.denominator);
    let parts = ratio.chain(&claim.terms).chain(&claim.total).map(part);
    parts
        .chain(claim.shares.iter().map(|it| (it.name.say(lang).to_owned(), share(lang, it))))
        .collect()
}

/// A share with its basis: as the source states it, and as the rule of the field has it.
fn share(lang: Lang, share: &Share) -> String {
    let percent = match lang {
        Lang::English => share.percent.clone(),
        Lang::Vietnamese | Lang::Khmer => share.percent.replace('.', ","),
    };
    let stated = share.basis.as_ref().map(|basis| basis.say(lang));
    let stated = stated.unwrap_or_else(|| lang::claims::unstated(lang));
    let by_rule = share.basis_by_rule.as_ref();
    let by_rule =
        by_rule.map(|basis| format!("; {}", lang::claims::by_rule(lang, basis.say(lang))));
    format!("{percent}% {}{}", lang::claims::of_basis(lang, stated), by_rule.unwrap_or_default())
}
