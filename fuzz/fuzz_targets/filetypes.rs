//! Kinds of files.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| web::fuzzing::filetypes(bytes));
