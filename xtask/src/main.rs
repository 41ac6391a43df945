//! Checks that cargo itself cannot make.
fn main() {}
