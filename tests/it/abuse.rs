//! What keeps one caller from taking what belongs to all, and what is written down of who tried.

mod access;
mod cors;
mod limits;
mod queues;
