//! The private server's promises, kept by real servers.

#[cfg(test)]
mod child;
#[cfg(test)]
mod kept;
#[cfg(test)]
mod shared;
#[cfg(test)]
mod throwaway;
