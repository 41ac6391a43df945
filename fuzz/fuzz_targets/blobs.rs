//! Cells of half months and postings of entries.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| journal::fuzzing::blobs(bytes));
