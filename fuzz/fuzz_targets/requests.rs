//! Addresses with what stands behind their question mark, and the headers of a language.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| web::fuzzing::requests(bytes));
