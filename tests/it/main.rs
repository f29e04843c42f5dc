//! Every test that needs a database or several crates, in one binary.

mod architecture;
mod conversions;
mod guards;
mod posting;
