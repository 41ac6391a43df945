//! Lists of units, orders of mergers and outlines.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| territory::fuzzing::lists(bytes));
