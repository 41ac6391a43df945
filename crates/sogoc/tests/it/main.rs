//! The program from outside: started as a process, asked over HTTP, stopped and killed.

mod api;
mod cli;
mod faults;
mod program;
