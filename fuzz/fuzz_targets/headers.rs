//! Cookies, and addresses that proxies tell.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| access::fuzzing::headers(bytes));
