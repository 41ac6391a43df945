//! Counts, points, periods and the address of the program.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| figures::fuzzing::numbers(bytes));
