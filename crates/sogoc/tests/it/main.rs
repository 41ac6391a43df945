//! The program from outside: started as a process, asked over HTTP, stopped and killed.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must stop")]

mod api;
mod backup;
mod browser;
mod cli;
mod encrypted;
mod faults;
mod headers;
mod hostile;
mod keys;
mod kills;
mod leaks;
mod letters;
mod migrations;
mod modes;
mod organisation;
mod parsers;
mod person;
mod program;
mod provider;
mod seals;
mod smtp;
mod tls;
mod uploads;
mod vault;
mod verify;
mod watching;
mod witnesses;
