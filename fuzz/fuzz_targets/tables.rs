//! Tables that people send in, CSV and XLSX.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| web::fuzzing::tables(bytes));
