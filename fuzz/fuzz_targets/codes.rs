//! Codes of telephones, recovery codes and files of keys.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| access::fuzzing::codes(bytes));
