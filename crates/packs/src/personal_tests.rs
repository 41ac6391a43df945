//! Personal data and working days: mistakes are named, and what is used stays.
