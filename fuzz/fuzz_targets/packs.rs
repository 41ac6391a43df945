//! Packs.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| packs::fuzzing::packs(bytes));
