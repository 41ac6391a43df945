//! Checking published figures.

use base::Day;
use toml::Spanned;

use super::{Reader, scaled_percent};
use crate::{Check, Claim};

impl Reader<'_> {
    pub(super) fn check_claim(&mut self, table: &Spanned<Claim>) {
        const FILE: &str = "claims.toml";
        let claim = table.get_ref();
        for (key, day) in [("said_on", &claim.said_on), ("unit_on", &claim.unit_on)] {
            if day.parse::<Day>().is_err() {
                self.mistake(FILE, table, key, lang::error::bad_day);
            }
        }
        let lacks = match claim.check {
            Check::Ratio if claim.claimed_percent.is_none() => Some("claimed_percent"),
            Check::Ratio if claim.numerator.is_none() => Some("numerator"),
            Check::Ratio if claim.denominator.is_none() => Some("denominator"),
            Check::Shares if claim.shares.is_empty() => Some("shares"),
            Check::UnitOfCount if claim.claimed_counted.is_none() => Some("claimed_counted"),
            Check::Equality if claim.terms.is_empty() => Some("terms"),
            Check::Equality if claim.total.is_none() => Some("total"),
            _ => None,
        };
        if let Some(key) = lacks {
            self.mistake(FILE, table, key, lang::packs::lacking);
        }
        let words = [
            ("title", &claim.title),
            ("said", &claim.said),
            ("source", &claim.source),
            ("note", &claim.note),
        ];
        self.check_words(FILE, table, &words);
        let parts = [
            ("numerator", &claim.numerator),
            ("denominator", &claim.denominator),
            ("total", &claim.total),
        ];
        let parts = parts.into_iter().filter_map(|(key, part)| Some((key, part.as_ref()?)));
        for (key, part) in parts.chain(claim.terms.iter().map(|term| ("terms", term))) {
            self.check_words(FILE, table, &[(key, &part.name)]);
        }
        self.check_bases(table);
        if let Some(percent) = &claim.claimed_percent {
            let digits = percent.split_once('.').map_or(0, |(_, digits)| digits.len());
            if claim.decimals > 4 {
                self.mistake(FILE, table, "decimals", lang::packs::bad_decimals);
            } else if usize::try_from(claim.decimals) != Ok(digits) && digits <= 4 {
                self.mistake(FILE, table, "decimals", lang::packs::other_decimals);
            }
        }
        let percents = claim.shares.iter().map(|share| ("shares", &share.percent));
        for (key, percent) in
            percents.chain(claim.claimed_percent.iter().map(|p| ("claimed_percent", p)))
        {
            if scaled_percent(percent).is_none() {
                self.mistake(FILE, table, key, lang::packs::bad_percent);
            }
        }
    }

    /// What the bases of shares must be is said of all of them, and why.
    fn check_bases(&mut self, table: &Spanned<Claim>) {
        const FILE: &str = "claims.toml";
        let claim = table.get_ref();
        for share in &claim.shares {
            let bases = [&share.basis, &share.basis_by_rule].into_iter().flatten();
            let words: Vec<_> = std::iter::once(&share.name).chain(bases).collect();
            let words: Vec<_> = words.into_iter().map(|words| ("shares", words)).collect();
            self.check_words(FILE, table, &words);
        }
        let by_rule = claim.shares.iter().filter(|share| share.basis_by_rule.is_some()).count();
        match &claim.basis_rule {
            Some(rule) => self.check_words(FILE, table, &[("basis_rule", rule)]),
            None if by_rule > 0 => self.mistake(FILE, table, "shares", lang::packs::no_basis_rule),
            None => {}
        }
        let is_said = by_rule > 0 || claim.basis_rule.is_some();
        if is_said && by_rule < claim.shares.len().max(1) {
            self.mistake(FILE, table, "shares", lang::packs::some_bases_by_rule);
        }
    }
}
