//! Pages of lists.

/// The part of a list that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest<C> {
    /// Most items on the page. The items of a list are small enough that this bounds what is read.
    pub limit: u16,
    /// The last item of the page before; absent for the first page.
    pub cursor: Option<C>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T, C> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// The cursor of the next page, if there is one.
    pub next: Option<C>,
}
