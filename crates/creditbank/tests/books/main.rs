//! The built binary on the books of a bank. What is exported is checked by the tools it is meant for.

#[cfg(test)]
mod bank;
#[cfg(test)]
mod outside;
#[cfg(test)]
mod tools;
