//! `POST /agents`.

mod created;
