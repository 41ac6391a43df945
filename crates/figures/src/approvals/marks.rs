//! Marks (*đánh dấu theo dõi*): what somebody said of a finding.

use territory::UnitId;

use super::model::Verdict;
use crate::validation::Finding;

/// A mark as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) id: String,
    pub(crate) collection: String,
    pub(crate) period: String,
    pub(crate) unit: UnitId,
    pub(crate) rule: String,
    /// SHA-256 of the numbers behind the finding, as they were.
    pub(crate) numbers: Vec<u8>,
    pub(crate) verdict: Verdict,
    pub(crate) reason: String,
    pub(crate) made_up: bool,
    /// The entry of the journal that made it.
    pub(crate) entry: i64,
}

impl Mark {
    /// Whether it still speaks of what was found: it falls away when the numbers change.
    pub(crate) fn holds_for(&self, finding: &Finding) -> bool {
        self.rule == finding.rule && self.numbers == finding.numbers
    }

    /// What its entry seals.
    pub(crate) fn hash(&self) -> [u8; 32] {
        journal::content_hash(&[
            b"sogoc finding mark 1",
            self.id.as_bytes(),
            self.collection.as_bytes(),
            self.period.as_bytes(),
            &self.unit.0.to_be_bytes(),
            self.rule.as_bytes(),
            &self.numbers,
            self.verdict.as_str().as_bytes(),
            self.reason.as_bytes(),
            &[u8::from(self.made_up)],
        ])
    }
}
