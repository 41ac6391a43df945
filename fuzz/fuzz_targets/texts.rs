//! Texts, days, instants, ids and cursors.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| base::fuzzing::texts(bytes));
