//! Approval: the flow of states, locks against every way in, races, completeness by hand.
