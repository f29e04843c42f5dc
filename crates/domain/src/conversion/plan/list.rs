//! Reading and writing lists by place without a panic: a place that is not there reads as nothing.

/// The value at a place.
pub(super) fn at<T: Copy + Default>(list: &[T], place: usize) -> T {
    list.get(place).copied().unwrap_or_default()
}

/// Puts a value at a place.
pub(super) fn put<T>(list: &mut [T], place: usize, value: T) {
    if let Some(slot) = list.get_mut(place) {
        *slot = value;
    }
}

/// The entries at a place.
pub(super) fn row<T>(lists: &[Vec<T>], place: usize) -> &[T] {
    lists.get(place).map_or(&[], Vec::as_slice)
}

/// Adds an entry to the list at a place.
pub(super) fn push<T>(lists: &mut [Vec<T>], place: usize, value: T) {
    if let Some(list) = lists.get_mut(place) {
        list.push(value);
    }
}
